"""What makes two runs the same run: digests of what goes in, versions, and the machine's arithmetic."""

import platform
import sys
from hashlib import sha256
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from sopsem.runs.blas import blas_names

__all__ = ["digest", "platform_identity"]


def digest(*parts: NDArray[np.generic] | str | None) -> str:
    """Return the SHA-256 of arrays (type, shape and bytes) and texts in their order, as hexadecimal digits.

    Examples
    --------
    >>> digest("f =~ x", np.array([1.0]))[:8] == digest("f =~ x", np.array([1]))[:8]
    False

    """
    found = sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            said, content = f"{part.dtype.str} {part.shape} ", np.ascontiguousarray(part).tobytes()
        else:
            said, content = "none " if part is None else f"text {len(part)} ", (part or "").encode()
        found.update(said.encode() + content)
    return found.hexdigest()


def platform_identity() -> dict[str, object]:
    """Return the versions and the processor arithmetic that the bytes of a run may depend on.

    A run that is resumed must have the same, or its second half could differ in the last bits.
    """
    return {
        **{name: version(name) for name in ("sopsem", "numpy", "scipy")},
        "python": ".".join(map(str, sys.version_info[:2])),
        "machine": f"{sys.platform} {platform.machine()}",
        "blas": list(blas_names()),
    }
