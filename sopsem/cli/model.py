"""``sopsem fit`` and ``sopsem crosscheck``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from sopsem.cli.app import app
from sopsem.cli.inputs import AsJson, InstrumentName, Survey, echo, echo_json, read_survey
from sopsem.cli.model_text import model_text
from sopsem.errors import ConvergenceError
from sopsem.report.summaries import crosscheck_text, fit_text
from sopsem.sem.crosscheck import crosscheck
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.fit_indices import corrected_tests, fit_indices
from sopsem.survey.plain import read_numbers

__all__ = ["crosscheck_command", "fit_command"]


@app.command("fit")
def fit_command(
    model: Annotated[Path, typer.Argument(help="Text file with a model in lavaan syntax.")],
    data: Annotated[Path, typer.Argument(help="CSV file of numbers with a header; empty cells are missing.")],
    likelihood: Annotated[
        Literal["normal", "wishart"], typer.Option(help="Divide by N or by N - 1.")
    ] = "normal",
    information: Annotated[
        Literal["expected", "observed"], typer.Option(help="For the standard errors.")
    ] = "expected",
    mimic: Annotated[Literal["amos"] | None, typer.Option(help="Program to follow.")] = None,
    std_lv: Annotated[bool, typer.Option(help="Scale factors by variance 1.")] = False,
    meanstructure: Annotated[bool, typer.Option(help="Estimate intercepts.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fit any model in lavaan syntax and print fit, estimates and certificate."""
    result = fit(
        model_text(model),
        read_numbers(data),
        likelihood=likelihood,
        information=information,
        mimic=mimic,
        std_lv=std_lv,
        meanstructure=meanstructure,
    )
    measures, corrected, table = fit_indices(result), corrected_tests(result), estimates(result)
    if as_json:
        echo_json(
            {
                "status": result.status.name.lower(),
                "fit": dict(measures),
                "corrected_tests": corrected.to_dict("records"),
                "estimates": table.to_dict("records"),
                "notes": list(result.notes),
                "certificate": str(result.certificate),
            }
        )
    else:
        echo(fit_text(result, measures, corrected, table))
    if result.improper or not result.status.converged:
        raise typer.Exit(ConvergenceError.exit_code)


@app.command("crosscheck")
def crosscheck_command(
    survey: Survey = None, instrument: InstrumentName = "sop_alignment", as_json: AsJson = False
) -> None:
    """Fit the survey's model in semopy too and show where the two differ, and why."""
    data = read_survey(survey, instrument)
    main = fit(data.instrument.model, data.responses.items)
    result = crosscheck(main, data.complete.items)
    if as_json:
        echo_json(
            {
                "semopy": result.version,
                "chisq": {"sopsem": result.chisq[0], "semopy": result.chisq[1]},
                "largest_difference": result.largest_difference,
                "estimates": result.estimates.to_dict("records"),
                "not_comparable": result.not_comparable,
                "notes": list(result.notes),
            }
        )
    else:
        echo(crosscheck_text(result))
