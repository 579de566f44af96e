"""Are perceptions shared within units: agreement of raters, and how much of the spread lies between units."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

__all__ = ["SKEWED_VARIANCE", "Intraclass", "intraclass", "uniform_variance", "within_group_agreement"]

# variance of answers that are random but lean slightly to one side, by response categories (LeBreton & Senter 2008,
# quoted; that of 5 follows from shares .05 .15 .20 .35 .25)
SKEWED_VARIANCE: Mapping[int, float] = MappingProxyType({5: 1.34, 7: 2.90})


def uniform_variance(categories: int) -> float:
    """Return the variance of answers that fall on each of A categories equally often: (A^2 - 1) / 12.

    >>> uniform_variance(5), uniform_variance(7)
    (2.0, 4.0)
    """
    return (categories**2 - 1) / 12


def within_group_agreement(answers: npt.ArrayLike, null_variance: float) -> float:
    """Return r_wg(J), the agreement of the raters of one group on J items (James, Demaree & Wolf 1984).

    r = J (1 - v) / (J (1 - v) + v), v = mean variance of the items / the variance that random answers would have.
    More variance than random answers counts as no agreement, 0.

    Parameters
    ----------
    answers : array, shape (raters, items)
    null_variance : float
        ``uniform_variance(A)``, or one of ``SKEWED_VARIANCE``.

    Returns
    -------
    float
        NaN with fewer than two raters.

    Examples
    --------
    >>> four = [[3, 3, 4, 4], [3, 3, 4, 4], [3, 4, 4, 4], [4, 3, 3, 5]]  # mean variance 0.25
    >>> round(within_group_agreement(four, uniform_variance(5)), 3)
    0.966

    """
    given = np.asarray(answers, float)
    if len(given) < 2:
        return float("nan")
    ratio = float(given.var(axis=0, ddof=1).mean()) / null_variance
    agreed = given.shape[1] * max(0.0, 1 - ratio)
    return agreed / (agreed + ratio) if agreed > 0 else 0.0


@dataclass(frozen=True, kw_only=True)
class Intraclass:
    """One-way analysis of variance of a score over units, and what it says about their means.

    ``icc1``: share of the variance that lies between units; ``icc2``: reliability of a unit's mean; ``size``: raters
    of a unit, corrected for unequal units; ``f``, ``p``: do units differ at all.
    """

    icc1: float
    icc2: float
    size: float
    f: float
    p: float
    units: int
    respondents: int


def intraclass(scores: npt.ArrayLike, units: npt.ArrayLike) -> Intraclass:
    """Return ICC(1) = (MSB - MSW) / (MSB + (k - 1) MSW) and ICC(2) = (MSB - MSW) / MSB.

    k = (N - sum n^2 / N) / (G - 1) for G units of n raters, N in all (Bliese 2000; the same as ICC(1,1) and ICC(1,k)
    of Shrout & Fleiss 1979).  Negative where raters of one unit differ more than units do.

    Parameters
    ----------
    scores : array, shape (respondents,)
    units : array, shape (respondents,)

    Returns
    -------
    Intraclass
        NaN with fewer than two units or without a unit of two raters.

    Examples
    --------
    >>> judges = [9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7]
    >>> found = intraclass(judges, [target for target in range(6) for _ in range(4)])
    >>> round(found.icc1, 2), round(found.icc2, 2)
    (0.17, 0.44)

    """
    values = pd.Series(np.asarray(scores, float)).groupby(np.asarray(units))
    sizes, means = values.size().to_numpy(float), values.mean().to_numpy()
    groups, total = len(sizes), float(sizes.sum())
    counted = {"units": groups, "respondents": int(total)}
    if groups < 2 or total <= groups:
        return Intraclass(icc1=np.nan, icc2=np.nan, size=np.nan, f=np.nan, p=np.nan, **counted)
    grand = float(sizes @ means / total)
    between = float(sizes @ (means - grand) ** 2) / (groups - 1)
    within = float((values.var(ddof=0).to_numpy() * sizes).sum()) / (total - groups)
    size = (total - float((sizes**2).sum()) / total) / (groups - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        f = float(np.divide(between, within))
        icc1 = float(np.divide(between - within, between + (size - 1) * within))
        icc2 = float(np.divide(between - within, between)) if between > 0 else float("nan")
    p = float(stats.f.sf(f, groups - 1, total - groups))
    return Intraclass(icc1=icc1, icc2=icc2, size=size, f=f, p=p, **counted)
