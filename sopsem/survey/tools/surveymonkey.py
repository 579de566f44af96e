"""SurveyMonkey: two header rows, the question only above the first of its columns, the items below."""

import html
import re
from collections import Counter
from collections.abc import Sequence

from sopsem.survey.table import Grid
from sopsem.survey.tools.layout import Layout, role_columns

__all__ = ["two_rows"]

ROLES = {
    "respondentid": "respondent_id",
    "startdate": "started",
    "datecreated": "started",
    "enddate": "ended",
    "datemodified": "ended",
    "ipaddress": "address",
}
RESPONDENT = re.compile(r"\d{8,16}")
TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def two_rows(grid: Grid) -> Layout | None:
    """Recognise the export by its structure.

    The first column is named above and empty below; every column is named above or below; and the first
    column's answers are the tool's long ids, or a question spans several columns.
    """
    if len(grid.rows) < 3:
        return None
    width = max(len(grid.rows[0].fields), len(grid.rows[1].fields))
    top, below = (_wide(grid.rows[k].fields, width) for k in (0, 1))
    spans = any(b and not t for t, b in zip(top, below, strict=True))
    known = _squeezed(top[0]) in ("respondentid", "respondent_id")
    named = all(t or b for t, b in zip(top, below, strict=True))
    if not (top[0] and not below[0] and named and any(below) and (spans or known)):
        return None
    if not RESPONDENT.fullmatch(grid.rows[2].fields[0].strip()):
        return None
    return _layout(top, below)


def _wide(fields: Sequence[str], width: int) -> list[str]:
    return [plain_text(cell) for cell in [*fields, *[""] * (width - len(fields))]]


def _squeezed(name: str) -> str:
    return "".join(name.split()).casefold()


def plain_text(cell: str) -> str:
    """Return a heading without HTML.

    Examples
    --------
    >>> plain_text("How <strong>far</strong> do you&nbsp;agree?")
    'How far do you agree?'

    """
    return " ".join(html.unescape(TAG.sub("", cell)).split())


def _layout(top: Sequence[str], below: Sequence[str]) -> Layout:
    questions = _filled_forward(top)
    several = {question for question, n in Counter(questions).items() if n > 1}
    names = tuple(f"{q} [{b}]" if q in several and b else q for q, b in zip(questions, below, strict=True))
    return Layout(
        tool="SurveyMonkey",
        n_header=2,
        names=names,
        headings=names,
        aliases=tuple((b,) if q in several and b else () for q, b in zip(questions, below, strict=True)),
        roles=role_columns([_squeezed(name) for name in names], ROLES),
        notes=("two header rows (SurveyMonkey): questions filled forward over their items",),
    )


def _filled_forward(top: Sequence[str]) -> list[str]:
    filled: list[str] = []
    for cell in top:
        filled.append(cell or filled[-1])
    return filled
