"""A questionnaire as data: items, constructs, scales, reverse keys, background questions, model text."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

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

from sopsem.errors import DataError, UsageError
from sopsem.survey.instrument_faults import consistency_faults, structure_faults
from sopsem.survey.messages import enumerated, quote

__all__ = [
    "BackgroundQuestion",
    "Construct",
    "Instrument",
    "Item",
    "Scale",
    "plain_data",
    "questionnaire",
    "with_question",
]

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
    ``higher_is`` says whether a high score is good news.
    """

    label: str
    definition: str = ""
    higher_is: Literal["better", "worse"] = "better"
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
    """A question about the respondent; its answers stay text.  ``unique`` marks the respondent's id.

    What the survey tool fills in by itself is not ``asked``, so it is not printed.
    """

    text: str
    codes: ReadOnly[str, str] = Field(default_factory=lambda: MappingProxyType({}))
    column: str | None = None
    unique: StrictBool = False
    asked: StrictBool = True


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
        >>> from sopsem.survey.instrument import load_instrument
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


def questionnaire(data: Mapping[str, Any], title: str, places: Mapping[str, str] | None = None) -> Instrument:
    """Return the questionnaire that plain data describe, the same for every kind of file.

    Parameters
    ----------
    data
        Nested mappings as TOML gives them: codes are texts, lists are lists.
    title
        The file's name in messages.
    places
        Where parts stand in the file, for example "items.con3" -> "row 7"; added to the faults of these parts.

    Raises
    ------
    DataError
        Every fault, each with its place.

    """
    faults = consistency_faults(data)
    instrument = None
    try:
        instrument = Instrument.model_validate(data)
    except ValidationError as error:
        faults = structure_faults(error, Instrument) + faults
    if instrument is None or faults:
        located = [f"{fault}{_place(fault, places or {})}" for fault in faults]
        raise DataError(enumerated(title, located, FAULTS_SHOWN))
    return instrument


def with_question(instrument: Instrument, name: str, text: str) -> Instrument:
    """Return a questionnaire that also has a background question; one that has it already stays as it is.

    Raises
    ------
    UsageError
        An item has that name.

    Examples
    --------
    >>> from sopsem.survey.instrument import load_instrument
    >>> longer = with_question(load_instrument(), "plant", "In which plant do you work?")
    >>> longer.background["plant"].asked, "plant" in load_instrument().background
    (False, False)

    """
    if name in instrument.items:
        raise UsageError(
            f"{quote(name)} is an item of the questionnaire; name a column with background answers"
        )
    if name in instrument.background:
        return instrument
    more = {**instrument.background, name: BackgroundQuestion(text=text, asked=False)}
    return instrument.model_copy(update={"background": MappingProxyType(more)})


def _place(fault: str, places: Mapping[str, str]) -> str:
    """Return where the part stands that a fault begins with."""
    part = ".".join(fault.split(":", 1)[0].split(".")[:2])
    return f" ({places[part]})" if part in places else ""


def plain_data(instrument: Instrument) -> dict[str, Any]:
    """Return a questionnaire as nested dicts of text, numbers and lists; what has its default is left out.

    Examples
    --------
    >>> from sopsem.survey.instrument import load_instrument
    >>> data = plain_data(load_instrument())
    >>> data["items"]["con3"]["construct"], data["items"]["con3"]["reverse"]
    ('conflict', True)
    >>> questionnaire(data, "again") == load_instrument()
    True

    """
    data = instrument.model_dump(by_alias=True, exclude_defaults=True)
    for scale in data["scales"].values():
        if "codes" in scale:
            scale["codes"] = {str(code): label for code, label in scale["codes"].items()}
    for construct in data["constructs"].values():
        construct |= {key: list(value) for key, value in construct.items() if isinstance(value, tuple)}
    return data
