"""The tables of the report as an Excel workbook: texts are texts, never formulas or links; numbers are numbers.

Needs the extra ``xlsx`` (xlsxwriter).
"""

import io
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

from sopsem.errors import UsageError
from sopsem.report.client.document import Document, Exhibit, Part
from sopsem.report.client.numbers import printed_value
from sopsem.report.escape import plain
from sopsem.report.table import Table

if find_spec("xlsxwriter"):
    import xlsxwriter

__all__ = ["has_workbooks", "workbook_bytes"]

_SAFE = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
_NAMES = {
    "scorecard": "Scorecard",
    "gaps": "Gaps",
    "drivers": "Drivers",
    "operations": "Operations",
    "quality": "Data quality",
    "method": "Method",
}
_LONGEST = 32_767  # characters of a cell


def has_workbooks() -> bool:
    """Say whether the extra ``xlsx`` is installed."""
    return find_spec("xlsxwriter") is not None


def workbook_bytes(document: Document) -> bytes:
    """Return the summary and every table, one sheet per part of the report, the same bytes each time.

    Raises
    ------
    UsageError
        The extra ``xlsx`` is not installed.

    """
    if not has_workbooks():
        raise UsageError("a workbook needs the extra 'xlsx': pip install 'sopsem[xlsx]'")
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, _SAFE)
    book.set_properties(
        {"title": plain(document.title)[0][:255], "created": datetime(1980, 1, 1, tzinfo=UTC)}
    )
    styles = _styles(book)
    _write_summary(_sheet(book, "Summary"), document, styles)
    for part in document.parts:
        if any(isinstance(each, Exhibit) for each in part.content):
            _write_part(_sheet(book, _NAMES.get(part.anchor, part.anchor)), part, document, styles)
    book.close()
    return target.getvalue()


def _styles(book: Any) -> dict[str, Any]:
    wrap = {"text_wrap": True, "valign": "top"}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "label": book.add_format({"bold": True, "font_color": "#8a3a00"}),
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}),
        "text": book.add_format(wrap),
        "note": book.add_format({"font_color": "#4a4a4a", "italic": True}),
        **{f"number{n}": book.add_format({"num_format": f"0{'.' * (n > 0)}{'0' * n}"}) for n in range(5)},
        "share": book.add_format({"num_format": "0%"}),
        "share1": book.add_format({"num_format": "0.0%"}),
    }


def _sheet(book: Any, name: str) -> Any:
    sheet = book.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    return sheet


def _text(sheet: Any, row: int, column: int, text: str, style: Any) -> None:
    sheet.write_string(row, column, plain(text)[0][:_LONGEST], style)


def _write_summary(sheet: Any, document: Document, styles: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    for row, (text, style) in enumerate(
        ((document.title, "title"), (document.subtitle, "note"), (document.source_label, "label"))
    ):
        _text(sheet, row, 0, text, styles[style])
    for row, line in enumerate(document.summary, start=4):
        _text(sheet, row, 0, line.topic, styles["text"])
        _text(sheet, row, 1, line.sentence, styles["text"])


def _write_part(sheet: Any, part: Part, document: Document, styles: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 12, 14)
    _text(sheet, 0, 0, part.heading, styles["title"])
    _text(sheet, 1, 0, document.source_label, styles["label"])
    row = 3
    for each in part.content:
        if isinstance(each, Exhibit) and isinstance(each.content, Table):
            row = _write_table(sheet, row, each.id, each.content, styles) + 2


def _write_table(sheet: Any, row: int, name: str, table: Table, styles: dict[str, Any]) -> int:
    """Write one table and return the row below it."""
    _text(sheet, row, 0, f"{name}  {table.title}", styles["head"])
    for place, header in enumerate(table.columns):
        _text(sheet, row + 1, place, header, styles["head"])
    for number, cells in enumerate(table.rows, start=row + 2):
        for place, cell in enumerate(cells):
            _write_cell(sheet, number, place, cell, styles, named=place == 0)
    end = row + 2 + len(table.rows)
    for number, note in enumerate(table.notes):
        _text(sheet, end + number, 0, note, styles["note"])
    return end + len(table.notes)


def _write_cell(sheet: Any, row: int, column: int, cell: str, styles: dict[str, Any], *, named: bool) -> None:
    value = printed_value(cell)
    if named or not isinstance(value, float | int):
        _text(sheet, row, column, cell, styles["text"])
    elif cell.endswith("%"):
        sheet.write_number(row, column, value / 100.0, styles["share1" if "." in cell else "share"])
    else:
        digits = len(cell.partition(".")[2])
        sheet.write_number(row, column, value, styles[f"number{min(digits, 4)}"])
