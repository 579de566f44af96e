"""``sopsem validate`` and ``sopsem mediation``."""

from typing import Annotated

import typer

from sopsem.cli.app import app
from sopsem.cli.choices import require_variables
from sopsem.cli.column_map import ColumnMap, Sheet
from sopsem.cli.inputs import AsJson, InstrumentName, Seed, Survey, echo, echo_json, read_survey
from sopsem.cli.progress import progress_bar
from sopsem.cli.run_options import Resume, Store, Workers, long_run
from sopsem.report.mediation_text import mediation_text
from sopsem.report.validation_text import validation_text
from sopsem.sem.constructs.validation import validate
from sopsem.sem.effects.mediation import mediation
from sopsem.sem.effects.sensitivity import sensitivity_models
from sopsem.sem.estimation.fit import fit
from sopsem.survey import load_instrument

__all__ = ["mediation_command", "validate_command"]

Draws = Annotated[int, typer.Option(min=2, help="Bootstrap draws.")]


@app.command("validate", epilog="Example: sopsem validate responses.csv --draws 2000 --seed 1")
def validate_command(
    survey: Survey = None,
    draws: Draws = 1000,
    seed: Seed = 1,
    instrument: InstrumentName = "sop_alignment",
    columns: ColumnMap = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
) -> None:
    """Check the constructs: reliability, convergent and discriminant validity, method variance."""
    data = read_survey(survey, instrument, columns, sheet)
    result = validate(data.instrument.model, data.responses.items, draws=draws, seed=seed)
    if as_json:
        frames = ("reliability", "fornell_larcker_pairs", "htmt", "correlations", "cutoffs", "second_order")
        echo_json(
            {name: getattr(result, name).to_dict("records") for name in frames}
            | {"sentences": list(result.sentences), "data": data.source}
        )
    else:
        echo(validation_text(result))


@app.command(
    "mediation",
    epilog="Example: sopsem mediation responses.csv --bound 0.2 --draws 5000",
)
def mediation_command(
    survey: Survey = None,
    predictor: Annotated[str, typer.Option(help="Where the effect starts.")] = "coordination",
    outcome: Annotated[str, typer.Option(help="Where it ends.")] = "performance",
    bound: Annotated[
        float, typer.Option(help="Smallest direct effect that would matter, stated beforehand.")
    ] = 0.20,
    draws: Draws = 1000,
    seed: Seed = 1,
    instrument: InstrumentName = "sop_alignment",
    columns: ColumnMap = None,
    sheet: Sheet = None,
    workers: Workers = None,
    store: Store = None,
    resume: Resume = False,
    as_json: AsJson = False,
) -> None:
    """Judge direct and indirect effects: intervals, difference test, equivalence, power, a verdict in words."""
    require_variables(load_instrument(instrument).model, predictor=predictor, outcome=outcome)
    data = read_survey(survey, instrument, columns, sheet)
    main = fit(data.instrument.model, data.responses.items, mimic="amos")
    with long_run(store, workers) as executor, progress_bar("bootstrap") as progress:
        result = mediation(
            main,
            predictor=predictor,
            outcome=outcome,
            draws=draws,
            seed=seed,
            equivalence_bound=bound,
            executor=executor,
            progress=progress,
            store=store,
            resume=resume,
        )
    sensitivity = sensitivity_models(main, predictor=predictor, outcome=outcome)
    if as_json:
        echo_json(
            {
                "pattern": str(result.pattern.value),
                "alternative": None if result.alternative is None else str(result.alternative.value),
                "comparison": {
                    "dchisq": result.comparison.dchisq,
                    "ddf": result.comparison.ddf,
                    "dpvalue": result.comparison.pvalue,
                },
                "routes": result.routes.to_dict("records"),
                "direct": result.direct.to_dict("records"),
                "power": result.power.to_dict("records"),
                "sensitivity": sensitivity.table.reset_index().to_dict("records"),
                "sentences": list(result.sentences),
                "data": data.source,
            }
        )
    else:
        echo(mediation_text(result, sensitivity))
