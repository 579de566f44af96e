"""Excel and OpenDocument workbooks: the rows of one sheet as text, and what the sheet hides."""

import io
from collections.abc import Sequence
from functools import partial
from typing import Any

from sopsem.survey.formats.child.answer import Refusal, coded, refuse_large
from sopsem.survey.formats.child.open_document import open_document_findings
from sopsem.survey.formats.child.serve import serve
from sopsem.survey.formats.child.sheet_xml import Findings, excel_findings

try:
    import python_calamine
except ImportError:
    python_calamine = None  # type: ignore[assignment]

__all__ = ["read_workbook"]

SHOWN = 10
FINDERS = {"xlsx": excel_findings, "ods": open_document_findings}
NOT_CHECKED = "in an .xls file hidden rows, filters, percent formats and errors in cells cannot be told"


def read_workbook(kind: str, raw: bytes, wanted: str | None) -> dict[str, Any]:
    """Return the filled rows of the sheet that is wanted, or of the only one that holds data."""
    if python_calamine is None:
        raise Refusal("library", "python-calamine")
    book = _opened(raw)
    about = [each for each in book.sheets_metadata if str(each.typ).endswith("WorkSheet")]
    sheets = {each.name: book.get_sheet_by_name(each.name) for each in about}
    sizes = {name: _size(name, sheet) for name, sheet in sheets.items()}
    hidden = [each.name for each in about if not str(each.visible).endswith(".Visible")]
    name = _chosen(sizes, hidden, wanted)
    findings = FINDERS[kind](raw, name) if kind in FINDERS else Findings(notes=[NOT_CHECKED])
    lines, columns = _filled(sheets[name], findings)
    notes = [*_hidden_note(hidden, sizes, name), *findings.notes]
    return {"sheet": name, "lines": lines, "columns": [coded(column) for column in columns], "notes": notes}


def _opened(raw: bytes) -> Any:
    try:
        return python_calamine.load_workbook(io.BytesIO(raw))
    except python_calamine.PasswordError as error:
        raise Refusal("file", "is protected with a password; save it without one") from error


def _size(name: str, sheet: Any) -> int:
    """Count the rows of a sheet that hold anything."""
    if sheet.end is None:
        return 0
    refuse_large(sheet.end[0] + 1, sheet.end[1] + 1, f"sheet {name!r}")
    return sum(1 for row in sheet.iter_rows() if _holds(row))


def _holds(row: Sequence[object]) -> bool:
    return any(cell != "" and (not isinstance(cell, str) or cell.strip()) for cell in row)


def _chosen(sizes: dict[str, int], hidden: Sequence[str], wanted: str | None) -> str:
    if wanted is not None:
        if wanted in sizes:
            return wanted
        raise Refusal("usage", f"has no sheet {wanted!r}; its sheets are {_listed(list(sizes))}")
    filled = [name for name, rows in sizes.items() if rows]
    if not filled:
        raise Refusal("file", "the file is empty: no sheet holds anything")
    if len(filled) > 1:
        said = [f"{n!r} ({sizes[n]} rows{', hidden' if n in hidden else ''})" for n in filled]
        held = f"{len(filled)} sheets hold data: {', '.join(said)}"
        raise Refusal("data", f"{held}; choose one with --sheet NAME, in Python sheet=")
    return filled[0]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(map(repr, names[:SHOWN])) + more


def _hidden_note(hidden: Sequence[str], sizes: dict[str, int], chosen: str) -> list[str]:
    notes = [f"the sheet {chosen!r} that was read is hidden"] if chosen in hidden else []
    others = [f"{name!r} ({sizes[name]} rows)" for name in hidden if name != chosen]
    if others:
        notes.append(f"{len(others)} hidden sheets were not read: {', '.join(others[:SHOWN])}")
    return notes


def _filled(sheet: Any, findings: Findings) -> tuple[list[int], list[list[object]]]:
    """Return the numbers of the rows that hold anything, and their cells by column, from column A on."""
    shift = sheet.start[1] if sheet.start else 0
    lines, kept = [], []
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [*[""] * shift, *row]
        for column, text in findings.replaced.get(number, {}).items():
            if column < len(cells) and cells[column] == "":
                cells[column] = text
        if _holds(cells):
            lines.append(number)
            kept.append(cells)
    return lines, [list(column) for column in zip(*kept, strict=True)]


if __name__ == "__main__":
    serve({kind: partial(read_workbook, kind) for kind in ("xlsx", "xls", "ods")})
