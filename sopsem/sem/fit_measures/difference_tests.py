"""Statistics of the difference of two nested models: plain, or scaled for data that are not normal.

Adding a method is one function here.

References
----------
Satorra, A. (2000). Scaled and adjusted restricted tests in multi-sample analysis of moment structures. In
R. D. H. Heijmans, D. S. G. Pollock & A. Satorra (Eds.), Innovations in multivariate statistical analysis. Kluwer.
Satorra, A., & Bentler, P. M. (2001). A scaled difference chi-square test statistic for moment structure
analysis. Psychometrika, 66.
Satorra, A., & Bentler, P. M. (2010). Ensuring positiveness of the scaled difference chi-square test statistic.
Psychometrika, 75.

"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ModelError, UsageError
from sopsem.registry import Registry
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.group import Group
from sopsem.sem.estimation.response_group import statistic_places
from sopsem.sem.estimation.robust_errors import moment_weight, unit_information
from sopsem.sem.estimation.settings import EFFICIENT
from sopsem.sem.estimation.standard_errors import free_directions
from sopsem.sem.fit_measures.fit_formulas import chisq_pvalue, rmsea
from sopsem.sem.fit_measures.moment_tests import MomentTest
from sopsem.sem.fit_measures.scaled_tests import SCALED

__all__ = ["DIFFERENCES", "Difference", "Pair", "difference_method"]

Array = NDArray[np.float64]
DIFFERENCES = Registry("difference test")
Method = Callable[["Pair"], "Difference"]
BY_FACTOR = ("satorra_bentler", "yuan_bentler", "yuan_bentler_mplus")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A difference statistic: ``raw / scaling_factor + shift_parameter``."""

    stat: float
    df: int
    pvalue: float
    rmsea: float
    scaling_factor: float = 1.0
    shift_parameter: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two nested models; ``null_theta`` are the full model's parameters that imply the restricted's moments."""

    restricted: Fit
    full: Fit
    null_theta: Array

    @property
    def df(self) -> int:
        """Restrictions."""
        return self.restricted.df - self.full.df

    @property
    def raw(self) -> float:
        """The difference of the plain statistics."""
        return max(self.restricted.chisq - self.full.chisq, 0.0)  # what is left below 0 is rounding

    @cached_property
    def of_restricted(self) -> MomentTest:
        """The restricted model at its solution."""
        return MomentTest.of(self.restricted.problem, self.restricted.kernel_theta)

    @cached_property
    def of_full(self) -> MomentTest:
        """The full model at its solution."""
        return MomentTest.of(self.full.problem, self.full.kernel_theta)

    def result(self, factor: float, shift: float = 0.0) -> Difference:
        """Return the statistic scaled by a factor and shifted; RMSEA takes the factor for the mean over df."""
        stat, fitted = self.raw / factor + shift, self.restricted
        # chi2 - c df stands for the noncentrality; a shifted statistic leaves it unscaled, as lavaan has it
        unscaled = self.raw if shift else self.raw - (factor - 1.0) * self.df
        n = fitted.multiplier if fitted.mimic == "amos" else fitted.n
        return Difference(
            stat=stat,
            df=self.df,
            pvalue=chisq_pvalue(stat, self.df),
            rmsea=rmsea(unscaled, self.df, n, n_groups=fitted.n_groups),
            scaling_factor=factor,
            shift_parameter=shift,
        )

    def trace(self, test: MomentTest) -> float:
        """Return the mean of a model's statistic under the model, in the way of its scaled test."""
        if self.restricted.settings.test == "yuan_bentler_mplus":
            saturated, own, _ = test.score_traces()
            return saturated - own
        return test.traces()[0]

    def scaled(self, trace: float) -> Difference:
        """Return the statistic over the mean that a trace gives it."""
        if trace <= 0.0:
            raise ModelError(
                f"the scaling factor of the difference is {trace / self.df:.3g}, not above 0, so it scales "
                "nothing; use method='satorra_bentler_2010' or 'satorra_2000'"
            )
        return self.result(trace / self.df)


def difference_method(restricted: Fit, full: Fit, method: str | None) -> str:
    """Return the name of the method that compares two fits.

    Raises
    ------
    UsageError
        A method that does not exist, or a scaled one for fits without a scaled test.
    ModelError
        Fits with different tests, or statistics whose difference has no known distribution.

    """
    own, other = restricted.settings.test, full.settings.test
    if own in SCALED and other != own:
        raise ModelError(
            f"the two fits differ in their test: {own!r} and {other!r}; fit both with the same test="
        )
    if other in SCALED and own != other:
        raise ModelError(
            f"the two fits differ in their test: {own!r} and {other!r}; fit both with the same test="
        )
    if method is None:
        usual = "satorra_bentler_2001" if own in BY_FACTOR else "satorra_2000"
        chosen = usual if own in SCALED else "standard"
    else:
        chosen = method.lower().replace(".", "_").replace("-", "_")
    if chosen not in DIFFERENCES:
        names = ", ".join(repr(e.name) for e in DIFFERENCES)
        raise UsageError(f"method is {method!r}; choose one of {names}")
    if chosen != "standard" and own not in SCALED:
        raise UsageError(
            f"method={chosen!r} scales the difference of scaled tests, and the fits have the test {own!r}; fit "
            "with estimator='MLM' or 'MLR', or leave method out"
        )
    if chosen == "standard" and restricted.settings.estimator not in EFFICIENT:
        raise ModelError(
            f"the difference of two {restricted.settings.estimator} statistics is not distributed as chi2; fit "
            f"both with estimator='{restricted.settings.estimator.replace('D', '')}MV'"
        )
    if chosen == "satorra_2000" and restricted.settings.incomplete:
        raise UsageError(
            f"method={chosen!r} weighs sample moments, which incomplete rows do not have; use "
            "'satorra_bentler_2001' or 'satorra_bentler_2010'"
        )
    if chosen == "satorra_bentler_2001" and own not in BY_FACTOR:
        raise UsageError(
            f"method={chosen!r} goes with tests of one scaling factor, and the fits have {own!r}; use "
            "'satorra_2000'"
        )
    return chosen


def _difference(name: str, label: str, source: str) -> Callable[[Method], Method]:
    return DIFFERENCES.register(name, label=label, source=source)


@_difference("standard", "chi2 difference", "Steiger, Shapiro & Browne (1985)")
def _standard(pair: Pair) -> Difference:
    """Return the difference of the plain statistics."""
    return pair.result(1.0)


@_difference("satorra_bentler_2001", "scaled chi2 difference", "Satorra & Bentler (2001)")
def _satorra_bentler_2001(pair: Pair) -> Difference:
    """Return the difference over (tr_restricted - tr_full) / df, each trace at its own solution."""
    full = pair.trace(pair.of_full) if pair.full.df else 0.0
    return pair.scaled(pair.trace(pair.of_restricted) - full)


@_difference("satorra_bentler_2010", "strictly positive scaled chi2 difference", "Satorra & Bentler (2010)")
def _satorra_bentler_2010(pair: Pair) -> Difference:
    """Return the same with the trace of the full model at the restricted solution."""
    full = pair.trace(MomentTest.of(pair.full.problem, pair.null_theta)) if pair.full.df else 0.0
    return pair.scaled(pair.trace(pair.of_restricted) - full)


@_difference("satorra_2000", "scaled and shifted chi2 difference", "Satorra (2000)")
def _satorra_2000(pair: Pair) -> Difference:
    """Return a chi2 + b with the mean df and the variance 2 df of the quadratic form behind the difference.

    With A the restrictions on the full model's parameters, the form is that of P^-1 A'(A P^-1 A')^-1 A P^-1, P
    the information, between D'V Gamma V D of the groups.
    """
    test = pair.of_full
    middle = _restricted_inverse(pair)
    first, total = 0.0, np.zeros_like(middle)
    for share, part in zip(test.shares, test.parts, strict=True):
        # what the scores are made of, whichever information the standard errors take
        pull = moment_weight(pair.full.problem, part) @ part.slopes
        inner = share * pull.T @ part.group.gamma("adf") @ pull
        first += float((inner * middle).sum())
        total = total + inner
    product = total @ middle
    a = float(np.sqrt(pair.df / (product * product.T).sum()))
    return pair.result(1.0 / a, pair.df - a * first)


def _restricted_inverse(pair: Pair) -> Array:
    """Return P^-1 A'(A P^-1 A')^-1 A P^-1 of the full model (q, q), A what the restricted model forbids.

    A is orthogonal to H, the least-squares solution of D_full H = D_restricted, in the metric of the data.
    """
    test = pair.of_full
    free = free_directions(pair.full.problem, pair.full.kernel_theta)
    own = _stacked(test) @ free
    theirs = _stacked(pair.of_restricted, like=test)
    theirs = theirs @ free_directions(pair.restricted.problem, pair.restricted.kernel_theta)
    left, values, _ = np.linalg.svd(np.linalg.pinv(own) @ theirs)
    rank = own.shape[1] - pair.df
    if len(values) < rank or values[rank - 1] < 1e-10 * values[0]:
        raise ModelError("the restrictions cannot be told apart at the solution; use 'satorra_bentler_2010'")
    forbidden = left[:, rank:].T
    information = free.T @ unit_information(pair.full.problem, test.parts, test.hessian) @ free
    spread = np.linalg.solve(information, forbidden.T)
    inverse = spread @ np.linalg.pinv(forbidden @ spread) @ spread.T
    return np.asarray(free @ inverse @ free.T)


def _stacked(test: MomentTest, like: MomentTest | None = None) -> Array:
    """Return the slopes of all groups below each other, in the metric of the data and the order of ``like``."""
    rows = []
    for number, part in enumerate(test.parts):
        slopes = part.group.metric[:, None] * part.slopes
        if like is not None:
            slopes = slopes[_moment_order(part.group, like.parts[number].group)]
        rows.append(slopes)
    return np.vstack(rows)


def _moment_order(group: Group, other: Group) -> NDArray[np.intp]:
    """Return where the moments of another model of the same group stand, whose variables may have another order."""
    if group.moments.ordinal is not None and other.moments.ordinal is not None:
        return statistic_places(group.moments.ordinal, other.moments.ordinal)
    own, like, means = group.spec.observed, other.spec.observed, group.model.meanstructure
    p = len(own)
    place = np.zeros((p, p), dtype=np.intp)
    j, i = np.triu_indices(p)
    place[i, j] = place[j, i] = np.arange(len(i))
    at = np.array([own.index(v) for v in like])
    covariances = place[at[i], at[j]]
    return np.concatenate([at, p + covariances]) if means else covariances
