"""What scaled tests are made of: traces of U Gamma at any point of a model, for several groups.

With shares w, slopes D, weights V and the bread B = (sum w D'VD)^-1, U = V - V D B D'V and Gamma, N times the
covariance matrix of the moments, tr(U Gamma) is what chi2 is on average when the model holds (Satorra &
Bentler, 1994).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.group import Group
from sopsem.sem.estimation.identification import null_basis
from sopsem.sem.estimation.incomplete_scores import incomplete_information, incomplete_scores
from sopsem.sem.estimation.moment_analysis import GroupAnalysis, analyse_moments
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.estimation.robust_errors import (
    case_scores,
    first_order_information,
    moment_weight,
    shares,
    unit_information,
)
from sopsem.sem.estimation.standard_errors import inverse_information
from sopsem.sem.sample.incomplete_moments import available_moments
from sopsem.sem.sample.normal_theory import normal_weight

__all__ = ["MomentTest", "available_group", "observed_weight"]

Array = NDArray[np.float64]


def observed_weight(part: GroupAnalysis) -> Array:
    """Return the observed information (k, k) of a saturated normal model at the implied moments.

    For the covariances D'(W x W(2T - Sigma)W)D / 2 with W = Sigma^-1 and T the sample's second moments about
    the implied means; the means and covariances cross when the means do not fit.
    """
    group, p = part.group, len(part.covariance)
    means = group.model.meanstructure
    w = np.asarray(np.linalg.inv(part.covariance))
    shift = group.statistics[:p] - part.implied[:p] if means else np.zeros(p)
    second = group.scaled_covariance + np.outer(shift, shift)
    inner = w @ (2.0 * second - part.covariance) @ w
    j, i = np.triu_indices(p)
    once = np.where(i == j, 0.5, 1.0)
    block = w[np.ix_(i, i)] * inner[np.ix_(j, j)] + w[np.ix_(j, j)] * inner[np.ix_(i, i)]
    block = block + w[np.ix_(i, j)] * inner[np.ix_(j, i)] + w[np.ix_(j, i)] * inner[np.ix_(i, j)]
    block = 0.5 * block * np.outer(once, once)
    if not means:
        return np.asarray(block)
    pull = w @ shift
    cross = (pull[i] * w[:, j] + pull[j] * w[:, i]) * once
    return np.block([[w, cross], [cross.T, block]])


@dataclass(frozen=True, kw_only=True)
class MomentTest:
    """A model at one point, ready for the traces of scaled tests.

    Attributes
    ----------
    parts : tuple of GroupAnalysis
    shares : (G,) array
    hessian : (q, q) array
        Second derivatives of F, of the kind that the settings name.

    """

    problem: Problem
    theta: Array
    parts: tuple[GroupAnalysis, ...]
    shares: Array
    hessian: Array

    @classmethod
    def of(cls, problem: Problem, theta: Array) -> "MomentTest":
        """Analyse a model at kernel parameters ``theta`` (q,)."""
        objective = problem.objective()
        point = objective.evaluate(theta[None], np.zeros(1, dtype=np.intp))
        observed = problem.settings.information == "observed"
        hessian = objective.observed_hessian(point) if observed else objective.expected_hessian(point)
        parts = analyse_moments(problem, theta)
        return cls(problem=problem, theta=theta, parts=parts, shares=shares(parts), hessian=hessian[0])

    def inverse(self, information: Array) -> Array:
        """Return the inverse of an information (q, q) on what the model leaves free."""
        return np.nan_to_num(inverse_information(self.problem, self.theta, information))

    def weight(self, part: GroupAnalysis) -> Array:
        """Return V (k, k) of a group, the information of the saturated model."""
        settings = self.problem.settings
        if part.group.moments.full_information:
            at = part.implied if settings.h1_information == "structured" else None
            return incomplete_information(part.group, at, _about(settings.information))
        if settings.information == "observed" and settings.estimator == "ML":
            if settings.h1_information == "structured":
                return observed_weight(part)
            return moment_weight(self.problem, part, structured=False)
        return moment_weight(self.problem, part)

    def information(self) -> Array:
        """Return sum w D'VD (q, q)."""
        return self.pooled([p.slopes.T @ self.weight(p) @ p.slopes for p in self.parts])

    def pooled(self, matrices: list[Array]) -> Array:
        """Return the sum of one matrix of each group, by share."""
        return np.asarray(np.tensordot(self.shares, np.array(matrices), axes=1))

    def traces(self) -> tuple[float, float]:
        """Return tr(U Gamma) and tr((U Gamma)^2)."""
        bread = self.inverse(self.information())
        first, second, along = 0.0, 0.0, []
        for share, part in zip(self.shares, self.parts, strict=True):
            weight, gamma = self.weight(part), part.group.gamma("adf")
            product, pull = weight @ gamma, weight @ part.slopes
            inner = share * pull.T @ gamma @ pull
            first += float(np.trace(product))
            second += float((product * product.T).sum())
            second -= 2.0 * share * float(np.trace(pull.T @ gamma @ product @ pull @ bread))
            along.append(bread @ inner)
        total = np.asarray(sum(along))
        return first - float(np.trace(total)), second + float((total * total.T).sum())

    def score_traces(self) -> tuple[float, float, int]:
        """Return the traces behind Yuan and Bentler's test in Mplus's form, and the number of moments.

        tr(B1 A1^-1) of the saturated model at the sample moments and tr(B0 E^-1) of this one, with first-order
        informations B; their difference over df is the factor.
        """
        saturated = sum(self._saturated_trace(p) for p in self.parts)
        clustered = any(p.group.moments.clusters is not None for p in self.parts)
        # for clusters lavaan takes the information of the saturated model here, not the Hessian
        information = (
            self.information() if clustered else unit_information(self.problem, self.parts, self.hessian)
        )
        bread = self.inverse(information)
        own = float((first_order_information(self.problem, self.parts) * bread).sum())
        return saturated, own, sum(int((~p.group.given).sum()) for p in self.parts)

    def _saturated_trace(self, part: GroupAnalysis) -> float:
        """Return tr(B1 A1^-1) of a group at its sample moments."""
        if not part.group.moments.full_information:
            weight = moment_weight(self.problem, part, structured=False)
            return float((weight * part.group.gamma("adf")).sum())
        free = np.flatnonzero(~part.group.given)
        about = incomplete_information(part.group, None, _about(self.problem.settings.information))
        scores = case_scores(self.problem, part, structured=False)
        products = scores.T @ scores / part.group.moments.n
        at = np.ix_(free, free)
        return float(np.trace(np.linalg.solve(about[at], products[at])))

    def structured_traces(self) -> tuple[float, float, float]:
        """Return tr(U Gamma) with U at the implied moments, and the traces of saturated and own model."""
        bread = self.inverse(self.information())
        first, _ = self.traces()
        saturated, _, _ = self.score_traces()
        own = 0.0
        for share, part in zip(self.shares, self.parts, strict=True):
            scores = case_scores(self.problem, part) @ part.slopes
            own += share * float((scores.T @ scores * bread).sum()) / part.group.moments.n
        return first, saturated, own

    def residual_statistic(self, kind: str) -> float:
        """Return Browne's residual statistic over the multiplier; see ``browne_residual_test``."""
        directions = self._tangent()
        q = directions.shape[1]
        total, along, inner = 0.0, np.zeros(q), np.zeros((q, q))
        robust = self.problem.settings.missing == "robust_two_stage"
        for share, part in zip(self.problem.weights, self.parts, strict=True):
            weight = share * _residual_weight(part, kind, robust=robust)
            residual = available_residual(part) if part.group.moments.full_information else part.residual
            pull = weight @ residual
            total += float(residual @ pull)
            slopes = part.slopes @ directions
            along = along + slopes.T @ pull
            inner = inner + slopes.T @ weight @ slopes
        explained = along @ np.linalg.pinv(inner, rcond=1e-12, hermitian=True) @ along
        return max(total - float(explained), 0.0)

    def _tangent(self) -> Array:
        """Return a basis (q, m) of the directions of the model at this point, bounds left aside."""
        whole = self.problem.parameters
        keep = np.flatnonzero(~whole.nuisance)
        slopes = null_basis(whole.constraints(self.theta[None]).equality_slopes[0][:, keep])
        basis = np.zeros((len(self.theta), slopes.shape[1]))
        basis[keep] = slopes
        return basis


def _about(information: str) -> str:
    return "expected" if information == "expected" else "observed"


def available_residual(part: GroupAnalysis) -> Array:
    """Return residual moments (k,) with the moments of all rows that a pair of variables has."""
    return np.where(part.group.given, 0.0, available_group(part.group).statistics - part.implied)


def available_group(group: Group) -> Group:
    """Return a group of incomplete rows with moments of all rows that a pair of variables has."""
    return replace(group, moments=available_moments(group.moments))


def _incomplete_weight(part: GroupAnalysis, *, robust: bool) -> Array:
    """Return the inverse of the covariance matrix of the moments of incomplete rows, at the implied moments."""
    about = incomplete_information(part.group, part.implied, "observed")
    if not robust:
        return about
    scores = incomplete_scores(part.group, part.implied)
    products = scores.T @ scores / part.group.moments.n
    return np.asarray(about @ np.linalg.solve(products, about))


def _residual_weight(part: GroupAnalysis, kind: str, *, robust: bool) -> Array:
    """Return V (k, k): the inverse of the covariance matrix of the moments that are not given."""
    group, means = part.group, part.group.model.meanstructure
    if group.moments.patterns is not None and kind == "normal_model":
        return _incomplete_weight(part, robust=robust)
    if kind == "normal_model":
        return normal_weight(part.covariance, means=means)
    if kind == "normal":
        return normal_weight(group.scaled_covariance, means=means)
    free = np.flatnonzero(~group.exogenous_moments)
    weight = np.zeros((len(group.given), len(group.given)))
    weight[np.ix_(free, free)] = np.linalg.inv(group.gamma("adf")[np.ix_(free, free)])
    return weight
