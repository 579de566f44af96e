"""Perception gaps: where two groups, such as sales and operations, see the same company differently.

References
----------
Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics, 6.

"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.client.comparability import comparability
from sopsem.client.privacy.ledger import Ledger
from sopsem.client.privacy.released import ReleasedTable, published_groups
from sopsem.client.privacy.rules import RULES, PrivacyRules
from sopsem.survey.responses import Responses
from sopsem.survey.scoring import ConstructMeans, construct_means

__all__ = ["NOT_ASKED", "PerceptionGaps", "holm", "perception_gaps"]

NOT_ASKED = "not checked: no test was asked for"


@dataclass(frozen=True, kw_only=True, eq=False)
class PerceptionGaps:
    """The gaps between two groups as they may be printed.

    Attributes
    ----------
    frame : DataFrame
        One row per construct: construct, label, n_first, n_second, mean_first, mean_second, gap (first - second),
        ci_lower, ci_upper, pvalue, pvalue_holm, differs (the verdict, pvalue_holm <= 1 - level: True, False; None: no
        test), d, d_lower, d_upper, comparable (True, False; None: not checked), alike (the same in words: "yes",
        "yes, weakly" of small groups, "no", "not checked"), comparability (a sentence), withheld, spread_withheld.
    groups : (str, str)
    by : str
    invariance : DataFrame
        See ``comparability``.
    released : ReleasedTable
        The door that the numbers went through, with the groups' own numbers.
    level : float
    notes : tuple of str

    """

    frame: pd.DataFrame
    groups: tuple[str, str]
    by: str
    invariance: pd.DataFrame
    released: ReleasedTable
    level: float
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        """Show the gaps and what must be said with them."""
        columns = ["label", "mean_first", "mean_second", "gap", "ci_lower", "ci_upper", "d", "pvalue_holm"]
        head = f"Perception gaps, {self.groups[0]} minus {self.groups[1]}"
        return "\n".join([head, self.frame[columns].to_string(index=False), *self.notes])


def perception_gaps(
    responses: Responses,
    by: str = "department",
    groups: tuple[str, str] = ("sales", "operations"),
    *,
    scores: ConstructMeans | None = None,
    level: float = 0.95,
    check: bool = True,
    also: Sequence[str] = (),
    rules: PrivacyRules = RULES,
    ledger: Ledger | None = None,
) -> PerceptionGaps:
    """Return the difference between two groups in every construct, after asking whether it can be compared.

    Parameters
    ----------
    responses : Responses
    by : str
        The background question that tells the groups apart.
    groups : (str, str)
        Two of its answers; the gap is the first minus the second.
    scores : ConstructMeans, optional
        By default ``construct_means(responses)``.
    level : float
        Of the intervals.
    check : bool
        Test measurement invariance first; without it every gap is labelled as not checked.
    also : sequence of str
        Further background questions whose groups are told of: all that is published must go through one door.
    rules, ledger
        As in ``published_groups``.

    Returns
    -------
    PerceptionGaps
        Rounded, and hidden where a group has fewer than 5 people (10 for intervals and tests).

    Raises
    ------
    UsageError, PrivacyError
        As in ``published_groups``.

    Notes
    -----
    Interval and p-value: Welch (1947), unequal variances.  d = gap / sqrt((s1^2 + s2^2) / 2) with the interval of
    Bonett (2008).  ``pvalue_holm`` is corrected for the number of constructs (Holm, 1979), from p-values rounded up;
    it decides the verdict.  Limits are of each construct alone, so they may leave out 0 where the verdict is no gap.

    Examples
    --------
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> gaps = perception_gaps(read_responses(find_survey(), load_instrument()), check=False)
    >>> gaps.frame.loc[0, ["construct", "gap", "ci_lower", "ci_upper"]].to_list() == ["coordination", 0.4, -0.1, 1.0]
    True

    """
    found = construct_means(responses) if scores is None else scores
    table = published_groups(
        responses, (by, *also), scores=found, compare=groups, level=level, rules=rules, ledger=ledger
    )
    constructs = list(found.means.columns)
    checks = comparability(responses, by, groups, constructs if check else [])
    said = checks.set_index("construct").reindex(constructs)
    unchecked = "not checked" if check else NOT_ASKED
    labels = {name: construct.label for name, construct in responses.instrument.constructs.items()}
    frame = table.gaps.drop(columns=["first", "second"])
    frame.insert(1, "label", frame["construct"].map(labels))
    frame.insert(frame.columns.get_loc("pvalue") + 1, "pvalue_holm", holm(frame["pvalue"].to_numpy()))
    differs = [None if pd.isna(p) else bool(p <= 1.0 - level) for p in frame["pvalue_holm"]]
    frame.insert(frame.columns.get_loc("pvalue_holm") + 1, "differs", pd.Series(differs, dtype=object))
    comparable = [None if pd.isna(each) else bool(each) for each in said["comparable"]]
    frame.insert(len(frame.columns) - 2, "comparable", pd.Series(comparable, dtype=object))
    alike = [_alike(*each) for each in zip(comparable, said["weak"], strict=True)]
    frame.insert(len(frame.columns) - 2, "alike", alike)
    frame.insert(len(frame.columns) - 2, "comparability", said["said"].fillna(unchecked).to_numpy())
    return PerceptionGaps(
        frame=frame,
        groups=groups,
        by=by,
        invariance=checks,
        released=table,
        level=level,
        notes=(*_notes(frame, groups, comparable, level), *table.notes),
    )


def _alike(comparable: bool | None, weak: object) -> str:
    """Return whether the groups answer alike; that nothing differs is weak evidence where groups are small.

    >>> _alike(True, True), _alike(True, False), _alike(False, True), _alike(None, float("nan"))
    ('yes, weakly', 'yes', 'no', 'not checked')
    """
    if comparable is None:
        return "not checked"
    return ("yes, weakly" if weak else "yes") if comparable else "no"


def holm(pvalues: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return Holm's p-values: sorted, times the number of tests not yet passed, never falling; NaN stays out.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, np.nan, 0.03])).round(3).tolist()
    [0.03, 0.06, nan, 0.06]

    """
    found = np.full(len(pvalues), np.nan)
    tested = np.flatnonzero(~np.isnan(pvalues))
    order = tested[np.argsort(pvalues[tested], kind="stable")]
    steps = pvalues[order] * np.arange(len(order), 0, -1)
    found[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(order) else steps
    return found


def _notes(
    frame: pd.DataFrame, groups: tuple[str, str], comparable: Sequence[bool | None], level: float
) -> tuple[str, ...]:
    def named(state: bool | None) -> str:
        return ", ".join(
            str(label) for label, each in zip(frame["label"], comparable, strict=True) if each is state
        )

    tests = int(frame["pvalue"].notna().sum())
    said = [
        f"A gap is the mean of {groups[0]} minus that of {groups[1]}; interval and test after Welch, d after Bonett."
    ]
    said.append(
        "Means and gaps are rounded each on its own, so a gap may differ by 0.1 from what the means give."
    )
    if tests > 1:
        said.append(
            f"{tests} constructs are compared; p (Holm) allows for that and decides whether there is a gap "
            f"(at most {1.0 - level:.2g}). Intervals are of each construct alone."
        )
    if differing := named(state=False):
        said.append(f"The groups answer the items of {differing} differently: read these gaps with care.")
    if unchecked := named(state=None):
        said.append(f"Not checked whether the groups answer alike: {unchecked}.")
    return tuple(said)
