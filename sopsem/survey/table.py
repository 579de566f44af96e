"""What every reader gives: the rows of a file as text (``Grid``), and its columns by name (``Table``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Grid", "Row", "Table"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """The cells of one row, and the line of the file (or row of the sheet) it begins on."""

    line: int
    fields: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The rows of a text file or of a sheet before it is known which of them are headers.

    ``strict`` says that every row must be as wide as the header, as in text; in a sheet rows end where
    their last filled cell does.
    """

    rows: Sequence[Row]
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    word: str = "line"
    strict: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """The cells of a file: ``cells[j][i]`` is the text of column j in the row that begins on ``lines[i]``.

    ``headings`` are the question texts where the file has them, ``aliases`` other exact names of a column.
    ``roles`` names the columns in which the survey tool writes about the interview (see
    `sopsem.survey.metadata`).  ``value_labels`` are the labels of the codes, and ``missing`` the cells that the
    file itself declares missing, with the reason; both by column and by the text of the cell.
    """

    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    lines: Sequence[int]
    format: str = "csv"
    tool: str = "plain"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    word: str = "line"
    headings: tuple[str, ...] = ()
    aliases: tuple[tuple[str, ...], ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def decimal_comma(self) -> bool:
        """Whether numbers may have a decimal comma: in text whose cells end at semicolons."""
        return self.delimiter == ";"
