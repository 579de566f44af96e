"""Qualtrics: three header rows, the third of JSON; the legacy export with two; the names of its SPSS export."""

import json
from collections.abc import Sequence

from sopsem.survey.table import Grid
from sopsem.survey.tools.layout import Layout, role_columns

__all__ = ["legacy", "named", "parts", "three_rows"]

# ImportIds are the same in every language of the account, unlike the second header row
IMPORT_IDS = {
    "startDate": "started",
    "endDate": "ended",
    "status": "status",
    "progress": "progress",
    "duration": "duration_seconds",
    "finished": "is_finished",
    "_recordId": "respondent_id",
    "ipAddress": "address",
    "distributionChannel": "channel",
    "userLanguage": "language",
}
NAMES = {
    "StartDate": "started",
    "EndDate": "ended",
    "Status": "status",
    "Progress": "progress",
    "Duration (in seconds)": "duration_seconds",
    "Duration__in_seconds_": "duration_seconds",
    "Finished": "is_finished",
    "ResponseId": "respondent_id",
    "IPAddress": "address",
    "DistributionChannel": "channel",
    "UserLanguage": "language",
}
LEGACY = tuple(f"V{n}" for n in range(1, 11))
LEGACY_ROLES = {
    "V1": "respondent_id",
    "V6": "address",
    "V7": "status",
    "V8": "started",
    "V9": "ended",
    "V10": "is_finished",
}
ENOUGH = 5  # of these names together are no accident


def three_rows(grid: Grid) -> Layout | None:
    """Recognise the current export by ``"ImportId"`` in every cell of the third row."""
    third = grid.rows[2].fields if len(grid.rows) > 2 else []
    if not any(third) or not all('"ImportId"' in cell for cell in third if cell):
        return None
    names = tuple(name.strip() for name in grid.rows[0].fields)
    texts = tuple(grid.rows[1].fields)
    return Layout(
        tool="Qualtrics",
        n_header=3,
        names=names,
        headings=texts,
        aliases=tuple(parts(text) for text in texts),
        roles=role_columns([_import_id(cell) for cell in third], IMPORT_IDS),
        notes=("three header rows (Qualtrics): names from the first, question texts kept from the second",),
    )


def _import_id(cell: str) -> str:
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return ""
    return str(found.get("ImportId", "")) if isinstance(found, dict) else ""


def parts(text: str) -> tuple[str, ...]:
    """Return the item of a matrix question, which is written ``stem - item``."""
    stem, mark, item = text.partition(" - ")
    return (item,) if stem and mark and item else ()


def legacy(grid: Grid) -> Layout | None:
    """Recognise the old export by its names V1 to V10 and response ids that begin with ``R_``."""
    names = tuple(name.strip() for name in grid.rows[0].fields)
    first = grid.rows[2].fields if len(grid.rows) > 2 else [""]
    if names[:10] != LEGACY or not first[0].startswith("R_"):
        return None
    texts = tuple(grid.rows[1].fields)
    return Layout(
        tool="Qualtrics (legacy)",
        n_header=2,
        names=names,
        headings=texts,
        aliases=tuple(parts(text) for text in texts),
        roles=role_columns(names, LEGACY_ROLES),
        notes=("two header rows (Qualtrics, legacy): question texts kept from the second",),
    )


def named(names: Sequence[str]) -> dict[str, int] | None:
    """Return the roles in a file of named variables (SPSS, Stata, Parquet, one header row), if it is Qualtrics'.

    Examples
    --------
    >>> named(["StartDate", "EndDate", "Status", "Progress", "Finished", "ResponseId", "Q1"])["is_finished"]
    4
    >>> named(["id", "Status"]) is None
    True

    """
    roles = role_columns(names, NAMES)
    return roles if len(roles) >= ENOUGH and "respondent_id" in roles else None
