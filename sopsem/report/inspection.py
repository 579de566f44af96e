"""What the terminal shows of a survey file before it is analysed."""

import pandas as pd

from sopsem.report.escape import terminal_text
from sopsem.report.table import Table
from sopsem.report.terminal import text_of
from sopsem.survey.formats import formats
from sopsem.survey.inspection import Inspection

__all__ = ["inspection_text"]

SHOWN = 20
LONGEST = 50


def inspection_text(found: Inspection) -> str:
    """Return what the file is, its columns, what is missing, what is left out and what is refused."""
    tables = [
        Table.from_frame(_about(found), title=found.file, labels={"what": "", "value": ""}),
        _questions(found),
    ]
    if len(found.unmatched):
        tables.append(_cut(_short(found.unmatched), "Columns that answer no question"))
    if len(found.missing):
        tables.append(Table.from_frame(found.missing, title="Missing answers"))
    if len(found.unknown_codes):
        tables.append(
            _cut(
                _short(found.unknown_codes),
                "Background answers that the code book does not have, kept as they are",
            )
        )
    if len(found.excluded):
        tables.append(
            _cut(found.excluded, "Rows that are not complete, left out of analyses of complete answers")
        )
    return text_of(*tables, sentences=_sentences(found))


def _about(found: Inspection) -> pd.DataFrame:
    marks = {",": "comma", ";": "semicolon", "\t": "tab"}
    rows = {
        "survey tool": "none known by its shape" if found.tool == "plain" else found.tool,
        "kind of file": formats[found.format].label,
        "encoding": found.encoding,
        "delimiter": marks.get(found.delimiter, found.delimiter) if found.delimiter else None,
        "sheet": found.sheet,
        "rows": f"{found.n_rows:,}",
        **{f"interviews: {name}": _known(count) for name, count in found.interviews.items()},
    }
    kept = {what: value for what, value in rows.items() if value is not None}
    return pd.DataFrame({"what": list(kept), "value": list(kept.values())}, dtype=object)


def _questions(found: Inspection) -> Table:
    """Show every question that is found, required, or nearly found; the others are named below."""
    frame = found.matches
    shown = (frame["kind"] == "required") | (frame["how"] != "") | (frame["suggestion"] != "")
    same = frame["heading"] == frame["column"]
    columns = ["question", "kind", "how", "column", "heading", "suggestion"]
    named = frame.assign(heading=frame["heading"].where(~same, ""), how=frame["how"].replace("", "not found"))
    absent = ", ".join(frame.loc[~shown, "question"])
    return Table.from_frame(
        _short(named.loc[shown, columns]),
        title=f"Questions of {found.instrument}",
        notes=(f"Not in the file: {absent}.",) if absent else (),
    )


def _known(count: float) -> str:
    return "the file does not say" if count != count else f"{count:.0f} (see sopsem screen)"  # noqa: PLR0124 - NaN


def _short(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with long texts cut, and without columns that are empty throughout."""
    cut = frame.map(
        lambda cell: f"{cell[: LONGEST - 1]}…" if isinstance(cell, str) and len(cell) > LONGEST else cell
    )
    return cut.loc[:, [bool((cut[name] != "").any()) for name in cut.columns]]


def _cut(frame: pd.DataFrame, title: str) -> Table:
    more = len(frame) - SHOWN
    notes = (f"And {more} more.",) if more > 0 else ()
    return Table.from_frame(frame.head(SHOWN), title=title, notes=notes)


def _sentences(found: Inspection) -> list[str]:
    said = [terminal_text(f"Note: {note}.") for note in found.notes]
    if found.readable:
        return [*said, "The file can be analysed as it is."]
    said += [terminal_text(f"Problem: {fault}") for fault in found.faults[:SHOWN]]
    if len(found.faults) > SHOWN:
        said.append(f"And {len(found.faults) - SHOWN} more.")
    said += [terminal_text(f"{hint[0].upper()}{hint[1:]}.") for hint in found.hints]
    if (found.matches["suggestion"] != "").any():
        said.append("A suggestion is used only when you map it: --map QUESTION=COLUMN.")
    return said
