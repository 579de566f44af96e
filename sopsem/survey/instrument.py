"""A questionnaire as data: items, constructs, scales, reverse keys, background questions, model text."""

import math
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictFloat,
    StrictInt,
    ValidationError,
)

from sopsem.errors import DataError, FileError, ResourceLimitError
from sopsem.survey.instrument_faults import consistency_faults, structure_faults
from sopsem.survey.messages import enumerated, quote, quote_path, suggestion

__all__ = [
    "BackgroundQuestion",
    "Construct",
    "Instrument",
    "Item",
    "Scale",
    "load_instrument",
    "shipped_instruments",
]

LARGEST_INSTRUMENT = 1_000_000  # bytes
FAULTS_SHOWN = 100

K = TypeVar("K")
V = TypeVar("V")
ReadOnly = Annotated[Mapping[K, V], AfterValidator(MappingProxyType), PlainSerializer(dict)]


class _Part(BaseModel):
    """Frozen, and every key must be known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Scale(_Part):
    """The answer codes of an item and the label of each; a scale without codes takes any finite number."""

    stem: str = ""
    codes: ReadOnly[int, str] = Field(default_factory=lambda: MappingProxyType({}))

    @property
    def minimum(self) -> int:
        """The lowest code."""
        return min(self.codes)

    @property
    def maximum(self) -> int:
        """The highest code."""
        return max(self.codes)

    @property
    def anchors(self) -> tuple[str, str]:
        """The labels of the lowest and of the highest code."""
        return self.codes[self.minimum], self.codes[self.maximum]


class Construct(_Part):
    """What a set of items, or of other constructs (``of``), is meant to measure.

    ``candidate_sources`` are works that measure something close, not known origins of the items.
    ``min_valid`` is how many of its items (of its parts, with ``of``) a respondent must have answered for a
    mean: a whole number counts them, a number with a decimal point is a share up to 1.0; None is at least half.
    """

    label: str
    definition: str = ""
    of: tuple[str, ...] = ()
    min_valid: StrictInt | StrictFloat | None = None
    sources: tuple[str, ...] = ()
    candidate_sources: tuple[str, ...] = ()


class Item(_Part):
    """One question; ``factor`` (the key ``construct`` in the file) is the construct it measures.

    ``column`` is the column in the survey file when it is not the item's id; ``expected`` the right answer of
    an attention check; an ``optional`` item may be absent from the file and stands outside the model.
    """

    text: str
    factor: str = Field(alias="construct")
    scale: str
    reverse: StrictBool = False
    optional: StrictBool = False
    column: str | None = None
    expected: StrictInt | None = None


class BackgroundQuestion(_Part):
    """A question about the respondent; its answers stay text.  ``unique`` marks the respondent's id."""

    text: str
    codes: ReadOnly[str, str] = Field(default_factory=lambda: MappingProxyType({}))
    column: str | None = None
    unique: StrictBool = False


class Instrument(_Part):
    """A questionnaire.  Only the codes in ``missing`` (code -> reason) count as missing answers."""

    title: str
    version: str
    language: str
    instruction: str = ""
    missing: ReadOnly[str, str] = Field(default_factory=lambda: MappingProxyType({}))
    scales: ReadOnly[str, Scale]
    constructs: ReadOnly[str, Construct]
    items: ReadOnly[str, Item]
    background: ReadOnly[str, BackgroundQuestion] = Field(default_factory=lambda: MappingProxyType({}))
    model: str = ""

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The required items, in the order of the file; these are the columns of the answers."""
        return tuple(name for name, item in self.items.items() if not item.optional)

    @property
    def optional_ids(self) -> tuple[str, ...]:
        """The optional items, in the order of the file."""
        return tuple(name for name, item in self.items.items() if item.optional)

    @property
    def reversed_ids(self) -> tuple[str, ...]:
        """The items whose codes are turned round by the scale's lowest + highest code."""
        return tuple(name for name, item in self.items.items() if item.reverse)

    def items_of(self, construct: str) -> tuple[str, ...]:
        """Return the items that measure a first-order construct, in the order of the file."""
        return tuple(name for name, item in self.items.items() if item.factor == construct)

    def answers_needed(self, construct: str) -> int:
        """Return how many items (or parts) of a construct must be answered for a mean, by its ``min_valid``.

        Examples
        --------
        >>> load_instrument().answers_needed("coordination"), load_instrument().answers_needed("internal")
        (2, 2)

        """
        rule = self.constructs[construct].min_valid
        members = len(self.constructs[construct].of or self.items_of(construct))
        share = 0.5 if rule is None else rule
        # the small number keeps 0.7 of 10 from becoming 8
        return share if isinstance(share, int) else max(1, math.ceil(share * members - 1e-9))

    def scale_of(self, item: str) -> Scale:
        """Return the scale of an item."""
        return self.scales[self.items[item].scale]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle through plain data, because read-only mappings do not pickle."""
        return Instrument.model_validate, (self.model_dump(by_alias=True),)

    def __repr__(self) -> str:
        """Show the questionnaire in a few lines."""
        counted = f"{len(self.item_ids)} items (+ {len(self.optional_ids)} optional)"
        lines = [f"<Instrument {self.title!r} version {self.version} ({self.language}): {counted}"]
        for name, construct in self.constructs.items():
            members = ", ".join(construct.of or self.items_of(name))
            lines.append(f"  {name}: {members}")
        return "\n".join(lines) + ">"

    __str__ = __repr__


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
    """Load a questionnaire: a shipped one by name, or a TOML file by its path.

    Raises
    ------
    FileError
        There is no such questionnaire, or the file is not readable UTF-8 text.
    ResourceLimitError
        The file is larger than 1 MB or nested too deeply.
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
    if isinstance(name_or_path, str) and not _looks_like_path(name_or_path):
        return _parse(_shipped_bytes(name_or_path), name_or_path)
    return _parse(_file_bytes(Path(name_or_path)), quote_path(name_or_path))


def _looks_like_path(name: str) -> bool:
    return name.endswith(".toml") or "/" in name or "\\" in name


def _shipped_bytes(name: str) -> bytes:
    known = shipped_instruments()
    if name not in known:
        raise FileError(
            f"no questionnaire {quote(name)} is shipped{suggestion(name, known) or '.'} "
            f"Known: {', '.join(known)}; for a file of your own give its path, ending in .toml"
        )
    return (resources.files("sopsem") / "instruments" / f"{name}.toml").read_bytes()


def _file_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_INSTRUMENT + 1)
    except OSError as error:
        raise FileError(f"{quote_path(path)}: cannot read the questionnaire: {error.strerror}") from error
    except ValueError as error:  # a NUL in the path
        raise FileError(f"{quote_path(path)}: not a usable path: {error}") from error
    if len(raw) > LARGEST_INSTRUMENT:
        raise ResourceLimitError(f"{quote_path(path)}: larger than the limit of {LARGEST_INSTRUMENT:,} bytes")
    return raw


def _parse(raw: bytes, title: str) -> Instrument:
    data = _toml(raw, title)
    consistency = consistency_faults(data)
    try:
        instrument = Instrument.model_validate(data)
    except ValidationError as error:
        structure = structure_faults(error, Instrument)
        raise DataError(enumerated(title, structure + consistency, FAULTS_SHOWN)) from None
    if consistency:
        raise DataError(enumerated(title, consistency, FAULTS_SHOWN))
    return instrument


def _toml(raw: bytes, title: str) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FileError(f"{title}: not UTF-8 text (byte {error.start}); save the file as UTF-8") from error
    except RecursionError as error:
        raise ResourceLimitError(f"{title}: nested too deeply to be a questionnaire") from error
    except ValueError as error:  # TOMLDecodeError, and integers too long to convert
        raise DataError(f"{title}: not valid TOML: {error}") from error
