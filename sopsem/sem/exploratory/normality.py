"""Normality of the answers, each item by itself and all together.

References
----------
Mardia, K. V. (1970). Measures of multivariate skewness and kurtosis with applications. Biometrika, 57.
Mardia, K. V. (1974). Applications of some measures of multivariate skewness and kurtosis in testing normality and
robustness studies. Sankhya B, 36.  (small-sample factor of skewness; exact mean and variance of kurtosis)
D'Agostino, R. B., Belanger, A., & D'Agostino, R. B., Jr. (1990). A suggestion for using powerful and informative
tests of normality. The American Statistician, 44.

"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sopsem.sem.exploratory.complete_rows import complete_rows
from sopsem.sem.exploratory.descriptives import kurtosis, skewness
from sopsem.sem.sample.data_values import numeric_values

__all__ = ["Mardia", "mardia", "univariate_normality"]

Array = NDArray[np.float64]
PIECE = 4096  # rows whose products are in memory together
FEWEST = 8  # values that the omnibus test needs


@dataclass(frozen=True, kw_only=True)
class Mardia:
    """Mardia's tests of multivariate normality; frozen.

    Attributes
    ----------
    skewness : float
        b1 = mean over pairs of rows of (d_ij)^3, d_ij = (x_i - m)' S^-1 (x_j - m), S with divisor n.
    skewness_chisq, skewness_df, skewness_pvalue : float, int, float
        n b1 / 6 and its p by chi2 with p(p + 1)(p + 2)/6 degrees of freedom.
    skewness_chisq_small, skewness_pvalue_small : float
        The same times (p + 1)(n + 1)(n + 3) / (n ((n + 1)(p + 1) - 6)).
    kurtosis : float
        b2 = mean of d_ii^2; p(p + 2) in normal data of endless size.
    kurtosis_z, kurtosis_pvalue : float
        (b2 - p(p + 2)) / sqrt(8 p(p + 2) / n).
    kurtosis_z_small, kurtosis_pvalue_small : float
        With the exact mean p(p + 2)(n - 1)/(n + 1) and variance of normal samples of this size.
    n, p, rows_excluded : int

    """

    skewness: float
    skewness_chisq: float
    skewness_df: int
    skewness_pvalue: float
    skewness_chisq_small: float
    skewness_pvalue_small: float
    kurtosis: float
    kurtosis_z: float
    kurtosis_pvalue: float
    kurtosis_z_small: float
    kurtosis_pvalue_small: float
    n: int
    p: int
    rows_excluded: int

    @property
    def sentence(self) -> str:
        """What the tests say, by their small-sample forms."""
        against = [
            name
            for name, value in (
                ("skewness", self.skewness_pvalue_small),
                ("kurtosis", self.kurtosis_pvalue_small),
            )
            if value < 0.05
        ]
        said = (
            f"Mardia (n = {self.n}, {self.p} items): skewness {self.skewness:.2f} "
            f"({_p(self.skewness_pvalue_small)}), kurtosis {self.kurtosis:.2f} against {self.p * (self.p + 2)} "
            f"(z = {self.kurtosis_z_small:.2f}, {_p(self.kurtosis_pvalue_small)})."
        )
        if not against:
            return f"{said} No evidence against multivariate normality."
        return (
            f"{said} Multivariate normality is rejected by {' and '.join(against)}: prefer robust standard errors "
            "and tests (MLR) or the bootstrap."
        )


def _p(value: float) -> str:
    return "p < .001" if value < 0.001 else f"p = {value:.3f}"


def mardia(items: pd.DataFrame) -> Mardia:
    """Return Mardia's multivariate skewness and kurtosis with their tests, of the complete rows.

    Parameters
    ----------
    items : DataFrame
        One column per item; rows with a missing answer are left out and counted.

    Raises
    ------
    DataError
        A column that is not numeric or does not vary; too few complete rows; a singular covariance matrix.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> result = mardia(pd.DataFrame(rng.normal(size=(100, 3)), columns=list("abc")))
    >>> result.skewness_df, bool(result.kurtosis_pvalue > 0.05)
    (10, True)

    """
    moments = complete_rows(items)
    data = np.asarray(moments.data)
    n, p = data.shape
    root = np.linalg.cholesky(moments.covariance)
    white = np.linalg.solve(root, (data - data.mean(axis=0)).T).T
    b1, b2 = _third_moments(white), float(((white**2).sum(axis=1) ** 2).mean())
    chisq, df = n * b1 / 6.0, p * (p + 1) * (p + 2) // 6
    small = chisq * (p + 1) * (n + 1) * (n + 3) / (n * ((n + 1) * (p + 1) - 6))
    z = (b2 - p * (p + 2)) / np.sqrt(8.0 * p * (p + 2) / n)
    variance = 8.0 * p * (p + 2) * (n - 3) * (n - p - 1) * (n - p + 1) / ((n + 1) ** 2 * (n + 3) * (n + 5))
    exact = (b2 - p * (p + 2) * (n - 1) / (n + 1)) / np.sqrt(variance)
    return Mardia(
        skewness=b1,
        skewness_chisq=chisq,
        skewness_df=df,
        skewness_pvalue=float(stats.chi2.sf(chisq, df)),
        skewness_chisq_small=small,
        skewness_pvalue_small=float(stats.chi2.sf(small, df)),
        kurtosis=b2,
        kurtosis_z=float(z),
        kurtosis_pvalue=float(2.0 * stats.norm.sf(abs(z))),
        kurtosis_z_small=float(exact),
        kurtosis_pvalue_small=float(2.0 * stats.norm.sf(abs(exact))),
        n=n,
        p=p,
        rows_excluded=len(moments.rows_excluded),
    )


def _third_moments(white: Array) -> float:
    """Return the sum of squared third moments of whitened rows: b1 without the n x n matrix of d_ij."""
    n, p = white.shape
    total = np.zeros((p * p, p))
    for first in range(0, n, PIECE):
        part = white[first : first + PIECE]
        total += (part[:, :, None] * part[:, None, :]).reshape(len(part), p * p).T @ part
    return float(((total / n) ** 2).sum())


def univariate_normality(items: pd.DataFrame) -> pd.DataFrame:
    """Return skewness, kurtosis and tests of normality of every item, over the answers given.

    Parameters
    ----------
    items : DataFrame

    Returns
    -------
    DataFrame
        item, n, skew, skew_z, skew_pvalue, kurtosis, kurtosis_z, kurtosis_pvalue (each over its standard error),
        k2, k2_pvalue (D'Agostino's omnibus test, from 8 answers), shapiro, shapiro_pvalue (n up to 5,000).

    Notes
    -----
    Answers in a few categories are never normal; in large samples every test says so.  What matters for maximum
    likelihood is size: |skew| above 2 or |kurtosis| above 7 (Curran, West & Finch, 1996).

    Examples
    --------
    >>> frame = pd.DataFrame({"a": np.arange(20.0), "b": np.exp(np.arange(20.0))})
    >>> univariate_normality(frame)["k2_pvalue"].lt(0.05).tolist()
    [False, True]

    """
    rows = []
    for item, column in zip(items.columns, numeric_values(items, list(items.columns)).T, strict=True):
        known = column[np.isfinite(column)]
        row: dict[str, object] = {"item": item, "n": len(known)}
        for name, (value, error) in (("skew", skewness(known)), ("kurtosis", kurtosis(known))):
            z = value / error
            row |= {name: value, f"{name}_z": z, f"{name}_pvalue": 2.0 * stats.norm.sf(abs(z))}
        varies = len(known) >= FEWEST and np.ptp(known) > 0.0
        k2 = stats.normaltest(known) if varies else (np.nan, np.nan)
        shapiro = stats.shapiro(known) if varies and len(known) <= 5000 else (np.nan, np.nan)
        row |= {"k2": float(k2[0]), "k2_pvalue": float(k2[1])}
        rows.append(row | {"shapiro": float(shapiro[0]), "shapiro_pvalue": float(shapiro[1])})
    return pd.DataFrame(rows)
