"""Microsoft Forms: a number, two times, an address and a name, then the questions; more than one choice ends in ;."""

import re
from collections.abc import Sequence

from sopsem.survey.table import Grid
from sopsem.survey.tools.layout import Layout
from sopsem.survey.tools.plain import row_of_grid

__all__ = ["numbered_and_timed"]

TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2,4})([T ,]+\d{1,2}:\d{2}(:\d{2})?(\.\d+)?( ?[AP]M)?)?"
)
NUMBER = re.compile(r"\d{1,9}")
CHOICES = re.compile(r"[^;]+(;[^;]+)*;")


def numbered_and_timed(grid: Grid) -> Layout | None:
    """Recognise the export by what its first five columns hold, in whatever language they are named."""
    header, body = grid.rows[0].fields, grid.rows[1:]
    if len(header) < 6 or not body:
        return None
    if not all(len(row.fields) > 4 and _about(row.fields[:5]) for row in body):
        return None
    names = tuple(" ".join(name.split()) for name in header)
    spaced = sum("\u00a0" in name for name in header)
    return Layout(
        tool="Microsoft Forms",
        n_header=1,
        names=names,
        aliases=tuple(row_of_grid(name) for name in names),
        roles={"respondent_id": 0, "started": 1, "ended": 2},
        notes=(f"non-breaking spaces in {spaced} column names were read as spaces",) if spaced else (),
        clean=_unended,
        clean_note="the ; after the last of several choices was taken off",
    )


def _about(fields: Sequence[str]) -> bool:
    number, start, end, address, _ = (cell.strip() for cell in fields)
    timed = TIME.fullmatch(start) and TIME.fullmatch(end)
    # without an address the tool writes one word, "anonymous" in English
    return bool(NUMBER.fullmatch(number) and timed and address and ("@" in address or address.isalpha()))


def _unended(cell: str) -> str:
    return cell[:-1] if cell.endswith(";") and CHOICES.fullmatch(cell) else cell
