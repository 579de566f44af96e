"""The tables as data: columns, keys, limits and examples, read once from ``tables.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

__all__ = ["SCHEMAS", "Column", "Schema", "schema_records"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its type, whether it must be there, what it may hold."""

    name: str
    type: str
    text: str
    example: str
    required: bool = False
    default: str | float | bool | None = None
    min: float | None = None
    max: float | None = None
    above: float | None = None
    allowed: tuple[str, ...] = ()
    probability: bool = False
    credit: bool = False


@dataclass(frozen=True, kw_only=True)
class Schema:
    """One table: what a row is, its key (``unit`` always belongs to it), its columns in order."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there."""
        return tuple(name for name, column in self.columns.items() if column.required)


def _column(name: str, given: dict[str, object]) -> Column:
    allowed = given.pop("allowed", ())
    return Column(name=name, allowed=tuple(allowed), **given)  # type: ignore[arg-type]


def _load() -> Mapping[str, Schema]:
    raw = tomllib.loads(Path(__file__).with_name("tables.toml").read_text("utf-8"))
    found = {}
    for name, table in raw.items():
        columns = {c: _column(c, given) for c, given in table["columns"].items()}
        key = ("unit", *table["key"])
        found[name] = Schema(name=name, row=table["row"], key=key, columns=MappingProxyType(columns))
    return MappingProxyType(found)


SCHEMAS = _load()


def schema_records() -> dict[str, object]:
    """Return every schema as plain data, for machines that fill the tables.

    >>> schema_records()["demand"]["key"]
    ['unit', 'period', 'product_id', 'sales_unit']
    """
    return {
        name: {
            "row": schema.row,
            "key": list(schema.key),
            "columns": [_record(column) for column in schema.columns.values()],
        }
        for name, schema in SCHEMAS.items()
    }


def _record(column: Column) -> dict[str, object]:
    given = {name: getattr(column, name) for name in Column.__dataclass_fields__}
    given["allowed"] = list(column.allowed)
    return {name: value for name, value in given.items() if value not in (None, [], False)}
