"""What moves the outcome most: importance from total effects, performance from means, and how sure the order is.

References
----------
Martilla, J. A., & James, J. C. (1977). Importance-performance analysis. Journal of Marketing, 41.
Ringle, C. M., & Sarstedt, M. (2016). Gain more insight from your PLS-SEM results: The importance-performance
map analysis. Industrial Management & Data Systems, 116.

"""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.client.driver_result import Drivers
from sopsem.errors import ConvergenceError, UsageError
from sopsem.sem.constructs.importance import importance, item_weights, total_effects_on
from sopsem.sem.effects.routes import Effect, find_effects
from sopsem.sem.estimation.fit import Fit, fit
from sopsem.sem.model.spec import ModelSpec
from sopsem.sem.resampling.bootstrap import Draws, bootstrap
from sopsem.sem.resampling.intervals import interval
from sopsem.sem.resampling.policies import apply_policy, improper_sentence
from sopsem.survey import Responses

__all__ = ["Drivers", "drivers", "drivers_of", "room"]

Array = NDArray[np.float64]
Ranges = Mapping[str, tuple[float, float]]
PIECE = 256  # draws whose counts of rows are in memory together


def drivers(
    responses: Responses,
    *,
    outcome: str | None = None,
    draws: int = 1000,
    seed: int = 1,
    level: float = 0.95,
    policy: str = "keep",
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Drivers:
    """Return the importance-performance map of an outcome of the questionnaire's model.

    Parameters
    ----------
    responses : Responses
        Its questionnaire has a model and gives the answer codes of every item.
    outcome : str, optional
        By default the one variable that is predicted and predicts nothing.
    draws, seed : int
        Of the bootstrap; draw b depends on (seed, b) only.
    level : float
        Of the percentile intervals.
    policy : {"keep", "drop", "bound", "redraw"}
        What becomes of improper draws.
    executor, progress
        As in ``bootstrap``.

    Raises
    ------
    UsageError
        No model, no such outcome or several candidates, an item whose scale has no codes.
    DataError, ModelError
        As in ``fit``.
    ConvergenceError
        The model did not converge.

    Examples
    --------
    >>> import sopsem
    >>> responses = sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())
    >>> found = drivers(responses, draws=50)
    >>> found.outcome, found.table["driver"].tolist()
    ('performance', ['alignment', 'coordination', 'conflict'])

    """
    instrument = responses.instrument
    if not instrument.model:
        raise UsageError(f"the questionnaire {instrument.title!r} has no model, so nothing drives anything")
    fitted = fit(instrument.model, responses.items)
    chosen = _outcome(fitted.spec, outcome)
    if not fitted.status.converged:
        raise ConvergenceError(f"the model did not converge on {fitted.n} rows: {fitted.status.value}")
    scales = {item: instrument.scale_of(item) for item in instrument.item_ids}
    ranges = {item: (scale.minimum, scale.maximum) for item, scale in scales.items() if scale.codes}
    wanted = total_effects_on(fitted.spec, chosen)
    importance(fitted, wanted, ranges)  # a scale without codes is refused before the work
    made = bootstrap(fitted, draws=draws, seed=seed, executor=executor, progress=progress)
    labels = {name: construct.label for name, construct in instrument.constructs.items()}
    declared = {name: construct.higher_is for name, construct in instrument.constructs.items()}
    return drivers_of(
        apply_policy(made, policy), ranges, chosen, labels=labels, higher_is=declared, level=level
    )


def _outcome(spec: ModelSpec, asked: str | None) -> str:
    if asked is not None:
        return asked
    found = find_effects(spec)
    sources = {e.predictor for e in found}
    ends = list(dict.fromkeys(e.outcome for e in found if e.outcome not in sources))
    if len(ends) != 1:
        raise UsageError(
            f"the model has {len(ends)} last outcomes ({', '.join(ends) or 'none'}); name the one to explain: outcome="
        )
    return ends[0]


def drivers_of(
    draws: Draws,
    ranges: Ranges,
    outcome: str,
    *,
    labels: Mapping[str, str] | None = None,
    higher_is: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> Drivers:
    """Return the importance-performance map from draws that are there already.

    Parameters
    ----------
    draws : Draws
        Case draws of a fit of one group to complete rows, under any policy.
    ranges : mapping of item to (lowest, highest)
    outcome : str
    labels : mapping of variable to label, optional
    higher_is : mapping of variable to "better" or "worse", optional
        Which end of a driver's scale is good; where nothing is declared, the end that raises the outcome.
    level : float

    Raises
    ------
    UsageError
        As in ``drivers``; several groups; a fit without raw complete rows; fewer than 2 draws with all values.

    """
    fitted = draws.fit
    rows = _complete_rows(draws)
    wanted = total_effects_on(fitted.spec, outcome)
    drawn = [_in_draws(draws, wanted, ranges, standardized=s) for s in (False, True)]
    whole = np.isfinite(np.concatenate(drawn, axis=1)).all(axis=1)
    if whole.sum() < 2:
        raise UsageError(f"{whole.sum()} of {len(draws)} draws have every importance; ask for more draws")
    raw, standard = (
        _ranked(importance(fitted, wanted, ranges, standardized=s)[0], values[whole], level)
        for s, values in zip((False, True), drawn, strict=True)
    )
    names = [outcome, *(e.predictor for e in wanted)]
    means = _performance(fitted, rows, draws, names, ranges, level)
    named = dict(labels or {})
    order = np.argsort(raw.rank, kind="stable")
    table = (
        _table(names[1:], named, dict(higher_is or {}), means[1:], raw, standard)
        .iloc[order]
        .reset_index(drop=True)
    )
    improper = [f"The solution is improper: {one}." for one in fitted.improper]
    return Drivers(
        outcome=outcome,
        outcome_label=named.get(outcome, outcome),
        table=table,
        rank_shares=_rank_table(names[1:], raw.shares, standard.shares, order),
        performance=means[0],
        counts=draws.counts(),
        n=fitted.n,
        rows_excluded=len(fitted.moments.rows_excluded),
        n_draws=len(draws),
        used=int(whole.sum()),
        seed=draws.seed,
        level=level,
        policy=draws.policy,
        notes=tuple(filter(None, [*improper, improper_sentence(draws)])),
    )


def _table(
    names: list[str],
    labels: Mapping[str, str],
    higher_is: Mapping[str, str],
    means: list[tuple[float, float, float]],
    raw: "_Ranked",
    standard: "_Ranked",
) -> pd.DataFrame:
    """Return one row per driver in model order; see ``Drivers.table``."""
    table = pd.DataFrame({"driver": names, "label": [labels.get(v, v) for v in names]})
    for suffix, own in (("", raw), ("_std", standard)):
        table[f"importance{suffix}"] = own.est
        table[[f"ci_lower{suffix}", f"ci_upper{suffix}"]] = own.limits
    table[["performance", "performance_lower", "performance_upper"]] = means
    signs = np.where(table["importance"] < 0.0, "worse", "better").tolist()
    table["higher_is"] = [higher_is.get(v, by_sign) for v, by_sign in zip(names, signs, strict=True)]
    table["room"] = room(table["performance"], table["higher_is"])
    for suffix, own in (("", raw), ("_std", standard)):
        table[f"rank{suffix}"] = own.rank
        table[f"first_share{suffix}"] = own.shares[:, 0]
    table["same_sign_share"] = raw.same_sign
    return table


def room(performance: pd.Series, higher_is: pd.Series) -> pd.Series:
    """Return the points, of 0 to 100, from a performance to the good end of its scale.

    >>> room(pd.Series([55.0, 55.0]), pd.Series(["better", "worse"])).tolist()
    [45.0, 55.0]
    """
    return performance.where(higher_is == "worse", 100.0 - performance)


def _complete_rows(draws: Draws) -> Array:
    if draws.fit.n_groups > 1 or draws.whole is not None:
        raise UsageError("a map of drivers is of one group; fit and resample the rows of one group")
    moments = draws.fit.moments
    if moments.data is None or draws.kind != "case" or not draws.resampler.complete:
        raise UsageError(
            "a map of drivers needs the means of the rows drawn: fit complete rows by maximum likelihood and draw "
            "with kind='case'"
        )
    return moments.data


def _in_draws(draws: Draws, wanted: list[Effect], ranges: Ranges, *, standardized: bool) -> Array:
    """Return the importance of every driver in every draw, (B, m); NaN where the policy leaves none."""
    values = np.full((len(draws), len(wanted)), np.nan)
    at = np.flatnonzero(draws.used)
    values[at] = importance(draws.fit, wanted, ranges, draws.kernel_theta[at], standardized=standardized)
    return values


class _Ranked(NamedTuple):
    """Importance with limits (m, 2), ranks by size, and shares in the draws: of ranks (m, m), of the same sign."""

    est: Array
    limits: Array
    rank: NDArray[np.intp]
    shares: Array
    same_sign: Array


def _ranked(est: Array, drawn: Array, level: float) -> _Ranked:
    ranks = _ranks(drawn)
    return _Ranked(
        est=est,
        limits=np.array([interval(v, e, level=level) for v, e in zip(drawn.T, est.tolist(), strict=True)]),
        rank=_ranks(est[None])[0],
        shares=np.stack([(ranks == r).mean(axis=0) for r in range(1, len(est) + 1)], axis=1),
        same_sign=(np.sign(drawn) == np.sign(est)).mean(axis=0),
    )


def _ranks(values: Array) -> NDArray[np.intp]:
    """Return ranks by size, 1 the largest, (B, m); of equal sizes the first is first.

    >>> _ranks(np.array([[0.2, -0.5, 0.1]])).tolist()
    [[2, 1, 3]]
    """
    return np.argsort(np.argsort(-np.abs(values), axis=1, kind="stable"), axis=1, kind="stable") + 1


def _rank_table(names: list[str], raw: Array, standard: Array, order: NDArray[np.intp]) -> pd.DataFrame:
    rows = [(names[i], r + 1, raw[i, r], standard[i, r]) for i in order for r in range(len(names))]
    return pd.DataFrame(rows, columns=["driver", "rank", "share", "share_std"])


def _performance(
    fitted: Fit, rows: Array, draws: Draws, names: list[str], ranges: Ranges, level: float
) -> list[tuple[float, float, float]]:
    """Return the mean of 0 to 100 of every construct, with limits from the rows of the draws that are used."""
    observed = fitted.spec.observed
    scores = np.empty((len(rows), len(names)))
    for i, name in enumerate(names):
        parts = item_weights(fitted.spec, name)
        low, high = np.array([ranges[item] for item in parts], dtype=np.float64).T
        answers = rows[:, [observed.index(item) for item in parts]]
        scores[:, i] = (100.0 * (answers - low) / (high - low)) @ np.array(list(parts.values()))
    at = draws.indices[draws.used].tolist()
    pieces = (at[i : i + PIECE] for i in range(0, len(at), PIECE))
    drawn = np.concatenate([draws.resampler.counts(piece)[0] @ scores / len(rows) for piece in pieces])
    here = scores.mean(axis=0).tolist()
    return [(est, *interval(values, est, level=level)) for est, values in zip(here, drawn.T, strict=True)]
