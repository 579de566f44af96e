"""Sample statistics of ordered and mixed data, with their asymptotic covariance matrix.

The three-stage estimator of Muthén (1984, Psychometrika 49): thresholds, means, slopes and variances of each
variable alone; then each correlation with those held fixed; then the covariance matrix of all statistics from
the scores of single cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.sample.ordinal_data import Missing, OrdinalData, ordinal_data
from sopsem.sem.sample.ordinal_gamma import Layout, Statistic, asymptotic_covariance, statistics_layout
from sopsem.sem.sample.second_stage import SecondStage, second_stage
from sopsem.sem.sample.thresholds import Univariate, normal_regression, ordered_probit

__all__ = ["OrdinalMoments", "ordinal_moments"]

Array = NDArray[np.float64]

NEAR_ONE = 0.99  # lavaan warns of correlations beyond this


@dataclass(frozen=True, kw_only=True)
class OrdinalMoments:
    """Sample statistics of p ordered and continuous variables, given x covariates, in one group.

    Attributes
    ----------
    names, ordered : tuples of length p
        Variables, and which of them are ordered.
    categories, counts : tuple of tuples
        Answers of each ordered variable in order, and cases with them; empty for continuous variables.
    thresholds : array
        Of the ordered variables, concatenated.
    n_thresholds : tuple of int
        Per variable; 0 for continuous ones.
    means : (p,) array
        Means of continuous variables (intercepts when there are covariates); 0.0 for ordered ones.
    slopes : (p, x) array
        Of the regressions on the covariates.
    covariance : (p, p) array
        Polychoric, polyserial and ordinary covariances of what the covariates leave; unit diagonal for ordered
        variables, variances with divisor n for continuous ones.
    statistics : (k,) array
        All of these in lavaan's order: thresholds and minus means by variable, slopes by covariate, variances,
        lower triangle of ``covariance`` by column.
    index : tuple of Statistic
        What each entry of ``statistics`` is.
    gamma : (k, k) array
        Asymptotic covariance matrix of sqrt(n) times ``statistics``.
    covariate_mean, covariate_covariance : arrays
        Of the covariates, with divisor n.
    n, rows_given, rows_used, rows_excluded
        Cases used, rows of the data, and the positions (from 0) of rows used and left out.
    notes : tuple of str
        What a reader of the results should know.

    """

    names: tuple[str, ...]
    ordered: tuple[bool, ...]
    categories: tuple[tuple[float, ...], ...]
    counts: tuple[tuple[int, ...], ...]
    thresholds: Array
    n_thresholds: tuple[int, ...]
    means: Array
    slopes: Array
    covariance: Array
    statistics: Array
    index: tuple[Statistic, ...]
    gamma: Array
    covariate_mean: Array
    covariate_covariance: Array
    n: int
    rows_given: int
    rows_used: tuple[int, ...]
    rows_excluded: tuple[int, ...]
    notes: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of names and numbers: two fits with the same one saw the same data."""
        digest = sha256("\x1f".join(self.names).encode())
        for array in (self.statistics, self.gamma):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(str(self.n).encode())
        return digest.hexdigest()


def ordinal_moments(
    values: Array,
    names: Sequence[str],
    ordered: Sequence[bool],
    exogenous: Array | None = None,
    *,
    missing: Missing = "listwise",
    categories: Sequence[Sequence[float] | None] | None = None,
    exogenous_names: Sequence[str] | None = None,
) -> OrdinalMoments:
    """Return thresholds, polychoric and polyserial correlations, and their asymptotic covariance matrix.

    Parameters
    ----------
    values : (n, p) array
        A column per variable, NaN where missing; ordered variables hold the numbers of their answers.
    names : sequence of str
    ordered : sequence of bool
        Which variables are ordered.
    exogenous : (n, x) array, optional
        Covariates; all statistics are then those given the covariates (lavaan's ``conditional.x``).
    missing : {'listwise', 'pairwise'}
        Use rows without gaps, or for each statistic all rows that have its variables.
    categories : sequence of length p, optional
        The answers of each ordered variable (None: those found), so that groups and resamples agree.
    exogenous_names : sequence of length x, optional
        For messages.

    Returns
    -------
    OrdinalMoments

    Raises
    ------
    UsageError
        Arguments do not fit together.
    DataError
        A variable without variation or with too many categories, an empty category of those given, collinear
        covariates, a pair without common cases, a correlation of 1 or -1.

    Notes
    -----
    gamma = n B^-1 (sum of s s') B^-T with the scores s of all stages and B their block-triangular derivative,
    estimated by products of scores (Muthén, 1984; Muthén & Satorra, 1995, Psychometrika 60).  A missing case
    has the score 0.  One empty cell of a 2 x 2 table is filled by one half, margins kept; this is noted.

    Examples
    --------
    >>> table = np.repeat([[1.0, 1.0], [1.0, 2.0], [2.0, 1.0], [2.0, 2.0]], [20, 10, 10, 20], axis=0)
    >>> found = ordinal_moments(table, ["a", "b"], [True, True])
    >>> round(float(found.covariance[1, 0]), 6)
    0.5
    >>> found.index[2]
    Statistic(kind='covariance', i=1, j=0)

    """
    data = ordinal_data(
        values,
        names,
        ordered,
        exogenous,
        missing=missing,
        categories=categories,
        exogenous_names=exogenous_names,
    )
    ones = [_first_stage(data, j) for j in range(len(names))]
    stage = second_stage(data, ones)
    layout = statistics_layout(ones, stage.pairs)
    gamma = asymptotic_covariance(data, ones, stage, layout)
    return _assembled(data, ones, stage, layout, gamma)


def _first_stage(data: OrdinalData, j: int) -> Univariate:
    observed = data.codes[:, j] >= 0 if data.ordered[j] else ~np.isnan(data.values[:, j])
    rows = np.flatnonzero(observed)
    covariates = data.covariates[rows]
    if data.ordered[j]:
        return ordered_probit(data.names[j], data.codes[rows, j], rows, len(data.categories[j]), covariates)
    return normal_regression(data.names[j], data.values[rows, j], rows, covariates)


def _assembled(
    data: OrdinalData, ones: Sequence[Univariate], stage: SecondStage, layout: Layout, gamma: Array
) -> OrdinalMoments:
    slopes = np.array([one.slopes for one in ones]) * data.scale[:, None] / data.covariate_scale
    locations = [_location(data, one, slopes[i], i) for i, one in enumerate(ones)]
    covariance = _covariance(data, ones, stage)
    thresholds = [each for each, flag in zip(locations, data.ordered, strict=True) if flag]
    continuous = np.flatnonzero(~np.asarray(data.ordered))
    signed = [each if flag else -each for each, flag in zip(locations, data.ordered, strict=True)]
    pairs = covariance[stage.pairs[:, 1], stage.pairs[:, 0]]
    variances = np.diag(covariance)[continuous]
    return OrdinalMoments(
        names=data.names,
        ordered=data.ordered,
        categories=data.categories,
        counts=data.counts,
        thresholds=_frozen(np.concatenate([*thresholds, np.empty(0)])),
        n_thresholds=tuple(max(len(each) - 1, 0) for each in data.categories),
        means=_frozen([0.0 if flag else at[0] for at, flag in zip(locations, data.ordered, strict=True)]),
        slopes=_frozen(slopes),
        covariance=_frozen(covariance),
        statistics=_frozen(np.concatenate([*signed, slopes.T.ravel(), variances, pairs])),
        index=layout.index,
        gamma=_frozen((gamma + gamma.T) / 2.0),
        covariate_mean=_frozen(data.covariate_centre),
        covariate_covariance=_frozen(_covariate_covariance(data)),
        n=len(data.rows_used),
        rows_given=len(data.rows_used) + len(data.rows_excluded),
        rows_used=data.rows_used,
        rows_excluded=data.rows_excluded,
        notes=(*data.notes, *stage.notes, *_matrix_notes(covariance, data, stage)),
    )


def _location(data: OrdinalData, one: Univariate, slopes: Array, i: int) -> Array:
    """Return thresholds or intercept in the units of the data."""
    shift = float(slopes @ data.covariate_centre)
    if one.ordered:
        return one.location + shift
    return np.asarray(data.centre[i] + data.scale[i] * one.location - shift)


def _covariance(data: OrdinalData, ones: Sequence[Univariate], stage: SecondStage) -> Array:
    sd = data.scale * np.sqrt([one.variance for one in ones])
    covariance = np.diag(sd**2)
    j, i = stage.pairs.T
    covariance[i, j] = covariance[j, i] = stage.rho * sd[i] * sd[j]
    return covariance


def _covariate_covariance(data: OrdinalData) -> Array:
    scaled = data.covariates * data.covariate_scale
    return np.asarray(scaled.T @ scaled / len(scaled))


def _matrix_notes(covariance: Array, data: OrdinalData, stage: SecondStage) -> list[str]:
    notes = [
        f"the correlation of {data.names[j]!r} and {data.names[i]!r} is {rho:.4f}, nearly {np.sign(rho):.0f}"
        for rho, (j, i) in zip(stage.rho, stage.pairs, strict=True)
        if abs(rho) > NEAR_ONE
    ]
    sd = np.sqrt(np.diag(covariance))
    smallest = float(np.linalg.eigvalsh(covariance / np.outer(sd, sd))[0])
    if smallest <= 0.0:
        notes.append(
            f"the matrix of estimated correlations is not positive definite (smallest eigenvalue {smallest:.2e}): "
            "each pair was estimated alone"
        )
    return notes


def _frozen(array: object) -> Array:
    copy = np.array(array, dtype=np.float64)
    copy.setflags(write=False)
    return copy
