"""XLSForm: the sheets survey, choices and settings of ODK, Kobo and others, in a workbook or as CSV files.

A ``select_one`` question shown as part of a table (a group with the appearance ``table-list``, or ``likert``)
with whole-number answers becomes an item; every other question with one answer a background question.
Source: https://xlsform.org/en/.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from sopsem.errors import DataError, UsageError
from sopsem.survey.codebooks.draft import CodebookImport, Draft, plain_label
from sopsem.survey.codebooks.rows import Record, records
from sopsem.survey.messages import enumerated, quote, suggestion
from sopsem.survey.table import Grid

__all__ = ["is_xlsform", "xlsform_codebook"]

LABEL = re.compile(r"label(?:::?(.*))?", re.IGNORECASE)
CODE = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\)\s*$")
TABLES = {"table-list", "likert", "list-nolabel"}
OPEN = {"text", "integer", "decimal", "range", "date", "time", "datetime"}
SILENT = ("which items are reversed", "a model", "rules of scoring", "codes for no answer")
LOST = ("hint", "relevant", "constraint", "calculation", "choice_filter")

Codes = Mapping[str, Mapping[str, str]]


def is_xlsform(header: Iterable[str]) -> bool:
    """Say whether a header is that of a survey sheet.

    Examples
    --------
    >>> is_xlsform(["type", "name", "label::English (en)"])
    True

    """
    names = {name.strip().casefold() for name in header}
    return {"type", "name"} <= names and any(LABEL.fullmatch(name) for name in names)


def xlsform_codebook(
    sheets: Mapping[str, Grid],
    title: str,
    about: dict[str, str],
    *,
    items: Sequence[str] = (),
    language: str | None = None,
) -> CodebookImport:
    """Return the questionnaire of an XLSForm.

    Parameters
    ----------
    sheets
        survey, choices and, where there is one, settings.
    title
        The file's name in messages.
    about
        Title, version and language to use where the settings do not say.
    items
        Questions that are scale items though they stand in no table.
    language
        Which of several languages, as in the heading after ``label::``, or its code.

    Raises
    ------
    UsageError
        Several languages and none is chosen, or one that is not there.
    DataError
        A list of choices that is not there or names a code twice; no item.

    """
    columns, rows = _rows(sheets["survey"], title)
    label, code = _label_column(columns, _settings(sheets, title), language, title)
    lists = _lists(sheets["choices"], label, title) if "choices" in sheets else {}
    draft = Draft(asked_for=items)
    reader = _Reader(draft, lists, label)
    for row in rows:
        reader.take(row)
    if reader.faults:
        raise DataError(enumerated(title, reader.faults))
    settings = _settings(sheets, title)
    for what in SILENT:
        draft.note(f"an XLSForm does not say {what}")
    reader.say_left_out()
    for name in LOST:
        used = [row["name"] for row in rows if row[name]]
        if used:
            draft.note(f"{name} is not carried over", used)
    said = {"title": settings.get("form_title", ""), "version": settings.get("version", ""), "language": code}
    for key, value in said.items():
        if not value:
            draft.note(f"the form does not say its {key}")
    return draft.finish("XLSForm", about | {k: v for k, v in said.items() if v}, title)


def _rows(grid: Grid, title: str) -> tuple[tuple[str, ...], list[Record]]:
    """Return the columns and rows of a sheet with names in lower case, as XLSForm tools read them."""
    columns, rows = records(grid, title)
    lowered = [
        Record(place=row.place, cells={_key(name): cell.strip() for name, cell in row.cells.items()})
        for row in rows
    ]
    return tuple(map(_key, columns)), lowered


def _key(name: str) -> str:
    """Return a column's name in lower case, but for the language of a label."""
    found = LABEL.fullmatch(name)
    if found:
        return f"label::{found[1].strip()}" if found[1] else "label"
    return name.casefold().replace("list name", "list_name")


def _settings(sheets: Mapping[str, Grid], title: str) -> Mapping[str, str]:
    rows = _rows(sheets["settings"], title)[1] if "settings" in sheets else []
    return rows[0].cells if rows else {}


def _label_column(
    columns: Sequence[str], settings: Mapping[str, str], language: str | None, title: str
) -> tuple[str, str]:
    """Return the column of labels to use, and the code of its language where the heading has it."""
    labels = [name for name in columns if LABEL.fullmatch(name)]
    wanted = language or settings.get("default_language", "")
    fitting = [name for name in labels if wanted and wanted.casefold() in _names_of(name)]
    if not fitting and (language or len(labels) > 1):
        known = [name.removeprefix("label::") for name in labels]
        hint = suggestion(wanted, known) if language else ""
        raise UsageError(f"{title}: choose one language of {', '.join(known)} (language=, --language){hint}")
    chosen = (fitting or labels)[0]
    code = CODE.search(chosen)
    return chosen, code[1] if code else ""


def _names_of(label: str) -> set[str]:
    """Return what a language may be called: the heading, its name, its code."""
    whole = label.removeprefix("label::").casefold()
    code = CODE.search(whole)
    return {whole, CODE.sub("", whole).strip(), code[1] if code else whole}


def _lists(grid: Grid, label: str, title: str) -> Codes:
    columns, rows = _rows(grid, title)
    column = label if label in columns else "label"
    lists: dict[str, dict[str, str]] = {}
    faults = []
    for row in rows:
        codes = lists.setdefault(row["list_name"], {})
        if row["name"] in codes:
            faults.append(
                f"{row.place}: list {quote(row['list_name'])}: name {quote(row['name'])} stands twice"
            )
        codes[row["name"]] = plain_label(row[column]) or row["name"]
    if faults:
        raise DataError(enumerated(title, faults))
    return lists


class _Reader:
    """Goes through the survey sheet with the groups that are open."""

    def __init__(self, draft: Draft, lists: Codes, label: str) -> None:
        self.draft, self.lists, self.label = draft, lists, label
        self.open: list[tuple[str, bool, bool]] = []  # name, shown as a table, repeated
        self.left: dict[str, list[str]] = {}
        self.tables: dict[str, list[str]] = {}
        self.faults: list[str] = []

    def take(self, row: Record) -> None:
        """Take in one row: the begin or end of a group, or a question."""
        kind, _, rest = row["type"].replace("begin ", "begin_").replace("end ", "end_").partition(" ")
        looks = set(row["appearance"].casefold().split())
        if kind in {"begin_group", "begin_repeat"}:
            self.open.append((row["name"], bool(looks & TABLES), kind == "begin_repeat"))
        elif kind in {"end_group", "end_repeat"}:
            self.open = self.open[:-1]
        elif any(repeated for _, _, repeated in self.open):
            self.left.setdefault("inside a repeat", []).append(row["name"])
        else:
            self._question(row, kind, rest, looks)

    def _question(self, row: Record, kind: str, rest: str, looks: set[str]) -> None:
        name, text = row["name"], plain_label(row[self.label]) or row["name"]
        if kind == "select_one":
            chosen, *extras = rest.split() or [""]
            if chosen not in self.lists:
                hint = suggestion(chosen, self.lists)
                self.faults.append(
                    f"{row.place}: {quote(name)}: no list {quote(chosen)} among the choices{hint}"
                )
                return
            if extras:
                self.draft.note(f"{' '.join(extras)} of {name} is not carried over")
            group = next((group for group, table, _ in reversed(self.open) if table), "")
            table = bool(group) or bool(looks & TABLES)
            if table:
                self.tables.setdefault(group or chosen, []).append(name)
            self.draft.question(name, text, self.lists[chosen], item=table, scale=chosen)
        elif kind.casefold() in OPEN:
            self.draft.question(name, text, {}, item=False)
        elif kind:
            self.left.setdefault(kind, []).append(name)

    def say_left_out(self) -> None:
        """Note the questions left out, by kind, and the tables."""
        for group, names in self.tables.items():
            self.draft.note(f"table {group} stands together on the page; is it one construct?", names)
        for kind, names in self.left.items():
            self.draft.note(f"questions of type {kind} are left out", names)
