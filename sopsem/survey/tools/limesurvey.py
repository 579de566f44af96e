"""LimeSurvey: the CSV export (headings as codes, or code and text), the vv export, and the names of its SPSS export.

Full-text headings have no code left to know the tool by; such a file is read as a plain one.
"""

import re
from collections.abc import Sequence

from sopsem.survey.table import Grid
from sopsem.survey.tools.layout import Layout, role_columns
from sopsem.survey.tools.plain import row_of_grid

__all__ = ["code_headings", "code_of", "named", "text_headings", "vv"]

ROLES = {
    "id": "respondent_id",
    "submitdate": "submitted",
    "startdate": "started",
    "datestamp": "ended",
    "interviewtime": "duration_seconds",
    "startlanguage": "language",
    "ipaddr": "address",
}
ALWAYS = ("submitdate", "lastpage", "startlanguage")  # columns that every export has, in every language
NOT_SHOWN = {"{question_not_shown}": "question not shown"}
CODE = re.compile(r"(.+?)\[([^\[\]]+)\](?:\[[^\[\]]+\])?")
ESCAPES = {"{newline}": "\n", "{cr}": "\r", "{lf}": "\n", "{tab}": "\t", "{quote}": '"'}
SEPARATED = re.compile(r"id([^\w\[\]]{1,3})\S")


def named(names: Sequence[str]) -> dict[str, int] | None:
    """Return the roles in named columns, if they are LimeSurvey's.

    Examples
    --------
    >>> named(["id", "submitdate", "lastpage", "startlanguage", "Q1[SQ001]"])["submitted"]
    1

    """
    return role_columns(names, ROLES) if set(ALWAYS) <= set(names) else None


def code_headings(grid: Grid) -> Layout | None:
    """Recognise the CSV export with codes as headings."""
    names = tuple(name.strip() for name in grid.rows[0].fields)
    roles = named(names)
    return None if roles is None else _layout("LimeSurvey", names, roles, ())


def text_headings(grid: Grid) -> Layout | None:
    """Recognise the CSV export with ``code. text`` headings; the mark between them is the user's choice."""
    headings = [name.strip() for name in grid.rows[0].fields]
    mark = next((found[1] for h in headings if (found := SEPARATED.match(h))), None)
    if mark is None:
        return None
    pairs = [heading.partition(mark) for heading in headings]
    names = tuple(code.strip() for code, _, _ in pairs)
    roles = named(names)
    texts = tuple(text.strip() for _, _, text in pairs)
    return None if roles is None else _layout("LimeSurvey", names, roles, texts)


def vv(grid: Grid) -> Layout | None:
    """Recognise the vv export: tabs, question texts in the first row, codes in the second."""
    second = grid.rows[1].fields if len(grid.rows) > 1 and grid.delimiter == "\t" else []
    names = tuple(name.strip() for name in second)
    roles = named(names)
    if roles is None:
        return None
    texts = tuple(_unescaped(text) for text in grid.rows[0].fields)
    return _layout("LimeSurvey vv", names, roles, texts, n_header=2)


def _layout(
    tool: str, names: tuple[str, ...], roles: dict[str, int], texts: tuple[str, ...], n_header: int = 1
) -> Layout:
    return Layout(
        tool=tool,
        n_header=n_header,
        names=names,
        headings=texts,
        aliases=_aliases(names, texts),
        roles=roles,
        missing=NOT_SHOWN,
        clean=_unescaped if n_header == 2 else _unmasked,
        clean_note="line ends, tabs and quotes that the export wrote as words were put back"
        if n_header == 2
        else "the apostrophe that LimeSurvey sets before = was taken off",
    )


def _aliases(names: Sequence[str], texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the other spelling of each code, the code of the sub-question, and the sub-question's text."""
    rows = [row_of_grid(text) for text in texts] or [()] * len(names)
    rows += [()] * (len(names) - len(rows))
    return tuple((*code_of(name), *row) for name, row in zip(names, rows, strict=False))


def code_of(name: str) -> tuple[str, ...]:
    """Return the other names of ``G1Q1[SQ001]``: ``G1Q1_SQ001``, and ``SQ001`` alone.

    Examples
    --------
    >>> code_of("G1Q1[SQ001]"), code_of("G1Q1_SQ001"), code_of("Q1")
    (('G1Q1_SQ001', 'SQ001'), ('G1Q1[SQ001]', 'SQ001'), ())

    """
    found = CODE.fullmatch(name)
    if found:
        return f"{found[1]}_{found[2]}", found[2]
    group, mark, row = name.partition("_")
    return (f"{group}[{row}]", row) if mark and group and row else ()


def _unmasked(cell: str) -> str:
    return cell[1:] if cell.startswith("'=") else cell


def _unescaped(cell: str) -> str:
    if "{" in cell:
        for word, character in ESCAPES.items():
            cell = cell.replace(word, character)
    return cell
