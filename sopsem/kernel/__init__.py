"""Numerical kernel: arrays in, arrays out; no pandas, no names, no I/O, no random numbers, no warnings."""

from sopsem.kernel.layout import Layout
from sopsem.kernel.newton import BatchFit, Outcome, fit_batch
from sopsem.kernel.reference import (
    evaluate,
    expected_hessian,
    gradient,
    implied,
    jacobian,
    matrices,
    observed_hessian,
)

__all__ = [
    "BACKEND",
    "BatchFit",
    "Layout",
    "Outcome",
    "evaluate",
    "expected_hessian",
    "fit_batch",
    "gradient",
    "implied",
    "jacobian",
    "matrices",
    "observed_hessian",
]

BACKEND = "numpy"
