"""Method variance in one call: common factor, markers and tipping points of a model and its CFA."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from sopsem.errors import ConvergenceError
from sopsem.runs.blas import one_blas_thread
from sopsem.sem.constructs.measurement import first_order_factors, measurement_model
from sopsem.sem.constructs.method.cfa_marker import CFAMarker, cfa_marker
from sopsem.sem.constructs.method.common_factor import CommonMethodFactor, common_method_factor
from sopsem.sem.constructs.method.marker_correlation import MarkerCorrelation, marker_correlation
from sopsem.sem.constructs.method.tipping_point import TippingPoint, tipping_point
from sopsem.sem.constructs.method_variance import MethodVariance, method_variance
from sopsem.sem.estimation.fit import Fit, fit
from sopsem.sem.model.spec import ModelSpec, model_spec

__all__ = ["MethodCheck", "method_check"]


@dataclass(frozen=True, kw_only=True)
class MethodCheck:
    """Everything about method variance that one data set allows; frozen.

    Attributes
    ----------
    common_factor : CommonMethodFactor
        Of the model.
    paths, constructs : TippingPoint
        Of the model, and of the correlations of constructs in its CFA.
    marker_correlation : MarkerCorrelation
        With the marker when there is one.
    cfa_marker : CFAMarker or None
        Needs a marker of two items or more.
    single_source : MethodVariance
        Harman's share, eigenvalues and the one-factor CFA: what papers print, and weak evidence.
    n : int

    """

    common_factor: CommonMethodFactor
    paths: TippingPoint
    constructs: TippingPoint
    marker_correlation: MarkerCorrelation
    cfa_marker: CFAMarker | None
    single_source: MethodVariance
    n: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """What all of it says, the headline first."""
        marker = self.cfa_marker.sentences if self.cfa_marker is not None else ()
        return (
            *self.paths.sentences,
            *self.common_factor.sentences,
            *marker,
            *self.marker_correlation.sentences[1:],
            *self.single_source.sentences,
            "Separating sources, times and scale formats when asking is worth more than any of these statistics.",
        )


def method_check(
    model: str | ModelSpec,
    data: pd.DataFrame,
    *,
    marker: Sequence[str] = (),
    opposite: Collection[str] = (),
    level: float = 0.95,
    mimic: str | None = None,
) -> MethodCheck:
    """Look for method variance, and say how much of it would matter.

    Parameters
    ----------
    model : str or ModelSpec
        A structural model or a CFA with two first-order factors or more.
    data : DataFrame
        Items of the model and of the marker; reversed items turned round.
    marker : sequence of str
        Items that were asked to measure the method and nothing else, chosen beforehand.
    opposite : collection of str
        Items on which the method acts the other way: those turned round, when the method is agreeing with everything.
    level : float
    mimic : {"amos"}, optional
        As in ``fit``.

    Raises
    ------
    UsageError, DataError, ModelError
        As in the functions that it calls.
    ConvergenceError
        The model itself, or its CFA, did not converge.

    Examples
    --------
    >>> from sopsem.sem.simulation.simulate import simulate
    >>> text = "f =~ .8*a + .7*b + .6*c + .5*d; g =~ .5*h + .6*i + .7*j + .8*k; g ~ .5*f"
    >>> result = method_check("f =~ a + b + c + d; g =~ h + i + j + k; g ~ f", simulate(text, 300, seed=1))
    >>> result.paths.table["direction"].tolist()
    ['creates']

    """
    with one_blas_thread():  # small matrices
        whole = _converged(fit(model, data, mimic=mimic), "the model")
        text = measurement_model(model_spec(model))
        cfa = _converged(fit(text, data, mimic=mimic), "the CFA behind the model")
        factors = first_order_factors(cfa.spec)
        return MethodCheck(
            common_factor=common_method_factor(whole, opposite=opposite),
            paths=tipping_point(whole, opposite=opposite, level=level),
            constructs=tipping_point(cfa, opposite=opposite, level=level),
            marker_correlation=marker_correlation(data, factors, marker=marker),
            cfa_marker=cfa_marker(model, data, marker) if len(set(marker)) > 1 else None,
            single_source=method_variance(cfa),
            n=whole.n,
        )


def _converged(fitted: Fit, what: str) -> Fit:
    if not fitted.status.converged:
        raise ConvergenceError(f"{what} did not converge on {fitted.n} rows: {fitted.status.value}")
    return fitted
