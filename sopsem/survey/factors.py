"""A column as its distinct cells and where each stands, the same for files and for frames.

A survey column has few distinct cells, so each is read once however many rows there are.
"""

import datetime as dt
import decimal
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.survey.messages import quote

__all__ = ["Factor", "column_fault", "factor_series", "factor_texts"]

LONGEST_INTEGER = 10**18


@dataclass(frozen=True, kw_only=True)
class Factor:
    """Distinct cells as text, and for every row the position of its cell among them."""

    texts: tuple[str, ...]
    codes: npt.NDArray[np.intp]

    def rows(self, position: int) -> npt.NDArray[np.intp]:
        """Return the rows, from 0, that hold the distinct cell at this position."""
        return np.flatnonzero(self.codes == position)

    def counts(self) -> npt.NDArray[np.intp]:
        """Return how many rows hold each distinct cell."""
        return np.bincount(self.codes, minlength=len(self.texts))

    def spread(self) -> npt.NDArray[np.object_]:
        """Return the text of every row."""
        return np.array(self.texts, dtype=object)[self.codes]


def factor_texts(texts: Sequence[str]) -> Factor:
    """Return the factor of a column of texts.

    Examples
    --------
    >>> factor_texts(["4", "", "4"]).texts
    ('4', '')

    """
    column = np.empty(len(texts), dtype=object)
    column[:] = texts
    codes, distinct = pd.factorize(column)
    return Factor(texts=tuple(distinct), codes=codes)


def column_fault(name: str, series: pd.Series) -> str:
    """Say why the type of a frame's column cannot be read, or nothing."""
    if isinstance(series.dtype, pd.CategoricalDtype) and not series.cat.ordered:
        return f"column {quote(name)} is an unordered categorical; give codes as numbers, or labels as text"
    return ""


def factor_series(series: pd.Series) -> Factor:
    """Return the factor of a frame's column, whatever its type; missing cells become empty text.

    Nullable, Arrow and boolean columns give the same numbers as float64 ones; an ordered categorical is read
    through its labels, never through pandas' internal codes.

    Examples
    --------
    >>> factor_series(pd.Series([4, None], dtype="Int64")).texts
    ('4.0', '')

    """
    if pd.api.types.is_bool_dtype(series.dtype) or _is_real(series):
        numbers = series.to_numpy(dtype=np.float64, na_value=np.nan)
        codes, distinct = pd.factorize(numbers, use_na_sentinel=False)
        return Factor(texts=tuple(_text(float(x)) for x in distinct), codes=codes)
    return factor_texts([_text(cell) for cell in series.astype(object)])


def _is_real(series: pd.Series) -> bool:
    numeric = pd.api.types.is_numeric_dtype(series.dtype)
    return bool(numeric and not pd.api.types.is_complex_dtype(series.dtype))


def _text(cell: object) -> str:
    """Return a cell as a file would hold it; what no file can hold is named by its type and refused later."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return ""
    if isinstance(cell, (str, bool, np.bool_)):
        return str(cell)
    if isinstance(cell, (int, np.integer)):
        return str(int(cell)) if abs(int(cell)) < LONGEST_INTEGER else "<integer of more than 18 digits>"
    if isinstance(cell, (float, np.floating)):
        return "" if math.isnan(cell) else repr(float(cell))
    if isinstance(cell, (decimal.Decimal, dt.date, dt.time)):
        return str(cell)
    return f"<{type(cell).__name__}>"
