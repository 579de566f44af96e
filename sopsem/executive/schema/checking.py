"""One table: columns found, cells read, limits, keys; all its faults are collected before one error is raised."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, nearest, quote, refuse, warning
from sopsem.executive.result import no_rows
from sopsem.executive.schema.cells import Dialect, named_rows, read_column
from sopsem.executive.schema.definitions import SCHEMAS, Column, Schema
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.rules import rules_of, several_units

__all__ = ["Table", "check_table", "excluded_frame", "too_many_excluded"]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A checked table: typed, every column of the schema there, sorted by its key.

    ``given`` counts the rows that came in: rows of ``frame`` + rows of ``excluded``.
    """

    name: str
    frame: pd.DataFrame
    given: int
    digest: str
    notices: tuple[Notice, ...] = ()
    excluded: pd.DataFrame = field(default_factory=no_rows)

    def __len__(self) -> int:
        """Count the rows that are used."""
        return len(self.frame)

    @property
    def units(self) -> tuple[str, ...]:
        """The plants or business units in it."""
        return tuple(sorted(self.frame["unit"].unique()))


def check_table(
    name: str,
    frame: pd.DataFrame,
    policy: Policy = DEFAULT_POLICY,
    *,
    decimal: str = ".",
    dayfirst: bool = False,
    percent: bool = False,
) -> Table:
    """Check one table by itself; ``check_tables`` also sets the tables against each other.

    Parameters
    ----------
    name : str
        A name of ``SCHEMAS``.
    frame : DataFrame
        Texts of a file, or values.
    policy : Policy
        For the share of rows that may be left out.
    decimal, dayfirst, percent
        How numbers, dates and probabilities are written; never guessed.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        With ``code table column rows`` of the first fault and all of them in ``notices``.

    Examples
    --------
    >>> frame = pd.DataFrame({"product_id": ["P"], "Price": [-90], "material_cost": [45]})
    >>> check_table("products", frame)
    Traceback (most recent call last):
    ...
    sopsem.errors.DataError: products.csv: E-T02 column 'price' is missing, did you mean 'Price'?
    >>> check_table("products", frame.rename(columns=str.lower))
    Traceback (most recent call last):
    ...
    sopsem.errors.DataError: products.csv: E-T06 row 2 (P): price is -90, below 0

    """
    schema = SCHEMAS[name]
    rows = np.arange(2, len(frame) + 2)
    notices = list(_column_notices(frame, schema))
    refuse(notices)
    frame = frame.reset_index(drop=True)
    dialect = Dialect(decimal=decimal, dayfirst=dayfirst, percent=percent)
    typed, read = _typed(frame, schema, dialect, rows)
    notices += read
    refuse(notices)
    keys = _key_texts(typed, schema)
    notices += _limit_notices(typed, schema, rows, keys)
    excluded, reasons = np.zeros(len(typed), bool), []
    for rule in rules_of(name):
        outcome = rule(typed, schema, rows, keys)
        notices += outcome.notices
        reasons += [(row, outcome.code, outcome.reason) for row in rows[outcome.excluded & ~excluded]]
        excluded |= outcome.excluded
    left_out = sum(1 for _, code, _ in reasons if code != "T04")
    notices += too_many_excluded(name, left_out, len(typed), policy)
    refuse(notices)
    kept = typed[~excluded].sort_values(list(schema.key), kind="stable").reset_index(drop=True)
    return Table(
        name=name,
        frame=kept,
        given=len(typed),
        digest=_digest(kept),
        notices=tuple(notices),
        excluded=excluded_frame(name, reasons),
    )


def excluded_frame(name: str, reasons: list[tuple[int, str, str]]) -> pd.DataFrame:
    """Return the rows left out as a frame.

    >>> excluded_frame("orders", [(3, "T12", "delivered before ordered")]).to_dict("records")
    [{'table': 'orders', 'row': 3, 'code': 'T12', 'reason': 'delivered before ordered'}]
    """
    if not reasons:
        return no_rows()
    ordered = sorted(reasons)
    return pd.DataFrame(
        {
            "table": name,
            "row": [row for row, _, _ in ordered],
            "code": [code for _, code, _ in ordered],
            "reason": [why for _, _, why in ordered],
        }
    )


def too_many_excluded(name: str, left_out: int, given: int, policy: Policy) -> list[Notice]:
    """Return the fault T23 when more rows are left out than the policy allows.

    >>> [n.code for n in too_many_excluded("orders", 6, 100, DEFAULT_POLICY)]
    ['T23']
    """
    limit = policy["general"]["max_excluded_share"]
    if given and left_out / given > limit:
        message = f"{left_out} of {given} rows would be left out, more than the policy's {limit:.0%}"
        return [fault("T23", message, table=name)]
    return []


def _column_notices(frame: pd.DataFrame, schema: Schema) -> Iterator[Notice]:
    given = [str(name).strip() for name in frame.columns]
    repeated = sorted({name for name in given if given.count(name) > 1})
    for name in repeated:
        yield fault("T35", f"column {quote(name)} is there twice; rename one", table=schema.name, column=name)
    spare = [name for name in given if name not in schema.columns]
    for name in schema.required:
        if name not in given:
            message = f"column {quote(name)} is missing{nearest(name, spare)}"
            yield fault("T02", message, table=schema.name, column=name)
    for name in spare:
        near = nearest(name, [c for c in schema.columns if c not in given])
        message = f"column {quote(name)} is not known and not used{near}"
        yield warning("T02", message, table=schema.name, column=name)


def _typed(
    frame: pd.DataFrame, schema: Schema, dialect: Dialect, rows: np.ndarray
) -> tuple[pd.DataFrame, list[Notice]]:
    """Return every column of the schema as values, and the cells that cannot be read."""
    named = frame.set_axis([str(name).strip() for name in frame.columns], axis=1)
    columns: dict[str, pd.Series] = {}
    notices: list[Notice] = []
    for name, column in schema.columns.items():
        cells = named[name] if name in named else pd.Series([""] * len(named), dtype=object)
        read = read_column(cells, column, dialect, rows, schema.name)
        notices += read.notices
        scale = 0.01 if column.probability and dialect.percent else 1
        columns[name] = _filled(read.cells if scale == 1 else read.cells * scale, column)
        absent = read.cells.isna().to_numpy() & (not read.notices) & column.required
        if absent.any():
            message = f"{named_rows(absent, rows)}: {name} is empty; a value is needed"
            notices.append(fault("T02", message, table=schema.name, column=name, rows=rows[absent]))
    if not len(named):
        notices.append(fault("T02", "the table has a header and no rows", table=schema.name))
    return pd.DataFrame(columns, copy=False), notices


def _filled(values: pd.Series, column: Column) -> pd.Series:
    if column.default is None:
        return values
    filled = values.where(values.notna(), column.default)
    return filled.astype(bool) if column.type == "flag" else filled


def _key_texts(frame: pd.DataFrame, schema: Schema) -> "pd.Series[str]":
    """Return the key of every row as people read it; the unit only where there are several."""
    named = [k for k in schema.key if k != "unit" or several_units(frame)]
    texts = frame[named[0]].astype(str)
    for name in named[1:]:
        texts = texts + " · " + frame[name].astype(str)
    return texts


def _limit_notices(
    frame: pd.DataFrame, schema: Schema, rows: np.ndarray, keys: "pd.Series[str]"
) -> Iterator[Notice]:
    cancelled = (frame["status"] == "cancelled").to_numpy() if "status" in frame else False
    for name, column in schema.columns.items():
        if column.type in ("number", "integer"):
            free = cancelled if column.credit else False
            yield from _outside(frame[name], column, schema.name, rows, keys, free)
        elif column.allowed:
            wrong = (frame[name].notna() & ~frame[name].isin(column.allowed)).to_numpy()
            if wrong.any():
                first = quote(frame[name][wrong].iloc[0])
                message = f"{named_rows(wrong, rows, keys)}: {name} is {first}; it may be {', '.join(column.allowed)}"
                yield fault("T34", message, table=schema.name, column=name, rows=rows[wrong])


def _outside(
    values: pd.Series,
    column: Column,
    table: str,
    rows: np.ndarray,
    keys: "pd.Series[str]",
    free: np.ndarray | bool,
) -> Iterator[Notice]:
    """Yield one fault per limit that is broken."""
    number = values.to_numpy(float)
    if column.probability:
        yield from _improbable(number, column, table, rows, keys)
        return
    low = -np.inf if column.min is None else column.min
    checks = [
        (number < low, "T06", f"below {low:g}"),
        (number <= (-np.inf if column.above is None else column.above), "T06", f"not above {column.above}"),
        (number > (np.inf if column.max is None else column.max), "T07", f"above {column.max}"),
    ]
    for broken, code, why in checks:
        bad = broken & ~np.asarray(free)
        if bad.any():
            first = f"{number[bad][0]:g}"
            message = f"{named_rows(bad, rows, keys)}: {column.name} is {first}, {why}"
            yield fault(code, message, table=table, column=column.name, rows=rows[bad])


def _improbable(
    number: np.ndarray, column: Column, table: str, rows: np.ndarray, keys: "pd.Series[str]"
) -> Iterator[Notice]:
    bad = (number < 0) | (number > 1)
    if bad.any():
        percent = np.mean((number > 1) & (number <= 100)) >= 0.9
        hint = "; looks like percent, pass percent=True" if percent else "; a probability is from 0 to 1"
        message = f"{named_rows(bad, rows, keys)}: {column.name} is {number[bad][0]:g}{hint}"
        yield fault("T07", message, table=table, column=column.name, rows=rows[bad])


def _digest(frame: pd.DataFrame) -> str:
    """Hash the rows in their sorted order: the order of the file does not matter."""
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return hashlib.sha256(rows.tobytes()).hexdigest()[:16]
