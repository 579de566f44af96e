"""Which kernel does the work: the NumPy reference, or its compiled twin where numba is installed (extra ``fast``).

Both come to the same minima (1e-10 on well-posed problems), not to the same last bits.  So the choice for draw b of
a run depends on b and on the model alone, never on how many draws are wanted or where they are made: the first
draws, as many as the reference fits in the time that compiling takes, are the reference's, later ones the compiled
kernel's.  Compiling then never costs more than it has already saved or is about to save (the ski-rental rule), and
the first 200 of 5,000 draws are the 200-draw run to the last bit.
"""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.kernel.available import BACKEND, HAS_NUMBA, NUMPY
from sopsem.kernel.layout import Layout
from sopsem.kernel.newton import BatchFit, Bounds
from sopsem.kernel.newton import minimise as minimise_with_numpy
from sopsem.kernel.objective import Objective

__all__ = [
    "KERNELS",
    "NEVER",
    "Kernel",
    "backend_used",
    "first_compiled",
    "minimise",
    "prepare_compiled",
    "seconds_per_fit",
]

T = TypeVar("T")
Kernel = Literal["auto", "numpy", "numba"]
KERNELS: tuple[str, ...] = ("auto", "numpy", "numba")
NEVER = 2**63 - 1
COMPILING = 5.0  # seconds, with the import of numba
PER_MULTIPLICATION = 6e-10  # seconds of the reference
ITERATIONS = 6  # of a draw


def seconds_per_fit(layouts: tuple[Layout, ...], patterns: int = 1) -> float:
    """Return about how long the reference takes for one draw of a model; a function of its size alone.

    Parameters
    ----------
    layouts : tuple of Layout
        Of every group.
    patterns : int
        Patterns of observed variables in each.

    """
    return ITERATIONS * PER_MULTIPLICATION * patterns * sum(_work(one) for one in layouts)


def _work(layout: Layout) -> int:
    """Return about how many multiplications one iteration takes."""
    p, q, m = layout.n_observed, layout.n_parameters, len(layout.sources)
    cells = len(layout.offset)
    return 4 * p**3 + 4 * p * p * m + 5 * cells * cells + q**3 // 3


def first_compiled(kernel: str, seconds: float) -> int:
    """Return the number of the first draw that the compiled kernel makes.

    Parameters
    ----------
    kernel : str
        "numpy" (never), "numba" (from 0 on) or "auto": after what the reference does in the time of compiling.
    seconds : float
        Of the reference per draw.

    Raises
    ------
    UsageError
        Another name, or "numba" where it is not installed.

    Examples
    --------
    >>> first_compiled("numpy", 0.001) > 10**18
    True

    """
    if kernel not in KERNELS:
        raise UsageError(f"kernel is {kernel!r}; choose one of {', '.join(KERNELS)}")
    if kernel == "numba" and not HAS_NUMBA:
        raise UsageError(
            "kernel='numba' needs numba; install it with pip install 'sopsem[fast]', or use 'numpy'"
        )
    if kernel == "numba":
        return 0
    return NEVER if kernel == "numpy" or not HAS_NUMBA else int(COMPILING / seconds)


def backend_used(first: int, draws: int) -> str:
    """Return in words what fits this many draws, when those from ``first`` on are the compiled kernel's.

    Examples
    --------
    >>> backend_used(NEVER, 200) == f"numpy {np.__version__}"
    True

    """
    if draws <= first:
        return NUMPY
    return BACKEND if first == 0 else f"{NUMPY} for draws 0 to {first - 1}, {BACKEND} for those after"


def prepare_compiled() -> None:
    """Compile, or take from the user's cache, what ``minimise`` needs; before workers would each do it."""
    _twin().prepare()


def _twin() -> ModuleType:
    """Return the compiled kernel: numba takes a second to import, so only runs that use it pay."""
    try:
        return import_module("sopsem.kernel.compiled")
    except ImportError as error:
        raise UsageError(
            f"numba is installed but cannot be loaded ({error}); mend it, e.g. pip install -U numba, or use "
            "kernel='numpy'"
        ) from error


def minimise(
    objective: Objective,
    theta0: NDArray[np.float64],
    *,
    tolerance: float = 1e-13,
    max_iterations: int = 200,
    bounds: Bounds = None,
    trusting: bool = False,
    compiled: bool = False,
) -> BatchFit:
    """Minimise every problem of an objective; see ``newton.minimise``.

    ``compiled`` asks for the compiled twin; objectives that it does not know (least squares, constraints, feedback,
    composites) go to the reference whatever is asked.
    """

    def solved(kernel: Callable[..., T]) -> T:
        return kernel(
            objective,
            theta0,
            tolerance=tolerance,
            max_iterations=max_iterations,
            bounds=bounds,
            trusting=trusting,
        )

    found: BatchFit | None = solved(_twin().minimise) if compiled else None
    return solved(minimise_with_numpy) if found is None else found
