"""Sensitivity models of a mediation: the same data under two other readings of what the model left out.

Residuals of parallel mediators free to covary; the dimensions of a second-order outcome as outcomes of
their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

import pandas as pd

from sopsem.errors import ModelError
from sopsem.sem.effects.effects import effects, find_effects
from sopsem.sem.effects.respecify import first_order_outcomes, free_row, is_second_order, refit
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.fit_formulas import chisq_pvalue
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.fit_measures.nesting import null_solution
from sopsem.sem.model.spec import ModelSpec

__all__ = ["Sensitivity", "parallel_mediators", "sensitivity_models", "with_mediator_covariances"]

MEASURES = ("chisq", "df", "npar", "pvalue", "cfi", "tli", "rmsea", "srmr", "aic", "bic")


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """A model and its sensitivity models.

    Attributes
    ----------
    fits : mapping of str to Fit
        ``as_given`` first, then ``mediators_covary`` and ``first_order_outcomes`` where they apply.
    table : DataFrame
        One row per quantity, one column per model: fit measures, the chi2 difference to the given model
        where one contains the other (``dchisq ddf dpvalue``), and the standardized structural effects; NaN
        where a model has no such quantity.
    notes : tuple of str
        Which sensitivity model does not apply, and why; which did not converge or is improper.

    """

    fits: Mapping[str, Fit]
    table: pd.DataFrame
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        """Show the table and the notes."""
        return "\n".join(("Sensitivity models", self.table.round(3).to_string(), *self.notes))


def _routes(spec: ModelSpec, predictor: str, outcome: str) -> list[tuple[str, ...]]:
    return [
        e.route
        for e in find_effects(spec)
        if e.kind == "indirect" and (e.predictor, e.outcome) == (predictor, outcome)
    ]


def parallel_mediators(spec: ModelSpec, predictor: str, outcome: str) -> list[tuple[str, str]]:
    """Return the pairs of mediators where neither leads to the other and no residual covariance is free.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> parallel_mediators(model_spec("m ~ x; n ~ x; y ~ m + n"), "x", "y")
    [('m', 'n')]

    """
    between = dict.fromkeys(v for route in _routes(spec, predictor, outcome) for v in route[1:-1])
    joined = {(e.predictor, e.outcome) for e in find_effects(spec)}
    pairs = []
    for a, b in combinations(between, 2):
        row = spec.find(a, "~~", b)
        if (a, b) not in joined and (b, a) not in joined and not (row is not None and row.free):
            pairs.append((a, b))
    return pairs


def with_mediator_covariances(spec: ModelSpec, predictor: str, outcome: str) -> ModelSpec:
    """Return the model with the residual covariances of its parallel mediators free.

    Raises
    ------
    ModelError
        There are no two parallel mediators, or their residuals covary already.

    """
    pairs = parallel_mediators(spec, predictor, outcome)
    if not pairs:
        raise ModelError(
            f"there are no two parallel mediators between {predictor} and {outcome} whose residual "
            "covariance is fixed; nothing can be freed"
        )
    for a, b in pairs:
        spec = free_row(spec, a, "~~", b)
    return spec


def sensitivity_models(fit: Fit, *, predictor: str, outcome: str) -> Sensitivity:
    """Fit the sensitivity models of a mediation and lay them side by side.

    Parameters
    ----------
    fit : Fit
    predictor, outcome : str
        The ends of the mediation.

    Returns
    -------
    Sensitivity

    Raises
    ------
    ModelError
        No route leads from the predictor to the outcome through a mediator.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1, .5, .4, .4], [.5, 1, .3, .5], [.4, .3, 1, .4], [.4, .5, .4, 1]]
    >>> cov = pd.DataFrame(s, columns=list("xmny"), index=list("xmny"))
    >>> given = fit("m ~ x; n ~ x; y ~ m + n", sample_cov=cov, n_obs=100)
    >>> sensitivity_models(given, predictor="x", outcome="y").table.loc["df"].tolist()
    [2.0, 1.0]

    """
    if not _routes(fit.spec, predictor, outcome):
        raise ModelError(
            f"no route leads from {predictor} to {outcome} through a mediator, so there is no mediation to "
            "vary"
        )
    fits, notes = {"as_given": fit}, []
    if parallel_mediators(fit.spec, predictor, outcome):
        spec = with_mediator_covariances(fit.spec, predictor, outcome)
        fits["mediators_covary"] = refit(fit, spec)
    else:
        notes.append("mediators_covary: no two parallel mediators with a fixed residual covariance")
    if is_second_order(fit.spec, outcome):
        fits["first_order_outcomes"] = refit(fit, first_order_outcomes(fit.spec, outcome))
    else:
        notes.append(f"first_order_outcomes: {outcome} is not a second-order factor")
    notes += [f"{name}: {f.status.value}" for name, f in fits.items() if not f.status.converged or f.improper]
    return Sensitivity(fits=MappingProxyType(fits), table=_table(fits), notes=tuple(notes))


def _table(fits: Mapping[str, Fit]) -> pd.DataFrame:
    columns = {name: _column(f, fits["as_given"]) for name, f in fits.items()}
    order = list(dict.fromkeys(q for column in columns.values() for q in column.index))
    frame = pd.DataFrame(columns).reindex(order)
    frame.index.name = "quantity"
    return frame


def _column(fitted: Fit, given: Fit) -> pd.Series:
    measures = fit_indices(fitted)[list(MEASURES)]
    structural = effects(fitted).set_index("effect")["est_std"]
    return pd.concat([measures, _difference(fitted, given), structural])


def _difference(fitted: Fit, given: Fit) -> pd.Series:
    """Return the chi2 difference to the given model, NaN where neither model contains the other."""
    values = {"dchisq": float("nan"), "ddf": float("nan"), "dpvalue": float("nan")}
    ddf = given.df - fitted.df
    if ddf > 0 and fitted.status.converged and given.status.converged and null_solution(given, fitted).nested:
        dchisq = given.chisq - fitted.chisq
        values = {"dchisq": dchisq, "ddf": float(ddf), "dpvalue": chisq_pvalue(dchisq, ddf)}
    return pd.Series(values)
