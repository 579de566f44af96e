"""Heterotrait-monotrait ratio of correlations, a check of discriminant validity that needs no fitted model.

References
----------
Henseler, J., Ringle, C. M., & Sarstedt, M. (2015). A new criterion for assessing discriminant validity in
variance-based structural equation modeling. Journal of the Academy of Marketing Science, 43.  (HTMT)
Roemer, E., Schuberth, F., & Henseler, J. (2021). HTMT2: An improved criterion for assessing discriminant
validity in structural equation modeling. Industrial Management & Data Systems, 121.  (HTMT2)
Franke, G., & Sarstedt, M. (2019). Heuristics versus statistics in discriminant validity testing. Internet
Research, 29.  (upper limit against .85, .90 and 1)

"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import DataError, UsageError
from sopsem.sem.constructs.draw_tables import with_intervals
from sopsem.sem.constructs.solution import correlations

__all__ = ["MIXED_SHARE", "heterotrait_monotrait", "heterotrait_monotrait2", "htmt", "one_sign_pattern"]

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
    pairs = [part[np.stack(np.triu_indices(len(part), 1))] for part in (a, b)]
    first_within, second_within = (average(size[..., low, high]) for low, high in pairs)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(between / np.sqrt(first_within * second_within))


def one_sign_pattern(correlation: Array, first: Index, second: Index) -> NDArray[np.bool_]:
    """Say whether reflecting items can make all correlations of both item sets positive, as HTMT2 needs.

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
        Construct -> items.  Two constructs may not share items, so a second-order construct is never set
        against its own dimensions.
    draws : (B, p, p) array, optional
        Covariance matrices of bootstrap draws, in the order of ``covariance``.
    level : float
        Of the two-sided interval and of the one-sided ``limit``.

    Returns
    -------
    DataFrame
        Two rows per pair: construct1, construct2, coefficient (htmt, htmt2), est, ci_lower, ci_upper, limit
        (one-sided upper limit), draws_used, draws_failed, sample_mixed (the sample has mixed signs),
        draws_mixed (draws that have), headline (the row to quote), verdict, interval_note (why the estimate
        lies outside its own interval, "" where it does not), note.

    Raises
    ------
    UsageError
        Constructs share items.
    DataError
        An item has no row in ``covariance``.

    Notes
    -----
    HTMT2 needs one sign pattern.  Where the sample has mixed signs it is NaN; where more than 5 % of the
    draws have, HTMT is the row to quote.  Draws with mixed signs enter with absolute correlations: none is
    dropped.

    Absolute correlations near 0 are larger on average in a resample than in the sample, so the interval of a
    small ratio may lie above its estimate; ``interval_note`` says so.

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
    drawn = np.empty((0, *sample.shape)) if draws is None else correlations(draws)
    place = {c: [names.index(v) for v in items] for c, items in constructs.items()}
    pairs = [
        _Pair(names=(a, b), first=place[a], second=place[b], sample=sample, drawn=drawn).table(level)
        for a, b in combinations(constructs, 2)
    ]
    return pd.concat(pairs, ignore_index=True) if pairs else pd.DataFrame()


def _check_constructs(constructs: Mapping[str, Sequence[str]], names: Sequence[str]) -> None:
    absent = sorted({v for items in constructs.values() for v in items} - set(names))
    if absent:
        raise DataError(f"no covariance for item(s) {', '.join(absent)}; the matrix has {', '.join(names)}")
    for a, b in combinations(constructs, 2):
        shared = sorted(set(constructs[a]) & set(constructs[b]))
        if shared:
            raise UsageError(
                f"{a} and {b} share item(s) {', '.join(shared)}; HTMT compares separate item sets: leave out "
                "cross-loading items, and never set a second-order construct against its own dimensions"
            )


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """Two constructs: positions of their items, sample correlations (p, p) and drawn ones (B, p, p)."""

    names: tuple[str, str]
    first: Sequence[int]
    second: Sequence[int]
    sample: Array
    drawn: Array

    def table(self, level: float) -> pd.DataFrame:
        """Return the two rows of the pair."""
        clean = bool(one_sign_pattern(self.sample, self.first, self.second))
        found, values = self._values(clean=clean)
        rows = [
            {"construct1": self.names[0], "construct2": self.names[1], "coefficient": name}
            for name in _FUNCTIONS
        ]
        table = with_intervals(rows, found, values, level=level)
        one_sided = with_intervals(rows, found, values, level=2.0 * level - 1.0)
        table.insert(6, "limit", one_sided["ci_upper"])
        mixed = int((~one_sign_pattern(self.drawn, self.first, self.second)).sum())
        table["sample_mixed"] = not clean
        table["draws_mixed"] = mixed
        note = self._note(clean=clean, mixed=mixed)
        quoted = "" if self._single else "htmt" if note else "htmt2"
        table["headline"] = table["coefficient"] == quoted
        table["verdict"] = [_verdict(e, limit) for e, limit in zip(table["est"], table["limit"], strict=True)]
        table["interval_note"] = [_interval_note(r.est, r.ci_lower, r.ci_upper) for r in table.itertuples()]
        return table.assign(note=note)

    @property
    def _single(self) -> list[str]:
        sizes = (len(self.first), len(self.second))
        return [name for name, size in zip(self.names, sizes, strict=True) if size < 2]

    def _values(self, *, clean: bool) -> tuple[list[float], list[Array]]:
        """Return sample values and draws of both coefficients; HTMT2 is NaN unless signs are clean."""
        functions = list(_FUNCTIONS.values())
        found = [float(f(self.sample, self.first, self.second)) for f in functions]
        values = [f(self.drawn, self.first, self.second) for f in functions]
        return (
            (found, values) if clean else ([found[0], np.nan], [values[0], np.full(len(self.drawn), np.nan)])
        )

    def _note(self, *, clean: bool, mixed: int) -> str:
        if self._single:
            return f"{' and '.join(self._single)}: one item, so no correlation within; HTMT does not exist"
        if not clean:
            return "correlations have mixed signs, so HTMT2 does not exist; quote HTMT"
        if mixed > MIXED_SHARE * len(self.drawn):
            return f"mixed signs in {mixed} of {len(self.drawn)} draws, so HTMT2 is unstable; quote HTMT"
        return ""


_FUNCTIONS = {"htmt": heterotrait_monotrait, "htmt2": heterotrait_monotrait2}


def _interval_note(estimate: float, lower: float, upper: float) -> str:
    """Say why an estimate lies outside its own percentile interval, "" where it does not."""
    if estimate < lower:
        return (
            "the ratio averages |r|, and sampling noise makes correlations near 0 larger in size, so the draws "
            "lie above the estimate; the interval and its upper limit are too high, which is the strict side"
        )
    if estimate > upper:
        return "the draws lie below the estimate, and a percentile interval does not correct their bias"
    return ""


def _verdict(estimate: float, limit: float) -> str:
    """Compare the one-sided limit (the estimate where there is none) with .85, .90 and 1."""
    judged = limit if np.isfinite(limit) else estimate
    if not np.isfinite(judged):
        return "undefined"
    return next(
        (f"below {cut}" for cut, value in ((".85", 0.85), (".90", 0.90), ("1", 1.0)) if judged < value),
        "not below 1",
    )
