"""What an .xlsx sheet hides or dresses up, found in its XML: hidden rows and columns, filters, formats, errors.

Plain searches, no XML tree: linear in the size of the sheet.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from xml.etree import ElementTree as ET

__all__ = ["Findings", "excel_findings"]

ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
COLUMN = re.compile(rb"<(?:\w+:)?col\b[^>]*>")
CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>")
REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
STYLE = re.compile(rb'\bs="(\d{1,5})"')
HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
ERROR = re.compile(rb'\bt="e"')
STORED = re.compile(rb"<(?:\w+:)?v>([^<]+)</")
PERCENT, CURRENCY = {9, 10}, {5, 6, 7, 8, 37, 38, 39, 40, 41, 42, 43, 44}
MONEY = re.compile(r"[$€£¥₺₽]|\[\$[^\]-]")
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
LONGEST_CELL = 4000  # bytes looked at for a stored result


@dataclass
class Findings:
    """What there is to tell, and texts for cells that the reader gives as empty: by row and column."""

    notes: list[str] = field(default_factory=list)
    replaced: dict[int, dict[int, str]] = field(default_factory=dict)


def excel_findings(raw: bytes, sheet: str) -> Findings:
    """Return the findings about one sheet of an .xlsx file."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        part = _part_of(archive, sheet)
        xml = archive.read(part) if part in archive.namelist() else b""
        styles = archive.read("xl/styles.xml") if "xl/styles.xml" in archive.namelist() else b""
    findings = Findings()
    hidden_rows = sum(1 for tag in ROW.finditer(xml) if HIDDEN.search(tag[0]))
    hidden_columns = sum(1 for tag in COLUMN.finditer(xml) if HIDDEN.search(tag[0]))
    findings.notes += _counted(hidden_rows, hidden_columns, filtered=b"autoFilter" in xml)
    dressed = _dressed_styles(styles)
    worn: dict[str, dict[str, int]] = {}
    for cell in CELL.finditer(xml):
        _look_at(cell, xml, dressed, worn, findings)
    findings.notes += [
        f"{kind} format in column {column}: {count} cells, read as the number stored (0.5 for 50 %)"
        if kind == "percent"
        else f"{kind} format in column {column}: {count} cells, read as the number stored"
        for kind, columns in worn.items()
        for column, count in columns.items()
    ]
    return findings


def _counted(rows: int, columns: int, *, filtered: bool) -> Iterator[str]:
    if rows:
        yield f"{rows} hidden rows were read like the others"
    if columns:
        yield f"{columns} ranges of hidden columns were read like the others"
    if filtered:
        yield "the sheet has a filter; rows that it hides were read like the others"


def _look_at(
    cell: re.Match[bytes],
    xml: bytes,
    dressed: dict[int, str],
    worn: dict[str, dict[str, int]],
    findings: Findings,
) -> None:
    """Count a dressed cell; keep what a cell with an error, or a formula without a result, stands for."""
    about = cell[1]
    style = STYLE.search(about)
    where = REFERENCE.search(about)
    if where is None:
        return
    if style and int(style[1]) in dressed and not about.endswith(b"/"):
        kind, column = dressed[int(style[1])], where[1].decode("ascii")
        worn.setdefault(kind, {}).setdefault(column, 0)
        worn[kind][column] += 1
    inside = xml[cell.end() : cell.end() + LONGEST_CELL].partition(b"</c>")[0]
    text = ""
    if ERROR.search(about):
        stored = STORED.search(inside)
        text = unescape(stored[1].decode("utf-8", "replace")) if stored else "#ERROR"
    elif b"<f" in inside[:40] and not STORED.search(inside) and b"<v" in inside:
        text = "<formula without a stored result>"
    if text:
        findings.replaced.setdefault(int(where[2]), {})[_column_number(where[1])] = text


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the path in the archive of the sheet with this name."""
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - checked for entities before
    key = next((s.get(REL) for s in book.iterfind(".//{*}sheet") if s.get("name") == sheet), None)
    rels = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    target = next((r.get("Target") for r in rels.iter() if r.get("Id") == key), None) or ""
    return posixpath.normpath(posixpath.join("xl", target)).lstrip("/") if target[:1] != "/" else target[1:]


def _dressed_styles(styles: bytes) -> dict[int, str]:
    """Return which cell styles are a percent or a currency format."""
    if not styles:
        return {}
    root = ET.fromstring(styles)  # noqa: S314
    codes = {int(f.get("numFmtId", 0)): f.get("formatCode", "") for f in root.iterfind(".//{*}numFmt")}
    found = {}
    for place, style in enumerate(root.iterfind(".//{*}cellXfs/{*}xf")):
        number = int(style.get("numFmtId", 0))
        code = codes.get(number, "")
        if number in PERCENT or "%" in code:
            found[place] = "percent"
        elif number in CURRENCY or MONEY.search(code):
            found[place] = "currency"
    return found
