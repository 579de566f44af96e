"""REDCap data dictionaries: 18 columns, choices written ``1, Yup | 2, Nope``, matrix groups.

A radio field of a matrix group with whole-number codes becomes an item; every other field with one answer a
background question.  Source: REDCap's data dictionary as exported (headings) or as its interface gives it (names).
"""

from collections.abc import Iterable, Sequence

from sopsem.errors import DataError
from sopsem.survey.codebooks.draft import CodebookImport, Draft, plain_label
from sopsem.survey.codebooks.rows import Record, records
from sopsem.survey.messages import enumerated, quote
from sopsem.survey.table import Grid

__all__ = ["is_redcap", "redcap_codebook"]

# the heading of the export and the name of the interface
NAME = ("Variable / Field Name", "field_name")
TYPE = ("Field Type", "field_type")
LABEL = ("Field Label", "field_label")
CHOICES = ("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations")
MATRIX = ("Matrix Group Name", "matrix_group_name")
LOST = {
    "Section Header": "section_header",
    "Field Note": "field_note",
    "Text Validation Min": "text_validation_min",
    "Text Validation Max": "text_validation_max",
    "Branching Logic (Show field only if...)": "branching_logic",
    "Field Annotation": "field_annotation",
}
FIXED = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
ONE_ANSWER, OPEN = {"radio", "dropdown"}, {"text", "notes", "slider"}
SILENT = ("title, version and language", "which items are reversed", "a model", "rules of scoring")


def is_redcap(header: Iterable[str]) -> bool:
    """Say whether a header is that of a data dictionary.

    Examples
    --------
    >>> is_redcap(["Variable / Field Name", "Form Name", "Field Type"])
    True

    """
    names = {name.strip() for name in header}
    return any(NAME[k] in names and TYPE[k] in names for k in (0, 1))


def redcap_codebook(
    grid: Grid, title: str, about: dict[str, str], *, items: Sequence[str] = ()
) -> CodebookImport:
    """Return the questionnaire of a data dictionary.

    Parameters
    ----------
    grid
        The rows of the file.
    title
        Its name in messages.
    about
        Title, version and language, which the file does not have.
    items
        Fields that are scale items though they stand in no matrix group.

    Raises
    ------
    DataError
        Choices that do not read ``code, label``; no item.

    """
    _, rows = records(grid, title)
    draft = Draft(asked_for=items)
    faults: list[str] = []
    groups: dict[str, list[str]] = {}
    left: dict[str, list[str]] = {}
    for row in rows:
        name, kind, group = _cell(row, NAME), _cell(row, TYPE), _cell(row, MATRIX)
        codes = FIXED.get(kind) or (_choices(row, faults) if kind in ONE_ANSWER else {})
        text = plain_label(_cell(row, LABEL)) or name
        if kind not in ONE_ANSWER | OPEN | set(FIXED):
            left.setdefault(kind or "no type", []).append(name)
            continue
        matrix = bool(group) and kind == "radio"
        if matrix:
            groups.setdefault(group, []).append(name)
        draft.question(name, text, codes, item=matrix, scale=group)
    if faults:
        raise DataError(enumerated(title, faults))
    _notes(draft, rows, groups, left)
    return draft.finish("REDCap data dictionary", about, title)


def _cell(row: Record, column: tuple[str, str]) -> str:
    return (row[column[0]] or row[column[1]]).strip()


def _choices(row: Record, faults: list[str]) -> dict[str, str]:
    """Return code -> label of ``1, Yup | 2, Nope``."""
    found: dict[str, str] = {}
    for part in _cell(row, CHOICES).split("|"):
        code, comma, label = part.partition(",")
        code = code.strip()
        if not code or not comma or code in found:
            why = "stands twice" if code in found else "does not read 'code, label'"
            faults.append(f"{row.place}, field {quote(_cell(row, NAME))}: choice {quote(part.strip())} {why}")
        found[code] = plain_label(label)
    return found


def _notes(
    draft: Draft, rows: Sequence[Record], groups: dict[str, list[str]], left: dict[str, list[str]]
) -> None:
    for what in SILENT:
        draft.note(f"a data dictionary does not say {what}")
    draft.note("missing-data codes are a setting of the REDCap project and not in the file")
    for group, names in groups.items():
        draft.note(f"matrix group {group} stands together on the page; is it one construct?", names)
    for kind, names in left.items():
        draft.note(f"fields of type {kind} are left out", names)
    for heading, name in LOST.items():
        used = [_cell(row, NAME) for row in rows if _cell(row, (heading, name))]
        if used:
            draft.note(f"{heading} is not carried over", used)
