"""A CSV file of numbers without a questionnaire: any column whose cells are all numbers or empty is numeric."""

from pathlib import Path

import numpy as np
import pandas as pd

from sopsem.survey.cells import CellRules, read_cell
from sopsem.survey.formats import read_bytes, read_table

__all__ = ["read_numbers"]


def read_numbers(
    path: str | Path, *, encoding: str | None = None, delimiter: str | None = None
) -> pd.DataFrame:
    """Read a CSV file with a header; empty cells and NA are missing, and a column with any other text stays text.

    Parameters
    ----------
    path : str or Path
    encoding, delimiter : str, optional
        What to use instead of what the file shows.

    Raises
    ------
    FileError, DataError, UsageError, ResourceLimitError
        As in ``read_responses`` for what is wrong with the file itself.

    """
    table = read_table(path, read_bytes(path), encoding=encoding, delimiter=delimiter)
    rules = CellRules(
        scale="number",
        codes={},
        labels={},
        missing={"": "empty", "NA": "not available, as R writes it"},
        missing_labels={},
        decimal_comma=table.delimiter == ";",
    )
    return pd.DataFrame(
        {name: _column(column, rules) for name, column in zip(table.columns, table.cells, strict=True)}
    )


def _column(cells: tuple[str, ...], rules: CellRules) -> pd.Series:
    readings = [read_cell(cell, rules) for cell in cells]
    if any(r.problem for r in readings):
        return pd.Series([cell if cell.strip() else None for cell in cells], dtype=object)
    return pd.Series([r.value for r in readings], dtype=np.float64)
