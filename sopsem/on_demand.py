"""Public names that are loaded when they are first asked for, so that importing a package costs next to nothing."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["on_demand"]


def on_demand(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package (PEP 562): it imports the module that a name lives in.

    Parameters
    ----------
    package : str
        Name of the package.
    homes : mapping
        Module inside the package -> its public names, with spaces between.

    Examples
    --------
    >>> on_demand("sopsem", {"errors": "DataError FileError"})("FileError").exit_code
    3

    """
    where = {name: f"{package}.{module}" for module, names in homes.items() for name in names.split()}

    def load(name: str) -> Any:
        if name not in where:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}", name=name, obj=sys.modules.get(package)
            )
        return getattr(import_module(where[name]), name)

    return load
