"""The screens: one function each, in one registry.  Add a SCREEN here.

A screen takes the evidence and a threshold and returns a number for every respondent, NaN where nothing can be
said, and who is marked.  It never decides: a mark is a reason to look, and most careful samples hold some.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import chdtri

from sopsem.registry import Registry
from sopsem.survey.screening.distances import squared_distances
from sopsem.survey.screening.evidence import Contrast, Evidence

__all__ = ["Finding", "screens"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

screens = Registry("screen")


@dataclass(frozen=True, kw_only=True, eq=False)
class Finding:
    """What a screen found: a ``value`` per respondent (NaN: cannot be judged), who is marked, and by which rule.

    ``unjudged`` says why some or all respondents could not be judged; ``details`` are further columns.
    """

    value: FloatArray
    marked: BoolArray
    rule: str
    unjudged: str = ""
    details: Mapping[str, FloatArray] = field(default_factory=dict)


def _nothing(evidence: Evidence, rule: str, reason: str) -> Finding:
    n = len(evidence.ticked)
    return Finding(value=np.full(n, np.nan), marked=np.zeros(n, dtype=np.bool_), rule=rule, unjudged=reason)


def _metadata(evidence: Evidence, name: str) -> FloatArray:
    """Return a column of the tool's record as numbers; NaN where the tool says nothing."""
    return np.asarray(evidence.metadata[name].to_numpy(dtype=np.float64, na_value=np.nan))


@screens.register("previews", label="preview", digits=0, source="Stevens (2021), JOSS 6(67), 3893")
def previews(evidence: Evidence, threshold: float = 1) -> Finding:
    """Mark test runs of the questionnaire's authors; the value is 1 for a preview."""
    rule = "the survey tool says that the interview is a preview or a test"
    values = _metadata(evidence, "is_preview")
    if np.isnan(values).all():
        return _nothing(evidence, rule, "the file does not say which interviews are previews")
    return Finding(value=values, marked=values >= threshold, rule=rule)


@screens.register("unfinished", label="not finished", digits=0, source="Stevens (2021), JOSS 6(67), 3893")
def unfinished(evidence: Evidence, threshold: float = 1) -> Finding:
    """Mark interviews that were broken off; the value is 1 for an unfinished one."""
    rule = "the survey tool says that the respondent did not reach the end"
    values = 1.0 - _metadata(evidence, "is_finished")
    if np.isnan(values).all():
        return _nothing(evidence, rule, "the file does not say which interviews were finished")
    return Finding(value=values, marked=values >= threshold, rule=rule)


def _shared(keys: pd.Series, threshold: float) -> tuple[FloatArray, BoolArray]:
    """Return how many rows share each key, and mark all but the first of them; missing keys are NaN."""
    sizes = keys.groupby(keys, sort=False).transform("size").to_numpy(dtype=np.float64, na_value=np.nan)
    return sizes, (sizes >= threshold) & keys.duplicated(keep="first").to_numpy()


@screens.register(
    "duplicate_ids", label="id used before", digits=0, source="Stevens (2021), JOSS 6(67), 3893"
)
def duplicate_ids(evidence: Evidence, threshold: float = 2) -> Finding:
    """Mark rows whose respondent id stood in an earlier row; the value is the number of rows that share it."""
    rule = f"the respondent id is used in {threshold:g} or more rows, and this row is not the first of them"
    keys = evidence.metadata["respondent_id"] if evidence.ids is None else evidence.ids
    if keys.isna().all():
        return _nothing(evidence, rule, "the file has no respondent ids")
    values, marked = _shared(keys, threshold)
    return Finding(value=values, marked=marked, rule=rule)


@screens.register(
    "duplicate_addresses",
    label="rows from one address",
    digits=0,
    source="Stevens (2021), JOSS 6(67), 3893; colleagues behind one company address share it",
)
def duplicate_addresses(evidence: Evidence, threshold: float = 2) -> Finding:
    """Mark rows whose network address stood in an earlier row; the value is the number of rows that share it.

    Look before you exclude: people of one company often have one address.
    """
    rule = f"the network address is that of {threshold:g} or more rows, and this row is not the first of them"
    keys = evidence.metadata["address"]
    if keys.isna().all():
        return _nothing(evidence, rule, "the file has no network addresses")
    values, marked = _shared(keys, threshold)
    return Finding(value=values, marked=marked, rule=rule, unjudged="no address")


@screens.register(
    "duplicate_answers",
    label="answers given before",
    digits=0,
    source="Kuriakose & Robbins (2016), Stat. J. IAOS 32, 283-291 (there from 85 % equal answers on)",
)
def duplicate_answers(evidence: Evidence, threshold: float = 2) -> Finding:
    """Mark rows whose answers are all equal to those of an earlier row; the value is how many rows share them.

    Rows with one answer throughout are left to ``straight_lining``: they are alike without being copies.
    """
    rule = (
        f"all {len(evidence.items)} answers are the same as in {threshold - 1:g} or more other rows, and this "
        "row is not the first of them"
    )
    varied = np.nanmax(evidence.ticked, axis=1, initial=-np.inf) > np.nanmin(
        evidence.ticked, axis=1, initial=np.inf
    )
    rows = np.ascontiguousarray(np.nan_to_num(evidence.ticked[varied], nan=-np.inf) + 0.0)
    whole_rows = rows.view(np.dtype((np.void, rows.strides[0]))).ravel()
    keys = pd.Series(np.nan, index=range(len(evidence.ticked)))
    keys[varied] = np.unique(whole_rows, return_inverse=True)[1].astype(np.float64)
    values, marked = _shared(keys, threshold)
    return Finding(value=values, marked=marked, rule=rule, unjudged="one answer throughout, or none")


@screens.register(
    "speeders",
    label="seconds per answered item",
    digits=2,
    source="Huang, Curran, Keeney, Poposki & DeShon (2012), J. Bus. Psychol. 27, 99-114: 2 seconds per item",
)
def speeders(evidence: Evidence, threshold: float = 2.0) -> Finding:
    """Mark interviews that took less than so many seconds per answered item.

    The duration is the tool's, from opening to end with all pauses and all other questions, so the value is an
    upper limit of the time an item took, and the rule is mild.
    """
    rule = f"less than {threshold:g} seconds of the whole duration per answered item"
    seconds, answered = _metadata(evidence, "duration_seconds"), evidence.answered
    if np.isnan(seconds).all():
        return _nothing(evidence, rule, "the file has no durations")
    values = np.where(answered > 0, seconds / np.maximum(answered, 1), np.nan)
    return Finding(value=values, marked=values < threshold, rule=rule, unjudged="no duration or no answer")


@screens.register(
    "straight_lining",
    label="share of grids with one answer",
    digits=2,
    source="Schonlau & Toepoel (2015), Surv. Res. Methods 9, 125-137 (there grid by grid)",
)
def straight_lining(evidence: Evidence, threshold: float = 1.0) -> Finding:
    """Mark respondents who ticked one and the same column in their grids.

    A grid is a run of three or more neighbouring items with one scale; it counts with three answers or more.
    The codes are those ticked, reversed items not turned round.
    """
    rule = f"one answer to all items of a grid, in {100 * threshold:g} % of the grids answered"
    flat, seen = np.zeros(len(evidence.ticked)), np.zeros(len(evidence.ticked))
    for grid in evidence.grids:
        block = evidence.ticked[:, grid]
        counts = np.count_nonzero(~np.isnan(block), axis=1) >= 3
        spread = np.nanmax(block, axis=1, initial=-np.inf) - np.nanmin(block, axis=1, initial=np.inf)
        seen += counts
        flat += counts & (spread == 0)
    if not evidence.grids:
        return _nothing(evidence, rule, "the questionnaire has no three neighbouring items with one scale")
    values = np.divide(flat, seen, out=np.full(len(flat), np.nan), where=seen > 0)
    return Finding(value=values, marked=values >= threshold, rule=rule, unjudged="no grid with three answers")


@screens.register(
    "long_string",
    label="longest run of one answer",
    digits=0,
    source="Curran (2016), J. Exp. Soc. Psychol. 66, 4-19: half of the items; Meade & Craig (2012)",
)
def long_string(evidence: Evidence, threshold: float | None = None) -> Finding:
    """Mark respondents who gave one answer to so many items in a row; by default half of the items.

    The order is the questionnaire's; where the tool shuffled the items, the runs are not those seen.  A missing
    answer ends a run.
    """
    least = len(evidence.items) / 2 if threshold is None else threshold
    rule = f"one answer to {least:g} or more of the {len(evidence.items)} items in a row, as ticked"
    run, longest = np.zeros(len(evidence.ticked)), np.zeros(len(evidence.ticked))
    before = np.full(len(evidence.ticked), np.nan)
    for column in evidence.ticked.T:
        run = np.where(np.isnan(column), 0.0, np.where(column == before, run + 1.0, 1.0))
        longest, before = np.maximum(longest, run), column
    values = np.where(evidence.answered > 0, longest, np.nan)
    return Finding(value=values, marked=values >= least, rule=rule, unjudged="no answer")


@screens.register(
    "reversed_items",
    label="share of contradictory pairs",
    digits=2,
    source="Swain, Weathers & Niedrich (2008), J. Mark. Res. 45, 116-131; Weijters et al. (2013)",
)
def reversed_items(evidence: Evidence, threshold: float = 1.0) -> Finding:
    """Mark respondents who agree, or disagree, with items of one construct and with their reversals.

    The value is the share of contradictory pairs among the answered pairs of a plain and a reversed item; a
    pair contradicts when both codes as ticked lie on the same side of the middle of their scales.
    """
    rule = f"the same side of the scale in {100 * threshold:g} % of the pairs of a plain and a reversed item"
    if not evidence.contrasts:
        return _nothing(evidence, rule, "no construct has both plain and reversed items")
    side = np.sign(evidence.ticked - evidence.middles)
    pairs = [_pairs(side, contrast) for contrast in evidence.contrasts]
    wrong, answered = (np.sum(parts, axis=0, dtype=np.float64) for parts in zip(*pairs, strict=True))
    values = np.divide(wrong, answered, out=np.full(len(side), np.nan), where=answered > 0)
    return Finding(value=values, marked=values >= threshold, rule=rule, unjudged="no such pair answered")


def _pairs(side: FloatArray, contrast: Contrast) -> tuple[FloatArray, FloatArray]:
    """Count the contradictory and the answered pairs of a construct: sums of products of indicators."""
    plain, turned = side[:, contrast.plain], side[:, contrast.turned]
    wrong = np.zeros(len(side))
    for way in (-1.0, 1.0):
        wrong += np.count_nonzero(plain == way, axis=1) * np.count_nonzero(turned == way, axis=1)
    there = np.count_nonzero(~np.isnan(plain), axis=1) * np.count_nonzero(~np.isnan(turned), axis=1)
    return wrong, there.astype(np.float64)


@screens.register(
    "mahalanobis",
    label="squared Mahalanobis distance",
    digits=2,
    source="Meade & Craig (2012), Psychol. Methods 17, 437-455; Curran (2016); cut: Tabachnick & Fidell (2013)",
)
def mahalanobis(evidence: Evidence, threshold: float = 0.001) -> Finding:
    """Mark rows that are far from the centre of the complete rows: p of the distance below the threshold.

    D2 = (x - m)' S^-1 (x - m) with mean and covariance (divisor n - 1) of the complete rows, and p from the
    chi2 distribution with as many degrees of freedom as items.  Rows with a missing answer are not judged.
    """
    k = len(evidence.items)
    distances, p, reason = squared_distances(evidence.ticked)
    cut = float(chdtri(k, threshold)) if 0 < threshold < 1 else np.nan
    rule = f"squared distance above {cut:.2f} (chi2 with {k} df, p < {threshold:g}), among complete rows"
    if reason:
        return _nothing(evidence, rule, reason)
    marked = np.nan_to_num(p, nan=1.0) < threshold
    return Finding(
        value=distances, marked=marked, rule=rule, unjudged="an answer is missing", details={"p": p}
    )


@screens.register(
    "attention",
    label="attention items failed",
    digits=0,
    source="Meade & Craig (2012), Psychol. Methods 17, 437-455: instructed response items",
)
def attention(evidence: Evidence, threshold: float = 1) -> Finding:
    """Mark respondents who gave a wrong answer to an item with one right answer; no answer is no failure."""
    rule = f"{threshold:g} or more attention items answered wrongly"
    if not evidence.expected:
        return _nothing(evidence, rule, "the file has no attention item (an item with an expected answer)")
    answers = np.column_stack([given for given, _ in evidence.expected.values()])
    right = np.array([right for _, right in evidence.expected.values()], dtype=np.float64)
    given = ~np.isnan(answers)
    values = np.where(given.any(axis=1), np.count_nonzero(given & (answers != right), axis=1), np.nan)
    return Finding(value=values, marked=values >= threshold, rule=rule, unjudged="no attention item answered")


@screens.register(
    "missing",
    label="share of items missing",
    digits=3,
    source="Hair, Hult, Ringle & Sarstedt (2017), A Primer on PLS-SEM: more than 15 % of an observation",
)
def missing(evidence: Evidence, threshold: float = 0.15) -> Finding:
    """Mark respondents who left more than this share of the required items without an answer."""
    values = 1.0 - evidence.answered / len(evidence.items)
    rule = f"more than {100 * threshold:g} % of the {len(evidence.items)} required items without an answer"
    return Finding(value=values, marked=values > threshold, rule=rule)
