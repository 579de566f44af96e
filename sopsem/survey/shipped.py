"""Where the shipped surveys are, and what label a survey carries."""

from pathlib import Path

from sopsem.errors import FileError, UsageError
from sopsem.survey.formats.door import inside
from sopsem.survey.formats.signatures import ENDINGS
from sopsem.survey.messages import quote_path, suggestion

__all__ = ["DEFAULT_SURVEY", "data_label", "find_survey", "shipped_surveys"]

SURVEY_ENDINGS = {f".{ending}" for kind in ENDINGS if kind not in ("zip", "gz") for ending in ENDINGS[kind]}
DEFAULT_SURVEY = "synthetic_twin_0"
_PACKAGE = Path(__file__).resolve().parent.parent
_PLACES = (_PACKAGE.parent / "surveys", _PACKAGE / "_surveys")  # in a checkout, in an installed wheel


def _folders() -> dict[str, Path]:
    return {
        folder.name: folder
        for place in reversed(_PLACES)
        if place.is_dir()
        for folder in sorted(place.iterdir())
        if (folder / "survey.toml").is_file()
    }


def shipped_surveys() -> list[str]:
    """Return the names of the surveys that come with sopsem.

    >>> "synthetic_twin_0" in shipped_surveys()
    True
    """
    return sorted(_folders())


def find_survey(source: str | Path | None = None) -> Path:
    """Return the file of a survey: a file, a folder with one survey file, a shipped name, or the default twin.

    Raises
    ------
    UsageError
        An address on the network.
    FileError
        No such survey, a folder with none or several survey files, or with a link in the place of one.

    """
    name = str(source or DEFAULT_SURVEY)
    if "://" in name:
        raise UsageError(f"{quote_path(name)} is not a local file; download it first and give its path")
    path = _folders().get(name, Path(name))
    if source is not None and not path.exists() and path.name == name and not path.suffix:
        known = shipped_surveys()
        raise FileError(
            f"{quote_path(name)}: no such file, folder or shipped survey{suggestion(name, known) or '.'} "
            f"Shipped: {', '.join(known) or 'none'}"
        )
    if not path.is_dir():
        if source is None and not path.exists():
            raise FileError("the shipped surveys are not installed; give the path of a survey file")
        return path
    files = [f.name for f in sorted(path.iterdir()) if f.suffix.lower() in SURVEY_ENDINGS]
    if len(files) != 1:
        raise FileError(f"{quote_path(path)}: holds {len(files)} survey files; name the file to read")
    return inside(path, files[0])


def data_label(path: Path) -> str:
    """Return "synthetic data" for a survey whose file or folder name says so, else "".

    >>> data_label(Path("surveys/synthetic_twin_0/responses.csv"))
    'synthetic data'
    """
    words = f"{path.parent.name} {path.name}".lower()
    return "synthetic data" if "synthetic" in words or "twin" in words else ""
