"""From a survey file to checked answers; no statistics here."""

from typing import TYPE_CHECKING

from sopsem.on_demand import on_demand

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

if TYPE_CHECKING:
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
else:
    _HOMES = {
        "inspection": "Inspection inspect_survey",
        "instrument": "BackgroundQuestion Construct Instrument Item Scale load_instrument shipped_instruments",
        "reading": "read_responses responses_from_frame",
        "responses": "Responses Source",
        "scoring": "ConstructMeans construct_means",
    }
    __getattr__ = on_demand(__name__, _HOMES)


def __dir__() -> list[str]:
    """Return the public names too, loaded or not."""
    return sorted({*globals(), *__all__})
