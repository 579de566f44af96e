"""The CFA marker technique (Williams, Hartman & Cavazotte, 2010).

    CFA        all factors and the marker, correlated
    Baseline   marker uncorrelated with the others, its loadings and residual variances fixed at those of the CFA
    Method-C   the marker also loads on every item of the constructs, equally (standardized items)
    Method-U   ... freely
    Method-R   the better of C and U, with the correlations of the constructs fixed at those of Baseline
    Method-S   the same, with method loadings fixed at the limits of their intervals farther from 0 (sensitivity)

C against Baseline: is there method variance?  U against C: does it differ among items?  R: does it bias correlations?

References
----------
Williams, L. J., Hartman, N., & Cavazotte, F. (2010). Method variance and marker variables: A review and comprehensive
CFA marker technique. Organizational Research Methods, 13.
Williams, L. J., & O'Boyle, E. H. (2015). Ideal, nonideal, and no-marker variables: The confirmatory factor analysis
(CFA) marker technique works when it matters. Journal of Applied Psychology, 100.

"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.errors import ConvergenceError, UsageError
from sopsem.sem.constructs.measurement import first_order_factors, measurement_model
from sopsem.sem.constructs.method.marker_models import MarkerModel
from sopsem.sem.constructs.method.method_models import Attempt, attempt, standardized_moments
from sopsem.sem.distributions import norm_ppf
from sopsem.sem.estimation.fit import Fit, fit
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.fit_measures.noncentrality import chisq_pvalue
from sopsem.sem.model.spec import ModelSpec, model_spec

__all__ = ["CFAMarker", "cfa_marker"]

TESTS = (("Method-C", "Baseline"), ("Method-U", "Method-C"), ("Method-R", ""))


@dataclass(frozen=True, kw_only=True)
class CFAMarker:
    """The six models, their tests, correlations and the split of reliability; frozen.

    Attributes
    ----------
    models : DataFrame
        model, chisq, df, cfi, rmsea, verdict.
    tests : DataFrame
        test, question, chisq_diff, df_diff, pvalue; NaN where a model has no solution.
    loadings : DataFrame
        item, factor, loading (on the factor), method (on the marker factor), se, pvalue of the latter, in ``best``.
    reliability : DataFrame
        factor, omega (Baseline), omega_substantive and omega_method (their sum is the reliability in ``best``),
        method_percent of that reliability.
    correlations : DataFrame
        factor1, factor2, and the correlation in CFA, Baseline, ``best`` and Method-S.
    best : str
        Method-U where it fits better than Method-C (p < .05), else Method-C.

    """

    models: pd.DataFrame
    tests: pd.DataFrame
    loadings: pd.DataFrame
    reliability: pd.DataFrame
    correlations: pd.DataFrame
    best: str
    marker: tuple[str, ...]
    n: int
    rows_excluded: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answers of the three tests, in words."""
        found = [f"{self.n} rows are used, {self.rows_excluded} left out for a missing value."]
        words = (
            (
                "the marker explains variance of the items",
                "no sign that the marker explains variance of the items",
            ),
            ("by different amounts", "no sign that it differs among items"),
            ("it biases the correlations of the constructs", "no sign that it biases their correlations"),
        )
        for row, (yes, no) in zip(self.tests.itertuples(), words, strict=True):
            if np.isnan(row.pvalue):
                found.append(f"{row.test}: not tested, because a model has no solution.")
                continue
            p = "p < .001" if row.pvalue < 0.001 else f"p = {row.pvalue:.3f}"
            said = yes if row.pvalue < 0.05 else no
            found.append(
                f"{row.test}: chi2 difference {row.chisq_diff:.2f} on {row.df_diff:.0f} df, {p}: {said}."
            )
        found += [f"{r.model}: {r.verdict}." for r in self.models.itertuples() if r.verdict != "proper"]
        worst = self.reliability["method_percent"].max()
        if np.isfinite(worst):
            found.append(
                f"At most {worst:.1f}% of the reliability of a factor is method variance by this marker."
            )
        found.append(
            "This holds as far as the marker shares the method, and nothing else, with the constructs."
        )
        return tuple(found)


def cfa_marker(
    model: str | ModelSpec, data: pd.DataFrame, marker: Sequence[str], *, level: float = 0.95
) -> CFAMarker:
    """Run the CFA marker sequence on a model and a marker factor.

    Parameters
    ----------
    model : str or ModelSpec
        A CFA or a structural model; the CFA behind it is used, with factor variances 1.
    data : DataFrame
        Items of the model and of the marker; rows with a missing value in one of them are left out.
    marker : sequence of str
        Two items or more that were asked to measure the method and nothing else.
    level : float
        Of the interval whose outer limit Method-S uses.

    Raises
    ------
    UsageError
        Fewer than two marker items, one that is in the model, or fewer than two factors.
    DataError, ModelError
        As in ``fit``.
    ConvergenceError
        The CFA itself, or Baseline, has no solution.

    Examples
    --------
    >>> from sopsem.sem.simulation.simulate import simulate
    >>> text = "f =~ .7*a + .7*b + .7*c; g =~ .7*h + .7*i + .7*j; m =~ .7*u + .7*v + .7*w; f ~~ .3*g"
    >>> data = simulate(text, 300, seed=1)
    >>> result = cfa_marker("f =~ a + b + c; g =~ h + i + j", data, ["u", "v", "w"])
    >>> result.models["model"].tolist()
    ['CFA', 'Baseline', 'Method-C', 'Method-U', 'Method-R', 'Method-S']

    """
    spec = model_spec(measurement_model(model))
    _check(spec, marker, level)
    plain = MarkerModel.of(spec, tuple(marker))
    raw = fit(plain.cfa(), data)
    moments = standardized_moments(raw)
    first = attempt("CFA", plain.cfa(), moments, raw)
    if first.fit is None:
        raise ConvergenceError(f"the CFA with the marker has no solution: {first.verdict}")
    held = plain.holding(first.fit)
    baseline = attempt("Baseline", held.text(), moments, raw)
    if baseline.fit is None:
        raise ConvergenceError(f"the Baseline model has no solution: {baseline.verdict}")
    equal = attempt("Method-C", held.text(method="equal"), moments, raw)
    free = attempt("Method-U", held.text(method="free"), moments, raw)
    best = free if _better(free, equal) else equal
    kind = "free" if best is free else "equal"
    fixed = held.text(method=kind, correlations=held.factor_correlations(baseline.fit))
    restricted = attempt("Method-R", fixed, moments, raw)
    strong = attempt("Method-S", held.text(method=_limits(held, best, level)), moments, raw)
    tried = (first, baseline, equal, free, restricted, strong)
    return CFAMarker(
        models=pd.DataFrame([_row(a) for a in tried]),
        tests=_tests({a.name: a for a in tried}, best.name),
        loadings=held.loadings(best.fit),
        reliability=held.reliability(baseline.fit, best.fit),
        correlations=_correlations(held, (first, baseline, best, strong)),
        best=best.name,
        marker=tuple(marker),
        n=raw.n,
        rows_excluded=len(raw.moments.rows_excluded),
    )


def _check(spec: ModelSpec, marker: Sequence[str], level: float) -> None:
    if len(set(marker)) < 2:
        count = len(set(marker))
        raise UsageError(f"{count} marker item(s): a marker factor needs two or more; use marker_correlation")
    inside = [v for v in marker if v in (*spec.observed, *spec.latent)]
    if inside:
        raise UsageError(f"{', '.join(inside)} is part of the model and cannot be the marker")
    if len(first_order_factors(spec)) < 2:
        raise UsageError(
            "the model has one factor; the technique asks what the method does to correlations of factors"
        )
    if not 0.5 < level < 1.0:
        raise UsageError(f"level is {level}; give a number between 0.5 and 1, e.g. 0.95")


def _better(free: Attempt, equal: Attempt) -> bool:
    if free.fit is None or equal.fit is None:
        return free.fit is not None
    difference = max(equal.fit.chisq - free.fit.chisq, 0.0)
    return chisq_pvalue(difference, equal.fit.df - free.fit.df) < 0.05


def _limits(held: MarkerModel, best: Attempt, level: float) -> dict[str, float]:
    """Return the limit of every method loading that is farther from 0; 0 without a solution."""
    if best.fit is None:
        return dict.fromkeys(held.items, 0.0)
    half = float(norm_ppf(0.5 + level / 2.0))
    table = held.loadings(best.fit).set_index("item")
    outer = table["method"] + np.where(table["method"] < 0.0, -1.0, 1.0) * half * table["se"].fillna(0.0)
    return {str(item): float(value) for item, value in outer.items()}


def _row(tried: Attempt) -> dict[str, object]:
    names = ("chisq", "df", "cfi", "rmsea")
    measures = dict.fromkeys(names, float("nan")) if tried.fit is None else fit_indices(tried.fit)
    return {"model": tried.name, **{k: float(measures[k]) for k in names}, "verdict": tried.verdict}


def _tests(tried: dict[str, Attempt], best: str) -> pd.DataFrame:
    questions = ("Is there method variance?", "Does it differ among items?", "Does it bias correlations?")
    rows = []
    for (one, given), question in zip(TESTS, questions, strict=True):
        other = given or best
        a, b = tried[one].fit, tried[other].fit
        known = a is not None and b is not None
        difference = abs(a.chisq - b.chisq) if a is not None and b is not None else float("nan")
        df = abs(a.df - b.df) if a is not None and b is not None else 0
        pvalue = chisq_pvalue(difference, df) if known else float("nan")
        rows.append((f"{one} - {other}", question, difference, df, pvalue))
    return pd.DataFrame(rows, columns=["test", "question", "chisq_diff", "df_diff", "pvalue"])


def _correlations(held: MarkerModel, tried: Sequence[Attempt]) -> pd.DataFrame:
    table = pd.DataFrame(held.pairs, columns=["factor1", "factor2"])
    for each in tried:
        found: dict[tuple[str, str], float] = {}
        if isinstance(each.fit, Fit):
            found = held.factor_correlations(each.fit)
        table[each.name] = [found.get(pair, np.nan) for pair in held.pairs]
    return table
