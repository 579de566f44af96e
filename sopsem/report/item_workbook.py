"""The item sheet as an Excel workbook: one sheet per section, every cell text, lists to choose from.

Needs the extra ``xlsx`` (xlsxwriter).
"""

import io
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sopsem.errors import UsageError
from sopsem.report.escape import plain
from sopsem.survey.codebooks.carriers import carrier_bytes
from sopsem.survey.codebooks.files import README
from sopsem.survey.codebooks.sheet import COMMENT, SECTIONS, sheet_sections
from sopsem.survey.questionnaire import Instrument

if find_spec("xlsxwriter"):
    import xlsxwriter

__all__ = ["instrument_bytes", "item_workbook"]

_SAFE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_ORDER = ("items", "scales", "codes", "constructs", "background", "choices", "missing", "questionnaire")
_WIDE = {
    "text": 60,
    "value": 70,
    "definition": 45,
    "stem": 45,
    "label": 32,
    "sources": 40,
    "candidate_sources": 40,
}
_YES = {"reverse", "optional", "unique"}
_SPARE = 200  # empty rows that have lists to choose from
_HELP = {
    "items": "One row per question. construct and scale are names from the sheets of that name. reverse: yes where "
    "agreeing means less of the construct. optional: yes where the item may be absent and stands outside the model. "
    "column: the column in the survey file when it is not the name. expected: the right answer of an attention item.",
    "scales": "One row per kind of answer; stem is printed above the items.",
    "codes": "The answers of each scale: code (a whole number) and label.",
    "constructs": "What the items measure. of: for a construct made of other constructs, their names, one per line. "
    "min_valid: how many items must be answered for a mean, as a count (3) or a share (60%); empty is half.",
    "background": "Questions about the respondent. unique: yes for the respondent's id. asked: no where the survey "
    "tool fills it in.",
    "choices": "The answers of background questions.",
    "missing": "Codes that mean no answer, with the reason; an empty code is an empty cell.",
    "questionnaire": "title, version, language (such as en), instruction, and the model in lavaan syntax.",
}


def instrument_bytes(instrument: Instrument, path: Path, comments: Sequence[str] = ()) -> bytes:
    """Return a questionnaire as TOML, CSV or an Excel workbook, by the path's ending.

    Raises
    ------
    UsageError
        Another ending, or a workbook without xlsxwriter.

    """
    if path.suffix.lower() == ".xlsx":
        return item_workbook(instrument)
    return carrier_bytes(instrument, path, tuple(comments))


def item_workbook(instrument: Instrument) -> bytes:
    """Return the item sheet as the bytes of an .xlsx file; `load_instrument` reads it back without loss.

    Raises
    ------
    UsageError
        xlsxwriter is not installed.

    """
    if not find_spec("xlsxwriter"):
        raise UsageError("an Excel workbook needs xlsxwriter: pip install 'sopsem[xlsx]'; or write a .csv")
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, _SAFE)
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF2", "num_format": "@"})
    sections = sheet_sections(instrument)
    for section in _ORDER:
        _write(book.add_worksheet(section), SECTIONS[section], sections[section], text, bold)
    _offer(book.get_worksheet_by_name("items"), sections)
    _explain(book.add_worksheet(README), text, bold)
    book.close()
    return target.getvalue()


def _write(
    sheet: Any, columns: Sequence[str], rows: Sequence[Mapping[str, str]], text: Any, bold: Any
) -> None:
    header = (*columns, COMMENT)
    for at, name in enumerate(header):
        sheet.set_column(at, at, _WIDE.get(name, 14), text)
        sheet.write_string(0, at, name, bold)
    for line, row in enumerate(rows, start=1):
        for at, name in enumerate(header):
            if row.get(name):
                sheet.write_string(line, at, _whole(row[name]), text)
    sheet.freeze_panes(1, 1)
    for name in _YES & set(columns):
        _choose(sheet, header.index(name), len(rows), ["yes", "no"])


def _whole(cell: str) -> str:
    """Return a cell without the control characters that a workbook cannot hold; line breaks stay."""
    return "\n".join(plain(line)[0] for line in cell.split("\n"))


def _choose(sheet: Any, column: int, n_rows: int, source: list[str] | str) -> None:
    sheet.data_validation(1, column, n_rows + _SPARE, column, {"validate": "list", "source": source})


def _offer(sheet: Any, sections: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
    """Let construct and scale of an item be chosen from the other sheets."""
    for column, section in (("construct", "constructs"), ("scale", "scales")):
        last = len(sections[section]) + 1 + _SPARE
        at = SECTIONS["items"].index(column)
        _choose(sheet, at, len(sections["items"]), f"={section}!$A$2:$A${last}")


def _explain(sheet: Any, text: Any, bold: Any) -> None:
    sheet.set_column(0, 0, 16, text)
    sheet.set_column(1, 1, 110, text)
    sheet.write_string(0, 0, "sheet", bold)
    sheet.write_string(0, 1, "what it holds; a column 'comment' is free for notes", bold)
    for line, (name, said) in enumerate(_HELP.items(), start=1):
        sheet.write_string(line, 0, name, text)
        sheet.write_string(line, 1, said, text)
