"""``sopsem explain``: a reported number with its formula, what was put in, and its source."""

from typing import Annotated

import typer

from sopsem.cli.app import app
from sopsem.cli.column_map import ColumnMap, Sheet
from sopsem.cli.inputs import AsJson, InstrumentName, Seed, Survey, echo, echo_json, read_survey
from sopsem.cli.progress import progress_bar
from sopsem.explanation.explain import catalogue, explanations, families
from sopsem.explanation.question import Question
from sopsem.report.escape import terminal_lines
from sopsem.sem.estimation.fit import Fit, fit
from sopsem.sem.resampling.bootstrap import Draws, bootstrap

__all__ = ["explain_command"]

DRAWN = ("ci_lower", "ci_upper", "p:")


@app.command("explain", epilog='Example: sopsem explain "coordination -> performance"')
def explain_command(
    quantity: Annotated[
        str | None,
        typer.Argument(
            help="cfi, alpha, alpha:FACTOR, 'A -> B', 'ci_lower:A -> B', r2:OUTCOME ...; all without."
        ),
    ] = None,
    survey: Survey = None,
    freed: Annotated[
        str, typer.Option(help="Path freed in the second model of the difference test (dchisq, dpvalue).")
    ] = "performance ~ coordination",
    interval: Annotated[str, typer.Option(help="percentile, bc, bca, normal or basic.")] = "percentile",
    rule: Annotated[str, typer.Option(help="End points: weibull, floor or inverse_cdf.")] = "weibull",
    draws: Annotated[int, typer.Option(min=2, help="Bootstrap draws, for limits and p of effects.")] = 200,
    seed: Seed = 1,
    instrument: InstrumentName = "sop_alignment",
    columns: ColumnMap = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
) -> None:
    """Explain any reported number: formula, the numbers put in, steps, result, source; without a name list all."""
    data = read_survey(survey, instrument, columns, sheet)
    model, items = data.instrument.model, data.responses.items
    main = fit(model, items, mimic="amos")
    against = fit(f"{model}\n{freed}", items, mimic="amos") if _has(main, freed) else None
    if quantity is None:
        names = families(catalogue(Question(fit=main, against=against)))
        echo_json({"quantities": names}) if as_json else echo(terminal_lines("\n".join(names)))
        return
    drawn: Draws | None = None
    if quantity.strip().casefold().startswith(DRAWN):
        with progress_bar("bootstrap") as progress:
            drawn = bootstrap(main, items, draws=draws, seed=seed, progress=progress)
    found = explanations(quantity, main, drawn, against=against, kind=interval, rule=rule)
    if as_json:
        echo_json({"explanations": [one.as_dict() for one in found], "data": data.source})
    else:
        echo("\n\n".join(terminal_lines(repr(one)) for one in found))


def _has(main: Fit, freed: str) -> bool:
    """Say whether the model has both ends of the freed path, and not the path itself."""
    ends = [part.strip() for part in freed.split("~")]
    known = {*main.spec.latent, *main.spec.observed}
    there = any([p.lhs, p.rhs] == ends and p.op == "~" for p in main.spec)
    return len(ends) == 2 and known.issuperset(ends) and not there
