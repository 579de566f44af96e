"""One BLAS thread: small matrices are slower on several, and the bits must not depend on how many there are."""

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, cast

from threadpoolctl import ThreadpoolController

__all__ = ["blas_names", "one_blas_thread"]


@cache
def _controller() -> ThreadpoolController:
    """Return the libraries of this process, looked for once: that takes milliseconds."""
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[Any]:
    """Give BLAS one thread, from the call until the end of the ``with`` block, or for good without one.

    Examples
    --------
    >>> with one_blas_thread():
    ...     pass

    """
    # a forked worker has one already; to ask again would start threads that spin for tenths of a second
    if all(one["num_threads"] == 1 for one in _controller().info() if one["user_api"] == "blas"):
        return nullcontext()
    return cast("AbstractContextManager[Any]", _controller().limit(limits=1, user_api="blas"))


def blas_names() -> tuple[str, ...]:
    """Return library, version and processor kernel of every BLAS in this process: bits may differ among them."""
    return tuple(
        sorted(
            " ".join(str(one.get(part)) for part in ("internal_api", "version", "architecture"))
            for one in _controller().info()
            if one["user_api"] == "blas"
        )
    )
