"""Rows of one population: normal ones, or cubic polynomials of normal ones, made ready once and drawn often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.simulation.fleishman import correlation_of_normals, fleishman
from sopsem.sem.simulation.population import Population

__all__ = ["RowMaker", "Shape", "row_maker"]

Array = NDArray[np.float64]
Shape = float | Mapping[str, float] | Sequence[float] | None


@dataclass(frozen=True, kw_only=True)
class RowMaker:
    """What turns standard normal numbers into rows of a population.

    Attributes
    ----------
    mean, sd : (p,) arrays
    correlation, root : (p, p) arrays
        Of the population; and the Cholesky factor of the correlations of the normal variables behind the rows.
    polynomial : (3, p) array or None
        Coefficients b, c, d of -c + bZ + cZ^2 + dZ^3; None for normal rows.

    """

    mean: Array
    sd: Array
    correlation: Array
    root: Array
    polynomial: Array | None

    def rows(self, n: int, rng: np.random.Generator, *, empirical: bool = False) -> Array:
        """Return n rows (n, p); ``empirical`` makes their moments exactly those of the population.

        Raises
        ------
        UsageError
            Exact moments of no more rows than variables.

        """
        z = rng.standard_normal((n, len(self.sd))) @ self.root.T
        if self.polynomial is not None:
            b, c, d = self.polynomial
            z = -c + b * z + c * z**2 + d * z**3
        if empirical:
            z = _exactly(z, self.correlation)
        return np.asarray(self.mean + z * self.sd)


def row_maker(population: Population, skewness: Shape = None, kurtosis: Shape = None) -> RowMaker:
    """Prepare the rows of a population with the skewness and excess kurtosis asked for.

    Raises
    ------
    UsageError
        Names that the population does not have; a skewness and kurtosis, or correlations with them, that are
        impossible.

    Examples
    --------
    >>> made = Population(names=("a",), mean=np.zeros(1), covariance=np.eye(1), thresholds={})
    >>> row_maker(made).rows(2, np.random.default_rng(1)).round(2).tolist()
    [[0.35], [0.82]]

    """
    sd = np.sqrt(np.diag(population.covariance))
    correlation = population.covariance / np.outer(sd, sd)
    behind, polynomial = correlation, None
    if skewness is not None or kurtosis is not None:
        behind, polynomial = _polynomials(population, correlation, skewness, kurtosis)
    return RowMaker(
        mean=population.mean,
        sd=sd,
        correlation=correlation,
        root=np.linalg.cholesky(behind),
        polynomial=polynomial,
    )


def _polynomials(
    population: Population, correlation: Array, skewness: Shape, kurtosis: Shape
) -> tuple[Array, Array]:
    """Return the correlations of the normal variables and the coefficients (3, p)."""
    skews = _shape("skewness", skewness, population.names)
    kurtoses = _shape("kurtosis", kurtosis, population.names)
    known: dict[tuple[float, float], tuple[float, float, float]] = {}
    coefficients = []
    for name, s, k in zip(population.names, skews, kurtoses, strict=True):
        if (s, k) not in known:
            known[s, k] = fleishman(s, k, name)
        coefficients.append(known[s, k])
    return correlation_of_normals(correlation, coefficients, population.names), np.array(coefficients).T


def _shape(what: str, given: Shape, names: Sequence[str]) -> tuple[float, ...]:
    """Return one value for every variable."""
    if given is None:
        return (0.0,) * len(names)
    if isinstance(given, Mapping):
        if unknown := [v for v in given if v not in names]:
            raise UsageError(f"{what} has {', '.join(map(str, unknown))}, which the model does not observe")
        return tuple(float(given.get(v, 0.0)) for v in names)
    if isinstance(given, Sequence):
        if len(given) != len(names):
            raise UsageError(f"{what} has {len(given)} values for {len(names)} variables: {', '.join(names)}")
        return tuple(map(float, given))
    return (float(given),) * len(names)


def _exactly(rows: Array, correlation: Array) -> Array:
    """Turn rows linearly so that their means are 0 and their covariances exactly those wanted."""
    n, p = rows.shape
    if n <= p:
        raise UsageError(f"empirical=True needs more rows ({n}) than variables ({p})")
    centred = rows - rows.mean(axis=0)
    root = np.linalg.cholesky(centred.T @ centred / (n - 1))
    return np.asarray(np.linalg.solve(root, centred.T).T @ np.linalg.cholesky(correlation).T)
