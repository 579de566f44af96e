"""``sopsem fit`` and ``sopsem crosscheck``."""

from typing import Annotated, Literal

import pandas as pd
import typer

from sopsem.cli import fit_options as fo
from sopsem.cli.app import app
from sopsem.cli.inputs import AsJson, InstrumentName, Survey, echo, echo_json, read_survey
from sopsem.cli.model_text import model_text
from sopsem.cli.provenance import note_frame
from sopsem.errors import ConvergenceError
from sopsem.report.fit_text import crosscheck_text, fit_text
from sopsem.sem.crosscheck import crosscheck
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import Fit, fit
from sopsem.sem.fit_measures.fit_indices import corrected_tests, fit_indices
from sopsem.survey.plain import read_numbers

__all__ = ["crosscheck_command", "fit_command"]


@app.command("fit", epilog="Example: sopsem fit model.txt data.csv --estimator MLR --missing ml")
def fit_command(
    model: fo.ModelFile,
    data: fo.DataFile,
    group: fo.Group = None,
    group_label: fo.GroupLabel = "",
    group_equal: fo.GroupEqual = "",
    group_partial: fo.GroupPartial = "",
    estimator: fo.Estimator = None,
    se: fo.StandardErrors = None,
    test: fo.Test = None,
    missing: fo.Missing = None,
    auxiliary: fo.Auxiliary = "",
    ordered: fo.Ordered = "",
    parameterization: fo.Parameterization = None,
    cluster: fo.Cluster = None,
    likelihood: Annotated[
        Literal["normal", "wishart"], typer.Option(help="Divide by N or by N - 1.")
    ] = "normal",
    information: Annotated[
        Literal["expected", "observed"] | None,
        typer.Option(help="For the standard errors; as goes with the estimator."),
    ] = None,
    mimic: fo.Mimic = None,
    std_lv: fo.StdLv = False,
    meanstructure: fo.MeanStructure = False,
    growth: fo.Growth = False,
    as_json: AsJson = False,
) -> None:
    """Fit any model in lavaan syntax, also of groups, and print fit, estimates and certificate."""
    result = fit(
        model_text(model),
        fo.with_plain_labels(note_frame("data", read_numbers(data)), group, cluster),
        group=group,
        group_label=fo.listed(group_label) or None,
        group_equal=fo.listed(group_equal),
        group_partial=fo.listed(group_partial),
        estimator=estimator,
        se=se,
        test=test,
        missing=missing,
        auxiliary=fo.listed(auxiliary),
        ordered=fo.ordered_option(ordered),
        parameterization=parameterization or "delta",
        cluster=cluster,
        likelihood=likelihood,
        information=information,
        mimic=mimic,
        std_lv=std_lv,
        meanstructure=meanstructure or None,
        growth=growth,
    )
    measures, corrected, table = fit_indices(result), _corrected(result), estimates(result)
    if as_json:
        echo_json(
            {
                "status": result.status.name.lower(),
                "groups": [label for label in result.spec.groups if label],
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


def _corrected(result: Fit) -> pd.DataFrame:
    """Return the small-sample corrections where they apply: complete rows of one group, plain maximum likelihood."""
    s = result.settings
    plain = s.estimator == "ML" and s.test == "standard" and s.missing == "listwise" and result.n_groups == 1
    return corrected_tests(result) if plain else pd.DataFrame()


@app.command("crosscheck", epilog="Example: sopsem crosscheck responses.csv")
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
