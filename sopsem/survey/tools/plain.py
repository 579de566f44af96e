"""A file of no particular tool: one header row; columns named as in `sopsem.survey.metadata` are read as such."""

from collections.abc import Sequence

from sopsem.survey.messages import quote
from sopsem.survey.metadata import METADATA_ROLES
from sopsem.survey.tools.layout import role_columns

__all__ = ["plain_roles", "row_of_grid"]

# what the duration is called in Qualtrics (text, SPSS), LimeSurvey, and by hand; small letters
DURATIONS = frozenset({"duration (in seconds)", "duration__in_seconds_", "interviewtime", "duration"})


def plain_roles(names: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return the columns named like a role, or the one with a usual name of the duration, and what to say of it.

    Examples
    --------
    >>> plain_roles(["respondent_id", "Duration (in seconds)"])[0]
    {'respondent_id': 0, 'duration_seconds': 1}
    >>> plain_roles(["duration", "interviewtime"])[0]
    {}

    """
    roles = role_columns(names, {role: role for role in METADATA_ROLES if role not in ("status", "language")})
    usual = [at for at, name in enumerate(names) if name.casefold() in DURATIONS]
    if "duration_seconds" in roles or not usual:
        return roles, ()
    if len(usual) == 1:
        name = names[usual[0]]
        note = f"the duration of each interview is read from the column {quote(name)}, in seconds"
        return {**roles, "duration_seconds": usual[0]}, (note,)
    shown = ", ".join(quote(names[at]) for at in usual)
    note = (
        f"{len(usual)} columns may be the duration of the interviews ({shown}) and none is used; choose with "
        "--map duration_seconds=COLUMN"
    )
    return roles, (note,)


def row_of_grid(name: str) -> tuple[str, ...]:
    """Return the row of a grid question, which is written ``question [row]``.

    Examples
    --------
    >>> row_of_grid("How far do you agree? [We plan together]")
    ('We plan together',)

    """
    _, mark, row = name.partition("[")
    return (row[:-1].strip(),) if mark and row.endswith("]") and row != "]" else ()
