"""``sopsem validate`` and ``sopsem mediation``."""

from typing import Annotated

import typer

from sopsem.cli.app import app
from sopsem.cli.inputs import AsJson, InstrumentName, Seed, Survey, echo, echo_json, read_survey
from sopsem.report.summaries import validation_text
from sopsem.sem.validation import validate

__all__ = ["validate_command"]


@app.command("validate")
def validate_command(
    survey: Survey = None,
    draws: Annotated[int, typer.Option(min=2, help="Bootstrap draws.")] = 1000,
    seed: Seed = 1,
    instrument: InstrumentName = "sop_alignment",
    as_json: AsJson = False,
) -> None:
    """Check the constructs: reliability, convergent and discriminant validity, method variance."""
    data = read_survey(survey, instrument)
    result = validate(data.instrument.model, data.responses.items, draws=draws, seed=seed)
    if as_json:
        frames = ("reliability", "fornell_larcker_pairs", "htmt", "correlations", "cutoffs", "second_order")
        echo_json(
            {name: getattr(result, name).to_dict("records") for name in frames}
            | {"sentences": list(result.sentences), "data": data.source}
        )
    else:
        echo(validation_text(result))
