"""Numerical kernel: arrays in, arrays out; no pandas, no names, no I/O, no random numbers, no warnings."""

from typing import TYPE_CHECKING

from sopsem.on_demand import on_demand

__all__ = [
    "BACKEND",
    "KERNELS",
    "NEVER",
    "BatchFit",
    "CovarianceStructure",
    "Kernel",
    "Layout",
    "Likelihood",
    "Objective",
    "Outcome",
    "PatternLikelihood",
    "Quadratic",
    "Selection",
    "Structure",
    "WeightedSum",
    "active_slopes",
    "backend_used",
    "constraint_curvature",
    "evaluate",
    "expected_hessian",
    "first_compiled",
    "fit_batch",
    "gradient",
    "implied",
    "jacobian",
    "matrices",
    "minimise",
    "minimise_constrained",
    "observed_hessian",
    "predicted_starts",
    "prepare_compiled",
    "seconds_per_fit",
]

if TYPE_CHECKING:
    from sopsem.kernel.available import BACKEND
    from sopsem.kernel.backend import (
        KERNELS,
        NEVER,
        Kernel,
        backend_used,
        first_compiled,
        minimise,
        prepare_compiled,
        seconds_per_fit,
    )
    from sopsem.kernel.constrained import active_slopes, constraint_curvature, minimise_constrained
    from sopsem.kernel.layout import Layout
    from sopsem.kernel.newton import BatchFit, Outcome, fit_batch
    from sopsem.kernel.objective import Likelihood, Objective, Selection, WeightedSum
    from sopsem.kernel.pattern_likelihood import PatternLikelihood
    from sopsem.kernel.prediction import predicted_starts
    from sopsem.kernel.quadratic import Quadratic
    from sopsem.kernel.reference import (
        evaluate,
        expected_hessian,
        gradient,
        implied,
        jacobian,
        matrices,
        observed_hessian,
    )
    from sopsem.kernel.structure import CovarianceStructure, Structure
else:
    _HOMES = {
        "available": "BACKEND",
        "backend": "KERNELS Kernel NEVER backend_used first_compiled minimise prepare_compiled seconds_per_fit",
        "constrained": "active_slopes constraint_curvature minimise_constrained",
        "layout": "Layout",
        "newton": "BatchFit Outcome fit_batch",
        "objective": "Likelihood Objective Selection WeightedSum",
        "pattern_likelihood": "PatternLikelihood",
        "prediction": "predicted_starts",
        "quadratic": "Quadratic",
        "reference": "evaluate expected_hessian gradient implied jacobian matrices observed_hessian",
        "structure": "CovarianceStructure Structure",
    }
    __getattr__ = on_demand(__name__, _HOMES)


def __dir__() -> list[str]:
    """Return the public names too, loaded or not."""
    return sorted({*globals(), *__all__})
