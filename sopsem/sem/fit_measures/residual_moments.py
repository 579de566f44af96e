"""What a model leaves of the sample moments, with the covariance matrix of all residuals of every group.

The estimates follow the sample moments s by B sum_h w_h D_h' V_h s_h, with shares w of the groups, slopes D,
weights V and B the inverse of sum_h w_h D_h' V_h D_h.  With Gamma N_g times the covariance matrix of the
moments of a group and M = sum_h w_h D_h' V_h Gamma_h V_h D_h, N_g times that of its residuals is

    Gamma - w P Gamma - w Gamma P' + w D B M B D',   P = D B D' V,

which is (I - P) Gamma (I - P)' for one group (Ogasawara, 2001; Maydeu-Olivares, 2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.group import Group
from sopsem.sem.estimation.incomplete_scores import incomplete_information, incomplete_scores
from sopsem.sem.estimation.moment_analysis import GroupAnalysis, analyse_moments
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.estimation.standard_errors import free_directions
from sopsem.sem.fit_measures.moment_tests import MomentTest
from sopsem.sem.fit_measures.release import informed_inverse
from sopsem.sem.sample.normal_theory import cluster_sums

__all__ = ["ResidualMoments", "residual_moments"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class ResidualMoments:
    """The k moments of one group on the metric where the sample variances are 1.

    Attributes
    ----------
    rows : DataFrame
        lhs op rhs and ``kind`` of every moment.
    first, second : (k,) int arrays
        Positions of the variables of a covariance in ``variances``; of another moment its variable, twice.
    sample, implied : (k,) arrays
    unit : (k,) array
        What one unit is in the metric of the data.
    gamma, covariance : (k, k) arrays
        N times the covariance matrix of the moments, and of the residuals.
    variances : (2, p) array
        Sample and implied variances; 1 for ordered variables.
    n : int
        Observations of the group.

    """

    rows: pd.DataFrame
    first: Index
    second: Index
    sample: Array
    implied: Array
    unit: Array
    gamma: Array
    covariance: Array
    variances: Array
    n: int

    def where(self, *kinds: str) -> NDArray[np.bool_]:
        """Say which moments are of these kinds (k,)."""
        return np.asarray(self.rows["kind"].isin(kinds), dtype=bool)

    def as_correlations(self) -> tuple[Array, Array]:
        """Return residuals (k,) and their covariances (k, k) with both matrices scaled by their own variances.

        The linear part of r_ij about the sample is s_ij - r_ij (s_ii + s_jj) / 2.
        """
        of_covariance = self.where("variance", "covariance")
        spread = np.sqrt(self.variances[1])
        scaled = self.implied / np.where(of_covariance, spread[self.first] * spread[self.second], 1.0)
        slopes = np.eye(len(self.sample))
        own = {int(v): at for at, v in enumerate(self.first) if self.rows["kind"].iloc[at] == "variance"}
        for at in np.flatnonzero(of_covariance):
            for end in (int(self.first[at]), int(self.second[at])):
                if end in own:
                    slopes[at, own[end]] -= 0.5 * self.sample[at]
        return self.sample - scaled, slopes @ self.covariance @ slopes.T


def residual_moments(fit: Fit) -> tuple[ResidualMoments, ...]:
    """Return the residuals of every group with their covariance matrices.

    The moments of fixed exogenous variables are given: they have no sampling variance.  The sampling
    covariances of the moments are those that the standard errors of the fit rest on: of normal data, of any
    distribution, of incomplete rows or of ordered answers.
    """
    problem, theta = fit.problem, fit.kernel_theta
    parts = analyse_moments(problem, theta)
    test = MomentTest.of(problem, theta)
    weights = [test.weight(p) for p in parts]
    gammas = [_gamma(problem, p.group) for p in parts]
    shares = test.shares
    pulls = [w @ p.slopes for w, p in zip(weights, parts, strict=True)]
    information = sum(s * p.slopes.T @ u for s, p, u in zip(shares, parts, pulls, strict=True))
    meat = sum(s * u.T @ g @ u for s, g, u in zip(shares, gammas, pulls, strict=True))
    bread = _bread(problem, theta, np.asarray(information))
    around = bread @ np.asarray(meat) @ bread
    found = []
    for share, part, pull, gamma in zip(shares, parts, pulls, gammas, strict=True):
        followed = share * part.slopes @ bread @ (pull.T @ gamma)
        carried = share * part.slopes @ around @ part.slopes.T
        found.append(_named(part, gamma, gamma - followed - followed.T + carried))
    return tuple(found)


def _bread(problem: Problem, theta: Array, information: Array) -> Array:
    """Return the inverse of the information on what the model leaves free."""
    free = free_directions(problem, theta)
    return np.asarray(free @ informed_inverse(free.T @ information @ free) @ free.T)


def _gamma(problem: Problem, group: Group) -> Array:
    """Return N times the covariance matrix of the moments of a group (k, k), on the kernel's metric."""
    settings, moments = problem.settings, group.moments
    if moments.patterns is not None and moments.gamma is None:
        return _incomplete_gamma(problem, group)
    robust = settings.se.startswith("robust") and settings.se != "robust_sem_nt"
    return group.gamma("adf" if robust or settings.estimator == "WLS" else "normal")


def _incomplete_gamma(problem: Problem, group: Group) -> Array:
    """Return the inverse information of the saturated model, or its sandwich with the scores of the rows."""
    kind = "expected" if problem.settings.information == "expected" else "observed"
    free = np.flatnonzero(~group.given)
    inverse = informed_inverse(incomplete_information(group, None, kind)[np.ix_(free, free)])
    if problem.settings.se.startswith("robust"):
        scores = incomplete_scores(group, None)[:, free]
        if group.moments.clusters is not None:
            scores = cluster_sums(scores, group.moments.clusters)
        inverse = inverse @ (scores.T @ scores / group.moments.n) @ inverse
    gamma = np.zeros((len(group.given), len(group.given)))
    gamma[np.ix_(free, free)] = inverse
    return gamma


def _named(part: GroupAnalysis, gamma: Array, covariance: Array) -> ResidualMoments:
    """Return the moments of a group with their names, in units of the sample standard deviations."""
    rows, first, second = _rows(part.group)
    sample, implied, unit = part.group.statistics, part.implied, part.group.metric
    own = np.flatnonzero(rows["kind"] == "variance")
    size = int(max(first.max(initial=0), second.max(initial=0))) + 1
    variances = np.ones((2, size))
    variances[0, first[own]] = sample[own]
    deviation = np.sqrt(variances[0])
    scale = _scale(part.group, rows, first, second, deviation)
    # of latent responses the statistic is minus the mean
    turned = -1.0 if part.group.moments.ordinal is not None else 1.0
    unit, scale = unit * scale, scale * np.where(rows["kind"] == "mean", turned, 1.0)
    variances[1, first[own]] = (implied / scale)[own]
    variances[0] = 1.0
    outer = np.outer(scale, scale)
    return ResidualMoments(
        rows=rows,
        first=first,
        second=second,
        sample=sample / scale,
        implied=implied / scale,
        unit=unit,
        gamma=gamma / outer,
        covariance=covariance / outer,
        variances=variances,
        n=part.group.moments.n,
    )


def _scale(group: Group, rows: pd.DataFrame, first: Index, second: Index, deviation: Array) -> Array:
    """Return the size of every moment (k,) in which the sample variances are 1, on the kernel's metric."""
    kind = rows["kind"].to_numpy()
    scale = deviation[first] * np.where(np.isin(kind, ("variance", "covariance")), deviation[second], 1.0)
    if group.moments.ordinal is not None:
        # slopes stay in units of the covariates, as lavaan has them
        units = dict(zip(group.model.variables, group.model.units, strict=True))
        for at in np.flatnonzero(kind == "slope"):
            scale[at] *= units[rows["rhs"].iloc[at]]
    return np.asarray(scale)


def _rows(group: Group) -> tuple[pd.DataFrame, Index, Index]:
    """Return lhs op rhs kind of the moments of a group, and the positions of their variables."""
    ordinal, names = group.moments.ordinal, group.spec.observed
    if ordinal is not None:
        names = ordinal.names
        covariates = [v for v in group.spec.observed if v not in names]
        listed = [_response_row(s.kind, s.i, s.j, names, covariates) for s in ordinal.index]
        first = [s.i for s in ordinal.index]
        second = [s.j if s.kind == "covariance" else s.i for s in ordinal.index]
    else:
        j, i = np.triu_indices(len(names))
        means = range(len(names)) if group.model.meanstructure else range(0)
        listed = [(names[v], "~1", "", "mean") for v in means]
        listed += [
            (names[b], "~~", names[a], "variance" if a == b else "covariance")
            for a, b in zip(i, j, strict=True)
        ]
        first, second = [*means, *i], [*means, *j]
    rows = pd.DataFrame(listed, columns=["lhs", "op", "rhs", "kind"])
    return rows, np.array(first, dtype=np.intp), np.array(second, dtype=np.intp)


def _response_row(
    kind: str, i: int, j: int, names: Sequence[str], covariates: Sequence[str]
) -> tuple[str, str, str, str]:
    """Return lhs op rhs kind of one moment of latent responses."""
    if kind == "threshold":
        return names[i], "|", f"t{j + 1}", kind
    if kind == "mean":
        return names[i], "~1", "", kind
    if kind == "slope":
        return names[i], "~", covariates[j], kind
    return names[j if kind == "covariance" else i], "~~", names[i], kind
