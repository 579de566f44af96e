"""Factor scores of ordered variables: the most likely values of the factors given the answers of a row.

The factors of a row with covariates x are normal with the mean mu(x) and the covariance matrix V that the
model gives them; given the factors, the answers are independent, and answer k of variable i has the
probability Phi((t_k+1 - m_i) / s_i) - Phi((t_k - m_i) / s_i), with m_i the mean of its latent response and
s_i^2 its residual variance.  The score is the mode of the posterior (empirical Bayes modal), its standard
error comes from the curvature there (Skrondal & Rabe-Hesketh, 2004, chapter 7).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from sopsem.errors import DataError, ModelError
from sopsem.sem.distributions import norm_logpdf
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.group import Group
from sopsem.sem.model.ordinal_rows import threshold_rank

__all__ = ["ordered_scores"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
STEPS = 100
HALVINGS = 30
CLOSE = 1e-10


def ordered_scores(fit: Fit, values: Array) -> tuple[Array, Array]:
    """Return scores and standard errors (n, m) of the factors of one group for rows (n, p).

    Parameters
    ----------
    fit : Fit
        Of one group, with ordered variables.
    values : (n, p) array
        In the order of the observed variables; NaN where missing.  A missing answer says nothing; a row
        without any answer, or without one of the covariates, has NaN.

    Raises
    ------
    ModelError
        A residual variance that is not positive, or a covariance matrix of the factors with a negative
        eigenvalue; an ordered variable that explains others, so that answers are not independent.
    DataError
        An answer that the fitted data do not have.

    Notes
    -----
    Residual covariances are left out of the likelihood of a row, as in lavaan.

    """
    model = _Posterior.of(fit)
    known = ~np.isnan(values[:, model.covariate_columns]).any(axis=1)
    known &= ~np.isnan(values[:, model.columns]).all(axis=1)
    scores = np.full((len(values), model.n_factors), np.nan)
    spread = scores.copy()
    if known.any():
        scores[known], spread[known] = model.modes(values[known])
    return scores, spread


@dataclass(frozen=True, kw_only=True)
class _Posterior:
    """One group on the kernel's metric; p variables, m factors as C u + mean with u standard normal.

    Attributes
    ----------
    columns, covariate_columns : int arrays
        Where variables and covariates stand among the columns of the rows.
    cuts : tuple of arrays
        Thresholds of every variable with infinite ends; of a continuous one empty.
    own, factor : (p, 1 + x) and (m, 1 + x) arrays
        Intercepts and slopes on the covariates.

    """

    columns: Index
    covariate_columns: Index
    names: tuple[str, ...]
    categories: tuple[tuple[float, ...], ...]
    cuts: tuple[Array, ...]
    loadings: Array
    own: Array
    factor: Array
    root: Array
    residual_sd: Array
    center: Array
    sd: Array
    unit: Array

    @classmethod
    def of(cls, fit: Fit) -> "_Posterior":
        """Read the matrices of a fit of one group."""
        group, theta = fit.groups[0], fit.kernel_theta
        ordinal = group.moments.ordinal
        if ordinal is None:
            raise ModelError("the model has no ordered variables")
        model, observed = group.model, fit.spec.observed
        place = {v: i for i, v in enumerate(model.variables)}
        columns = np.array([observed.index(v) for v in ordinal.names], dtype=np.intp)
        given = [v for v in observed if v not in ordinal.names]
        paths, symmetric = (part[0] for part in model.matrices(theta[None]))
        f = np.arange(len(place) - len(fit.spec.latent), len(place))
        g = np.array([place[v] for v in ("", *given)], dtype=np.intp)
        _refuse_dependent(fit, paths, columns, f)
        spread = np.linalg.inv(np.eye(len(f)) - paths[np.ix_(f, f)])
        return cls(
            columns=columns,
            covariate_columns=np.array([observed.index(v) for v in given], dtype=np.intp),
            names=ordinal.names,
            categories=ordinal.categories,
            cuts=_cuts(group, theta),
            loadings=paths[np.ix_(columns, f)],
            own=paths[np.ix_(columns, g)],
            factor=spread @ paths[np.ix_(f, g)],
            root=_root(spread @ symmetric[np.ix_(f, f)] @ spread.T),
            residual_sd=_residual_deviations(symmetric, columns, ordinal.names),
            center=model.center,
            sd=model.sd,
            unit=model.units[f],
        )

    @property
    def n_factors(self) -> int:
        """Number of factors."""
        return len(self.factor)

    def modes(self, values: Array) -> tuple[Array, Array]:
        """Return modes and standard errors (n, m) for rows (n, p) in the metric of the data."""
        scaled = (values - self.center) / self.sd
        design = np.column_stack([np.ones(len(values)), scaled[:, self.covariate_columns]])
        prior = design @ self.factor.T
        task = _Rows(
            start=design @ self.own.T + prior @ self.loadings.T,
            slopes=self.loadings @ self.root,
            residual_sd=self.residual_sd,
            limits=self._limits(values),
            numbers=scaled[:, self.columns],
            is_number=np.array([not len(c) for c in self.cuts]),
        )
        u, curvature = task.ascend()
        covariance = self.root @ np.linalg.inv(curvature) @ self.root.T
        variance = np.diagonal(covariance, axis1=1, axis2=2)
        spread = np.sqrt(np.where(variance > 0.0, variance, np.nan)) * self.unit
        return (prior + u @ self.root.T) * self.unit, spread

    def _limits(self, values: Array) -> Array:
        """Return the thresholds below and above every answer (2, n, p); of a missing one all of the line."""
        limits = np.empty((2, len(values), len(self.columns)))
        limits[0], limits[1] = -np.inf, np.inf
        for i, (column, answers) in enumerate(zip(self.columns, self.categories, strict=True)):
            if not len(self.cuts[i]):
                continue
            given = values[:, column]
            has = np.flatnonzero(~np.isnan(given))
            code = np.searchsorted(answers, given[has])
            wrong = np.array(answers)[np.minimum(code, len(answers) - 1)] != given[has]
            if wrong.any():
                raise DataError(
                    f"column {self.names[i]!r} has the answer {given[has][wrong][0]:g}, which the fitted data "
                    f"do not have; they have {', '.join(f'{a:g}' for a in answers)}"
                )
            limits[0, has, i], limits[1, has, i] = self.cuts[i][code], self.cuts[i][code + 1]
        return limits


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """The log posterior of n rows as functions of u (n, m); see ``_Posterior``."""

    start: Array
    slopes: Array
    residual_sd: Array
    limits: Array
    numbers: Array
    is_number: NDArray[np.bool_]

    def ascend(self) -> tuple[Array, Array]:
        """Return the maxima (n, m) and minus the second derivatives there (n, m, m), by Newton's method.

        The log posterior is concave, so that halved steps lead to its one maximum.
        """
        u = np.zeros((len(self.start), self.slopes.shape[1]))
        value, slope, curvature = self._evaluate(u)
        for _ in range(STEPS):
            step = np.linalg.solve(curvature, slope[:, :, None])[:, :, 0]
            if np.abs(step).max(initial=0.0) < CLOSE:
                break
            share = np.ones(len(u))
            for _ in range(HALVINGS):
                new = self._evaluate(u + share[:, None] * step)
                worse = new[0] < value - 1e-12 * (1.0 + np.abs(value))
                if not worse.any():
                    break
                share[worse] *= 0.5
            u = u + share[:, None] * step
            value, slope, curvature = new
        return u, curvature

    def _evaluate(self, u: Array) -> tuple[Array, Array, Array]:
        """Return the log posterior (n,), its slopes (n, m) and minus its second derivatives (n, m, m)."""
        mean = self.start + u @ self.slopes.T
        log_like, first, second = _interval((self.limits - mean) / self.residual_sd)
        apart = (self.numbers - mean) / self.residual_sd
        has = self.is_number & ~np.isnan(apart)
        apart = np.where(has, apart, 0.0)
        log_like = np.where(has, -0.5 * apart**2, log_like)
        first = np.where(has, apart, first) / self.residual_sd
        second = np.where(has, 1.0, second) / self.residual_sd**2
        value = log_like.sum(axis=1) - 0.5 * (u**2).sum(axis=1)
        curvature = np.einsum("np,pi,pj->nij", second, self.slopes, self.slopes) + np.eye(u.shape[1])
        return value, first @ self.slopes - u, curvature


def _interval(limits: Array) -> tuple[Array, Array, Array]:
    """Return log(Phi(b) - Phi(a)) for limits (a, b), its slope when both fall by 1, and minus its curvature."""
    below, above = limits
    turned = below > 0.0  # in the upper tail the difference is taken of the small numbers
    low, high = np.where(turned, -above, below), np.where(turned, -below, above)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_high, log_low = log_ndtr(high), log_ndtr(low)
        value = log_high + np.log1p(-np.exp(log_low - log_high))
        density = [np.exp(norm_logpdf(end) - value) for end in (below, above)]
    weighted = [np.where(np.isfinite(e), e, 0.0) * d for e, d in zip((below, above), density, strict=True)]
    first = density[0] - density[1]
    return value, first, first**2 - (weighted[0] - weighted[1])


def _refuse_dependent(fit: Fit, paths: Array, columns: Index, factors: Index) -> None:
    """Refuse models in which a response explains a factor or another response."""
    explained = (paths[np.ix_(columns, columns)] != 0.0).any(axis=0)
    explained |= (paths[np.ix_(factors, columns)] != 0.0).any(axis=0)
    if explained.any():
        name = fit.spec.observed[int(columns[np.flatnonzero(explained)[0]])]
        raise ModelError(
            f"{name!r} explains other variables of the model, so that answers are not independent given the "
            "factors; factor scores of such models are not available"
        )


def _residual_deviations(symmetric: Array, columns: Index, names: tuple[str, ...]) -> Array:
    variances = np.diag(symmetric)[columns]
    if (variances <= 0.0).any():
        at = int(np.argmin(variances))
        raise ModelError(
            f"the residual variance of {names[at]!r} is {variances[at]:.4g}; factor scores need all of them to "
            "be positive"
        )
    return np.asarray(np.sqrt(variances))


def _root(covariance: Array) -> Array:
    """Return C with C C' = covariance."""
    values, vectors = np.linalg.eigh(covariance)
    if values[0] < -1e-8 * values[-1]:
        raise ModelError(
            f"the covariance matrix of the factors has the eigenvalue {values[0]:.4g}; factor scores need a "
            "proper solution"
        )
    kept = values > 1e-12 * values[-1]
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))


def _cuts(group: Group, theta: Array) -> tuple[Array, ...]:
    """Return the thresholds of every variable between infinite ends; of a continuous one none."""
    rows = [p for p in group.spec if p.op == "|"]
    values = group.model.thresholds.at(theta)
    found: list[Array] = []
    ordinal = group.moments.ordinal
    for name, flag in zip(ordinal.names, ordinal.ordered, strict=True) if ordinal is not None else ():
        own = sorted((threshold_rank(p), v) for p, v in zip(rows, values, strict=True) if p.lhs == name)
        cuts = np.array([-np.inf, *(v for _, v in own), np.inf]) if flag else np.zeros(0)
        found.append(cuts)
    return tuple(found)
