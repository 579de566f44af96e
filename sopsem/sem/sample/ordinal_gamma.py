"""Third stage of the three-stage estimator: the asymptotic covariance matrix of all statistics."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import DataError
from sopsem.sem.sample.ordinal_data import OrdinalData
from sopsem.sem.sample.second_stage import SecondStage
from sopsem.sem.sample.thresholds import Univariate, univariate_scores

__all__ = ["Layout", "Statistic", "asymptotic_covariance", "statistics_layout"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]

DEPENDENT = 1e-10  # smallest eigenvalue of the correlations of one variable's scores


class Statistic(NamedTuple):
    """What one entry of ``statistics`` is.

    ``threshold``: variable i, threshold j from 0; ``mean``: variable i, minus its mean or intercept, j = 0;
    ``slope``: variable i on covariate j; ``variance``: variable i, j = i; ``covariance``: of i and j, i > j.
    """

    kind: Literal["threshold", "mean", "slope", "variance", "covariance"]
    i: int
    j: int


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Places of the statistics: of location, slopes and variance by variable, and of the first pair."""

    location: list[Index]
    slopes: list[Index]
    variance: list[Index]
    pairs: int
    index: tuple[Statistic, ...]


def statistics_layout(ones: Sequence[Univariate], pairs: Index) -> Layout:
    """Return where each statistic stands, in lavaan's order.

    Parameters
    ----------
    ones : sequence of Univariate
    pairs : (b, 2) array
        Of `SecondStage`.

    Returns
    -------
    Layout

    Examples
    --------
    >>> from sopsem.sem.sample.thresholds import normal_regression
    >>> one = normal_regression("x", np.array([-1.0, 1.0]), np.arange(2), np.empty((2, 0)))
    >>> [each.kind for each in statistics_layout([one], np.empty((0, 2), dtype=np.intp)).index]
    ['mean', 'variance']

    """
    index: list[Statistic] = []
    for i, one in enumerate(ones):
        kind: Literal["threshold", "mean"] = "threshold" if one.ordered else "mean"
        index += [Statistic(kind, i, j) for j in range(len(one.location))]
    index += [Statistic("slope", i, j) for j in range(len(ones[0].slopes)) for i in range(len(ones))]
    index += [Statistic("variance", i, i) for i, one in enumerate(ones) if not one.ordered]
    start = len(index)
    index += [Statistic("covariance", int(i), int(j)) for j, i in pairs]

    def places(i: int, *kinds: str) -> Index:
        return np.array(
            [at for at, s in enumerate(index[:start]) if s.i == i and s.kind in kinds], dtype=np.intp
        )

    every = range(len(ones))
    return Layout(
        location=[places(i, "threshold", "mean") for i in every],
        slopes=[places(i, "slope") for i in every],
        variance=[places(i, "variance") for i in every],
        pairs=start,
        index=tuple(index),
    )


def asymptotic_covariance(
    data: OrdinalData, ones: Sequence[Univariate], stage: SecondStage, layout: Layout
) -> Array:
    """Return the (k, k) asymptotic covariance matrix of sqrt(n) times the statistics.

    Parameters
    ----------
    data, ones, stage, layout
        Of the steps before.

    Returns
    -------
    (k, k) array

    Raises
    ------
    DataError
        The scores of one variable are linearly dependent, as those of a continuous one with two values.

    Notes
    -----
    n B^-1 (sum of s s') B^-T with the scores s of all stages; B is block-triangular, with products of scores in
    place of second derivatives (Muthén & Satorra, 1995, Psychometrika 60).  All of this is done for standardized
    continuous variables and covariates, and carried over to their units by the delta method.

    Examples
    --------
    >>> from sopsem.sem.sample.ordinal_moments import ordinal_moments
    >>> ordinal_moments(np.array([[1.0], [2.0]] * 8), ["item"], [True]).gamma.round(4).tolist()
    [[1.5708]]

    """
    internal = _score_covariance(data, ones, stage, layout)
    if all(data.ordered) and not data.covariates.shape[1]:
        return internal
    units = _units(data, ones, stage, layout)
    return np.asarray(units @ internal @ units.T)


def _score_covariance(
    data: OrdinalData, ones: Sequence[Univariate], stage: SecondStage, layout: Layout
) -> Array:
    """Return n B^-1 (sum of s s') B^-T on the internal scale."""
    k, start, n = len(layout.index), layout.pairs, len(data.codes)
    scores = np.zeros((n, k))
    scores[:, start:] = stage.scores
    bread = np.zeros((k, k))
    for i, one in enumerate(ones):
        own = np.concatenate([layout.location[i], layout.slopes[i], layout.variance[i]])
        each = np.hstack(univariate_scores(one))
        scores[np.ix_(one.rows, own)] = each
        bread[np.ix_(own, own)] = _inverse_products(one, each)
    lower = np.zeros((k - start, start))
    for row, ((j, i), both) in enumerate(zip(stage.pairs, stage.crossed, strict=True)):
        for variable, sums in zip((j, i), both, strict=True):
            lower[row, layout.location[variable]] = sums.location
            lower[row, layout.slopes[variable]] = sums.slopes
            lower[row, layout.variance[variable]] = sums.variance
    curvature = np.square(stage.scores).sum(axis=0)
    bread[start:, :start] = -(lower @ bread[:start, :start]) / curvature[:, None]
    bread[np.arange(start, k), np.arange(start, k)] = 1.0 / curvature
    return np.asarray(n * (bread @ (scores.T @ scores) @ bread.T))


def _inverse_products(one: Univariate, scores: Array) -> Array:
    """Return the inverse of the summed products of one variable's scores."""
    products = scores.T @ scores
    root = np.sqrt(np.diag(products))
    scaled = products / np.outer(root, root) if (root > DEPENDENT).all() else np.zeros_like(products)
    if np.linalg.eigvalsh(scaled)[0] > DEPENDENT:
        return np.asarray(np.linalg.inv(scaled) / np.outer(root, root))
    reason = (
        f"the {len(one.rows)} cases are too few for its thresholds and covariates; collect more or merge categories"
        if one.ordered
        else "it has two values, or too few cases, so that its mean tells its variance; declare it ordered"
    )
    raise DataError(f"the statistics of {one.name!r} have a singular covariance matrix: {reason}")


def _units(data: OrdinalData, ones: Sequence[Univariate], stage: SecondStage, layout: Layout) -> Array:
    """Return the derivatives of the statistics in the units of the data by those on the internal scale."""
    out = np.eye(len(layout.index))
    for i, one in enumerate(ones):
        at, slopes, scale = layout.location[i], layout.slopes[i], data.scale[i]
        out[at, at] = scale if one.ordered else -scale
        out[np.ix_(at, slopes)] = scale * data.covariate_centre / data.covariate_scale
        out[slopes, slopes] = scale / data.covariate_scale
        out[layout.variance[i], layout.variance[i]] = scale**2
    for place, (j, i) in enumerate(stage.pairs, start=layout.pairs):
        unit = np.prod([data.scale[v] * np.sqrt(ones[v].variance) for v in (j, i)])
        out[place, place] = unit
        for v in (j, i):
            out[place, layout.variance[v]] = unit * stage.rho[place - layout.pairs] / (2.0 * ones[v].variance)
    return out
