"""From a survey file to checked answers; no statistics here."""

from sopsem.survey.inspection import Inspection, inspect_survey
from sopsem.survey.instrument import (
    BackgroundQuestion,
    Construct,
    Instrument,
    Item,
    Scale,
    load_instrument,
    shipped_instruments,
)
from sopsem.survey.reading import read_responses, responses_from_frame
from sopsem.survey.responses import Responses, Source
from sopsem.survey.scoring import ConstructMeans, construct_means

__all__ = [
    "BackgroundQuestion",
    "Construct",
    "ConstructMeans",
    "Inspection",
    "Instrument",
    "Item",
    "Responses",
    "Scale",
    "Source",
    "construct_means",
    "inspect_survey",
    "load_instrument",
    "read_responses",
    "responses_from_frame",
    "shipped_instruments",
]
