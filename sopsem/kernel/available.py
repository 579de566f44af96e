"""Which kernels are installed here, told without loading any."""

from importlib.metadata import version
from importlib.util import find_spec

__all__ = ["BACKEND", "HAS_NUMBA", "NUMPY"]

HAS_NUMBA = find_spec("numba") is not None
NUMPY = f"numpy {version('numpy')}"
BACKEND = f"numba {version('numba')}" if HAS_NUMBA else NUMPY
