"""A file of numbers without a questionnaire: any column whose cells are all numbers or empty is numeric."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from sopsem.survey.cells import CellRules, read_cell
from sopsem.survey.formats import read_bytes, read_table

__all__ = ["read_numbers"]


def read_numbers(
    path: str | Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> pd.DataFrame:
    """Read a survey file of any kind; a column with a cell that is no number stays text.

    Missing are empty cells, NA, and what an SPSS or Stata file itself declares.

    Parameters
    ----------
    path : str or Path
    encoding, delimiter, sheet : str, optional
        What to use instead of what the file shows.

    Raises
    ------
    FileError, DataError, UsageError, ResourceLimitError
        As in ``read_responses`` for what is wrong with the file itself.

    """
    table = read_table(path, read_bytes(path), encoding=encoding, delimiter=delimiter, sheet=sheet)
    rules = CellRules(
        scale="number",
        codes={},
        labels={},
        missing={"": "empty", "NA": "not available, as R writes it"},
        missing_labels={},
        decimal_comma=table.decimal_comma,
    )
    return pd.DataFrame(
        {
            name: _column(column, replace(rules, declared=table.missing.get(name, {})))
            for name, column in zip(table.columns, table.cells, strict=True)
        }
    )


def _column(cells: tuple[str, ...], rules: CellRules) -> pd.Series:
    readings = [read_cell(cell, rules) for cell in cells]
    if any(r.problem for r in readings):
        return pd.Series([cell if cell.strip() else None for cell in cells], dtype=object)
    return pd.Series([r.value for r in readings], dtype=np.float64)
