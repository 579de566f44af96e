"""Construct validation in one call: reliability, convergent and discriminant validity, method variance.

Every interval comes from the same list of resamples: the CFA, and the model with second-order factors, are
refitted to the same draws, and coefficients that need no fit are computed from them too.
"""

from typing import Literal

import pandas as pd

from sopsem.errors import ConvergenceError, ModelError, UsageError
from sopsem.sem.constructs.htmt import htmt
from sopsem.sem.constructs.measurement import first_order_factors, measurement_model, second_order_factors
from sopsem.sem.constructs.method_variance import method_variance
from sopsem.sem.constructs.reliability import reliability_intervals
from sopsem.sem.constructs.second_order import second_order
from sopsem.sem.constructs.solution import Solution, drawn_solution, solution
from sopsem.sem.constructs.validation_result import Validation
from sopsem.sem.constructs.validity import (
    cutoff_tests,
    factor_correlations,
    fornell_larcker,
    fornell_larcker_pairs,
)
from sopsem.sem.estimation.fit import Fit, fit_moments
from sopsem.sem.model.spec import ModelSpec, model_spec
from sopsem.sem.resampling.bootstrap import Draws, bootstrap
from sopsem.sem.sample.moments import Moments, moments_from_data

__all__ = ["Validation", "validate"]


def validate(
    model: str | ModelSpec,
    data: pd.DataFrame,
    *,
    draws: int = 1000,
    seed: int = 1,
    level: float = 0.95,
    likelihood: Literal["normal", "wishart"] = "normal",
    mimic: Literal["amos"] | None = None,
) -> Validation:
    """Validate the constructs of a model on data.

    Parameters
    ----------
    model : str or ModelSpec
        A CFA or a structural model; the CFA behind it is derived (``measurement_model``).
    data : DataFrame
        Items as columns, already reversed where they are keyed the other way.  Rows with a missing value in
        any variable of the model are left out and counted.
    draws : int
        Bootstrap draws; 0 for no bootstrap intervals (factor correlations then have Wald limits).
    seed : int
        Draw b depends on (seed, b) only.
    level : float
        Of the percentile intervals, and of the one-sided limit of HTMT.
    likelihood, mimic
        As in ``fit``.

    Returns
    -------
    Validation

    Raises
    ------
    UsageError
        A negative number of draws or a level outside (.5, 1).
    DataError, ModelError
        As in ``fit``.
    ConvergenceError
        The CFA did not converge.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> factors = np.repeat(rng.normal(size=(120, 2)) @ [[1.0, 0.5], [0.0, 0.9]], 3, axis=1)
    >>> items = ["f1", "f2", "f3", "g1", "g2", "g3"]
    >>> data = pd.DataFrame(factors + 0.7 * rng.normal(size=(120, 6)), columns=items)
    >>> result = validate("f =~ f1 + f2 + f3; g =~ g1 + g2 + g3; g ~ f", data, draws=50)
    >>> result.correlations[["factor1", "factor2", "judgement"]].values.tolist()
    [['f', 'g', 'no problem']]

    """
    if draws < 0 or not 0.5 < level < 1.0:
        raise UsageError(
            f"draws is {draws} and level is {level}; give draws of at least 0 and a level in (0.5, 1)"
        )
    spec = model_spec(model)
    moments = moments_from_data(data, spec.observed)
    cfa = _fit_cfa(spec, moments, likelihood, mimic)
    made = bootstrap(cfa, draws=draws, seed=seed) if draws else None
    higher, higher_draws, why = _second_order(spec, moments, cfa, draws=draws, seed=seed, level=level)
    return Validation(
        cfa=cfa,
        draws=_counts(made, higher_draws),
        **_tables(spec, cfa, None if made is None else drawn_solution(made), level),
        second_order=higher,
        second_order_reason=why,
        method=method_variance(cfa, seed=seed),
        rows_excluded=len(moments.rows_excluded),
        seed=seed,
        level=level,
    )


def _fit_cfa(spec: ModelSpec, moments: Moments, likelihood: str, mimic: str | None) -> Fit:
    """Fit the CFA behind the model to the rows that are complete in all variables of the model."""
    rows = pd.DataFrame(moments.data, columns=list(spec.observed))
    cfa_spec = model_spec(measurement_model(spec))
    own = moments_from_data(rows, cfa_spec.observed)
    cfa = fit_moments(cfa_spec, own, likelihood=likelihood, mimic=mimic)
    if not cfa.status.converged:
        raise ConvergenceError(
            f"the CFA behind the model did not converge on {cfa.n} rows: {cfa.status.value}"
        )
    return cfa


def _counts(cfa: Draws | None, model: Draws | None) -> pd.DataFrame:
    named = {"cfa": cfa, "model": model}
    columns = {k: d.counts().set_index("draw_class")["count"] for k, d in named.items() if d is not None}
    return pd.DataFrame(columns)


def _tables(spec: ModelSpec, cfa: Fit, drawn: Solution | None, level: float) -> dict[str, pd.DataFrame]:
    """Return the tables that rest on the CFA and its draws."""
    names = list(cfa.spec.observed)
    covariance = pd.DataFrame(cfa.sample_cov, index=names, columns=names)
    constructs = _without_shared_items(first_order_factors(cfa.spec))
    sample = None if drawn is None else drawn.sample
    within = {d: f for f, parts in second_order_factors(spec).items() for d in parts}
    return {
        "reliability": reliability_intervals(cfa, drawn=drawn, level=level),
        "fornell_larcker": fornell_larcker(cfa),
        "fornell_larcker_pairs": fornell_larcker_pairs(cfa, drawn=drawn, level=level),
        "htmt": _marked(htmt(covariance, constructs, draws=sample, level=level), within),
        "correlations": _marked(factor_correlations(cfa, drawn=drawn, level=level), within),
        "cutoffs": cutoff_tests(cfa),
    }


def _without_shared_items(constructs: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Take items that measure several factors out of every item set: HTMT compares separate sets."""
    every = [v for items in constructs.values() for v in items]
    return {c: tuple(v for v in items if every.count(v) == 1) for c, items in constructs.items()}


def _marked(table: pd.DataFrame, within: dict[str, str]) -> pd.DataFrame:
    """Add ``within``: the second-order factor that both factors of a pair are dimensions of."""
    if table.empty:
        return table
    pairs = zip(table.iloc[:, 0], table.iloc[:, 1], strict=True)
    shared = [within.get(a, "") if within.get(a) == within.get(b) else "" for a, b in pairs]
    return table.assign(within=shared)


def _second_order(
    spec: ModelSpec, moments: Moments, cfa: Fit, *, draws: int, seed: int, level: float
) -> tuple[pd.DataFrame, Draws | None, str]:
    """Return the table of second-order factors, the draws of the whole model, and why there are none."""
    if not second_order_factors(spec):
        return pd.DataFrame(), None, ""
    try:
        whole = fit_moments(spec, moments, likelihood=cfa.likelihood, mimic=cfa.mimic)
    except ModelError as error:
        return pd.DataFrame(), None, str(error)
    if not whole.status.converged:
        return pd.DataFrame(), None, whole.status.value
    made = bootstrap(whole, draws=draws, seed=seed) if draws else None
    drawn = None if made is None else solution(whole, made.kernel_theta)
    return second_order(whole, drawn=drawn, level=level), made, ""
