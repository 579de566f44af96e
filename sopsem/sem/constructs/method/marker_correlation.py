"""Correlations of constructs adjusted for a marker variable (Lindell & Whitney, 2001).

    r_A = (r - r_M) / (1 - r_M),    t = r_A sqrt((n - 3) / (1 - r_A^2)) with n - 3 degrees of freedom

r_M stands for what the method alone does to a correlation.  It should come from a marker that was chosen before the
data were seen and has nothing to do with the constructs.

References
----------
Lindell, M. K., & Whitney, D. J. (2001). Accounting for common method variance in cross-sectional research designs.
Journal of Applied Psychology, 86.
Malhotra, N. K., Kim, S. S., & Patil, A. (2006). Common method variance in IS research: A comparison of alternative
approaches and a reanalysis of past research. Management Science, 52.  (second-smallest correlation)

"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import DataError, UsageError
from sopsem.sem.distributions import t_sf
from sopsem.sem.sample.data_values import numeric_values

__all__ = ["MarkerCorrelation", "adjusted_correlation", "marker_correlation"]

Array = NDArray[np.float64]
CHANCE = "chosen after seeing the data: capitalises on chance"


@dataclass(frozen=True, kw_only=True)
class MarkerCorrelation:
    """Adjusted correlations under several choices of r_M; frozen.

    Attributes
    ----------
    markers : DataFrame
        choice, r_marker, applied (r_marker, or 0 where it is negative: a method that lifts all answers cannot make a
        negative correlation), a_priori, note.
    adjusted : DataFrame
        construct1, construct2, choice, r, r_adjusted, t, df, pvalue, pvalue_raw (of r, by n - 2 degrees of freedom).
    marker : tuple of str
        Items of the marker; empty without one.
    n, rows_excluded : int

    """

    markers: pd.DataFrame
    adjusted: pd.DataFrame
    marker: tuple[str, ...]
    n: int
    rows_excluded: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """What remains of the correlations, in words."""
        found = [f"{self.n} rows are used, {self.rows_excluded} left out for a missing value."]
        for choice in self.markers.itertuples():
            own = self.adjusted[self.adjusted["choice"] == choice.choice]
            before, after = own["pvalue_raw"] < 0.05, own["pvalue"] < 0.05
            beyond = own["r_adjusted"].isna() & own["r"].notna()
            lost = _pairs(own[before & ~after & ~beyond])
            what = (
                f"no longer significant: {lost}"
                if lost
                else "every significant correlation stays significant"
            )
            if beyond.any():
                what += f"; beyond -1, so the marker cannot have acted like this: {_pairs(own[beyond])}"
            note = f" ({choice.note})" if choice.note else ""
            found.append(f"Marker correlation {choice.r_marker:.3f}, {choice.choice}{note}: {what}.")
        if not self.marker:
            found.append(
                "There is no marker that was chosen beforehand, so nothing here rules method variance out."
            )
        return tuple(found)


def _pairs(rows: pd.DataFrame) -> str:
    return ", ".join(f"{r.construct1}-{r.construct2}" for r in rows.itertuples())


def adjusted_correlation(r: float, r_marker: float, n: int) -> tuple[float, float, float]:
    """Return r_A, its t and two-sided p with n - 3 degrees of freedom; NaN where r_A would lie beyond -1.

    A marker that shares so much with a pair that correlates negatively cannot have acted on it as assumed.

    Parameters
    ----------
    r, r_marker : float
        A correlation, and that of the marker, from 0 up to below 1.
    n : int
        Respondents, at least 4.

    Raises
    ------
    UsageError
        A number outside its range.

    Examples
    --------
    >>> tuple(round(v, 4) for v in adjusted_correlation(0.50, 0.20, 100))
    (0.375, 3.9841, 0.0001)

    """
    if not -1.0 <= r <= 1.0 or not 0.0 <= r_marker < 1.0 or n < 4:
        raise UsageError(
            f"r is {r}, r_marker {r_marker}, n {n}; r lies from -1 to 1, r_marker from 0 to below 1, and n is 4 or more"
        )
    adjusted = (r - r_marker) / (1.0 - r_marker)
    if adjusted < -1.0:
        return float("nan"), float("nan"), float("nan")
    t = (
        adjusted * np.sqrt((n - 3) / (1.0 - adjusted**2))
        if abs(adjusted) < 1.0
        else np.copysign(np.inf, adjusted)
    )
    return adjusted, float(t), float(2.0 * t_sf(abs(t), n - 3))


def marker_correlation(
    items: pd.DataFrame, constructs: Mapping[str, Sequence[str]], *, marker: Sequence[str] = ()
) -> MarkerCorrelation:
    """Adjust the correlations of constructs (means of their items) for a marker.

    Parameters
    ----------
    items : DataFrame
        Answers, reversed items turned round.
    constructs : mapping of construct to items
        Two or more.
    marker : sequence of str
        Items of the marker, chosen beforehand.  Without them only the smallest correlations among the constructs are
        left as r_M, and the result says that this is chosen after the fact.

    Returns
    -------
    MarkerCorrelation
        With a marker for its smallest, mean and largest correlation with the constructs; in any case for the smallest
        and second-smallest correlation among the constructs.

    Raises
    ------
    UsageError
        Fewer than two constructs, an item that is no column, a marker item that measures a construct.
    DataError
        Fewer than four complete rows, or a mean that does not vary.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame(rng.normal(size=(100, 1)) + rng.normal(size=(100, 3)), columns=["a", "b", "m"])
    >>> result = marker_correlation(frame, {"f": ["a"], "g": ["b"]}, marker=["m"])
    >>> result.adjusted["choice"].tolist()[:2]
    ['smallest with the marker', 'mean with the marker']

    """
    _check(items, constructs, marker)
    means = {name: numeric_values(items, list(own)).mean(axis=1) for name, own in constructs.items()}
    if marker:
        means["\0marker"] = numeric_values(items, list(marker)).mean(axis=1)
    values = np.column_stack(list(means.values()))
    rows = values[np.isfinite(values).all(axis=1)]
    flat = [
        name.strip("\0")
        for name, column in zip(means, rows.T, strict=True)
        if len(rows) and not np.ptp(column)
    ]
    if len(rows) < 4 or flat:
        raise DataError(
            f"adjusted correlations need four complete rows and means that vary; there are {len(rows)} such rows, and "
            f"{', '.join(flat) or 'every mean'} {'does not vary' if flat else 'varies'}"
        )
    r = np.corrcoef(rows.T)
    names = list(constructs)
    choices = _choices(r, len(names), with_marker=bool(marker))
    adjusted = [
        _row(names, i, j, float(r[i, j]), choice, len(rows))
        for choice in choices.itertuples()
        for i, j in combinations(range(len(names)), 2)
    ]
    return MarkerCorrelation(
        markers=choices,
        adjusted=pd.DataFrame(adjusted),
        marker=tuple(marker),
        n=len(rows),
        rows_excluded=len(items) - len(rows),
    )


def _check(items: pd.DataFrame, constructs: Mapping[str, Sequence[str]], marker: Sequence[str]) -> None:
    if len(constructs) < 2:
        raise UsageError(f"{len(constructs)} construct(s): a correlation needs two")
    own = [v for part in constructs.values() for v in part]
    absent = [v for v in (*own, *marker) if v not in items.columns]
    if absent:
        known = ", ".join(map(str, items.columns[:20]))
        raise UsageError(f"no column for {', '.join(absent[:20])}; the columns are {known}")
    both = [v for v in marker if v in own]
    if both:
        raise UsageError(f"{', '.join(both)} measures a construct and cannot be the marker")


def _choices(r: Array, k: int, *, with_marker: bool) -> pd.DataFrame:
    """Return the values that may stand for r_M, with where they come from."""
    among = np.sort(r[:k, :k][np.triu_indices(k, 1)])
    rows = []
    if with_marker:
        own = r[k, :k]
        rows += [("smallest with the marker", own.min(), True), ("mean with the marker", own.mean(), True)]
        rows += [("largest with the marker", own.max(), True)]
    positive = among[among > 0.0]
    rows += [("smallest among the constructs", positive[0] if len(positive) else 0.0, False)]
    if len(positive) > 1:
        rows += [("second smallest among the constructs", positive[1], False)]
    table = pd.DataFrame(rows, columns=["choice", "r_marker", "a_priori"])
    table.insert(2, "applied", table["r_marker"].clip(lower=0.0))
    negative = "negative, so nothing is taken off"
    table["note"] = np.where(~table["a_priori"], CHANCE, np.where(table["r_marker"] < 0.0, negative, ""))
    return table


def _row(names: list[str], i: int, j: int, r: float, choice: object, n: int) -> dict[str, object]:
    value, t, p = adjusted_correlation(r, float(choice.applied), n)  # type: ignore[attr-defined]
    raw = r * np.sqrt((n - 2) / (1.0 - r * r)) if abs(r) < 1.0 else np.inf
    return {
        "construct1": names[i],
        "construct2": names[j],
        "choice": choice.choice,  # type: ignore[attr-defined]
        "r": r,
        "r_adjusted": value,
        "t": t,
        "df": n - 3,
        "pvalue": p,
        "pvalue_raw": float(2.0 * t_sf(abs(raw), n - 2)),
    }
