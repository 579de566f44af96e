"""What a questionnaire without faults may still leave open: said by ``sopsem instrument check``."""

from collections.abc import Iterator

from sopsem.survey.codebooks.draft import UNASSIGNED
from sopsem.survey.questionnaire import Instrument

__all__ = ["open_points"]

FEW_ITEMS = 3  # a factor of its own is identified from three indicators on


def open_points(instrument: Instrument) -> list[str]:
    """Return what deserves a second look, a sentence each; none of it is a fault.

    Examples
    --------
    >>> from sopsem.survey.instrument import load_instrument
    >>> open_points(load_instrument())
    []

    """
    return [*_about(instrument), *_constructs(instrument), *_scales(instrument)]


def _about(instrument: Instrument) -> Iterator[str]:
    if not instrument.model.strip():
        yield "there is no model: answers can be read and scored, but no model can be fitted"
    if instrument.language in {"", "und"}:
        yield "the language is not given; the printed questionnaire will say its own sentences in English"
    if not instrument.missing:
        yield "no code means no answer: an empty cell will be refused; declare it under [missing]"


def _constructs(instrument: Instrument) -> Iterator[str]:
    if UNASSIGNED in instrument.constructs:
        items = instrument.items_of(UNASSIGNED)
        yield f"{len(items)} items are not yet assigned to a construct: {', '.join(items[:12])}"
    for name in instrument.constructs:
        required = [item for item in instrument.items_of(name) if not instrument.items[item].optional]
        if name != UNASSIGNED and 0 < len(required) < FEW_ITEMS:
            yield f"construct {name} has {len(required)} item(s); three or more let it stand on its own"
        if required and all(instrument.items[item].reverse for item in required):
            yield f"all items of construct {name} are reversed; is the construct named the wrong way round?"


def _scales(instrument: Instrument) -> Iterator[str]:
    used = {item.scale for item in instrument.items.values()}
    for name, scale in instrument.scales.items():
        if name not in used:
            yield f"scale {name} is used by no item"
        elif not scale.codes:
            yield f"scale {name} has no codes: any finite number is accepted"
        elif sorted(scale.codes) != list(range(scale.minimum, scale.maximum + 1)):
            yield f"scale {name}: the codes have gaps ({', '.join(map(str, sorted(scale.codes)))})"
