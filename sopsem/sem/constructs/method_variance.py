"""Single-source checks papers report: Harman's share, eigenvalues with parallel analysis, one-factor CFA.

None of them can rule out common-method variance; each result carries a sentence that says what it can show.

References
----------
Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis. Psychometrika, 30.
Glorfeld, L. W. (1995). An improvement on Horn's parallel analysis methodology. Educational and Psychological
Measurement, 55.  (95th percentile)
Howard, M. C., Boudreaux, M., & Oglesby, M. (2024). Can Harman's single-factor test reliably distinguish
between research designs? European Journal of Work and Organizational Psychology, 33.
Podsakoff, P. M., MacKenzie, S. B., Lee, J.-Y., & Podsakoff, N. P. (2003). Common method biases in behavioral
research. Journal of Applied Psychology, 88.

"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import ModelError, UsageError
from sopsem.sem.constructs.measurement import first_order_factors, one_factor_model
from sopsem.sem.constructs.solution import correlations
from sopsem.sem.estimation.fit import Fit, fit_moments
from sopsem.sem.fit_measures.fit_formulas import chisq_pvalue
from sopsem.sem.model.spec import model_spec
from sopsem.sem.resampling.resampling import normal_rows

__all__ = [
    "MethodVariance",
    "OneFactorComparison",
    "eigenvalues",
    "harman_share",
    "method_variance",
    "one_factor_comparison",
    "parallel_analysis",
    "retained",
]

Array = NDArray[np.float64]


def eigenvalues(correlation: Array, *, reduced: bool = False) -> Array:
    """Return the eigenvalues of a correlation matrix, largest first.

    Parameters
    ----------
    correlation : (..., p, p) array
        A covariance matrix is standardized first.
    reduced : bool
        Put squared multiple correlations on the diagonal, 1 - 1/(R^-1)_ii (principal-axis factoring).

    Examples
    --------
    >>> eigenvalues(np.array([[1.0, 0.5], [0.5, 1.0]])).round(6).tolist()
    [1.5, 0.5]

    """
    matrix = correlations(correlation)
    if reduced:
        p = matrix.shape[-1]
        unique = 1.0 / np.diagonal(np.linalg.inv(matrix), axis1=-2, axis2=-1)
        matrix = matrix - unique[..., None] * np.eye(p)
    return np.asarray(np.linalg.eigvalsh(matrix)[..., ::-1])


def harman_share(correlation: Array) -> Array:
    """Return the share of variance of the first unrotated principal component, lambda_1 / p.

    >>> float(harman_share(np.array([[1.0, 0.5], [0.5, 1.0]])).round(6))
    0.75
    """
    values = eigenvalues(correlation)
    return np.asarray(values[..., 0] / values.shape[-1])


def parallel_analysis(n: int, p: int, *, draws: int = 500, seed: int = 1, percentile: float = 95.0) -> Array:
    """Return what eigenvalues chance gives: their percentile over random n x p normal data (Horn, 1965).

    Parameters
    ----------
    n, p : int
        Rows and items.
    draws : int
        Random data sets; set b depends on (seed, b) only.
    seed : int
        From 0 to 2^64 - 1.
    percentile : float
        95 (Glorfeld, 1995), or e.g. 50.

    Returns
    -------
    (p,) array
        Largest first.

    Raises
    ------
    UsageError
        Fewer rows than 2, fewer than 1 item or draw, or a percentile outside [0, 100].

    Examples
    --------
    >>> limit = parallel_analysis(92, 18, draws=100)
    >>> bool(1.9 < limit[0] < 2.2)
    True

    """
    if n < 2 or p < 1 or draws < 1 or not 0.0 <= percentile <= 100.0:
        raise UsageError(
            f"parallel analysis of n={n}, p={p}, draws={draws}, percentile={percentile}: give at least 2 "
            "rows, 1 item, 1 draw, and a percentile from 0 to 100"
        )
    data = np.stack([normal_rows(seed, b, n, p) for b in range(draws)])
    centred = data - data.mean(axis=1, keepdims=True)
    found = eigenvalues(centred.transpose(0, 2, 1) @ centred)
    return np.asarray(np.percentile(found, percentile, axis=0))


def retained(observed: Array, chance: Array) -> int:
    """Return how many leading eigenvalues exceed chance; counting stops at the first that does not.

    >>> retained(np.array([3.0, 1.2, 1.1]), np.array([1.5, 1.3, 1.0]))
    1
    """
    above = np.asarray(observed) > np.asarray(chance)
    return int(len(above) if above.all() else above.argmin())


@dataclass(frozen=True, kw_only=True)
class OneFactorComparison:
    """The one-factor CFA against the CFA with all factors; ``reason`` says why there is none."""

    chisq: float = float("nan")
    df: int = 0
    chisq_diff: float = float("nan")
    df_diff: int = 0
    pvalue: float = float("nan")
    reason: str = ""


def one_factor_comparison(fit: Fit) -> OneFactorComparison:
    """Compare the model in which one factor replaces all factors with a CFA, by chi2 difference.

    The one-factor model is the CFA with all factor correlations at 1, so it is nested.
    """
    if len(first_order_factors(fit.spec)) < 2:
        return OneFactorComparison(reason="the CFA itself has one factor")
    spec = model_spec(one_factor_model(fit.spec))
    moments = fit.moments
    if spec.observed != moments.names:
        return OneFactorComparison(reason="the CFA holds variables that measure no factor")
    try:
        single = fit_moments(spec, moments, likelihood=fit.likelihood, mimic=fit.mimic)
    except ModelError as error:
        return OneFactorComparison(reason=str(error))
    if not single.status.converged:
        return OneFactorComparison(reason="the one-factor model did not converge")
    difference, df = single.chisq - fit.chisq, single.df - fit.df
    return OneFactorComparison(
        chisq=single.chisq,
        df=single.df,
        chisq_diff=difference,
        df_diff=df,
        pvalue=chisq_pvalue(difference, df),
    )


@dataclass(frozen=True, kw_only=True)
class MethodVariance:
    """Single-source checks of one CFA.

    ``eigenvalues`` has one row per component: eigenvalue, chance (percentile of random data), above (among
    the leading ones that exceed chance).
    """

    harman: float
    eigenvalues: pd.DataFrame
    n_retained: int
    n_above_one: int
    n_factors: int
    one_factor: OneFactorComparison
    seed: int
    draws: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the numbers show, and what they cannot show."""
        return (self._harman_sentence(), self._eigenvalue_sentence(), self._one_factor_sentence())

    def _harman_sentence(self) -> str:
        return (
            f"Harman: the first component carries {self.harman:.0%} of the variance of "
            f"{len(self.eigenvalues)} items. This is weak evidence: the share hardly depends on method "
            "variance, so a value under 50% does not rule it out."
        )

    def _eigenvalue_sentence(self) -> str:
        return (
            f"Eigenvalues: {self.n_above_one} exceed 1, {self.n_retained} exceed chance (95th percentile of "
            f"{self.draws} random data sets); the model has {self.n_factors} factors. This bears on the "
            "number of factors and is silent on method variance."
        )

    def _one_factor_sentence(self) -> str:
        one = self.one_factor
        if one.reason:
            return f"One-factor CFA: not compared, because {one.reason}."
        p = "p < .001" if one.pvalue < 0.001 else f"p = {one.pvalue:.3f}"
        fits = "worse" if one.pvalue < 0.05 else "not significantly worse"
        return (
            f"One-factor CFA: fits {fits} (chi2 difference {one.chisq_diff:.2f} on {one.df_diff} df, {p}). "
            "A worse fit shows only that one factor is not everything."
        )


def method_variance(fit: Fit, *, draws: int = 500, seed: int = 1) -> MethodVariance:
    """Return Harman's share, eigenvalues with parallel analysis and the one-factor comparison of a CFA.

    Parameters
    ----------
    fit : Fit
        A CFA.
    draws, seed : int
        Of the parallel analysis.

    """
    found = eigenvalues(fit.sample_cov)
    chance = parallel_analysis(fit.n, len(found), draws=draws, seed=seed)
    keep = retained(found, chance)
    table = pd.DataFrame(
        {"eigenvalue": found, "chance": chance, "above": np.arange(len(found)) < keep},
        index=pd.RangeIndex(1, len(found) + 1, name="component"),
    )
    return MethodVariance(
        harman=float(harman_share(fit.sample_cov)),
        eigenvalues=table,
        n_retained=keep,
        n_above_one=int((found > 1.0).sum()),
        n_factors=len(first_order_factors(fit.spec)),
        one_factor=one_factor_comparison(fit),
        seed=seed,
        draws=draws,
    )
