"""Reading a file of model text."""

from pathlib import Path

from sopsem.errors import FileError
from sopsem.sem.model.scanner import MAX_CHARACTERS
from sopsem.survey.formats.door import beside
from sopsem.survey.messages import quote_path

__all__ = ["model_text"]


def model_text(path: Path) -> str:
    """Return the text of a model file, at most one character more than a model may have.

    Raises
    ------
    FileError
        The file cannot be read, or is not UTF-8 text.

    """
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MAX_CHARACTERS + 1)
    except FileNotFoundError:
        near = beside(path)
        raise FileError(
            f"{quote_path(path)}: there is no such model file{near or '.'} MODEL is a text file in lavaan syntax, e.g. "
            "a line f =~ x1 + x2 + x3"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        why = "it is no UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise FileError(
            f"{quote_path(path)}: the model file cannot be read: {why}; give a UTF-8 text file"
        ) from error
