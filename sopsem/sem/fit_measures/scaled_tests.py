"""Tests of a model against the saturated one: the standard test, scaled and adjusted ones, residual tests.

Adding a test is one function here.

References
----------
Satorra, A., & Bentler, P. M. (1994). Corrections to test statistics and standard errors in covariance
structure analysis. In A. von Eye & C. C. Clogg (Eds.), Latent variables analysis. Sage.
Yuan, K.-H., & Bentler, P. M. (2000). Three likelihood-based methods for mean and covariance structure analysis
with nonnormal missing data. Sociological Methodology, 30.
Asparouhov, T., & Muthen, B. (2010). Simple second order chi-square correction. Mplus technical appendix.
Satterthwaite, F. E. (1941). Synthesis of variance. Psychometrika, 6.
Browne, M. W. (1984). Asymptotically distribution-free methods for the analysis of covariance structures.
British Journal of Mathematical and Statistical Psychology, 37.

"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sopsem.errors import UsageError
from sopsem.registry import Registry
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.settings import EFFICIENT
from sopsem.sem.fit_measures.moment_tests import MomentTest
from sopsem.sem.fit_measures.noncentrality import chisq_pvalue

__all__ = ["SCALED", "TESTS", "TestResult", "Tested", "fit_tests", "scaled_test", "standard_test", "tests_of"]

TESTS = Registry("test")
Statistic = Callable[["Tested"], "TestResult"]
SCALED = (
    "satorra_bentler",
    "yuan_bentler",
    "yuan_bentler_mplus",
    "mean_var_adjusted",
    "scaled_shifted",
)


@dataclass(frozen=True, kw_only=True)
class TestResult:
    """One test statistic.

    Attributes
    ----------
    stat, df, pvalue : float
        ``pvalue`` is NaN where the distribution is not known.
    scaling_factor, shift_parameter : float
        stat = standard / factor + shift; NaN for tests that are not scaled.
    trace : float
        tr(U Gamma).
    factor_h0, factor_h1 : float
        Scaling factors of the log-likelihoods of the model and of the saturated one.
    stat_group : tuple of float
        What each group adds.

    """

    __test__ = False  # no class of tests

    stat: float
    df: float
    pvalue: float
    scaling_factor: float = np.nan
    shift_parameter: float = np.nan
    trace: float = np.nan
    factor_h0: float = np.nan
    factor_h1: float = np.nan
    stat_group: tuple[float, ...] = ()


@dataclass(frozen=True)
class Tested:
    """A fit with what tests share, computed once."""

    fit: Fit

    @cached_property
    def at(self) -> MomentTest:
        """The model at its solution."""
        return MomentTest.of(self.fit.problem, self.fit.kernel_theta)

    @cached_property
    def traces(self) -> tuple[float, float]:
        """tr(U Gamma) and tr((U Gamma)^2)."""
        return self.at.traces()

    @property
    def by_group(self) -> tuple[float, ...]:
        """What each group adds to the standard statistic."""
        weights = self.fit.problem.weights
        return tuple(
            float(self.fit.multiplier * w * m.minimum) for w, m in zip(weights, self.fit.implied, strict=True)
        )

    def scaled(self, factor: float, *, df: float | None = None, **more: float) -> TestResult:
        """Return the standard statistic divided by a factor."""
        own = self.fit.df if df is None else df
        stat = self.fit.chisq / factor
        return TestResult(
            stat=stat,
            df=own,
            pvalue=chisq_pvalue(stat, own),
            scaling_factor=factor,
            stat_group=tuple(s / factor for s in self.by_group),
            **more,
        )


def fit_tests(fit: Fit, tests: str | Sequence[str] | None = None) -> pd.DataFrame:
    """Return test statistics of a model against the saturated one.

    Parameters
    ----------
    fit : Fit
    tests : str or sequence of str, optional
        Names of tests; by default the standard one, and the one that goes with the estimator.

    Returns
    -------
    DataFrame
        Columns test stat df pvalue scaling_factor shift_parameter stat_group; a scaled statistic is the
        standard one over ``scaling_factor`` plus ``shift_parameter``.  ``stat_group`` holds what each group
        adds.

    Raises
    ------
    UsageError
        A test that does not exist.
    DataError
        A test that does not assume normal data, without rows.

    Notes
    -----
    The p value of the standard test of ULS and DWLS is NaN: F is not distributed as chi2.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(200, 1)) + rng.normal(size=(200, 4)), columns=list("abcd"))
    >>> from sopsem.sem.estimation.fit import fit
    >>> table = fit_tests(fit("f =~ a + b + c + d", data, estimator="MLM"))
    >>> table.test.tolist()
    ['standard', 'satorra_bentler']

    """
    chosen = tests_of(fit) if tests is None else ((tests,) if isinstance(tests, str) else tuple(tests))
    unknown = [t for t in chosen if t not in TESTS]
    if unknown:
        raise UsageError(f"test is {unknown[0]!r}; choose out of {', '.join(repr(e.name) for e in TESTS)}")
    tested = Tested(fit)
    rows = []
    for name in chosen:
        found = TESTS[name].function(tested)
        rows.append(
            {
                "test": name,
                "stat": found.stat,
                "df": found.df,
                "pvalue": found.pvalue,
                "scaling_factor": found.scaling_factor,
                "shift_parameter": found.shift_parameter,
                "stat_group": found.stat_group,
            }
        )
    return pd.DataFrame(rows)


def tests_of(fit: Fit) -> tuple[str, ...]:
    """Return the names of the tests that go with a fit: the standard one, and the one its settings name."""
    own = fit.settings.test
    if own == "none":
        return ()
    if own != "standard":
        return ("standard", own)
    return ("standard", "browne_residual_nt_model") if fit.settings.estimator == "ML" else ("standard",)


def scaled_test(tested: Tested) -> TestResult | None:
    """Return the scaled test that goes with a fit, or None."""
    own = tested.fit.settings.test
    return TESTS[own].function(tested) if own in SCALED else None


def standard_test(tested: Tested) -> TestResult:
    """Return the test that fit indices use where nothing is scaled: the residual test of ULS and DWLS."""
    own = tested.fit.settings.test
    found: TestResult = TESTS[own if own.startswith("browne") else "standard"].function(tested)
    return found


def _test(name: str, label: str, source: str) -> Callable[[Statistic], Statistic]:
    return TESTS.register(name, label=label, digits=3, source=source)


@_test("standard", "standard", "Joreskog (1969)")
def _standard(t: Tested) -> TestResult:
    """Multiplier times F."""
    known = t.fit.settings.estimator in EFFICIENT
    pvalue = chisq_pvalue(t.fit.chisq, t.fit.df) if known else np.nan
    return TestResult(stat=t.fit.chisq, df=t.fit.df, pvalue=pvalue, stat_group=t.by_group)


@_test("satorra_bentler", "Satorra-Bentler", "Satorra & Bentler (1994)")
def _satorra_bentler(t: Tested) -> TestResult:
    """Chi2 over tr(U Gamma)/df."""
    if not t.fit.df:
        return _standard(t)
    trace, _ = t.traces
    return t.scaled(trace / t.fit.df, trace=trace)


@_test("mean_var_adjusted", "mean and variance adjusted", "Satorra & Bentler (1994)")
def _mean_var_adjusted(t: Tested) -> TestResult:
    """Chi2 with mean and variance of U Gamma: df = tr(UG)^2/tr(UGUG), factor tr(UG)/df; Mplus rounds df."""
    if not t.fit.df:
        return _standard(t)
    trace, second = t.traces
    df = trace**2 / second
    if t.fit.mimic == "mplus":
        df = float(np.floor(df + 0.5))
    return t.scaled(trace / df, df=df, trace=trace)


@_test("scaled_shifted", "scaled and shifted", "Asparouhov & Muthen (2010)")
def _scaled_shifted(t: Tested) -> TestResult:
    """Return a chi2 + b with the mean df and the variance 2 df: a = sqrt(df/tr(UGUG)), b = df - a tr(UG)."""
    if not t.fit.df:
        return _standard(t)
    (trace, second), df = t.traces, t.fit.df
    a = float(np.sqrt(df / second))
    shift = df - a * trace
    stat = a * t.fit.chisq + shift
    return TestResult(
        stat=stat,
        df=df,
        pvalue=chisq_pvalue(stat, df),
        scaling_factor=1.0 / a,
        shift_parameter=shift,
        trace=trace,
        stat_group=tuple(a * s + shift * w for s, w in zip(t.by_group, t.at.shares, strict=True)),
    )


@_test("yuan_bentler", "Yuan-Bentler", "Yuan & Bentler (2000)")
def _yuan_bentler(t: Tested) -> TestResult:
    """Chi2 over tr(U Gamma)/df with U of the observed information."""
    if not t.fit.df:
        return _standard(t)
    trace, saturated, own = t.at.structured_traces()
    moments = sum(int((~g.given).sum()) for g in t.fit.groups)
    factors = {"factor_h1": saturated / moments, "factor_h0": _per_parameter(t.fit, own)}
    return t.scaled(trace / t.fit.df, trace=trace, **factors)


@_test("yuan_bentler_mplus", "Yuan-Bentler (Mplus)", "Asparouhov & Muthen (2005)")
def _yuan_bentler_mplus(t: Tested) -> TestResult:
    """Chi2 over the difference of the traces of the saturated and the fitted model, over df."""
    if not t.fit.df:
        return _standard(t)
    saturated, own, moments = t.at.score_traces()
    factors = {"factor_h1": saturated / moments, "factor_h0": _per_parameter(t.fit, own)}
    return t.scaled((saturated - own) / t.fit.df, trace=saturated - own, **factors)


def _per_parameter(fit: Fit, trace: float) -> float:
    """Return a trace over the number of free rows; NaN of a model that estimates nothing."""
    count = int(fit.free.sum())
    return trace / count if count else float("nan")


def _residual(kind: str) -> Statistic:
    def statistic(t: Tested) -> TestResult:
        stat = t.fit.multiplier * t.at.residual_statistic(kind) if t.fit.df else 0.0
        return TestResult(stat=stat, df=t.fit.df, pvalue=chisq_pvalue(stat, t.fit.df))

    return statistic


for _name, _kind in (
    ("browne_residual_nt", "normal"),
    ("browne_residual_nt_model", "normal_model"),
    ("browne_residual_adf", "adf"),
):
    _test(_name, "Browne's residual test", "Browne (1984)")(_residual(_kind))
