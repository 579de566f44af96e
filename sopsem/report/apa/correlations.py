"""Means, standard deviations and correlations of observed variables."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from sopsem.errors import DataError
from sopsem.report.apa.general_note import stars_note
from sopsem.report.apa.lines import Column, Line, lined_table, named
from sopsem.report.digits import MISSING, bounded, count, decimals, stars
from sopsem.report.table import Table
from sopsem.sem.sample.pearson import pearson_correlations

__all__ = ["correlation_table"]


def correlation_table(
    data: pd.DataFrame,
    variables: Sequence[str] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    missing: Literal["listwise", "pairwise"] = "listwise",
    digits: int = 2,
    with_stars: bool = False,
    source_label: str = "",
) -> Table:
    """Return n, means, standard deviations and Pearson correlations.

    Parameters
    ----------
    data : DataFrame
        One row per respondent.
    variables : sequence of str, optional
        Numeric columns to show; all by default.
    labels : mapping of str to str, optional
        Printed names.
    missing : {"listwise", "pairwise"}
        Rows without any missing value, or for each number the rows that have it.
    digits : int
    with_stars : bool
        Mark correlations by stars.
    source_label : str

    Returns
    -------
    Table
        The lower triangle.  ``frame`` is long: quantity (mean, sd, correlation), lhs, rhs, est, n, pvalue, ci_lower,
        ci_upper.

    Raises
    ------
    DataError
        A column that does not exist or is not numeric.
    UsageError
        Another ``missing``.

    Examples
    --------
    >>> data = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [2.0, 1, 4, 3, 5]})
    >>> correlation_table(data).rows
    (('1. a', '5', '3.00', '1.58', '—', ''), ('2. b', '5', '3.00', '1.58', '.80', '—'))

    """
    names = [str(c) for c in data.columns] if variables is None else list(variables)
    absent = [name for name in names if name not in data.columns]
    if absent:
        raise DataError(f"no column {absent[0]!r}; the data have {', '.join(map(str, data.columns))}")
    own = data[names]
    found = pearson_correlations(own, missing=missing)
    used = own.dropna() if missing == "listwise" else own
    frame = _frame(used, names, found)
    two, raw = bounded(digits), decimals(digits)
    marks = {(r.lhs, r.rhs): f"{two(r.r)}{stars(r.pvalue) if with_stars else ''}" for r in found.itertuples()}
    lines = []
    for place, name in enumerate(names):
        values: dict[str, object] = {other: marks[other, name] for other in names[:place]}
        column = used[name].dropna()
        values |= {
            "#n": len(column),
            "#mean": column.mean(),
            "#sd": column.std(ddof=1),
            name: MISSING,
        }
        lines.append(Line(level=0, name=f"{place + 1}. {named(labels or {}, name)}", cells=values))
    columns = [
        Column(key="#n", header="n", shown=count),
        Column(key="#mean", header="M", shown=raw),
        Column(key="#sd", header="SD", shown=raw),
        *(Column(key=name, header=str(n), shown=two) for n, name in enumerate(names, start=1)),
    ]
    return lined_table(
        "Means, Standard Deviations, and Correlations",
        columns,
        lines,
        first="Variable",
        notes=[_note(len(data), len(used), missing), stars_note() if with_stars else ""],
        frame=frame,
        source_label=source_label,
    )


def _frame(used: pd.DataFrame, names: list[str], found: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name in names:
        column = used[name].dropna()
        rows.append(("mean", name, name, float(column.mean()), len(column)))
        rows.append(("sd", name, name, float(column.std(ddof=1)), len(column)))
    single = pd.DataFrame(rows, columns=["quantity", "lhs", "rhs", "est", "n"])
    single = single.assign(pvalue=np.nan, ci_lower=np.nan, ci_upper=np.nan)
    pairs = found.rename(columns={"r": "est"}).assign(quantity="correlation")[list(single.columns)]
    return pd.concat([single, pairs], ignore_index=True) if len(pairs) else single


def _note(given: int, used: int, missing: str) -> str:
    if missing == "pairwise":
        return f"{given} rows; each number rests on the rows that have the values it needs."
    lost = given - used
    return f"N = {used}" + (f"; {lost} of {given} rows with a missing value left out." if lost else ".")
