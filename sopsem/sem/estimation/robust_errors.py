"""Standard errors that allow for data that are not normal: bread and meat of the sandwich, for several groups.

Everything is on the metric of one observation of the whole sample: with shares w of the groups, slopes D of
their moments and weights V, the bread is the inverse of sum w D'VD (or of half the Hessian) and the meat is
sum w D'V Gamma V D, with Gamma N times the covariance matrix of the moments.

References
----------
Browne, M. W. (1984). Asymptotically distribution-free methods for the analysis of covariance structures.
British Journal of Mathematical and Statistical Psychology, 37.
Satorra, A., & Bentler, P. M. (1994). Corrections to test statistics and standard errors in covariance
structure analysis. In A. von Eye & C. C. Clogg (Eds.), Latent variables analysis. Sage.
Yuan, K.-H., & Bentler, P. M. (2000). Three likelihood-based methods for mean and covariance structure analysis
with nonnormal missing data. Sociological Methodology, 30.

"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.incomplete_scores import incomplete_scores
from sopsem.sem.estimation.moment_analysis import GroupAnalysis
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.sample.normal_theory import casewise_moments, cluster_sums

__all__ = [
    "MEATS",
    "case_scores",
    "first_order_information",
    "moment_meat",
    "moment_weight",
    "sampling_gamma",
    "shares",
    "unit_information",
]

Array = NDArray[np.float64]
Parts = Sequence[GroupAnalysis]


def shares(parts: Parts) -> Array:
    """Return N_g / N of every group."""
    counts = np.array([float(p.group.moments.n) for p in parts])
    return np.asarray(counts / counts.sum())


def moment_weight(problem: Problem, part: GroupAnalysis, *, structured: bool | None = None) -> Array:
    """Return V (k, k) of a group: second derivatives of F/2 about the moments.

    Parameters
    ----------
    structured : bool, optional
        At the implied moments or at those of the sample; by default as ``settings.h1_information`` says.
        Mplus takes the sample's for ``robust_sem``.

    """
    settings = problem.settings
    if structured is None:
        mplus = settings.mimic == "mplus" and settings.estimator == "ML" and settings.se == "robust_sem"
        structured = settings.h1_information == "structured" and not mplus
    covariance = part.covariance if structured else part.group.scaled_covariance
    return problem.estimator.weight(part.group, covariance)


def unit_information(problem: Problem, parts: Parts, hessian: Array) -> Array:
    """Return the information of one observation (q, q) of the kind that the settings name.

    Parameters
    ----------
    hessian : (q, q) array
        Second derivatives of F, observed or expected as the settings say.

    """
    settings = problem.settings
    if settings.information == "first_order" and settings.estimator == "ML":
        return first_order_information(problem, parts)
    if settings.information == "observed" or settings.incomplete:
        return hessian / 2.0
    total = np.zeros_like(hessian)
    for share, part in zip(shares(parts), parts, strict=True):
        total += share * part.slopes.T @ moment_weight(problem, part) @ part.slopes
    return total


def case_scores(problem: Problem, part: GroupAnalysis, *, structured: bool = True) -> Array:
    """Return the derivative of every row's log-likelihood by the moments of its group, (n, k).

    V (z - sigma) with z the row's contribution to means and covariances about the implied means; rows of one
    cluster are summed.
    """
    group, means = part.group, part.group.model.meanstructure
    if group.moments.full_information:
        found = incomplete_scores(group, part.implied if structured else None)
        return found if group.moments.clusters is None else cluster_sums(found, group.moments.clusters)
    rows, p = group.scaled_rows, len(group.model.sd)
    center = part.implied[:p] if means and structured else rows.mean(axis=0)
    expected = part.implied if structured else casewise_moments(rows, center, means=means).mean(axis=0)
    deviations = casewise_moments(rows, center, means=means) - expected
    scores = deviations @ moment_weight(problem, part, structured=structured)
    clusters = group.moments.clusters
    return scores if clusters is None else cluster_sums(scores, clusters)


def first_order_information(problem: Problem, parts: Parts) -> Array:
    """Return the mean product of the scores of the rows, or of clusters, by the parameters (q, q)."""
    total = np.zeros((parts[0].slopes.shape[1],) * 2)
    structured = problem.settings.h1_information == "structured"
    for share, part in zip(shares(parts), parts, strict=True):
        scores = case_scores(problem, part, structured=structured) @ part.slopes
        total += share * scores.T @ scores / part.group.moments.n
    return total


def sampling_gamma(problem: Problem, part: GroupAnalysis, kind: str) -> Array:
    """Return N_g times the covariance matrix of the moments of a group, with the divisors of ``mimic``."""
    gamma = part.group.gamma(kind)
    if problem.settings.mimic != "mplus" or problem.settings.estimator != "ML":
        return gamma
    n, p = part.group.moments.n, len(part.group.model.sd)
    if part.group.model.meanstructure:
        gamma = gamma.copy()
        gamma[:p, :p] *= (n - 1.0) / n
    return gamma


def moment_meat(problem: Problem, parts: Parts, kind: str = "adf") -> Array:
    """Return sum w D'V Gamma V D (q, q); Mplus counts N_g - 1 of each group."""
    total = np.zeros((parts[0].slopes.shape[1],) * 2)
    for share, part in zip(shares(parts), parts, strict=True):
        n = part.group.moments.n
        factor = n / (n - 1.0) if problem.settings.mimic == "mplus" else 1.0
        pull = moment_weight(problem, part) @ part.slopes
        total += share * factor * pull.T @ sampling_gamma(problem, part, kind) @ pull
    return total


def _normal_meat(problem: Problem, parts: Parts) -> Array:
    return moment_meat(problem, parts, "normal")


MEATS: Mapping[str, Callable[[Problem, Parts], Array]] = MappingProxyType(
    {
        "robust_sem": moment_meat,
        "robust_sem_nt": _normal_meat,
        "two_stage": moment_meat,
        "robust_two_stage": moment_meat,
        "robust_huber_white": first_order_information,
        "robust_cluster": first_order_information,
    }
)
