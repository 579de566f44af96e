"""The tables together: read from a folder or given as frames, set against each other, one unit at a time."""

import csv
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import pandas as pd

from sopsem.errors import DataError, FileError, MissingTable
from sopsem.executive.notices import Notice, fault, quote, refusal, refuse
from sopsem.executive.schema.checking import Table, check_table
from sopsem.executive.schema.definitions import SCHEMAS
from sopsem.executive.schema.joining import join_notices, without_strangers
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy, load_policy

__all__ = ["Given", "Tables", "check_tables", "read_tables"]

Given: TypeAlias = pd.DataFrame | Table


@dataclass(frozen=True, kw_only=True)
class Tables(Mapping[str, Table]):
    """Checked tables by name, with the thresholds they were checked by.

    ``tables["orders"]`` is a Table; ``tables.frame("orders")`` its rows; both raise MissingTable when it was not
    given.  ``notices`` holds those of every table and those between tables.
    """

    tables: Mapping[str, Table]
    policy: Policy = DEFAULT_POLICY
    joined: tuple[Notice, ...] = ()

    def __getitem__(self, name: str) -> Table:
        """Return a table.

        Raises
        ------
        MissingTable
            T01, with the columns the table needs.

        """
        if name not in self.tables:
            raise missing_table(name)
        return self.tables[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the tables that were given."""
        return iter(self.tables)

    def __len__(self) -> int:
        """Count the tables that were given."""
        return len(self.tables)

    def __contains__(self, name: object) -> bool:
        """Say whether a table was given."""
        return name in self.tables

    def given(self, name: str) -> Table | None:
        """Return a table, None when it was not given."""
        return self.tables.get(name)

    def frame(self, name: str) -> pd.DataFrame:
        """Return a copy of a table's rows."""
        return self[name].frame.copy()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Every notice: of each table, then between tables."""
        return (*(n for table in self.tables.values() for n in table.notices), *self.joined)

    @property
    def excluded(self) -> pd.DataFrame:
        """Every row that was left out, with its reason."""
        left = [t.excluded for t in self.tables.values() if len(t.excluded)]
        return pd.concat(left, ignore_index=True) if left else _nothing_left_out()

    @property
    def digest(self) -> str:
        """Hash of every table."""
        return ",".join(f"{name}:{table.digest}" for name, table in sorted(self.tables.items()))

    @property
    def units(self) -> tuple[str, ...]:
        """Every plant or business unit of any table."""
        return tuple(sorted({unit for table in self.tables.values() for unit in table.units}))

    def of_unit(self, unit: str) -> "Tables":
        """Return the tables of one unit; tables without a row of it are absent."""
        kept = {name: _only(table, unit) for name, table in self.tables.items() if unit in table.units}
        return replace(self, tables=MappingProxyType(kept))


def _nothing_left_out() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in ("table", "row", "code", "reason")})


def _only(table: Table, unit: str) -> Table:
    rows = table.frame[table.frame["unit"] == unit].reset_index(drop=True)
    return replace(table, frame=rows, digest=f"{table.digest}/{unit}")


def missing_table(name: str, functions: str = "") -> MissingTable:
    """Return the error that says which table is needed and which columns it must have.

    >>> print(missing_table("demand"))
    E-T01 demand.csv is needed; add it with the columns period, product_id, sales_unit, quantity
    """
    asked = f" for {functions}" if functions else ""
    columns = ", ".join(SCHEMAS[name].required)
    message = f"E-T01 {name}.csv is needed{asked}; add it with the columns {columns}"
    return MissingTable(message, code="T01", table=name)


def check_tables(
    given: Mapping[str, Given | None],
    policy: Policy = DEFAULT_POLICY,
    *,
    as_of: date | None = None,
    decimal: str = ".",
    dayfirst: bool = False,
    percent: bool = False,
) -> Tables:
    """Check every table, then the tables against each other.

    Parameters
    ----------
    given : mapping of str to DataFrame, Table or None
        Raw frames are checked; Tables were; None is not given.
    policy : Policy
        Thresholds.
    as_of : date, optional
        The day the data are looked at: open orders past their promise (T24) and old data (T20) are noticed.
    decimal, dayfirst, percent
        How numbers, dates and probabilities are written.

    Raises
    ------
    DataError
        Every fault of every table at once; then every fault between tables.

    Examples
    --------
    >>> products = pd.DataFrame({"product_id": ["P"], "price": [90], "material_cost": [45]})
    >>> routings = pd.DataFrame({"product_id": ["P", "X"], "resource_id": "B", "hours_per_unit": 15})
    >>> tables = check_tables({"products": products, "routings": routings})
    >>> tables.notices[0].message
    "product_id 'X' is not in products.csv; rows left out: 1 of 2"
    >>> tables["orders"]
    Traceback (most recent call last):
    ...
    sopsem.errors.MissingTable: E-T01 orders.csv is needed; add it with the columns order_id, sales_unit, product_id,
    quantity, price, order_date, promised_date

    """
    tables: dict[str, Table] = {}
    faults: list[Notice] = []
    for name, frame in given.items():
        if frame is None:
            continue
        if isinstance(frame, Table):
            tables[name] = frame
            continue
        try:
            tables[name] = check_table(
                name, frame, policy, decimal=decimal, dayfirst=dayfirst, percent=percent
            )
        except DataError as error:
            faults += [n for n in error.notices if isinstance(n, Notice)]
    refuse(faults)
    notices = join_notices(tables, policy, as_of)
    refuse(notices)
    kept = without_strangers(tables)
    return Tables(tables=MappingProxyType(kept), policy=policy, joined=tuple(notices))


def read_tables(
    folder: str | os.PathLike[str],
    *,
    policy: Policy | None = None,
    as_of: date | None = None,
    decimal: str = ".",
    dayfirst: bool = False,
    percent: bool = False,
) -> Tables:
    """Read and check every table of a folder; ``policy.toml`` in it is used unless a policy is given.

    Parameters
    ----------
    folder : path-like
        Holds ``products.csv``, ``orders.csv`` ... (UTF-8, header row); files of other names are not read.
    policy, as_of, decimal, dayfirst, percent
        As in ``check_tables``.

    Raises
    ------
    FileError
        The folder is not there or holds none of the tables.
    DataError, PolicyError
        As in ``check_tables`` and ``load_policy``; T35 for a file that is no table.

    """
    root = Path(folder)
    if not root.is_dir():
        raise FileError(f"{root}: there is no such folder")
    found = {name: root / f"{name}.csv" for name in SCHEMAS if (root / f"{name}.csv").is_file()}
    if not found:
        raise FileError(
            f"{root}: no table is in it; expected some of {', '.join(f'{n}.csv' for n in SCHEMAS)}"
        )
    thresholds = policy or _policy_of(root)
    frames, faults = {}, []
    for name, path in found.items():
        try:
            frames[name] = read_table(path)
        except DataError as error:
            faults += [n for n in error.notices if isinstance(n, Notice)]
    refuse(faults)
    return check_tables(frames, thresholds, as_of=as_of, decimal=decimal, dayfirst=dayfirst, percent=percent)


def _policy_of(root: Path) -> Policy:
    path = root / "policy.toml"
    return load_policy(path) if path.is_file() else DEFAULT_POLICY


def read_table(path: Path) -> pd.DataFrame:
    """Read one CSV file as texts; comma or semicolon, whichever the header has more of.

    Raises
    ------
    FileError
        The file cannot be opened.
    DataError
        T35: not UTF-8, no header, rows of another length than the header, a quote never closed.

    """
    name = path.stem
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise _no_table(name, "not in UTF-8; save it as CSV UTF-8") from error
    header = _header(text, name)
    mark = ";" if header.count(";") > header.count(",") else ","
    names = next(csv.reader([header], delimiter=mark), [])
    repeated = sorted({n.strip() for n in names if names.count(n) > 1})
    if repeated:
        raise _no_table(name, f"column {quote(repeated[0])} is there twice; rename one")
    reason = _misfit(text, mark, len(names))
    if reason:
        raise _no_table(name, reason)
    try:
        return pd.read_csv(io.StringIO(text), sep=mark, dtype=str, index_col=False, na_filter=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise _no_table(name, f"it cannot be read: {quote(error)}") from error


def _header(text: str, name: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    if not header:
        raise _no_table(name, "the file is empty; write a header row and the rows")
    if "\0" in text:
        raise _no_table(name, "it holds NUL characters; save it as CSV UTF-8")
    return header


def _misfit(text: str, mark: str, width: int) -> str:
    """Name the first row that does not fit the header, or say nothing."""
    if '"' not in text and all(line.count(mark) == width - 1 for line in text.splitlines() if line):
        return ""
    try:
        for row, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True), 1
        ):
            if cells and len(cells) != width:
                hint = "quote cells that hold the separator" if len(cells) > width else "a row ends early"
                return f"row {row} has {len(cells)} cells where the header has {width}: {hint}"
    except csv.Error as error:
        return f"a quote is not closed, or text follows a closing quote: {error}"
    return ""


def _no_table(name: str, reason: str) -> DataError:
    return refusal([fault("T35", reason, table=name)])
