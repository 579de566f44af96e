"""What is wrong with, or weak about, the data: the codes, one notice, and the error that lists all faults."""

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sopsem.errors import DataError

__all__ = ["CODES", "Notice", "fault", "few", "nearest", "quote", "refusal", "refuse", "warning"]

CODES = MappingProxyType(
    {
        "T01": "table absent",
        "T02": "required column or cell absent, or a column that is not known",
        "T03": "number or date that cannot be read",
        "T04": "duplicate key or row",
        "T05": "key that another table does not have",
        "T06": "negative quantity, price, hours or stock",
        "T07": "share or probability outside 0 to 1",
        "T08": "gap between periods, or mixed frequencies",
        "T09": "more than one currency",
        "T10": "no capacity where there is load, or maintenance above scheduled hours",
        "T11": "ratio with a zero total",
        "T12": "impossible order of dates",
        "T13": "fewer observations than the floor",
        "T14": "plan infeasible",
        "T15": "degenerate or non-unique prices of capacity",
        "T16": "denominator near zero",
        "T17": "load far above capacity: minutes entered as hours?",
        "T18": "empty corridor",
        "T19": "value far from the product's median",
        "T20": "newest row too old",
        "T21": "forecast made after its period opened",
        "T22": "several snapshots of one opportunity",
        "T23": "too many rows left out",
        "T24": "open order past its promise",
        "T25": "demand measured by shipments",
        "T26": "unit contribution not above zero",
        "T27": "no binding resource",
        "T28": "several binding resources",
        "T29": "alternative optimal plans",
        "T30": "Little's law violated",
        "T31": "throughput above the bottleneck's rate",
        "T32": "breakeven beyond capacity",
        "T33": "several units where one is asked for",
        "T34": "value outside of what the column may hold",
        "T35": "file that is not one table of comma separated values",
        "T36": "assumption taken because a column or table was not given",
    }
)
SHOWN, SHOWN_ROWS = 20, 5
LONGEST = 40


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing noticed; severity E makes an answer wrong, W weaker, I says what was assumed.

    >>> Notice(code="T13", severity="W", message="have 3, need 8", table="demand", column="quantity").where
    'demand.quantity'
    """

    code: str
    severity: str
    message: str
    table: str = ""
    column: str = ""
    rows: tuple[int, ...] = ()

    @property
    def where(self) -> str:
        """Table and column."""
        return ".".join(part for part in (self.table, self.column) if part)

    def to_dict(self) -> dict[str, object]:
        """Return code, severity, message, place and rows (from 1, the header is row 1)."""
        names = ("code", "severity", "message", "table", "column")
        return {**{name: getattr(self, name) for name in names}, "rows": list(self.rows)}


def fault(code: str, message: str, *, table: str = "", column: str = "", rows: Iterable[int] = ()) -> Notice:
    """Return a notice of severity E."""
    where = tuple(int(r) for r in rows)
    return Notice(code=code, severity="E", message=message, table=table, column=column, rows=where)


def warning(
    code: str, message: str, *, table: str = "", column: str = "", rows: Iterable[int] = ()
) -> Notice:
    """Return a notice of severity W."""
    where = tuple(int(r) for r in rows)
    return Notice(code=code, severity="W", message=message, table=table, column=column, rows=where)


def refusal(notices: Sequence[Notice]) -> DataError:
    """Return the error that lists every fault: the first twenty in full, the rest as a count.

    >>> print(refusal([fault("T06", "row 3: quantity is -1", table="demand", column="quantity", rows=[3])]))
    demand.csv: E-T06 row 3: quantity is -1
    """
    lines = [f"{notice.table}.csv: E-{notice.code} {notice.message}" for notice in notices]
    if len(lines) > 1:
        shown = [f"  - {line}" for line in lines[:SHOWN]]
        more = [f"  - and {len(lines) - SHOWN} more"] * (len(lines) > SHOWN)
        lines = [f"{len(lines)} problems", *shown, *more]
    first = notices[0]
    return DataError(
        "\n".join(lines) if first.table or len(notices) > 1 else f"E-{first.code} {first.message}",
        code=first.code,
        table=first.table,
        column=first.column,
        rows=first.rows,
        notices=tuple(notices),
    )


def refuse(notices: Iterable[Notice]) -> None:
    """Raise DataError when one of the notices is a fault."""
    faults = [notice for notice in notices if notice.severity == "E"]
    if faults:
        raise refusal(faults)


def quote(value: object) -> str:
    r"""Return a value in quotes, shortened, control characters escaped: a cell must not reach a terminal raw.

    >>> quote("a\x1b[31mred")
    "'a\\x1b[31mred'"
    """
    whole = str(value)
    kept = "".join(_escaped(character) for character in whole[:LONGEST])
    return f"'{kept}...'" if len(whole) > LONGEST else f"'{kept}'"


def _escaped(character: str) -> str:
    if unicodedata.category(character)[0] not in "CZ" or character == " ":
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``, did you mean 'x'?`` or nothing; case, spaces, hyphens and underscores are not compared.

    >>> nearest("Material Cost", ["price", "material_cost"])
    ", did you mean 'material_cost'?"
    """
    shapes = {_shape(k): k for k in known if len(k) <= 2 * LONGEST}
    found = difflib.get_close_matches(_shape(name[: 2 * LONGEST]), list(shapes), n=1, cutoff=0.6)
    return f", did you mean {quote(shapes[found[0]])}?" if found else ""


def _shape(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def few(what: str, have: int, need: int, *, table: str = "") -> Notice:
    """Return notice T13: the statistic is not given because there are too few observations.

    >>> few("bias test", 5, 8).message
    'bias test: have 5, need 8'
    """
    return warning("T13", f"{what}: have {have}, need {need}", table=table)
