"""What fit indices are made of, collected once: tests of model and baseline, log-likelihoods, residuals."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sopsem.registry import Registry
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.incomplete_scores import incomplete_information
from sopsem.sem.fit_measures.baseline import baseline_fit, normal_baseline
from sopsem.sem.fit_measures.discrepancies import Residuals
from sopsem.sem.fit_measures.fit_formulas import chisq_pvalue
from sopsem.sem.fit_measures.incomplete_indices import complete_misfit
from sopsem.sem.fit_measures.moment_tests import available_group
from sopsem.sem.fit_measures.ordinal_indices import correlation_misfit
from sopsem.sem.fit_measures.scaled_tests import Tested, TestResult, scaled_test, standard_test
from sopsem.sem.sample.em import EMMoments
from sopsem.sem.sample.missing_likelihood import log_likelihood
from sopsem.sem.sample.patterns import MissingPatterns, marginal_patterns

__all__ = ["FIT_INDICES", "Index", "Ingredients", "Robust", "Scaled", "index"]

Array = NDArray[np.float64]
FIT_INDICES = Registry("fit index")
ROBUST = ("satorra_bentler", "yuan_bentler", "yuan_bentler_mplus", "scaled_shifted")
NO_SCALE = 1e-8  # a factor this close to 1 is 1: the two then do not correct each other


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """The scaled test of the model and of its baseline.

    ``plain_df`` says that the scaled RMSEA is made of the scaled statistic, and not of chi2 with tr(U Gamma)
    for df.
    """

    model: TestResult
    baseline: TestResult
    plain_df: bool


@dataclass(frozen=True, kw_only=True)
class Robust:
    """What indices are made of that estimate their value for normal data (Brosseau-Liard & Savalei, 2014).

    Attributes
    ----------
    chisq : float
        The statistic less the excess of its mean under the model: chi2 - (c - 1) df.
    incremental, incremental0 : float
        The same of model and baseline for incremental indices: not corrected where one of the two factors
        is 1, as lavaan has it.
    df, factor : float
        Of the model; c is the mean of the statistic over df.
    n : float
        What a noncentrality is divided by.
    residual : float
        The statistic that the robust GFI is made of.
    scaled, unit : float
        The scaled statistic of the model, and what a difference of 1 in it is in the unscaled one.

    """

    chisq: float
    incremental: float
    incremental0: float
    df: float
    n: float
    factor: float
    scaled: float
    unit: float
    residual: float


@dataclass(frozen=True, kw_only=True)
class Ingredients:
    """What the indices are made of; ``logl`` is None where there is no likelihood."""

    chisq: float
    df: int
    pvalue: float
    npar: int
    fmin: float
    multiplier: int
    n_obs: int
    n_groups: int
    n_variables: int
    n_moments: int
    chisq0: float
    df0: int
    pvalue0: float
    logl: float | None
    unrestricted_logl: float
    residuals: tuple[Residuals, ...]
    shares: Array
    tested: Tested = field(repr=False, compare=False)
    amos: bool
    mplus_srmr: bool
    ordered: bool
    incomplete: bool
    scaled: Scaled | None
    robust: Robust | None

    @classmethod
    def of(cls, fit: Fit) -> "Ingredients":
        """Collect the ingredients of a fit."""
        tested = Tested(fit)
        test, scaled = standard_test(tested), scaled_test(tested)
        baseline, scaled0 = _baseline(fit)
        saturated = sum(_saturated_logl(one) for one in fit.by_group)
        lost = sum(m.n / 2.0 * i.minimum for m, i in zip(fit.data_moments, fit.implied, strict=True))
        pair = None
        if scaled is not None and scaled0 is not None:
            plain_df = fit.settings.test == "scaled_shifted" or fit.mimic == "mplus"
            pair = Scaled(model=scaled, baseline=scaled0, plain_df=plain_df)
        settings = fit.settings
        likelihood = settings.estimator == "ML"
        return cls(
            chisq=test.stat,
            df=fit.df,
            pvalue=test.pvalue,
            npar=fit.npar,
            fmin=fit.minimum / 2.0 if likelihood else fit.chisq / (2.0 * fit.n),
            multiplier=fit.multiplier,
            n_obs=fit.n,
            n_groups=fit.n_groups,
            n_variables=_n_variables(fit),
            n_moments=sum(len(g.statistics) for g in fit.groups),
            chisq0=baseline.stat,
            df0=int(baseline.df),
            pvalue0=baseline.pvalue,
            logl=saturated - lost if likelihood else None,
            unrestricted_logl=saturated,
            residuals=tuple(Residuals.of(one) for one in fit.by_group),
            shares=np.array([m.n / fit.n for m in fit.data_moments]),
            tested=tested,
            amos=fit.mimic == "amos",
            mplus_srmr=fit.mimic == "mplus" and settings.information != "expected",
            ordered=bool(fit.spec.ordered),
            incomplete=settings.incomplete,
            scaled=pair,
            robust=_robust(tested, test, baseline, pair),
        )

    @cached_property
    def gfi_lisrel(self) -> float:
        """GFI of Joreskog and Sorbom; worked out when an index asks for it."""
        return _gfi_lisrel(self.tested)

    @cached_property
    def residual_test(self) -> float:
        """The statistic behind the noncentral GFI; worked out when an index asks for it."""
        return _residual_test(self.tested)

    def residual_mean(self, of: Callable[[Residuals], float]) -> float:
        """Return a root mean square residual, averaged over the groups by their size."""
        return float(sum(w * of(r) for w, r in zip(self.shares, self.residuals, strict=True)))


Index = Callable[[Ingredients], "float | None"]


def index(name: str, label: str, digits: int = 3, source: str = "") -> Callable[[Index], Index]:
    """Return a decorator that registers a fit index; None says that a fit has no such index."""
    return FIT_INDICES.register(name, label=label, digits=digits, source=source)


def _n_variables(fit: Fit) -> int:
    """Return the number of variables whose moments are modelled: not those that all moments are given."""
    return sum(not (fit.spec.conditional_x and x) for x in fit.groups[0].fixed_variables)


def _baseline(fit: Fit) -> tuple[TestResult, TestResult | None]:
    """Return the standard and the scaled test of the baseline model."""
    plain = fit.settings.estimator == "ML" and not fit.settings.incomplete
    if plain and scaled_name(fit) is None:
        chisq, df = normal_baseline(fit)
        return TestResult(stat=chisq, df=df, pvalue=chisq_pvalue(chisq, df)), None
    tested = Tested(baseline_fit(fit))
    return standard_test(tested), scaled_test(tested)


def scaled_name(fit: Fit) -> str | None:
    """Return the scaled test that goes with a fit, or None."""
    return fit.settings.test if fit.settings.test in (*ROBUST, "mean_var_adjusted") else None


def _robust(tested: Tested, test: TestResult, baseline: TestResult, scaled: Scaled | None) -> Robust | None:
    fit = tested.fit
    if fit.settings.incomplete:
        return _robust_incomplete(tested)
    if scaled is None or fit.settings.test not in ROBUST:
        return None
    if fit.spec.ordered:
        return _robust_ordered(tested, baseline)
    c, c0 = _factor(scaled.model, fit), _factor(scaled.baseline, fit)
    unit = scaled.model.scaling_factor
    excess, excess0 = (c - 1.0) * test.df, (c0 - 1.0) * baseline.df
    one = abs(c - 1.0) < NO_SCALE or abs(c0 - 1.0) < NO_SCALE
    return Robust(
        chisq=test.stat - excess,
        incremental=test.stat if one else test.stat - excess,
        incremental0=baseline.stat if one else baseline.stat - excess0,
        df=fit.df,
        n=fit.multiplier,
        factor=c,
        scaled=scaled.model.stat,
        unit=1.0 if np.isnan(unit) else unit,
        residual=_residual_test(tested),
    )


def _robust_incomplete(tested: Tested) -> Robust:
    """Return the statistics of complete data, corrected for what is missing."""
    fit = tested.fit
    own, null = complete_misfit(fit), baseline_fit(fit)
    base = complete_misfit(null)
    chisq = own.chisq - (own.factor - 1.0) * fit.df
    return Robust(
        chisq=chisq,
        incremental=chisq,
        incremental0=base.chisq - (base.factor - 1.0) * null.df,
        df=fit.df,
        n=fit.multiplier,
        factor=own.factor,
        scaled=own.chisq / own.factor,
        unit=own.factor,
        residual=own.chisq,
    )


def _robust_ordered(tested: Tested, baseline: TestResult) -> Robust:
    """Return the likelihood statistics of the correlations, corrected for their estimation."""
    found, fit = correlation_misfit(tested), tested.fit
    return Robust(
        chisq=found.chisq - (found.factor - 1.0) * found.df,
        incremental=found.chisq - (found.factor - 1.0) * fit.df,
        incremental0=found.chisq0 - (found.factor0 - 1.0) * baseline.df,
        df=found.df,
        n=fit.n,
        factor=found.factor,
        scaled=found.chisq / found.factor,
        unit=found.factor,
        residual=found.chisq,
    )


def _factor(scaled: TestResult, fit: Fit) -> float:
    """Return the mean of a statistic under the model over df."""
    if np.isnan(scaled.scaling_factor):
        return 1.0
    if fit.settings.test == "scaled_shifted":
        return scaled.trace / scaled.df
    return scaled.scaling_factor


def _residual_test(tested: Tested) -> float:
    """Return the statistic behind GFI: Browne's residual one at the implied moments.

    It is chi2 of incomplete rows and of ordered variables.
    """
    fit = tested.fit
    if not fit.df:
        return 0.0
    if fit.settings.incomplete or fit.spec.ordered:
        return fit.chisq
    return fit.multiplier * tested.at.residual_statistic("normal_model")


def _gfi_lisrel(tested: Tested) -> float:
    """Return 1 - e'Ve / s'Vs with the weights of the estimator, averaged over the groups by their size.

    Moments of fixed exogenous variables are not data and count as 0 in s, but for ULS, as lavaan has it.
    """
    values, unweighted = [], tested.fit.settings.estimator == "ULS"
    structured = tested.fit.settings.h1_information == "structured"
    for part in tested.at.parts:
        group, p = part.group, len(part.group.model.sd)
        at = part.covariance if structured else group.scaled_covariance
        weight, residual = tested.fit.problem.estimator.weight(group, at), part.residual
        if group.moments.full_information:
            group = available_group(group)
            weight = incomplete_information(group, part.implied, "expected")
            residual = np.where(group.given, 0.0, group.statistics - part.implied)
        whole = group.statistics.copy()
        if group.moments.ordinal is not None:
            whole = group.moments.ordinal.statistics / group.metric
        elif group.model.meanstructure and group.moments.mean is not None:
            whole[:p] = group.moments.mean / group.model.sd
        whole[group.exogenous_moments & (not unweighted)] = 0.0
        values.append(1.0 - float(residual @ weight @ residual) / float(whole @ weight @ whole))
    return float(tested.at.shares @ np.array(values))


def _normal_logl(covariance: Array, n: int) -> float:
    """Log-likelihood of the saturated normal model, -N/2 (p log 2 pi + log|S| + p)."""
    p = len(covariance)
    return float(-n / 2.0 * (p * np.log(2.0 * np.pi) + np.linalg.slogdet(covariance)[1] + p)) if p else 0.0


def _saturated_logl(fit: Fit) -> float:
    """Saturated log-likelihood of one group, of the endogenous variables given fixed exogenous ones."""
    x, moments = np.flatnonzero(fit.groups[0].fixed_variables), fit.moments
    if moments.full_information and moments.patterns is not None and moments.saturated is not None:
        given = _given_logl(moments.patterns, moments.saturated, [fit.spec.observed[i] for i in x])
        return moments.saturated.log_likelihood - given
    return _normal_logl(fit.sample_cov, fit.n) - _normal_logl(fit.sample_cov[np.ix_(x, x)], fit.n)


def _given_logl(patterns: MissingPatterns, saturated: EMMoments, names: list[str]) -> float:
    """Return the log-likelihood of exogenous variables at the saturated moments of all."""
    if not names:
        return 0.0
    at = [saturated.names.index(v) for v in names]
    own = marginal_patterns(patterns, names)
    return float(log_likelihood(own, saturated.mean[at], saturated.covariance[np.ix_(at, at)]))
