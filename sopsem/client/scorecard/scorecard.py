"""The scorecard file: one JSON object, canonical hash, no rows of the norm sample."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from sopsem.client.scorecard.norms import Norm
from sopsem.client.scorecard.scoring_model import ScoringModel
from sopsem.errors import FileError, ResourceLimitError
from sopsem.runs.atomic import json_bytes, write_atomic
from sopsem.survey.instrument import Instrument
from sopsem.survey.instrument_faults import consistency_faults
from sopsem.survey.messages import enumerated, quote_path

__all__ = [
    "Scorecard",
    "canonical_hash",
    "read_scorecard",
    "schema_differences",
    "write_scorecard",
]

LARGEST = 5_000_000  # bytes


def canonical_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of JSON content with sorted keys and no spaces, leaving out its own ``sha256``.

    Examples
    --------
    >>> canonical_hash({"b": 1, "a": 2}) == canonical_hash({"a": 2, "b": 1, "sha256": "any"})
    True

    """
    kept = {key: value for key, value in content.items() if key != "sha256"}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(text.encode("ascii")).hexdigest()


class Scorecard(BaseModel):
    """Everything that scores a new respondent; made by `make_scorecard` or `read_scorecard`.

    Attributes
    ----------
    format : str
    label : str
        "synthetic data" where the norm sample is, else "".
    made_with : str
        Version of sopsem.
    sample : str
        Name of the norm sample; ``rows`` its respondents.
    instrument : Instrument
        Items with texts, codes, reversal, min_valid; the model text.
    model : ScoringModel
    constructs, factors : dict of Norm
        Norms of construct means and of regression factor scores.
    sha256 : str
        Hash of all of the above.

    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["sopsem scorecard 1"] = "sopsem scorecard 1"
    label: str
    made_with: str
    sample: str
    rows: int
    instrument: Instrument
    model: ScoringModel
    constructs: dict[str, Norm]
    factors: dict[str, Norm]
    sha256: str = ""

    def content(self) -> dict[str, Any]:
        """Return all but the hash, as JSON knows it."""
        return self.model_dump(mode="json", by_alias=True, exclude={"sha256"})

    def to_bytes(self) -> bytes:
        """Return the file; writing what was read gives the same bytes."""
        content = self.content()
        return json_bytes({**content, "sha256": canonical_hash(content)})

    def __repr__(self) -> str:
        """Show what the card scores and what its norms are."""
        said = f", {self.label.upper()}" if self.label else ""
        lines = [
            f"<Scorecard {self.instrument.title!r} version {self.instrument.version}{said}",
            f"  norm sample: {self.sample}, {self.rows} respondents",
            f"  model: {len(self.model.parameters)} parameters, {len(self.model.latent)} factors, N = {self.model.n}",
            *(
                f"  {name}: n {norm.n}, mean {norm.mean:.2f}, SD {norm.sd:.2f}"
                + ("" if norm.alpha is None else f", alpha {norm.alpha:.2f}")
                for name, norm in self.constructs.items()
            ),
        ]
        return "\n".join(lines) + f"\n  sha256 {self.sha256}>"

    __str__ = __repr__


def write_scorecard(card: Scorecard, path: str | Path) -> None:
    """Write a scorecard, whole or not at all.

    Raises
    ------
    FileError
        It cannot be written.

    """
    write_atomic(path, card.to_bytes())


def read_scorecard(path: str | Path) -> Scorecard:
    """Read a scorecard and check that it is whole.

    Raises
    ------
    FileError
        No such file, no scorecard, or one that was changed after it was made (its hash does not match).
    ResourceLimitError
        Larger than 5 MB.

    Examples
    --------
    >>> read_scorecard("no such.scorecard.json")
    Traceback (most recent call last):
    ...
    sopsem.errors.FileError: 'no such.scorecard.json': cannot read the scorecard: No such file or directory

    """
    where = quote_path(path)
    try:
        with Path(path).open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise FileError(f"{where}: cannot read the scorecard: {why}") from error
    if len(raw) > LARGEST:
        raise ResourceLimitError(f"{where}: larger than the limit of {LARGEST:,} bytes for a scorecard")
    try:
        content = json.loads(raw, parse_constant=_refuse_constant)
        card = Scorecard.model_validate(content)
        faults = consistency_faults(content["instrument"])
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise FileError(
            f"{where}: not a scorecard of this version of sopsem ({place}: {first['msg']}); make it again with "
            "sopsem scorecard make"
        ) from None
    except (ValueError, RecursionError) as error:
        raise FileError(f"{where}: not a scorecard: it is no valid JSON") from error
    if faults:
        raise FileError(enumerated(f"{where}: its questionnaire", faults))
    # of what stands in the file, not of the card: a later version may know more fields
    if card.sha256 != (own := canonical_hash(content)):
        raise FileError(
            f"{where}: the scorecard was changed after it was made (its SHA-256 is {own[:16]}..., it "
            f"says {card.sha256[:16]}...); get the file again from whoever made it"
        )
    return card


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def schema_differences(card: Scorecard, instrument: Instrument) -> list[str]:
    """List what differs between the card's questionnaire and another one in what scores depend on.

    Examples
    --------
    >>> from sopsem.client.scorecard.making import make_scorecard
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> card = make_scorecard(read_responses(find_survey(), load_instrument()))
    >>> schema_differences(card, load_instrument())
    []

    """
    own, other = _schema(card.instrument), _schema(instrument)
    faults = [f"{name}: not in the answers' questionnaire" for name in own if name not in other]
    for name in own.keys() & other.keys():
        changed = [key for key, value in own[name].items() if other[name][key] != value]
        faults += [
            f"{name}: {key} is {other[name][key]!r}, the scorecard has {own[name][key]!r}" for key in changed
        ]
    return sorted(faults)


def _schema(instrument: Instrument) -> dict[str, dict[str, Any]]:
    items = {
        f"item {name}": {
            "text": item.text,
            "construct": item.factor,
            "reverse": item.reverse,
            "codes": dict(instrument.scale_of(name).codes),
        }
        for name, item in instrument.items.items()
    }
    constructs = {
        f"construct {name}": {"parts": construct.of, "min_valid": construct.min_valid}
        for name, construct in instrument.constructs.items()
    }
    return items | constructs
