"""Numerical kernel: arrays in, arrays out; no pandas, no names, no I/O, no random numbers, no warnings."""

from sopsem.kernel.backend import (
    BACKEND,
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
