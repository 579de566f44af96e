"""Discriminant validity from a confirmatory factor analysis: factor correlations and Fornell-Larcker.

References
----------
Rönkkö, M., & Cho, E. (2022). An updated guideline for assessing discriminant validity. Organizational
Research Methods, 25.
Fornell, C., & Larcker, D. F. (1981). Evaluating structural equation models with unobservable variables and
measurement error. Journal of Marketing Research, 18.

"""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import ModelError, UsageError
from sopsem.sem.constructs.draw_tables import with_intervals
from sopsem.sem.constructs.groups import table_of_groups
from sopsem.sem.constructs.measurement import first_order_factors, with_unit_variances
from sopsem.sem.constructs.reliability import ave_std
from sopsem.sem.constructs.solution import Solution, solution
from sopsem.sem.estimation.estimates import standardized
from sopsem.sem.estimation.fit import Fit, fit_moments
from sopsem.sem.fit_measures.fit_formulas import chisq_pvalue
from sopsem.sem.model.spec import ModelSpec

__all__ = [
    "CUTOFFS",
    "correlation_class",
    "cutoff_tests",
    "factor_correlations",
    "fornell_larcker",
    "fornell_larcker_pairs",
]

Array = NDArray[np.float64]
CUTOFFS = (0.80, 0.90, 1.0)
_CLASSES = ("no problem", "marginal", "moderate", "severe")


def correlation_class(limit: float) -> str:
    """Return the class of Rönkkö and Cho (2022) of a factor correlation.

    Parameters
    ----------
    limit : float
        The confidence limit of |phi|: below .80 no problem, below .90 marginal, below 1 moderate, else
        severe.

    Examples
    --------
    >>> [correlation_class(x) for x in (0.79, 0.80, 0.95, 1.0)]
    ['no problem', 'marginal', 'moderate', 'severe']

    """
    if not np.isfinite(limit):
        return "undefined"
    return _CLASSES[sum(abs(limit) >= cut for cut in CUTOFFS)]


def _require_cfa(fit: Fit) -> tuple[str, ...]:
    """Return the factors, when the model is a CFA whose factors are all measured and correlate freely."""
    factors = tuple(first_order_factors(fit.spec))
    directed = [p for p in fit.spec if p.op == "~" or (p.op == "=~" and p.rhs in fit.spec.latent)]
    if directed or len(factors) != len(fit.spec.latent):
        first = f" ({directed[0].lhs} {directed[0].op} {directed[0].rhs})" if directed else ""
        raise UsageError(
            f"the model has paths between variables or a second-order factor{first}, which force the "
            "correlations of factors; fit the CFA instead: fit(measurement_model(model), data)"
        )
    return factors


@table_of_groups
def factor_correlations(fit: Fit, *, drawn: Solution | None = None, level: float = 0.95) -> pd.DataFrame:
    """Return the factor correlations of a CFA with intervals and the class of Rönkkö and Cho (2022).

    Parameters
    ----------
    fit : Fit
        A CFA; structural models are refused, since their paths force the correlations.
    drawn : Solution, optional
        Bootstrap draws of the same fit: percentile intervals.  Without them: Wald intervals of the
        standardized covariances (delta method), as in the article.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        factor1, factor2, est, ci_lower, ci_upper, draws_used, draws_failed, limit (the larger end in size),
        judgement.  Empty for one factor.

    Raises
    ------
    UsageError
        The model is not a CFA.

    """
    factors = _require_cfa(fit)
    pairs = list(combinations(range(len(factors)), 2))
    sample = solution(fit).factor_correlations()[0]
    rows = [{"factor1": factors[i], "factor2": factors[j]} for i, j in pairs]
    values = None if drawn is None else drawn.factor_correlations()
    listed = [None if values is None else values[:, i, j] for i, j in pairs]
    table = with_intervals(rows, [float(sample[i, j]) for i, j in pairs], listed, level=level)
    if table.empty:
        return table
    if drawn is None:
        table = _with_wald_limits(table, fit, level)
    table["limit"] = np.abs(table[["ci_lower", "ci_upper"]].to_numpy()).max(axis=1)
    table["judgement"] = [correlation_class(limit) for limit in table["limit"]]
    return table


def _with_wald_limits(table: pd.DataFrame, fit: Fit, level: float) -> pd.DataFrame:
    found = standardized(fit, level=level)
    covariances = {frozenset((r.lhs, r.rhs)): r for r in found[found["op"] == "~~"].itertuples()}
    pairs = [covariances[frozenset(pair)] for pair in zip(table["factor1"], table["factor2"], strict=True)]
    return table.assign(ci_lower=[r.ci_lower for r in pairs], ci_upper=[r.ci_upper for r in pairs])


def cutoff_tests(fit: Fit, *, cutoffs: tuple[float, ...] = CUTOFFS, alpha: float = 0.05) -> pd.DataFrame:
    """Return chi2(cut): for every pair and cutoff, the test against the model with that factor correlation.

    Parameters
    ----------
    fit : Fit
        A CFA.
    cutoffs : tuple of float
        In (0, 1]; a negative correlation is tested against minus the cutoff.
    alpha : float
        Level of the 1-df difference test.

    Returns
    -------
    DataFrame
        factor1, factor2, est, cutoff, chisq_diff, df_diff, pvalue, below (|est| < cutoff, p < alpha), note.
        A correlation already at or above the cutoff is not below it; the restricted model is then not fitted
        and chisq_diff is 0.

    Raises
    ------
    UsageError
        The model is not a CFA, or a cutoff is outside (0, 1].

    """
    factors = _require_cfa(fit)
    if not all(0.0 < cut <= 1.0 for cut in cutoffs):
        raise UsageError(f"cutoffs are {cutoffs}; give numbers above 0 and up to 1")
    sample = solution(fit).factor_correlations()[0]
    try:
        spec, why = with_unit_variances(fit.spec), ""
    except ModelError as error:
        spec, why = fit.spec, f"not tested: {error}"
    rows = []
    for i, j in combinations(range(len(factors)), 2):
        for cut in cutoffs:
            difference, note = (
                (np.nan, why) if why else _difference(fit, spec, (factors[i], factors[j]), sample[i, j], cut)
            )
            p = chisq_pvalue(difference, 1) if np.isfinite(difference) else np.nan
            rows.append(
                {"factor1": factors[i], "factor2": factors[j], "est": float(sample[i, j]), "cutoff": cut}
                | {
                    "chisq_diff": difference,
                    "df_diff": 1,
                    "pvalue": p,
                    "below": bool(p < alpha),
                    "note": note,
                }
            )
    return pd.DataFrame(rows)


def _difference(
    fit: Fit, spec: ModelSpec, pair: tuple[str, str], estimate: float, cut: float
) -> tuple[float, str]:
    """Return chi2 of the model with the correlation at the cutoff minus chi2 of the CFA, and a note."""
    if abs(estimate) >= cut:
        return 0.0, f"the estimate is not below {cut:.2f}"
    row = spec.find(pair[0], "~~", pair[1])
    fixed = tuple(
        replace(p, free=False, value=float(np.copysign(cut, estimate)), label="") if p is row else p
        for p in spec
    )
    try:
        restricted = fit_moments(
            replace(spec, parameters=fixed), fit.moments, likelihood=fit.likelihood, mimic=fit.mimic
        )
    except ModelError as error:  # at 1, an item of both factors has loadings that cannot be told apart
        return float("nan"), f"not tested: {error}"
    if not restricted.status.converged:
        return float("nan"), "not tested: the restricted model did not converge"
    return max(restricted.chisq - fit.chisq, 0.0), ""


def fornell_larcker(fit: Fit) -> pd.DataFrame:
    """Return the Fornell-Larcker table of a CFA.

    Returns
    -------
    DataFrame
        Square: the root of AVE (mean squared standardized loading) on the diagonal, |phi| below it, NaN
        above; and the column ``holds``: True when the factor's root of AVE exceeds all its |phi|, False when
        one |phi| reaches it, None when that cannot be told (a factor of one item has no AVE).

    Notes
    -----
    The criterion misses many problems, because it depends on loadings as much as on correlations; it is here
    because readers ask for it (Rönkkö & Cho, 2022).

    """
    factors = _require_cfa(fit)
    root, size = _roots_and_sizes(fit, solution(fit))
    matrix = np.where(np.tri(len(factors), k=-1, dtype=bool), size[0], np.nan)
    np.fill_diagonal(matrix, root[0])
    table = pd.DataFrame(matrix, index=list(factors), columns=list(factors))
    off = np.where(np.eye(len(factors), dtype=bool), 0.0, size[0])
    gaps = root[0][:, None] - off
    # A gap that is not positive settles the matter, whatever the undefined ones are.
    worst = np.where((gaps <= 0.0).any(axis=1), np.fmin.reduce(gaps, axis=1), gaps.min(axis=1))
    return table.assign(holds=_positive(worst))


def _positive(values: Array | pd.Series) -> NDArray[np.object_]:
    """Return True or False, and None where the value is undefined: that is no failure."""
    return np.array([None if np.isnan(v) else bool(v > 0.0) for v in values], dtype=object)


def _roots_and_sizes(fit: Fit, at: Solution) -> tuple[Array, Array]:
    """Return the roots of AVE (B, m) and |phi| (B, m, m); one item has no AVE."""
    blocks = [(items, at.block(factor, items)) for factor, items in first_order_factors(fit.spec).items()]
    aves = [
        ave_std(b.std_loadings) if len(items) > 1 else np.full(len(b.variance), np.nan) for items, b in blocks
    ]
    return np.sqrt(np.stack(aves, axis=1)), np.abs(at.factor_correlations())


@table_of_groups
def fornell_larcker_pairs(fit: Fit, *, drawn: Solution | None = None, level: float = 0.95) -> pd.DataFrame:
    """Return for every pair the gap between the smaller root of AVE and |phi|, with its interval.

    Returns
    -------
    DataFrame
        factor1, factor2, est (the gap), ci_lower, ci_upper, draws_used, draws_failed, holds (the gap is
        positive); with draws also certain (so is its lower limit).  Both are True, False or None: None where
        the gap or its limit is undefined.

    """
    factors = _require_cfa(fit)
    here = _roots_and_sizes(fit, solution(fit))
    there = None if drawn is None else _roots_and_sizes(fit, drawn)
    rows, estimates, values = [], [], []
    for i, j in combinations(range(len(factors)), 2):
        rows.append({"factor1": factors[i], "factor2": factors[j]})
        estimates.append(float(_gap(*here, i, j)[0]))
        values.append(None if there is None else _gap(*there, i, j))
    table = with_intervals(rows, estimates, values, level=level)
    if table.empty:
        return table
    table["holds"] = _positive(table["est"])
    return table if drawn is None else table.assign(certain=_positive(table["ci_lower"]))


def _gap(root: Array, size: Array, i: int, j: int) -> Array:
    return np.asarray(np.minimum(root[:, i], root[:, j]) - size[:, i, j])
