"""Exploratory factor analysis: number of factors, extraction, rotation and fit in one call.

References
----------
Fabrigar, L. R., Wegener, D. T., MacCallum, R. C., & Strahan, E. J. (1999). Evaluating the use of exploratory factor
analysis in psychological research. Psychological Methods, 4.
Bartlett, M. S. (1950). Tests of significance in factor analysis. British Journal of Statistical Psychology, 3.
Hofmann, R. J. (1978). Complexity and simplicity as objective indices descriptive of factor solutions. Multivariate
Behavioral Research, 13.

"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.runs.blas import one_blas_thread
from sopsem.sem.constructs.solution import correlations
from sopsem.sem.exploratory.complete_rows import complete_rows
from sopsem.sem.exploratory.efa_result import EFA
from sopsem.sem.exploratory.extraction import METHODS, Extraction, extract_factors
from sopsem.sem.exploratory.retention import number_of_factors
from sopsem.sem.exploratory.rotation import ROTATIONS, rotate
from sopsem.sem.fit_measures.fit_formulas import cfi, tli
from sopsem.sem.fit_measures.noncentrality import chisq_pvalue, rmsea, rmsea_interval
from sopsem.sem.sample.moments import Moments

__all__ = ["EFA", "efa"]

Array = NDArray[np.float64]


def efa(
    items: pd.DataFrame,
    n_factors: int | None = None,
    *,
    method: str = "ml",
    rotation: str = "oblimin",
    kaiser: bool | None = None,
    starts: int = 10,
    seed: int = 1,
    draws: int = 200,
) -> EFA:
    """Return an exploratory factor analysis of the correlations of items.

    Parameters
    ----------
    items : DataFrame
        One column per item; rows with a missing answer are left out and counted.
    n_factors : int, optional
        By default what parallel analysis of components (normal data, 95th percentile) retains, at least 1.
    method : {"ml", "minres", "paf"}
        Maximum likelihood, minimum residuals, or iterated principal axes.
    rotation : {"oblimin", "geomin", "promax", "varimax", "none"}
    kaiser : bool, optional
        Kaiser normalization while rotating; by default for varimax and promax.
    starts : int
        Of the rotation: the unrotated solution and random ones; the best end is taken and ends are counted.
    seed : int
        Of random starts and of parallel analysis.
    draws : int
        Random data sets of each parallel analysis; 0 for none, then ``n_factors`` must be given.

    Raises
    ------
    UsageError
        An unknown method or rotation, or a number of factors that the items do not allow.
    DataError
        A column that is not numeric or does not vary; too few complete rows; a singular matrix.
    ConvergenceError
        Extraction or rotation without an end.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> factors = np.repeat(rng.normal(size=(200, 2)), 4, axis=1)
    >>> frame = pd.DataFrame(factors + 0.7 * rng.normal(size=(200, 8)), columns=list("abcdefgh"))
    >>> result = efa(frame, rotation="geomin")
    >>> result.n_factors, result.items["factor"].tolist()
    (2, ['F2', 'F2', 'F2', 'F2', 'F1', 'F1', 'F1', 'F1'])

    """
    if method not in METHODS or rotation not in ROTATIONS:
        raise UsageError(
            f"method is {method!r} and rotation {rotation!r}; choose among {', '.join(METHODS)} and among "
            f"{', '.join(ROTATIONS)}"
        )
    if n_factors is None and draws < 1:
        raise UsageError("without draws of parallel analysis the number of factors must be given: n_factors=")
    with one_blas_thread():  # small matrices
        moments = complete_rows(items)
        suggested = number_of_factors(items, draws=draws, seed=seed)[0] if draws else pd.DataFrame()
        k = max(int(suggested["n_factors"].iloc[0]), 1) if n_factors is None else n_factors
        correlation = correlations(moments.covariance)
        extracted = extract_factors(correlation, k, method=method, seed=seed)
        rotated = rotate(extracted.loadings, rotation, kaiser=kaiser, starts=starts, seed=seed)
    names = [f"F{i}" for i in range(1, k + 1)]
    loadings = pd.DataFrame(rotated.loadings, index=list(moments.names), columns=names)
    phi = pd.DataFrame(rotated.correlations, index=names, columns=names)
    return EFA(
        loadings=loadings,
        structure=loadings @ phi,
        factor_correlations=phi,
        items=_items(loadings, extracted),
        variance=_variance(rotated.loadings, rotated.correlations, names),
        fit=_fit(correlation, extracted, k, moments.n, method),
        suggested=suggested,
        method=method,
        rotation=rotation,
        n=moments.n,
        n_factors=k,
        rows_excluded=len(moments.rows_excluded),
        heywood=_named(moments, extracted),
        minima=extracted.minima,
        rotation_minima=rotated.minima,
        rotation_starts=rotated.starts,
    )


def _named(moments: Moments, extracted: Extraction) -> tuple[str, ...]:
    return tuple(moments.names[i] for i in extracted.heywood)


def _items(loadings: pd.DataFrame, extracted: Extraction) -> pd.DataFrame:
    square = loadings.to_numpy() ** 2
    with np.errstate(invalid="ignore"):
        complexity = square.sum(axis=1) ** 2 / (square**2).sum(axis=1)
    return pd.DataFrame(
        {
            "item": loadings.index,
            "communality": (extracted.loadings**2).sum(axis=1),
            "uniqueness": extracted.uniquenesses,
            "complexity": complexity,
            "factor": loadings.abs().idxmax(axis=1).to_numpy(),
        }
    )


def _variance(loadings: Array, phi: Array, names: list[str]) -> pd.DataFrame:
    carried = np.diag(phi @ loadings.T @ loadings)
    share = carried / len(loadings)
    return pd.DataFrame(
        {"factor": names, "ss_loadings": carried, "share": share, "cumulative": share.cumsum()}
    )


def _fit(correlation: Array, extracted: Extraction, k: int, n: int, method: str) -> pd.Series:
    """Return the fit of a number of factors; see ``EFA.fit``."""
    p = len(correlation)
    residual = correlation - extracted.loadings @ extracted.loadings.T
    off = residual[np.triu_indices(p, 1)]
    df = ((p - k) ** 2 - (p + k)) // 2
    found = {"chisq": np.nan, "df": float(df), "srmr": float(np.sqrt((off**2).mean()))}
    if method == "ml":
        found |= _likelihood_fit(correlation, extracted.minimum, df, k, n)
    names = (
        "pvalue",
        "chisq_bartlett",
        "pvalue_bartlett",
        "rmsea",
        "rmsea_ci_lower",
        "rmsea_ci_upper",
        "cfi",
        "tli",
        "bic",
    )
    return pd.Series({name: found.get(name, np.nan) for name in ("chisq", "df", *names, "srmr")}, name="fit")


def _likelihood_fit(correlation: Array, minimum: float, df: int, k: int, n: int) -> dict[str, float]:
    p = len(correlation)
    chisq, corrected = (n - 1) * minimum, (n - 1 - (2 * p + 5) / 6.0 - 2.0 * k / 3.0) * minimum
    chisq0, df0 = -(n - 1) * float(np.linalg.slogdet(correlation)[1]), p * (p - 1) // 2
    lower, upper = rmsea_interval(chisq, df, n - 1)
    return {
        "chisq": chisq,
        "pvalue": chisq_pvalue(chisq, df),
        "chisq_bartlett": corrected,
        "pvalue_bartlett": chisq_pvalue(corrected, df),
        "rmsea": rmsea(chisq, df, n - 1),
        "rmsea_ci_lower": lower,
        "rmsea_ci_upper": upper,
        "cfi": cfi(chisq, df, chisq0, df0),
        "tli": tli(chisq, df, chisq0, df0),
        "bic": chisq - df * float(np.log(n)),
    }
