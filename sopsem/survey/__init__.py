"""From a survey file to checked answers; no statistics here."""

from sopsem.survey.instrument import (
    BackgroundQuestion,
    Construct,
    Instrument,
    Item,
    Scale,
    load_instrument,
    shipped_instruments,
)

__all__ = [
    "BackgroundQuestion",
    "Construct",
    "Instrument",
    "Item",
    "Scale",
    "load_instrument",
    "shipped_instruments",
]
