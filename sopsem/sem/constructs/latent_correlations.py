"""Correlations among factors as the model implies them, with standard errors and intervals."""

from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.distributions import norm_ppf, norm_sf
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.standardize import total_covariance

__all__ = ["latent_correlations"]

Array = NDArray[np.float64]
STEP = 1e-5
COLUMNS = ["lhs", "rhs", "group", "r", "se", "z", "pvalue", "ci_lower", "ci_upper"]


def latent_correlations(
    fit: Fit, *, level: float = 0.95, method: Literal["delta", "fisher"] = "delta"
) -> pd.DataFrame:
    """Return the correlation of every pair of factors with its standard error and interval.

    Parameters
    ----------
    fit : Fit
    level : float
    method : {"delta", "fisher"}
        ``delta``: r -+ z se; ``fisher``: the same for atanh r, turned back, so that limits stay within -1..1.

    Returns
    -------
    DataFrame
        Columns lhs rhs group r se z pvalue ci_lower ci_upper, one row per pair and group.  ``se``, and with
        it the test and the limits, is NaN where a parameter behind it has none, and where r is fixed.

    Raises
    ------
    UsageError
        Fewer than two factors, another method, or a level outside 0..1.

    Notes
    -----
    The correlations are those of the total covariance matrix, so that they exist for factors that explain
    each other too.  Var(r) = g'Vg with g the slopes of r in the parameters (delta method), and
    Var(atanh r) = Var(r) / (1 - r^2)^2.  In an improper solution r can lie outside -1..1: it is shown as it
    is, without Fisher limits.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, .6, .3, .3], [.6, 1.0, .3, .3], [.3, .3, 1.0, .5], [.3, .3, .5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> two = fit("f =~ a + l*b; g =~ c + k*d; l == 1; k == 1", sample_cov=cov, n_obs=200)
    >>> table = latent_correlations(two, method="fisher")
    >>> table[["r", "ci_lower", "ci_upper"]].round(3).to_numpy().tolist()
    [[0.548, 0.367, 0.688]]

    """
    if method not in ("delta", "fisher"):
        raise UsageError(f"method is {method!r}; choose 'delta' or 'fisher'")
    if not 0.0 < level < 1.0:
        raise UsageError(f"level is {level}; give a number between 0 and 1, e.g. 0.95")
    if len(fit.spec.latent) < 2:
        raise UsageError("correlations among factors need two factors; the model has fewer")
    frames = [_of_group(one, level, method).assign(group=g) for g, one in enumerate(fit.by_group, start=1)]
    return pd.concat(frames, ignore_index=True)[COLUMNS]


def _of_group(fit: Fit, level: float, method: str) -> pd.DataFrame:
    """Return the correlations of one group."""
    names = fit.spec.latent
    pairs = list(combinations(range(len(names)), 2))
    theta = fit.kernel_theta
    steps = STEP * np.eye(len(theta))
    values = _correlations(fit, np.vstack([theta, theta + steps, theta - steps]), pairs)
    q = len(theta)
    r, slopes = values[0], (values[1 : q + 1] - values[q + 1 :]).T / (2.0 * STEP)
    slopes[np.abs(slopes) < STEP] = 0.0  # rounding of the differences
    lost = (np.abs(slopes) > 0.0) @ np.isnan(np.diag(fit.kernel_vcov))
    variance = np.einsum("ij,jk,ik->i", slopes, np.nan_to_num(fit.kernel_vcov), slopes)
    se = np.sqrt(np.where(lost | ~(variance > 0.0), np.nan, variance))
    half = float(norm_ppf(0.5 + level / 2.0)) * se
    if method == "fisher":
        with np.errstate(invalid="ignore", divide="ignore"):
            center = np.arctanh(r)
            lower, upper = (np.tanh(center + sign * half / (1.0 - r**2)) for sign in (-1.0, 1.0))
    else:
        lower, upper = r - half, r + half
    z = r / se
    return pd.DataFrame(
        {
            "lhs": [names[i] for i, _ in pairs],
            "rhs": [names[j] for _, j in pairs],
            "r": r,
            "se": se,
            "z": z,
            "pvalue": 2.0 * norm_sf(np.abs(z)),
            "ci_lower": lower,
            "ci_upper": upper,
        }
    )


def _correlations(fit: Fit, theta: Array, pairs: list[tuple[int, int]]) -> Array:
    """Return the correlations (B, pairs) at kernel parameters (B, q)."""
    m = len(fit.spec.latent)
    total = total_covariance(fit.model, theta)[:, -m:, -m:]
    i, j = np.array(pairs).T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total[:, i, j] / np.sqrt(total[:, i, i] * total[:, j, j]))
