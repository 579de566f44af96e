"""Names of units as texts, so that the unit 7 of a survey is the unit "7" of the tables."""

import numpy as np
import pandas as pd

__all__ = ["unit_names"]


def unit_names(column: "pd.Series[object]") -> "pd.Series[str]":
    """Return names without spaces around them; a whole number without its point; nothing where there is none.

    >>> unit_names(pd.Series([7.0, " North ", None])).tolist()
    ['7', 'North', '']
    """
    return column.map(_name).astype(object)


def _name(cell: object) -> str:
    if pd.isna(cell):
        return ""
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell).strip()
