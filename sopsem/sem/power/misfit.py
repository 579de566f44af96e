"""A population that a model misses by a stated RMSEA, while its parameters stay what they are.

Sigma0 + kappa E with tr(W dSigma_k W E) = 0 for every parameter k, W = Sigma0^-1: theta0 stays the optimum, and
F = log|Sigma0| - log|Sigma0 + kappa E| is solved for kappa (Cudeck & Browne, 1992).

References
----------
Cudeck, R., & Browne, M. W. (1992). Constructing a covariance matrix that yields a specified minimizer and a
specified minimum discrepancy function value. Psychometrika, 57.

"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from sopsem.errors import UsageError
from sopsem.sem.estimation.covariance_response import CovarianceResponse
from sopsem.sem.model.spec import ModelSpec

__all__ = ["population_with_misfit"]

Array = NDArray[np.float64]


def population_with_misfit(
    spec: ModelSpec, population: Array, rmsea: float, df: int, rng: np.random.Generator
) -> Array:
    """Return a covariance matrix (p, p) of which the model leaves F = df rmsea^2 at the same estimates.

    Parameters
    ----------
    spec : ModelSpec
    population : (p, p) array
        What the model fits exactly, in the order of ``spec.observed``.
    rmsea : float
        0 leaves the population as it is.
    df : int
    rng : Generator
        Draws the direction of the misfit: the deviation of a sample from the population.

    Raises
    ------
    UsageError
        A negative RMSEA, a model without degrees of freedom, or an RMSEA that no positive definite matrix in
        this direction has.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> s = 0.36 + 0.64 * np.eye(4)
    >>> moved = population_with_misfit(
    ...     model_spec("f =~ a + b + c + d"), s, 0.05, 2, np.random.default_rng(1)
    ... )
    >>> round(float(np.linalg.slogdet(s)[1] - np.linalg.slogdet(moved)[1]), 10)
    0.005

    """
    if not 0.0 <= rmsea < 1.0:
        raise UsageError(f"misfit is {rmsea}; give the RMSEA of the population, from 0 to below 1, e.g. 0.05")
    if rmsea == 0.0:
        return population
    if df < 1:
        raise UsageError(
            "the model has no degrees of freedom, so no population can miss it; leave misfit out"
        )
    off = _off_model(spec, population, rng)
    level = np.linalg.slogdet(population)[1]
    root = np.linalg.inv(np.linalg.cholesky(population))
    least = np.linalg.eigvalsh(root @ off @ root.T)[0]
    wanted = df * rmsea**2

    def excess(kappa: float) -> float:
        return float(level - np.linalg.slogdet(population + kappa * off)[1] - wanted)

    furthest = -0.999 / least
    if excess(furthest) < 0.0:
        raise UsageError(
            f"no positive definite matrix in this direction has RMSEA {rmsea}; ask for less misfit"
        )
    return np.asarray(population + brentq(excess, 0.0, furthest, xtol=1e-14) * off)


def _off_model(spec: ModelSpec, population: Array, rng: np.random.Generator) -> Array:
    """Return the noise of a sample covariance matrix less what the parameters could follow."""
    at = CovarianceResponse.of(spec, population).at(population)
    sample = np.linalg.cholesky(population) @ rng.standard_normal((len(population), 10 * len(population)))
    noise = sample @ sample.T / sample.shape[1] - population
    fisher = np.tensordot(at.pressures, at.tangents, axes=([1, 2], [1, 2]))
    share = np.linalg.solve(fisher, np.tensordot(at.pressures, noise, axes=2))
    return np.asarray(noise - np.tensordot(share, at.tangents, axes=1))
