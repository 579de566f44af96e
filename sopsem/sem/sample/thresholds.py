"""First stage of the three-stage estimator: each variable alone, given the covariates if there are any.

An ordered variable is an ordered probit (its thresholds are normal quantiles when there are no covariates), a
continuous one a normal regression.  Both are full maximum likelihood.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sopsem.errors import DataError
from sopsem.sem.sample.bivariate_normal import FAR, normal_density, normal_interval

__all__ = ["Univariate", "normal_regression", "ordered_probit", "univariate_scores"]

Array = NDArray[np.float64]
Codes = NDArray[np.intp]

GRADIENT = 1e-12  # largest mean score at which a probit regression counts as converged
ITERATIONS = 100
UNINFORMED = 1e-3  # least information: standard errors above 30 belong to parameters that run off to infinity


@dataclass(frozen=True, kw_only=True)
class Univariate:
    """One variable after the first stage; the arrays by case hold the observed cases only.

    Attributes
    ----------
    name : str
        Of the variable.
    ordered : bool
        Whether it is an ordered variable.
    rows : (m,) array
        Cases with a value.
    location : array
        The thresholds of an ordered variable, or the intercept of a continuous one.
    slopes : (x,) array
        Of the covariates, on the latent response of an ordered variable.
    variance : float
        1.0 for an ordered variable; the residual variance with divisor m of a continuous one.
    codes : (m,) array
        Categories from 0; empty for a continuous variable.
    lower, upper : (m,) arrays
        Limits of the latent residual, +-``FAR`` at the ends; for a continuous variable both are its
        standardized residual.
    covariates : (m, x) array
        Of the same cases.

    """

    name: str
    ordered: bool
    rows: Codes
    location: Array
    slopes: Array
    variance: float
    codes: Codes
    lower: Array
    upper: Array
    covariates: Array


def ordered_probit(name: str, codes: Codes, rows: Codes, n_categories: int, covariates: Array) -> Univariate:
    """Fit P(y <= c) = Phi(threshold_c - x'slopes) by maximum likelihood.

    Parameters
    ----------
    name : str
        Of the variable, for messages.
    codes : (m,) array of int
        Categories 0 to ``n_categories - 1``, each of them observed.
    rows : (m,) array of int
        Which cases these are.
    n_categories : int
        At least 2.
    covariates : (m, x) array
        Columns centred and scaled; x may be 0.

    Returns
    -------
    Univariate

    Raises
    ------
    DataError
        The covariates predict the categories perfectly, so that no finite maximum exists.

    Notes
    -----
    Without covariates the maximum is the normal quantiles of the cumulated proportions (McKelvey & Zavoina,
    1975, J. Math. Sociol. 4).  With covariates the log-likelihood is concave and Newton steps are taken.

    Examples
    --------
    >>> one = ordered_probit("item", np.array([0, 0, 1, 1]), np.arange(4), 2, np.empty((4, 0)))
    >>> float(one.location[0])
    0.0

    """
    share = np.cumsum(np.bincount(codes, minlength=n_categories))[:-1] / len(codes)
    theta = np.concatenate([ndtri(share), np.zeros(covariates.shape[1])])
    if covariates.shape[1]:
        theta = _probit_newton(name, theta, codes, n_categories, covariates)
    location, slopes = theta[: n_categories - 1], theta[n_categories - 1 :]
    lower, upper = _limits(location, slopes, codes, covariates)
    return Univariate(
        name=name,
        ordered=True,
        rows=rows,
        location=location,
        slopes=slopes,
        variance=1.0,
        codes=codes,
        lower=lower,
        upper=upper,
        covariates=covariates,
    )


def _limits(location: Array, slopes: Array, codes: Codes, covariates: Array) -> tuple[Array, Array]:
    """Return the limits between which each case's latent residual lies."""
    ends = np.concatenate([[-np.inf], location, [np.inf]])
    shift = covariates @ slopes
    return (np.maximum(ends[codes] - shift, -FAR), np.minimum(ends[codes + 1] - shift, FAR))


def _probit_newton(name: str, theta: Array, codes: Codes, n_categories: int, covariates: Array) -> Array:
    """Climb to the maximum by Newton steps, halved until the log-likelihood does not fall."""
    design = _design(codes, n_categories, covariates)
    value = _probit_value(theta, codes, n_categories, covariates)
    for _ in range(ITERATIONS):
        gradient, hessian = _probit_derivatives(theta, codes, n_categories, covariates, design)
        if np.linalg.eigvalsh(-hessian)[0] < UNINFORMED:
            break
        if np.abs(gradient).max() <= GRADIENT * len(codes):
            return theta
        step = np.linalg.solve(hessian, -gradient)
        for _halving in range(40):
            found = _probit_value(theta + step, codes, n_categories, covariates)
            if found >= value - 1e-13 * abs(value):
                break
            step = 0.5 * step
        theta, value = theta + step, found
    raise DataError(
        f"the probit regression of {name!r} on the covariates has no finite maximum: a covariate predicts "
        "a category perfectly. Drop that covariate or merge categories"
    )


def _design(codes: Codes, n_categories: int, covariates: Array) -> tuple[Array, Array]:
    """Return the derivatives of the upper and of the lower limit of each case by the parameters."""
    steps = np.vstack([np.zeros(n_categories - 1), np.eye(n_categories - 1), np.zeros(n_categories - 1)])
    return np.hstack([steps[codes + 1], -covariates]), np.hstack([steps[codes], -covariates])


def _probit_value(theta: Array, codes: Codes, n_categories: int, covariates: Array) -> float:
    location, slopes = theta[: n_categories - 1], theta[n_categories - 1 :]
    if (np.diff(location) <= 0.0).any():
        return -np.inf
    probability = normal_interval(*_limits(location, slopes, codes, covariates))
    return float(np.log(probability).sum()) if probability.min() > 0.0 else -np.inf


def _probit_derivatives(
    theta: Array, codes: Codes, n_categories: int, covariates: Array, design: tuple[Array, Array]
) -> tuple[Array, Array]:
    lower, upper = _limits(theta[: n_categories - 1], theta[n_categories - 1 :], codes, covariates)
    by_upper, by_lower = _limit_scores(lower, upper)
    upper_design, lower_design = design
    gradient = by_upper @ upper_design + by_lower @ lower_design
    cross = upper_design.T @ (lower_design * (-by_upper * by_lower)[:, None])
    hessian = (
        upper_design.T @ (upper_design * (-upper * by_upper - by_upper**2)[:, None])
        + lower_design.T @ (lower_design * (-lower * by_lower - by_lower**2)[:, None])
        + cross
        + cross.T
    )
    return gradient, hessian


def _limit_scores(lower: Array, upper: Array) -> tuple[Array, Array]:
    """Return the derivatives of log P(lower < Z < upper) by the upper and by the lower limit."""
    probability = normal_interval(lower, upper)
    return normal_density(upper) / probability, -normal_density(lower) / probability


def normal_regression(name: str, values: Array, rows: Codes, covariates: Array) -> Univariate:
    """Fit a normal regression of one continuous variable by maximum likelihood.

    Parameters
    ----------
    name : str
        Of the variable, for messages.
    values : (m,) array
        Observed values, centred and scaled.
    rows : (m,) array of int
        Which cases these are.
    covariates : (m, x) array
        Columns centred and scaled; x may be 0.

    Returns
    -------
    Univariate

    Raises
    ------
    DataError
        The covariates predict the variable perfectly.

    Examples
    --------
    >>> one = normal_regression("score", np.array([-1.0, 1.0]), np.arange(2), np.empty((2, 0)))
    >>> (abs(round(float(one.location[0]), 9)), round(one.variance, 9))
    (0.0, 1.0)

    """
    design = np.column_stack([np.ones(len(values)), covariates])
    beta = np.asarray(np.linalg.lstsq(design, values, rcond=None)[0], dtype=np.float64)
    residual = values - design @ beta
    variance = float(residual @ residual) / len(values)
    if variance <= 1e-14 * max(float(values @ values) / len(values), 1e-300):
        raise DataError(
            f"the covariates predict {name!r} perfectly, so it has no residual variance; drop one of them"
        )
    standardized = residual / np.sqrt(variance)
    return Univariate(
        name=name,
        ordered=False,
        rows=rows,
        location=beta[:1],
        slopes=beta[1:],
        variance=variance,
        codes=np.empty(0, dtype=np.intp),
        lower=standardized,
        upper=standardized,
        covariates=covariates,
    )


def univariate_scores(one: Univariate) -> tuple[Array, Array, Array]:
    """Return each case's derivatives of the log-likelihood by location, slopes and variance.

    Returns
    -------
    location : (m, number of thresholds or 1) array
    slopes : (m, x) array
    variance : (m, 1) array, or (m, 0) for an ordered variable

    Examples
    --------
    >>> one = ordered_probit("item", np.array([0, 0, 1, 1]), np.arange(4), 2, np.empty((4, 0)))
    >>> float(univariate_scores(one)[0].sum())
    0.0

    """
    if one.ordered:
        by_upper, by_lower = _limit_scores(one.lower, one.upper)
        upper, lower = _design(one.codes, len(one.location) + 1, one.covariates)
        scores = by_upper[:, None] * upper + by_lower[:, None] * lower
        split = len(one.location)
        return scores[:, :split], scores[:, split:], np.empty((len(scores), 0))
    by_mean = one.upper / np.sqrt(one.variance)
    by_variance = (np.square(one.upper) - 1.0) / (2.0 * one.variance)
    return by_mean[:, None], by_mean[:, None] * one.covariates, by_variance[:, None]
