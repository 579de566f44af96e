"""The options ``--map`` and ``--sheet``: which column of a file answers which question."""

import tomllib
from typing import Annotated

import typer

from sopsem.errors import FileError, UsageError
from sopsem.survey.formats.door import read_local
from sopsem.survey.messages import quote, quote_path

__all__ = ["ColumnMap", "Sheet", "column_map"]

ColumnMap = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="QUESTION=COLUMN",
        help="Column of a question (or of duration_seconds), once for each; or a TOML file of such lines.",
    ),
]
Sheet = Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook that holds more than one.")]
LARGEST_MAP = 1_000_000  # bytes


def column_map(given: list[str] | None) -> dict[str, str]:
    """Return question -> column; a later entry for the same question must agree.

    Raises
    ------
    UsageError
        Neither ``question=column`` nor a TOML file, or two columns for one question.
    FileError
        A map file that is not TOML of plain strings.

    Examples
    --------
    >>> column_map(["col1=Q1_1", "col2=Q1_2"])
    {'col1': 'Q1_1', 'col2': 'Q1_2'}

    """
    columns: dict[str, str] = {}
    for each in given or ():
        for question, column in _entries(each).items():
            if columns.setdefault(question, column) != column:
                raise UsageError(f"--map gives question {quote(question)} two columns; give it one")
    return columns


def _entries(given: str) -> dict[str, str]:
    if given.lower().endswith(".toml"):
        return _from_file(given)
    question, mark, column = given.partition("=")
    if not mark or not question.strip() or not column.strip():
        raise UsageError(f"--map takes QUESTION=COLUMN or a file ending in .toml, not {quote(given)}")
    return {question.strip(): column.strip()}


def _from_file(path: str) -> dict[str, str]:
    try:
        entries = tomllib.loads(read_local(path, LARGEST_MAP).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FileError(
            f'{quote_path(path)}: not a TOML file of lines question = "column": {error}'
        ) from error
    wrong = [name for name, column in entries.items() if not isinstance(column, str)]
    if wrong:
        raise FileError(f"{quote_path(path)}: {quote(wrong[0])} must be the name of a column, in quotes")
    return entries
