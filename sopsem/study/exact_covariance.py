"""Algorithm A: a covariance matrix that returns printed statistics exactly, and data that have it exactly.

Cudeck and Browne (1992, Psychometrika 57) perturb a population Sigma0 = Sigma(theta0) by E so that theta0
stays the estimate: stationarity, tr(W dSigma_k W E) = 0 with W = Sigma0^-1, is linear in E.  All E that obey
it form a space of p(p+1)/2 - q dimensions.  In it chi2, the chi2 difference to a wider model and SRMR are
smooth functions with known gradients, so minimum-norm Newton steps reach any feasible values of them.  The
baseline chi2 hardly moves with E; it is set by the size of the loadings.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import null_space, sqrtm
from scipy.optimize import brentq

from sopsem.errors import ConvergenceError
from sopsem.study.twin_statistics import Expansion, TwinStatistics
from sopsem.study.twin_targets import TwinTargets

__all__ = ["ExactCovariance", "baseline_of", "data_with_covariance", "exact_covariance", "scaled_to_baseline"]

Array = NDArray[np.float64]
TOLERANCE = 1e-9
MAX_STEPS = 60
STEP_CAP = 0.3  # of the length of the perturbation
WEIGHTS = {"srmr": 1000.0}  # brings SRMR to the size of the chi2 statistics
PINNED = ("chisq", "dchisq", "srmr")


@dataclass(frozen=True, kw_only=True)
class ExactCovariance:
    """A covariance matrix, the statistics around it, and the largest deviation after every step."""

    covariance: Array
    expansion: Expansion
    deviations: tuple[float, ...]


def baseline_of(population: Array, targets: TwinTargets) -> float:
    """Return the baseline chi2 of data around a population of unit variances, see ``scaled_to_baseline``."""
    return float(targets.aims["chisq"].value - targets.multiplier * np.linalg.slogdet(population)[1])


def scaled_to_baseline(
    population: Callable[[float], Array], targets: TwinTargets, *, highest: float
) -> float:
    """Return the factor on all loadings that gives the aimed baseline chi2; 1 without an aim.

    With chi2 fixed and variances near 1, baseline = chi2 - m log|Sigma0|, m the multiplier of F.  An aim
    without an upper end leaves loadings alone that reach its value anyway.

    Raises
    ------
    ConvergenceError
        No factor between .3 and ``highest`` gives it.

    """
    aim = targets.aims.get("baseline_chisq")
    if aim is None:
        return 1.0

    def excess(factor: float) -> float:
        return baseline_of(population(factor), targets) - aim.value

    if math.isinf(aim.upper) and excess(1.0) >= 0.0:
        return 1.0
    if not excess(0.3) < 0.0 < excess(highest):
        raise ConvergenceError(
            "no common size of the loadings gives the printed baseline chi2; change loadings, "
            "higher_loadings or factor_correlation"
        )
    return float(brentq(excess, 0.3, highest, xtol=1e-12))


def exact_covariance(
    statistics: TwinStatistics, targets: TwinTargets, population: Array, rng: np.random.Generator
) -> ExactCovariance:
    """Return a covariance matrix with the targeted chi2, chi2 difference and SRMR whose optimum is theta0.

    Parameters
    ----------
    statistics, targets
        Which statistics, and their aims.
    population : (p, p) array
        Sigma0, from which the perturbation starts.
    rng : Generator
        Draws the random start: the deviation of a sample covariance from the population.

    Raises
    ------
    ConvergenceError
        The steps did not reach the aims from this start.

    """
    space = _Space.of(statistics, population)
    pinned = [name for name in PINNED if name in targets.aims]
    rows = [statistics.names.index(name) for name in pinned]
    aims = np.array([targets.aims[name].value for name in pinned])
    weights = np.array([WEIGHTS.get(name, 1.0) for name in pinned])
    z = space.start(targets, rng)
    here = statistics.expand(space.covariance(z))
    deviations: list[float] = []
    for _ in range(MAX_STEPS):
        residual = weights * (here.values[rows] - aims)
        deviations.append(float(np.abs(residual).max()))
        if deviations[-1] < TOLERANCE:
            return ExactCovariance(
                covariance=space.covariance(z), expansion=here, deviations=tuple(deviations)
            )
        slopes = weights[:, None] * space.slopes(here.gradients[rows])
        z, here = _step(space, statistics, z, here, -np.linalg.lstsq(slopes, residual, rcond=None)[0])
    raise ConvergenceError(
        f"the printed statistics were not reached in {MAX_STEPS} steps "
        f"(largest deviation {deviations[-1]:.2g}); try another seed, or loadings that fit them better"
    )


def _step(
    space: "_Space", statistics: TwinStatistics, z: Array, here: Expansion, step: Array
) -> tuple[Array, Expansion]:
    """Move by a step no longer than a share of z, halved until the covariance matrix is positive definite."""
    step = step * min(1.0, STEP_CAP * float(np.linalg.norm(z)) / max(float(np.linalg.norm(step)), 1e-300))
    while np.linalg.eigvalsh(space.covariance(z + step))[0] <= 1e-3:
        step = step / 2.0
    return z + step, statistics.expand(space.covariance(z + step), here)


@dataclass(frozen=True, kw_only=True)
class _Space:
    """The perturbations E = sum_i z_i N_i that leave theta0 stationary."""

    population: Array
    basis: Array
    tangents: Array
    pressures: Array

    @classmethod
    def of(cls, statistics: TwinStatistics, population: Array) -> "_Space":
        at = statistics.main.at(population)
        lower = np.tril_indices(len(population))
        double = np.where(lower[0] == lower[1], 1.0, 2.0)
        return cls(
            population=population,
            basis=null_space(at.pressures[:, lower[0], lower[1]] * double),
            tangents=at.tangents,
            pressures=at.pressures,
        )

    def covariance(self, z: Array) -> Array:
        """Return Sigma0 + E(z)."""
        return self.population + self._matrix(self.basis @ z)

    def _matrix(self, half: Array) -> Array:
        p = len(self.population)
        matrix = np.zeros((p, p))
        lower = np.tril_indices(p)
        matrix[lower] = half
        matrix[lower[1], lower[0]] = half
        return matrix

    def slopes(self, gradients: Array) -> Array:
        """Carry derivatives by S (m, p, p) to z (m, k)."""
        lower = np.tril_indices(len(self.population))
        double = np.where(lower[0] == lower[1], 1.0, 2.0)
        carried: Array = (gradients[:, lower[0], lower[1]] * double) @ self.basis
        return carried

    def start(self, targets: TwinTargets, rng: np.random.Generator) -> Array:
        """Return the noise of a sample covariance, off the model in the ML metric, scaled to chi2."""
        p = len(self.population)
        root = np.linalg.cholesky(self.population)
        sample = root @ rng.standard_normal((p, targets.n))
        noise = sample @ sample.T / targets.n - self.population
        fisher = np.tensordot(self.pressures, self.tangents, axes=([1, 2], [1, 2]))
        share = np.linalg.solve(fisher, np.tensordot(self.pressures, noise, axes=2))
        off = noise - np.tensordot(share, self.tangents, axes=1)
        z = self.basis.T @ off[np.tril_indices(p)]
        return z * self._scale(z, targets.aims["chisq"].value / targets.multiplier)

    def _scale(self, z: Array, minimum: float) -> float:
        """Return kappa with F(Sigma0 + kappa E, Sigma0) = minimum: log|Sigma0| - log|S|, as tr(W E) = 0."""
        level = np.linalg.slogdet(self.population)[1]
        root = np.linalg.inv(np.linalg.cholesky(self.population))
        least = np.linalg.eigvalsh(root @ self._matrix(self.basis @ z) @ root.T)[0]

        def excess(kappa: float) -> float:
            return float(level - np.linalg.slogdet(self.covariance(kappa * z))[1] - minimum)

        return float(brentq(excess, 0.0, -0.999999 / least, xtol=1e-12))


def data_with_covariance(covariance: Array, n: int, rng: np.random.Generator) -> Array:
    """Return normal data (n, p) with means 0 and exactly this covariance matrix, divisor n.

    >>> x = data_with_covariance(np.array([[1.0, 0.5], [0.5, 2.0]]), 20, np.random.default_rng(1))
    >>> (x.T @ x / 20).round(12).tolist()
    [[1.0, 0.5], [0.5, 2.0]]
    """
    z = rng.standard_normal((n, len(covariance)))
    z -= z.mean(axis=0)
    whitened = np.linalg.solve(np.linalg.cholesky(z.T @ z / n), z.T).T
    return np.asarray(whitened @ sqrtm(covariance).real)
