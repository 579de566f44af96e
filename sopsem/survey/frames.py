"""The frames that come in, and those that the answers are handed out in."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.errors import UsageError
from sopsem.survey.coding import LogEntry

__all__ = ["as_pandas", "excluded_frame", "float_frame", "log_frame", "matrix_hash"]


def as_pandas(frame: Any) -> pd.DataFrame:
    """Return a pandas or polars frame as a pandas one; anything else is a UsageError."""
    if isinstance(frame, pd.DataFrame):
        return frame
    if hasattr(frame, "get_columns"):  # polars, which need not be installed
        return pd.DataFrame({column.name: column.to_list() for column in frame.get_columns()})
    raise UsageError(f"expected a pandas or polars DataFrame, found {type(frame).__name__}")


def float_frame(columns: Mapping[str, npt.NDArray[np.float64]], index: pd.Index) -> pd.DataFrame:
    """Return columns of numbers as a frame on one read-only array.

    Examples
    --------
    >>> frame = float_frame({"a": np.array([1.0, 2.0])}, pd.RangeIndex(1, 3))
    >>> frame.to_numpy().flags.writeable
    False

    """
    matrix = np.empty((len(index), len(columns)), dtype=np.float64)
    for place, values in enumerate(columns.values()):
        matrix[:, place] = values
    matrix.flags.writeable = False
    return pd.DataFrame(matrix, index=index, columns=list(columns), copy=False)


def log_frame(log: Sequence[LogEntry]) -> pd.DataFrame:
    """Return the audit log as a frame with the columns item, column, rule, from, to, n_cells, rows."""
    names = {"before": "from", "after": "to"}
    columns = ["item", "column", "rule", "before", "after", "n_cells", "rows"]
    return pd.DataFrame([asdict(entry) for entry in log], columns=columns).rename(columns=names)


def excluded_frame(rows: list[int], lines: list[int], reasons: list[str]) -> pd.DataFrame:
    """Return the rows left out: number in the source, line of the file, reason."""
    return pd.DataFrame(
        {
            "row": np.array(rows, dtype=np.int64),
            "line": np.array(lines, dtype=np.int64),
            "reason": np.array(reasons, dtype=object),
        }
    )


def matrix_hash(items: Mapping[str, npt.NDArray[np.float64]]) -> str:
    """Return the SHA-256 of the item names and of the answers as little-endian doubles."""
    digest = hashlib.sha256("\n".join(items).encode())
    for values in items.values():
        digest.update(np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes())
    return digest.hexdigest()
