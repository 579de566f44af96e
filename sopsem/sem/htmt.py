"""Heterotrait-monotrait ratio of correlations, a check of discriminant validity that needs no fitted model.

References
----------
Henseler, J., Ringle, C. M., & Sarstedt, M. (2015). A new criterion for assessing discriminant validity in
variance-based structural equation modeling. Journal of the Academy of Marketing Science, 43.  (HTMT)
Roemer, E., Schuberth, F., & Henseler, J. (2021). HTMT2: An improved criterion for assessing discriminant validity
in structural equation modeling. Industrial Management & Data Systems, 121.  (HTMT2)
Franke, G., & Sarstedt, M. (2019). Heuristics versus statistics in discriminant validity testing. Internet
Research, 29.  (upper limit against .85, .90 and 1)

"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import DataError, UsageError
from sopsem.sem.draw_tables import with_intervals
from sopsem.sem.solution import correlations

__all__ = ["heterotrait_monotrait", "heterotrait_monotrait2", "htmt", "one_sign_pattern"]

Array = NDArray[np.float64]
Index = Sequence[int] | NDArray[np.intp]
MIXED_SHARE = 0.05  # share of draws with mixed signs from which HTMT2 gives way to HTMT


def heterotrait_monotrait(correlation: Array, first: Index, second: Index) -> Array:
    """HTMT: mean |r| between two item sets over the geometric mean of their mean |r| within.

    Parameters
    ----------
    correlation : (..., p, p) array
        Correlations of all items.
    first, second : sequence of int
        Positions of the two item sets, at least two items each (NaN otherwise).

    Examples
    --------
    >>> r = np.array([[1, .6, .3, .3], [.6, 1, .3, .3], [.3, .3, 1, .6], [.3, .3, .6, 1]])
    >>> float(heterotrait_monotrait(r, [0, 1], [2, 3]).round(6))
    0.5

    """
    return _ratio(correlation, first, second, lambda r: r.mean(axis=-1))


def heterotrait_monotrait2(correlation: Array, first: Index, second: Index) -> Array:
    """HTMT2: as HTMT with geometric means of |r| throughout; consistent for congeneric items.

    >>> r = np.array([[1, .6, .4, .2], [.6, 1, .2, .1], [.4, .2, 1, .6], [.2, .1, .6, 1]])
    >>> float(heterotrait_monotrait2(r, [0, 1], [2, 3]).round(6))
    0.333333
    """

    def geometric_mean(r: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray(np.exp(np.log(r).mean(axis=-1)))

    return _ratio(correlation, first, second, geometric_mean)


def _ratio(correlation: Array, first: Index, second: Index, average: Callable[[Array], Array]) -> Array:
    size = np.abs(correlation)
    if len(first) < 2 or len(second) < 2:
        return np.full(correlation.shape[:-2], np.nan)
    a, b = np.asarray(first), np.asarray(second)
    between = average(size[..., np.repeat(a, len(b)), np.tile(b, len(a))])
    within = [
        average(size[..., part[low], part[high]])
        for part in (a, b)
        for low, high in [np.triu_indices(len(part), 1)]
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(between / np.sqrt(within[0] * within[1]))


def one_sign_pattern(correlation: Array, first: Index, second: Index) -> NDArray[np.bool_]:
    """Say whether reflecting items can make all correlations among both item sets positive, as HTMT2 requires.

    That is so when sign(r_ij) = s_i s_j for signs s of the items.

    >>> one_sign_pattern(np.array([[1, .5, -.2], [.5, 1, .1], [-.2, .1, 1]]), [0, 1], [2]).item()
    False
    """
    both = np.concatenate([np.asarray(first), np.asarray(second)])
    part = correlation[..., both[:, None], both]
    signs = np.sign(part[..., :, :1])
    aligned = np.sign(part) * signs * np.swapaxes(signs, -1, -2)
    return np.asarray((aligned > 0.0).all(axis=(-2, -1)))


def htmt(
    covariance: pd.DataFrame,
    constructs: Mapping[str, Sequence[str]],
    *,
    draws: Array | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return HTMT and HTMT2 of every pair of constructs, with percentile bootstrap intervals.

    Parameters
    ----------
    covariance : DataFrame
        Covariances or correlations of the items, with their names on both axes.
    constructs : mapping
        Construct -> items.  Two constructs may not share items, so a second-order construct is never set against
        its own dimensions.
    draws : (B, p, p) array, optional
        Covariance matrices of bootstrap draws, in the order of ``covariance``.
    level : float
        Of the two-sided interval and of the one-sided ``limit``.

    Returns
    -------
    DataFrame
        Two rows per pair: construct1, construct2, coefficient (htmt, htmt2), est, ci_lower, ci_upper, limit
        (one-sided upper limit), draws_used, draws_failed, draws_mixed (draws with mixed signs), headline (the row
        to quote), verdict, note.

    Raises
    ------
    UsageError
        Constructs share items.
    DataError
        An item has no row in ``covariance``.

    Notes
    -----
    HTMT2 needs one sign pattern.  Where the sample has mixed signs it is NaN; where more than 5 % of the draws
    have, HTMT is the row to quote.  Draws with mixed signs enter with absolute correlations, so none is dropped.

    Examples
    --------
    >>> r = np.array([[1, .6, .3, .3], [.6, 1, .3, .3], [.3, .3, 1, .6], [.3, .3, .6, 1]])
    >>> frame = pd.DataFrame(r, index=list("abcd"), columns=list("abcd"))
    >>> htmt(frame, {"f": ["a", "b"], "g": ["c", "d"]})[["coefficient", "est", "headline"]].values.tolist()
    [['htmt', 0.5, False], ['htmt2', 0.5, True]]

    """
    names = [str(c) for c in covariance.columns]
    _check_constructs(constructs, names)
    sample = correlations(covariance.to_numpy(dtype=np.float64))
    drawn = None if draws is None else correlations(draws)
    place = {c: [names.index(v) for v in items] for c, items in constructs.items()}
    pairs = [_pair(a, b, place, sample, drawn, level) for a, b in combinations(constructs, 2)]
    return pd.concat(pairs, ignore_index=True) if pairs else pd.DataFrame()


def _check_constructs(constructs: Mapping[str, Sequence[str]], names: Sequence[str]) -> None:
    absent = sorted({v for items in constructs.values() for v in items} - set(names))
    if absent:
        raise DataError(f"no covariance for item(s) {', '.join(absent)}; the matrix has {', '.join(names)}")
    for a, b in combinations(constructs, 2):
        shared = sorted(set(constructs[a]) & set(constructs[b]))
        if shared:
            raise UsageError(
                f"{a} and {b} share item(s) {', '.join(shared)}; HTMT compares separate item sets, so leave out "
                "cross-loading items, and never set a second-order construct against its own dimensions"
            )


def _pair(
    a: str, b: str, place: Mapping[str, list[int]], sample: Array, drawn: Array | None, level: float
) -> pd.DataFrame:
    first, second = place[a], place[b]
    single = [c for c in (a, b) if len(place[c]) < 2]
    clean = bool(one_sign_pattern(sample, first, second))
    mixed = 0 if drawn is None else int((~one_sign_pattern(drawn, first, second)).sum())
    often = drawn is not None and mixed > MIXED_SHARE * len(drawn)
    functions = (heterotrait_monotrait, heterotrait_monotrait2)
    found = [float(f(sample, first, second)) for f in functions]
    values = [None if drawn is None else f(drawn, first, second) for f in functions]
    if not clean:
        found[1], values[1] = np.nan, None if drawn is None else np.full(len(drawn), np.nan)
    rows = [{"construct1": a, "construct2": b, "coefficient": name} for name in ("htmt", "htmt2")]
    table = with_intervals(rows, found, values, level=level)
    one_sided = with_intervals(rows, found, values, level=2.0 * level - 1.0)
    table.insert(6, "limit", one_sided["ci_upper"])
    table["draws_mixed"] = mixed
    quoted = "htmt2" if clean and not often and not single else "htmt"
    table["headline"] = (table["coefficient"] == quoted) & (not single)
    table["verdict"] = [_verdict(est, limit) for est, limit in zip(table["est"], table["limit"], strict=True)]
    table["note"] = _note(
        single, clean=clean, mixed=mixed if often else 0, total=0 if drawn is None else len(drawn)
    )
    return table


def _verdict(estimate: float, limit: float) -> str:
    """Compare the one-sided limit (the estimate where there is none) with .85, .90 and 1."""
    judged = limit if np.isfinite(limit) else estimate
    if not np.isfinite(judged):
        return "undefined"
    return next(
        (f"below {cut}" for cut, value in ((".85", 0.85), (".90", 0.90), ("1", 1.0)) if judged < value),
        "not below 1",
    )


def _note(single: Sequence[str], *, clean: bool, mixed: int, total: int) -> str:
    if single:
        return f"{' and '.join(single)}: one item, so there is no correlation within; HTMT does not exist"
    if not clean:
        return "correlations have mixed signs, so HTMT2 does not exist; quote HTMT"
    if mixed:
        return f"correlations have mixed signs in {mixed} of {total} draws, so HTMT2 is unstable; quote HTMT"
    return ""
