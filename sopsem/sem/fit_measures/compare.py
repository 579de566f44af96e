"""Nested models: the chi2 difference with the checks that make it a test.

The difference is a chi2 statistic only when both models were fitted to the same data in the same way and
one is a special case of the other.  Nesting is checked by numbers, not by names: the full model is fitted
to the moments that the restricted model implies and must reproduce them (Bentler & Satorra, 2010).

References
----------
Bentler, P. M., & Satorra, A. (2010). Testing model nesting and equivalence. Psychological Methods, 15.
Steiger, J. H., Shapiro, A., & Browne, M. W. (1985). On the multivariate asymptotic distribution of sequential
chi-square statistics. Psychometrika, 50.
Raftery, A. E. (1995). Bayesian model selection in social research. Sociological Methodology, 25.

"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import ConvergenceError, ModelError, UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.difference_tests import DIFFERENCES, Pair, difference_method
from sopsem.sem.fit_measures.fit_formulas import bayes_factor_from_bic
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.fit_measures.nesting import NullSolution, null_solution, same_order
from sopsem.sem.sample.moments import Moments

__all__ = ["Comparison", "compare", "compare_models"]

Array = NDArray[np.float64]
ROUNDING = 1e-6  # a difference that should be 0 or more may fall this far below 0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A restricted and a full model for the same data.

    Attributes
    ----------
    dchisq, ddf, pvalue : float, int, float
        chi2 difference, its degrees of freedom, and p.
    rmsea : float
        RMSEA of the restrictions, from ``dchisq`` and ``ddf``.
    daic, dbic : float
        Full minus restricted: above 0 the restricted model is preferred.
    bf01 : float
        exp(dbic/2): how much better the restricted model predicts the data, by the BIC approximation.
    null : NullSolution
        The nesting check.
    method : str
        "standard", or how the difference was scaled.
    scaling_factor, shift_parameter : float
        dchisq = difference of the plain chi2 / factor + shift.

    """

    restricted: Fit
    full: Fit
    dchisq: float
    ddf: int
    pvalue: float
    rmsea: float
    daic: float
    dbic: float
    bf01: float
    null: NullSolution
    method: str = "standard"
    scaling_factor: float = 1.0
    shift_parameter: float = 0.0

    def frame(self) -> pd.DataFrame:
        """Return lavaan's likelihood-ratio table: model df aic bic chisq chisq_diff rmsea df_diff pvalue."""
        rows = []
        for name, fitted in (("full", self.full), ("restricted", self.restricted)):
            measures = fit_indices(fitted)
            rows.append(
                (name, fitted.df, measures.get("aic", np.nan), measures.get("bic", np.nan), fitted.chisq)
            )
        table = pd.DataFrame(rows, columns=["model", "df", "aic", "bic", "chisq"])
        for column, value in (
            ("chisq_diff", self.dchisq),
            ("rmsea", self.rmsea),
            ("df_diff", float(self.ddf)),
            ("pvalue", self.pvalue),
        ):
            table[column] = [np.nan, value]
        return table

    def __repr__(self) -> str:
        """Show the test in one line."""
        return (
            f"Comparison: dchi2({self.ddf}) = {self.dchisq:.3f}, p = {self.pvalue:.4f}; AIC difference "
            f"{self.daic:.2f}, BIC difference {self.dbic:.2f}, BF01 = {self.bf01:.3g}"
        )


def compare(restricted: Fit, full: Fit, method: str | None = None) -> Comparison:
    """Test a restricted model against a full one that contains it.

    Parameters
    ----------
    restricted, full : Fit
        Two fits to the same data with the same likelihood; ``full`` has fewer degrees of freedom.
    method : {"standard", "satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000"}, optional
        How the difference is scaled; by default as goes with the test of the fits: not at all,
        "satorra_bentler_2001" for one scaling factor, "satorra_2000" for mean and variance adjusted tests.

    Returns
    -------
    Comparison

    Raises
    ------
    ConvergenceError
        One of the fits did not converge, or the full model stopped at a minimum above the restricted one's.
    ModelError
        Different data, variables or settings; degrees of freedom in the wrong order; models that are not
        nested.

    Notes
    -----
    chi2_restricted - chi2_full is chi2 with the difference of the degrees of freedom when the restrictions
    hold (Steiger, Shapiro & Browne, 1985).  There is no accepted small-sample factor for a difference, and
    factors made for the single test can even turn it negative; for small samples use
    ``bootstrap_difference``.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, .6, .3, .3], [.6, 1.0, .3, .3], [.3, .3, 1.0, .5], [.3, .3, .5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> one = fit("f =~ a + b + c + d", sample_cov=cov, n_obs=100)
    >>> two = fit("f =~ a + b; g =~ c + d", sample_cov=cov, n_obs=100)
    >>> result = compare(one, two)
    >>> result.ddf, round(result.dchisq, 2)
    (1, 16.67)

    """
    _check_converged(restricted, full)
    _check_settings(restricted, full)
    chosen = difference_method(restricted, full, method)
    _check_data(restricted, full)
    _check_df(restricted, full)
    null = null_solution(restricted, full)
    if not null.nested:
        raise ModelError(_not_nested(restricted, full, null))
    dchisq = restricted.chisq - full.chisq
    if dchisq < -ROUNDING:
        raise ConvergenceError(
            f"the full model stopped at chi2 = {full.chisq:.4f}, above the restricted model's "
            f"{restricted.chisq:.4f}, although it contains it: a local minimum. Give the full model start "
            "values near the restricted solution, e.g. start(0.5)*x"
        )
    pair = Pair(restricted=restricted, full=full, null_theta=null.kernel_theta)
    difference = DIFFERENCES[chosen].function(pair)
    measures, measures_full = fit_indices(restricted), fit_indices(full)
    bic, bic_full = float(measures.get("bic", np.nan)), float(measures_full.get("bic", np.nan))
    return Comparison(
        restricted=restricted,
        full=full,
        dchisq=difference.stat,
        ddf=difference.df,
        pvalue=difference.pvalue,
        rmsea=difference.rmsea,
        daic=float(measures_full.get("aic", np.nan) - measures.get("aic", np.nan)),
        dbic=bic_full - bic,
        bf01=bayes_factor_from_bic(bic_full, bic),
        null=null,
        method=chosen,
        scaling_factor=difference.scaling_factor,
        shift_parameter=difference.shift_parameter,
    )


def compare_models(*fits: Fit, method: str | None = None, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return lavaan's table of several nested models, each tested against the one before it.

    Parameters
    ----------
    *fits : Fit
        Two or more; they are sorted by their degrees of freedom.
    method : str, optional
        As in ``compare``.
    names : sequence of str, optional
        Of the models, in the order given; by default their numbers.

    Returns
    -------
    DataFrame
        Columns model df aic bic chisq chisq_diff rmsea df_diff pvalue, one row per model; ``chisq`` is the plain
        statistic also where the difference is scaled.

    Raises
    ------
    UsageError
        Fewer than two fits, or another number of names.
    ConvergenceError, ModelError
        As ``compare``, for two neighbours.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, .6, .3, .3], [.6, 1.0, .3, .3], [.3, .3, 1.0, .5], [.3, .3, .5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> one = fit("f =~ a + b + c + d", sample_cov=cov, n_obs=100)
    >>> two = fit("f =~ a + b; g =~ c + d", sample_cov=cov, n_obs=100)
    >>> compare_models(one, two, names=["one", "two"]).model.tolist()
    ['two', 'one']

    """
    labels = [f"model {k}" for k in range(1, len(fits) + 1)] if names is None else list(names)
    if len(fits) < 2 or len(labels) != len(fits):
        raise UsageError(f"there are {len(fits)} fits and {len(labels)} names; give two fits or more")
    order = sorted(range(len(fits)), key=lambda k: fits[k].df)
    tables = [compare(fits[more], fits[less], method).frame() for less, more in pairwise(order)]
    table = pd.concat([tables[0], *(t.iloc[1:] for t in tables[1:])], ignore_index=True)
    return table.assign(model=[labels[k] for k in order])


def _check_converged(restricted: Fit, full: Fit) -> None:
    for name, fitted in (("restricted", restricted), ("full", full)):
        if not fitted.status.converged:
            raise ConvergenceError(
                f"the {name} model did not converge, so its chi2 cannot be compared; mend the model or give "
                "it start values first"
            )


def _check_settings(restricted: Fit, full: Fit) -> None:
    """Refuse fits whose chi2 values are not on one scale."""
    for what, argument, pair in (
        ("estimator", "estimator", (restricted.settings.estimator, full.settings.estimator)),
        ("likelihood", "likelihood", (restricted.likelihood, full.likelihood)),
        ("multiplier of chi2", "mimic", (restricted.multiplier - restricted.n, full.multiplier - full.n)),
        ("convention", "mimic", (restricted.mimic, full.mimic)),
        ("variance policy", "bounds", (restricted.variance_policy, full.variance_policy)),
        ("mean structure", "meanstructure", (restricted.spec.meanstructure, full.spec.meanstructure)),
        ("set of fixed exogenous variables", "fixed_x", (_fixed_x(restricted), _fixed_x(full))),
    ):
        if pair[0] != pair[1]:
            raise ModelError(
                f"the two fits differ in their {what}: {pair[0]!r} in the restricted model, {pair[1]!r} in "
                f"the full one; fit both with the same {argument}="
            )


def _fixed_x(fitted: Fit) -> tuple[str, ...]:
    return tuple(sorted({p.lhs for p in fitted.spec if p.exo}))


def _check_data(restricted: Fit, full: Fit) -> None:
    mine, theirs = set(restricted.spec.observed), set(full.spec.observed)
    if mine != theirs:
        raise ModelError(
            "the two models have different observed variables: only in the restricted model "
            f"{_listed(mine - theirs)}; only in the full model {_listed(theirs - mine)}. A chi2 difference "
            "needs the same items in both; fix a path at 0 (0*x) instead of leaving a variable out"
        )
    if restricted.n != full.n:
        raise ModelError(
            f"the restricted model was fitted to {restricted.n} rows, the full model to {full.n}; fit both "
            "to the same rows"
        )
    if not _same_data(restricted, full):
        raise ModelError(
            f"the two models were fitted to different data (both N = {full.n}); fit both to the same "
            "DataFrame or covariance matrix"
        )


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _same_data(restricted: Fit, full: Fit) -> bool:
    """Compare the data of every group; see ``_same_group``."""
    if restricted.n_groups != full.n_groups:
        return False
    pairs = zip(restricted.by_group, full.by_group, strict=True)
    return all(_same_group(mine, theirs) for mine, theirs in pairs)


def _same_group(restricted: Fit, full: Fit) -> bool:
    """Compare fingerprints with the variables in one order; where rows are lacking, the moments."""
    order = same_order(full, restricted)
    mine, theirs = restricted.moments, _ordered(full.moments, order)
    if mine.data is not None and theirs.data is not None:
        return mine.fingerprint == theirs.fingerprint
    sd = np.sqrt(np.diag(mine.covariance))
    return bool(np.allclose(mine.covariance, theirs.covariance, rtol=0.0, atol=1e-9 * np.outer(sd, sd)))


def _ordered(moments: Moments, order: list[int]) -> Moments:
    return Moments(
        names=tuple(moments.names[i] for i in order),
        covariance=np.ascontiguousarray(moments.covariance[np.ix_(order, order)]),
        mean=None if moments.mean is None else moments.mean[order],
        n=moments.n,
        data=None if moments.data is None else np.ascontiguousarray(moments.data[:, order]),
    )


def _check_df(restricted: Fit, full: Fit) -> None:
    ddf = restricted.df - full.df
    if ddf < 0:
        raise ModelError(
            f"the restricted model has df = {restricted.df}, fewer than the full model's {full.df}; swap "
            "them: compare(restricted, full)"
        )
    if ddf == 0:
        raise ModelError(
            f"both models have df = {full.df}: there is no restriction to test. Compare their AIC or BIC, "
            "or fix a parameter of one of them"
        )


def _not_nested(restricted: Fit, full: Fit, null: NullSolution) -> str:
    own = {_row_name(p.lhs, p.op, p.rhs) for p in full.spec if p.free}
    lacking = [n for p in restricted.spec if p.free and (n := _row_name(p.lhs, p.op, p.rhs)) not in own]
    hint = (
        f"; the restricted model estimates what the full one does not: {', '.join(lacking[:5])}"
        if lacking
        else ""
    )
    return (
        "the models are not nested: fitted to the moments that the restricted model implies, the full "
        f"model leaves chi2 = {null.chisq:.4g} where it should leave 0{hint}. Compare their AIC or BIC, or "
        "free in the full model all that the restricted model estimates"
    )


def _row_name(lhs: str, op: str, rhs: str) -> str:
    return op.join(sorted((lhs, rhs))) if op == "~~" else f"{lhs}{op}{rhs}"
