"""A file of no particular tool: one header row; columns named as in `sopsem.survey.metadata` are read as such."""

from collections.abc import Sequence

from sopsem.survey.metadata import METADATA_ROLES
from sopsem.survey.tools.layout import role_columns

__all__ = ["plain_roles", "row_of_grid"]


def plain_roles(names: Sequence[str]) -> dict[str, int]:
    """Return the columns named like a role."""
    return role_columns(names, {role: role for role in METADATA_ROLES if role not in ("status", "language")})


def row_of_grid(name: str) -> tuple[str, ...]:
    """Return the row of a grid question, which is written ``question [row]``.

    Examples
    --------
    >>> row_of_grid("How far do you agree? [We plan together]")
    ('We plan together',)

    """
    _, mark, row = name.partition("[")
    return (row[:-1].strip(),) if mark and row.endswith("]") and row != "]" else ()
