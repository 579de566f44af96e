"""Moments with the names of their variables: those of the sample and those that a fitted model implies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.kernel.response_structure import ResponseStructure
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.group import Group
from sopsem.sem.estimation.response_group import response_origin
from sopsem.sem.sample.ordinal_moments import OrdinalMoments

__all__ = ["NamedMoments", "implied_moments", "sample_moments"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class NamedMoments:
    """Moments of one group with the names of the variables.

    Attributes
    ----------
    cov : DataFrame
        Covariance matrix; with ordered variables that of the latent responses (an ordered variable has the
        variance 1), given the covariates where the model has some.
    mean : Series or None
        Means, in a model that has intercepts; given covariates, the values where these are 0.
    thresholds : Series or None
        Of the ordered variables, named ``x|t1``.
    slopes : DataFrame or None
        Of the variables on the covariates.

    """

    cov: pd.DataFrame
    mean: pd.Series | None
    thresholds: pd.Series | None = None
    slopes: pd.DataFrame | None = None


def _named(names: Sequence[str], covariance: Array, mean: Array | None) -> NamedMoments:
    labels = list(names)
    return NamedMoments(
        cov=pd.DataFrame(np.array(covariance), index=labels, columns=labels),
        mean=None if mean is None else pd.Series(np.array(mean), index=labels, name="mean"),
    )


def _of_responses(group: Group, ordinal: OrdinalMoments, statistics: Array, mean: Array) -> NamedMoments:
    """Name the moments of ordered data: ``statistics`` (k,) in the metric of the data, ``mean`` of the ordered."""
    names = list(ordinal.names)
    covariates = [v for v in group.spec.observed if v not in names]
    covariance, mean, cuts = np.eye(len(names)), mean.copy(), {}
    slopes = np.zeros((len(names), len(covariates)))
    for s, value in zip(ordinal.index, statistics, strict=True):
        if s.kind == "threshold":
            cuts[f"{names[s.i]}|t{s.j + 1}"] = value
        elif s.kind == "mean":
            mean[s.i] = -value
        elif s.kind == "slope":
            slopes[s.i, s.j] = value
        else:
            other = s.i if s.kind == "variance" else s.j
            covariance[s.i, other] = covariance[other, s.i] = value
    return NamedMoments(
        cov=pd.DataFrame(covariance, index=names, columns=names),
        mean=pd.Series(mean, index=names, name="mean"),
        thresholds=pd.Series(cuts, name="threshold", dtype=float),
        slopes=pd.DataFrame(slopes, index=names, columns=covariates) if covariates else None,
    )


def implied_moments(fit: Fit) -> NamedMoments | dict[str, NamedMoments]:
    """Return the moments that the fitted model implies, in the metric of the data.

    Returns
    -------
    NamedMoments
        Covariances, and means of a model with intercepts; with ordered variables also thresholds, less the
        means of their latent responses and on the scale where these have the variance 1.  Of several groups a
        dictionary with those of every group by its label.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, 0.5, 0.4], [0.5, 1.0, 0.3], [0.4, 0.3, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abc"), index=list("abc"))
    >>> implied_moments(fit("f =~ a + b + c", sample_cov=cov, n_obs=100)).cov.loc["a"].round(4).tolist()
    [0.99, 0.495, 0.396]

    """
    return _by_group(fit, [_implied(one) for one in fit.by_group])


def _implied(fit: Fit) -> NamedMoments:
    """Return the implied moments of one group."""
    group = fit.groups[0]
    if group.moments.ordinal is None or not isinstance(group.structure, ResponseStructure):
        return _named(fit.spec.observed, fit.sigma, fit.mu)
    ordinal, theta = group.moments.ordinal, fit.kernel_theta
    values = group.structure.moments(theta) * group.metric + response_origin(group.model, ordinal)
    return _of_responses(group, ordinal, values, group.structure.locations(theta))


def sample_moments(fit: Fit) -> NamedMoments | dict[str, NamedMoments]:
    """Return the sample moments that the model was fitted to.

    The divisor is N for the normal likelihood, N - 1 for Wishart and for least squares.  Of rows with missing
    values that are analysed they are the maximum likelihood estimates without a model (by the EM algorithm);
    of ordered variables, thresholds and polychoric and polyserial correlations.

    Returns
    -------
    NamedMoments
        Of several groups a dictionary with those of every group by its label.

    """
    return _by_group(fit, [_sample(one) for one in fit.by_group])


def _sample(fit: Fit) -> NamedMoments:
    """Return the sample moments of one group."""
    group, own = fit.groups[0], fit.groups[0].moments
    if own.ordinal is not None:
        ordinal = own.ordinal
        return _of_responses(group, ordinal, ordinal.statistics, np.zeros(len(ordinal.names)))
    return _named(fit.spec.observed, own.covariance, own.mean if fit.spec.meanstructure else None)


def _by_group(fit: Fit, found: list[NamedMoments]) -> NamedMoments | dict[str, NamedMoments]:
    return found[0] if fit.n_groups == 1 else dict(zip(fit.spec.groups, found, strict=True))
