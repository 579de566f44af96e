"""Unrotated factors of a correlation matrix: maximum likelihood, minimum residuals, iterated principal axes.

All three look for uniquenesses psi; the loadings follow from an eigendecomposition.

    ml      f = sum over m > k of (e_m - 1 - ln e_m), e the eigenvalues of psi^-1/2 R psi^-1/2
    minres  f = half the sum over m > k of g_m^2, g the eigenvalues of R - psi
    paf     psi = 1 - communalities, again and again; ends where minres does, if it ends

A uniqueness that wants to fall below ``LEAST`` is a Heywood case: it is held there and named.

References
----------
Joreskog, K. G. (1967). Some contributions to maximum likelihood factor analysis. Psychometrika, 32.
Lawley, D. N., & Maxwell, A. E. (1971). Factor analysis as a statistical method (2nd ed.). Butterworths.
Harman, H. H., & Jones, W. H. (1966). Factor analysis by minimizing residuals (minres). Psychometrika, 31.

"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from sopsem.errors import ConvergenceError, UsageError

__all__ = ["LEAST", "METHODS", "Extraction", "extract_factors"]

Array = NDArray[np.float64]
Objective = Callable[[Array, Array, int], tuple[float, Array]]
METHODS = ("ml", "minres", "paf")
LEAST = 0.005  # the smallest uniqueness, as in most programs
SLOPE = 1e-7  # of f at a minimum, in free directions
STARTS = 5
SAME = 1e-6  # minima this near are one
ROUNDS = 20_000  # of principal axes


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """Unrotated loadings (p, k), uniquenesses (p,), the minimum of f, items on the bound, and minima found.

    ``minima`` counts the different minima that the starts ended in; the lowest is the one reported.
    """

    loadings: Array
    uniquenesses: Array
    minimum: float
    heywood: NDArray[np.intp]
    minima: int


def extract_factors(correlation: Array, n_factors: int, *, method: str = "ml", seed: int = 1) -> Extraction:
    """Extract factors from a correlation matrix.

    Parameters
    ----------
    correlation : (p, p) array
        Positive definite.
    n_factors : int
        At least 1, and no more than leave ((p - k)^2 - (p + k))/2 degrees of freedom at or above 0.
    method : {"ml", "minres", "paf"}
    seed : int
        Of the random starts behind the first.

    Raises
    ------
    UsageError
        An unknown method or too many factors.
    ConvergenceError
        Principal axes that do not settle, or no start that ends at a minimum.

    Examples
    --------
    >>> r = np.outer([0.9, 0.8, 0.7, 0.6], [0.9, 0.8, 0.7, 0.6])
    >>> np.fill_diagonal(r, 1.0)
    >>> extract_factors(r, 1).loadings[:, 0].round(4).tolist()
    [0.9, 0.8, 0.7, 0.6]

    """
    p = len(correlation)
    if method not in METHODS:
        raise UsageError(f"method is {method!r}; choose one of {', '.join(METHODS)}")
    if not 1 <= n_factors <= p or (p - n_factors) ** 2 < p + n_factors:
        most = max((k for k in range(1, p) if (p - k) ** 2 >= p + k), default=0)
        raise UsageError(f"{n_factors} factors of {p} items: give from 1 to {most}, or more items")
    if method == "paf":
        return _principal_axes(correlation, n_factors)
    return _minimised(correlation, n_factors, method, seed)


def _minimised(correlation: Array, k: int, method: str, seed: int) -> Extraction:
    p = len(correlation)
    own = _ml if method == "ml" else _minres
    bounds = [(LEAST, 1.0)] * p
    found = []
    for start in _starts(correlation, k, seed):
        # the search may stop for want of decimals a little early; a second one from there ends it
        first = minimize(
            own, start, (correlation, k), jac=True, method="L-BFGS-B", bounds=bounds, options=_FINE
        )
        last = minimize(
            own, first.x, (correlation, k), jac=True, method="L-BFGS-B", bounds=bounds, options=_FINE
        )
        psi = _polished(own, np.asarray(last.x, dtype=np.float64), correlation, k)
        value, slope = own(psi, correlation, k)
        if (np.abs(np.where(_held(psi, slope), 0.0, slope)) < SLOPE).all():
            found.append((value, psi))
    if not found:
        raise ConvergenceError(
            f"{method} of {k} factors: none of {STARTS} starts ended at a minimum; try fewer factors or method='paf'"
        )
    found.sort(key=lambda pair: pair[0])
    value, psi = found[0]
    different = 1 + int((np.diff([v for v, _ in found]) > SAME).sum())
    heywood = np.flatnonzero(psi <= LEAST * (1.0 + 1e-6))
    loadings = (_ml_loadings if method == "ml" else _axis_loadings)(psi, correlation, k)
    return Extraction(
        loadings=_upright(loadings), uniquenesses=psi, minimum=value, heywood=heywood, minima=different
    )


_FINE = {"maxiter": 5000, "maxfun": 50_000, "ftol": 0.0, "gtol": 1e-10, "maxcor": 30}


def _starts(correlation: Array, k: int, seed: int) -> list[Array]:
    """Return the classical start (1 - k/2p) / r^ii, and random ones."""
    p = len(correlation)
    first = (1.0 - 0.5 * k / p) / np.diag(np.linalg.inv(correlation))
    rng = np.random.Generator(np.random.Philox(key=seed))
    return [np.clip(first, LEAST, 1.0), *(rng.uniform(0.1, 0.9, p) for _ in range(STARTS - 1))]


def _ml(psi: Array, correlation: Array, k: int) -> tuple[float, Array]:
    """Return f and its slope for maximum likelihood."""
    scale = 1.0 / np.sqrt(psi)
    values, vectors = np.linalg.eigh(correlation * np.outer(scale, scale))
    rest = np.maximum(values[: len(psi) - k], 1e-300)
    f = float((rest - 1.0 - np.log(rest)).sum())
    slope = ((1.0 - rest) * vectors[:, : len(psi) - k] ** 2).sum(axis=1) / psi
    return f, slope


def _minres(psi: Array, correlation: Array, k: int) -> tuple[float, Array]:
    """Return f and its slope for minimum residuals."""
    values, vectors = np.linalg.eigh(correlation - np.diag(psi))
    # a factor has no negative variance: of a leading eigenvalue below 0 the part stays in the residual
    rest = np.where(np.arange(len(psi)) < len(psi) - k, values, np.minimum(values, 0.0))
    return float(0.5 * (rest**2).sum()), -(rest * vectors**2).sum(axis=1)


def _held(psi: Array, slope: Array) -> NDArray[np.bool_]:
    """Return what sits on a bound and would leave the range."""
    return np.asarray(((psi <= LEAST) & (slope > 0.0)) | ((psi >= 1.0) & (slope < 0.0)))


def _polished(own: Objective, psi: Array, correlation: Array, k: int) -> Array:
    """Take a few Newton steps in the free directions, with the Hessian by differences of the exact slope."""
    value, slope = own(psi, correlation, k)
    for _ in range(8):
        free = np.flatnonzero(~_held(psi, slope))
        if not len(free) or np.abs(slope[free]).max() < 1e-12:
            break
        step = np.full(len(psi), 0.0)
        hessian = np.stack([_difference(own, psi, correlation, k, i)[free] for i in free.tolist()])
        values, vectors = np.linalg.eigh((hessian + hessian.T) / 2.0)
        if values[0] <= 1e-10 * values[-1]:
            break  # not convex here: the search above has the last word
        step[free] = -vectors @ ((vectors.T @ slope[free]) / values)
        trial = np.clip(psi + step, LEAST, 1.0)
        new, new_slope = own(trial, correlation, k)
        if new > value + 1e-14:
            break
        psi, value, slope = trial, new, new_slope
    return psi


def _difference(own: Objective, psi: Array, correlation: Array, k: int, i: int) -> Array:
    h = 1e-5 * psi[i]
    up, down = psi.copy(), psi.copy()
    up[i] += h
    down[i] -= h
    return np.asarray((own(up, correlation, k)[1] - own(down, correlation, k)[1]) / (2.0 * h))


def _ml_loadings(psi: Array, correlation: Array, k: int) -> Array:
    scale = np.sqrt(psi)
    values, vectors = np.linalg.eigh(correlation / np.outer(scale, scale))
    kept = np.sqrt(np.maximum(values[::-1][:k] - 1.0, 0.0))
    return np.asarray(scale[:, None] * vectors[:, ::-1][:, :k] * kept)


def _axis_loadings(psi: Array, correlation: Array, k: int) -> Array:
    values, vectors = np.linalg.eigh(correlation - np.diag(psi))
    return np.asarray(vectors[:, ::-1][:, :k] * np.sqrt(np.maximum(values[::-1][:k], 0.0)))


def _principal_axes(correlation: Array, k: int) -> Extraction:
    psi = 1.0 / np.diag(np.linalg.inv(correlation))
    for _ in range(ROUNDS):
        loadings = _axis_loadings(psi, correlation, k)
        new = np.clip(1.0 - (loadings**2).sum(axis=1), LEAST, 1.0)
        moved = np.abs(new - psi).max()
        psi = new
        if moved < 1e-11:
            break
    else:
        raise ConvergenceError(
            f"principal axes of {k} factors did not settle in {ROUNDS} rounds; use method='minres', which has the "
            "same end"
        )
    heywood = np.flatnonzero(psi <= LEAST)
    return Extraction(
        loadings=_upright(_axis_loadings(psi, correlation, k)),
        uniquenesses=psi,
        minimum=_minres(psi, correlation, k)[0],
        heywood=heywood,
        minima=1,
    )


def _upright(loadings: Array) -> Array:
    """Turn every factor so that its loadings add up to a positive number."""
    return np.asarray(loadings * np.where(loadings.sum(axis=0) < 0.0, -1.0, 1.0))
