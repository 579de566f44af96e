"""Factor scores from model matrices alone: weights and error variances, for every pattern of answers.

References
----------
Thurstone, L. L. (1935). The Vectors of Mind. University of Chicago Press (regression scores).
Bartlett, M. S. (1937). The statistical conception of mental factors. British Journal of Psychology, 28.

"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.sample.distinct_rows import distinct_rows

__all__ = ["ScoreParts", "linear_scores"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ScoreParts:
    """Matrices of the fitted model in the metric of the data; p observed, m factors.

    ``nuisance`` (p, k) holds the direct effects of the observed predictors on the observed variables, and 1
    where a predictor is exogenous: the scores are conditional on these.
    """

    loadings: Array
    nuisance: Array
    effects: Array
    crossed: Array
    factor_covariance: Array
    covariance: Array
    mean: Array
    factor_mean: Array

    def of_variables(self, has: NDArray[np.intp]) -> "ScoreParts":
        """Return the matrices of some of the observed variables."""
        return replace(
            self,
            loadings=self.loadings[has],
            nuisance=self.nuisance[has],
            crossed=self.crossed[:, has],
            covariance=self.covariance[np.ix_(has, has)],
            mean=self.mean[has],
        )

    @cached_property
    def inverse(self) -> Array:
        """The inverse of the covariance matrix of the observed variables."""
        return np.asarray(np.linalg.inv(self.covariance))

    def regression(self) -> tuple[Array, Array]:
        """Return weights (m, p) and error variances (m,)."""
        weights = self.crossed @ self.inverse
        return weights, np.diag(self.factor_covariance - weights @ self.crossed.T)

    def bartlett(self) -> tuple[Array, Array]:
        """Return weights (m, p) and error variances (m,), level by level."""
        m, p = self.crossed.shape
        weights, variance = np.full((m, p), np.nan), np.full(m, np.nan)
        total = self.loadings @ np.linalg.inv(np.eye(m) - self.effects)
        for level, factors in enumerate(self._levels()):
            columns = np.hstack([(total if level else self.loadings)[:, factors], self.nuisance])
            spread = np.linalg.pinv(columns.T @ self.inverse @ columns, hermitian=True)
            own = slice(0, len(factors))
            weights[factors] = (spread @ columns.T @ self.inverse)[own]
            variance[factors] = np.diag(spread)[own] - np.diag(self.factor_covariance)[factors]
        return weights, variance

    def _levels(self) -> list[NDArray[np.intp]]:
        """Return the factors with items, then those measured by factors of the level below, and so on."""
        placed = np.abs(self.loadings).max(axis=0) > 0.0
        levels = [np.flatnonzero(placed)]
        while not placed.all():
            above = ~placed & (np.abs(self.effects[levels[-1]]).max(axis=0, initial=0.0) > 0.0)
            if not above.any():
                break  # a factor that measures nothing has no Bartlett score: NaN
            levels.append(np.flatnonzero(above))
            placed |= above
        return levels


def linear_scores(
    parts: ScoreParts, values: Array, method: Literal["regression", "bartlett"], *, incomplete: bool
) -> tuple[Array, Array]:
    """Return scores and standard errors (n, m) of rows (n, p); NaN without answers.

    Parameters
    ----------
    parts : ScoreParts
    values : (n, p) array
        NaN where there is no answer.
    method : {"regression", "bartlett"}
    incomplete : bool
        Whether a row with gaps is scored, with the formulas of the variables that it has; else it gets NaN.

    Notes
    -----
    Sums run over variables one by one, so that a row's scores do not depend, to the last bit, on other rows.

    """
    missing = np.isnan(values)
    scores = np.full((len(values), len(parts.factor_mean)), np.nan)
    spread = scores.copy()
    patterns, place = distinct_rows(missing)
    for number, gaps in enumerate(patterns):
        if gaps.all() or (gaps.any() and not incomplete):
            continue
        at, has = np.flatnonzero(place == number), np.flatnonzero(~gaps)
        own = parts.of_variables(has)
        weights, variance = own.regression() if method == "regression" else own.bartlett()
        found = np.zeros((len(at), len(weights)))
        for column, variable in enumerate(has):
            found += (values[at, variable, None] - own.mean[column]) * weights[:, column]
        scores[at] = found + parts.factor_mean
        spread[at] = np.sqrt(np.where(variance > 0.0, variance, np.nan))
    return scores, np.where(np.isnan(scores), np.nan, spread)
