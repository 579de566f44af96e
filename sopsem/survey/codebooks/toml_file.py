"""The questionnaire as TOML: the carrier that is kept under version control."""

import tomllib
from collections.abc import Sequence
from typing import Any

import tomli_w

from sopsem.errors import DataError, FileError, ResourceLimitError
from sopsem.survey.questionnaire import Instrument, plain_data

__all__ = ["toml_data", "toml_text"]


def toml_data(raw: bytes, title: str) -> dict[str, Any]:
    """Return the plain data of a TOML file.

    Raises
    ------
    FileError
        Not UTF-8.
    ResourceLimitError
        Nested too deeply.
    DataError
        Not valid TOML; the message has line and column.

    Examples
    --------
    >>> toml_data(b'title = "t"', "q.toml")
    {'title': 't'}

    """
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FileError(f"{title}: not UTF-8 text (byte {error.start}); save the file as UTF-8") from error
    except RecursionError as error:
        raise ResourceLimitError(f"{title}: nested too deeply to be a questionnaire") from error
    except ValueError as error:  # TOMLDecodeError, and integers too long to convert
        raise DataError(f"{title}: not valid TOML: {error}") from error


def toml_text(instrument: Instrument, comments: Sequence[str] = ()) -> str:
    r"""Return a questionnaire as TOML; comments are written above it.

    Examples
    --------
    >>> from sopsem.survey.instrument import load_instrument
    >>> text = toml_text(load_instrument(), ["no construct is named"])
    >>> text.splitlines()[:3]
    ['# no construct is named', '', 'title = "Sales-operations alignment"']

    """
    head = "".join(f"# {' '.join(line.split())}\n" for comment in comments for line in [comment])
    body = tomli_w.dumps(plain_data(instrument), multiline_strings=True)
    return f"{head}\n{body}" if head else body
