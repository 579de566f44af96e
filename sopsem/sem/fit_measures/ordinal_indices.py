"""What fit indices need when variables are ordered: the misfit of the correlations by maximum likelihood.

Least squares of polychoric correlations have no noncentrality of the usual size; robust indices take that of the
normal likelihood at the estimates, whose mean under the model is corrected.

References
----------
Savalei, V. (2021). Improving fit indices in structural equation modeling with categorical data. Multivariate
Behavioral Research, 56.

"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.moment_analysis import GroupAnalysis
from sopsem.sem.fit_measures.discrepancies import Residuals
from sopsem.sem.fit_measures.moment_tests import MomentTest
from sopsem.sem.fit_measures.scaled_tests import Tested
from sopsem.sem.sample.normal_theory import normal_weight

__all__ = ["CorrelationMisfit", "correlation_misfit"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CorrelationMisfit:
    """Likelihood statistics of the correlations of model and baseline, with the factors of their means.

    Attributes
    ----------
    chisq, factor, df : float
        Of the model; NaN where there are none.
    chisq0, factor0 : float
        Of the baseline, all correlations 0.

    """

    chisq: float = np.nan
    factor: float = np.nan
    df: float = np.nan
    chisq0: float = np.nan
    factor0: float = np.nan


def correlation_misfit(tested: Tested) -> CorrelationMisfit:
    """Return the likelihood statistics of the correlations of ordered variables.

    With W the weights and D the slopes of the correlations, B the inverse information and V the normal-theory
    weight at the implied correlations, c = tr((I - D B D'W)'V (I - D B D'W) Gamma) / df; of the baseline
    tr(Gamma) / df.  Continuous variables and given exogenous ones have none, and neither have
    models that restrict thresholds or free scales: there the correlations are not all that is modelled.
    """
    fit = tested.fit
    spec = fit.spec
    restricted = any(p.label or not p.free for p in spec if p.op == "|")
    scaled = any(p.free for p in spec if p.lhs == p.rhs and p.lhs in spec.ordered)
    if restricted or scaled or spec.conditional_x or set(spec.observed) - set(spec.ordered):
        return CorrelationMisfit()
    pairs = [Residuals.of(one) for one in fit.by_group]
    if any(np.linalg.eigvalsh(m)[0] < 1e-8 for r in pairs for m in (r.sample, r.implied)):
        return CorrelationMisfit()
    sizes = [m.n for m in fit.data_moments]
    chisq = sum(n * _likelihood(r) for n, r in zip(sizes, pairs, strict=True))
    chisq0 = -sum(n * np.linalg.slogdet(r.sample)[1] for n, r in zip(sizes, pairs, strict=True))
    trace, trace0, rank, count = _traces(tested.at, pairs)
    df = count - rank
    return CorrelationMisfit(
        chisq=float(chisq),
        factor=trace / df if df else 1.0,
        df=float(df),
        chisq0=float(chisq0),
        factor0=trace0 / count,
    )


def _likelihood(r: Residuals) -> float:
    """Return log|Sigma| + tr(R Sigma^-1) - log|R| - p."""
    gap = np.linalg.slogdet(r.implied)[1] - np.linalg.slogdet(r.sample)[1]
    return float(gap + np.trace(np.linalg.solve(r.implied, r.sample)) - len(r.sample))


def _traces(test: MomentTest, pairs: list[Residuals]) -> tuple[float, float, int, int]:
    """Return the traces of model and baseline, the rank of the slopes, and the number of correlations."""
    bread = test.inverse(test.information())
    own, null, inner = 0.0, 0.0, np.zeros_like(bread)
    outer, cross, rows = np.zeros_like(bread), np.zeros_like(bread), []
    for share, part, pair in zip(test.shares, test.parts, pairs, strict=True):
        at = _correlations(part)
        gamma, slopes = part.group.gamma("adf")[np.ix_(at, at)], part.slopes[at]
        weight = normal_weight(pair.implied, means=False)
        j, i = np.triu_indices(len(pair.implied))
        weight = weight[np.ix_(i != j, i != j)]
        pull = test.weight(part)[np.ix_(at, at)] @ slopes
        own, null = own + float((weight * gamma).sum()), null + float(np.trace(gamma))
        cross = cross + share * slopes.T @ weight @ gamma @ pull
        inner = inner + share * slopes.T @ weight @ slopes
        outer = outer + share * pull.T @ gamma @ pull
        rows.append(slopes)
    own += float(np.trace(bread @ inner @ bread @ outer)) - 2.0 * float(np.trace(bread @ cross))
    slopes = np.vstack(rows)
    return own, null, int(np.linalg.matrix_rank(slopes, tol=1e-8)), len(slopes)


def _correlations(part: GroupAnalysis) -> NDArray[np.intp]:
    """Return where the correlations stand among the statistics."""
    ordinal = part.group.moments.ordinal
    index = () if ordinal is None else ordinal.index
    return np.array([k for k, s in enumerate(index) if s.kind == "covariance"], dtype=np.intp)
