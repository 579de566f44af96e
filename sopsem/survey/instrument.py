"""Questionnaires by name or by path; what they are made of is in `sopsem.survey.questionnaire`."""

from importlib import resources
from pathlib import Path

from sopsem.errors import FileError
from sopsem.survey.codebooks.carriers import CARRIERS, carrier_instrument
from sopsem.survey.codebooks.toml_file import toml_data
from sopsem.survey.messages import quote, suggestion
from sopsem.survey.questionnaire import BackgroundQuestion, Construct, Instrument, Item, Scale, questionnaire

__all__ = [
    "BackgroundQuestion",
    "Construct",
    "Instrument",
    "Item",
    "Scale",
    "load_instrument",
    "shipped_instruments",
]


def shipped_instruments() -> tuple[str, ...]:
    """Return the names of the questionnaires that come with sopsem.

    Examples
    --------
    >>> shipped_instruments()
    ('sop_alignment',)

    """
    folder = resources.files("sopsem") / "instruments"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load_instrument(name_or_path: str | Path = "sop_alignment") -> Instrument:
    """Load a questionnaire: a shipped one by name, or a file (TOML, or an item sheet) by its path.

    Raises
    ------
    FileError
        There is no such questionnaire, or the file is not readable.
    ResourceLimitError
        The file is larger than 1 MB or nested too deeply.
    UsageError
        The file is the codebook of another tool; see `import_codebook`.
    DataError
        The file breaks a rule; every fault is listed with its place.

    Examples
    --------
    >>> instrument = load_instrument()
    >>> len(instrument.item_ids), instrument.reversed_ids
    (18, ('con3', 'con4', 'via3'))
    >>> instrument.scale_of("int1").anchors
    ('far below plan', 'far above plan')

    """
    name = str(name_or_path)
    if isinstance(name_or_path, str) and not _looks_like_path(name):
        return questionnaire(toml_data(_shipped_bytes(name), name), name)
    return carrier_instrument(Path(name_or_path))


def _looks_like_path(name: str) -> bool:
    return name.lower().endswith(CARRIERS) or "/" in name or "\\" in name


def _shipped_bytes(name: str) -> bytes:
    known = shipped_instruments()
    if name not in known:
        raise FileError(
            f"no questionnaire {quote(name)} is shipped{suggestion(name, known) or '.'} "
            f"Known: {', '.join(known)}; for a file of your own give its path, ending in {' or '.join(CARRIERS)}"
        )
    return (resources.files("sopsem") / "instruments" / f"{name}.toml").read_bytes()
