"""What a survey tool's export looks like: how many header rows, which names, which columns are about the interview."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Layout", "role_columns"]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the rows of a recognised file are to be read.

    ``names``, ``headings`` and ``aliases`` have one entry per column; ``roles`` maps a role of
    `sopsem.survey.metadata` to a position; ``missing`` maps cells that mean "not answered" to their reason;
    ``clean`` undoes what the tool did to cells that ``marked`` knows, which is counted and told.
    """

    tool: str
    n_header: int
    names: tuple[str, ...]
    headings: tuple[str, ...] = ()
    aliases: tuple[tuple[str, ...], ...] = ()
    roles: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    clean: Callable[[str], str] | None = None
    clean_note: str = ""


def role_columns(names: Sequence[str], known: Mapping[str, str]) -> dict[str, int]:
    """Return the position of each role whose column is among the names; the first of several wins.

    Examples
    --------
    >>> role_columns(["Q1", "id"], {"id": "respondent_id"})
    {'respondent_id': 1}

    """
    found: dict[str, int] = {}
    for position, name in enumerate(names):
        if name in known:
            found.setdefault(known[name], position)
    return found
