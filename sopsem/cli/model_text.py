"""Reading a file of model text."""

from pathlib import Path

from sopsem.errors import FileError
from sopsem.sem.model.scanner import MAX_CHARACTERS

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
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path}: the model file cannot be read ({error}); give a UTF-8 text file") from error
