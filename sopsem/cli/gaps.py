"""``sopsem gaps``: two groups side by side."""

from typing import Annotated

import typer

from sopsem.cli.answers import LedgerFile, Level, ledger_of, read_answers
from sopsem.cli.app import app
from sopsem.cli.column_map import ColumnMap, Sheet
from sopsem.cli.inputs import AsJson, InstrumentName, Survey, echo, echo_json
from sopsem.client.gaps import perception_gaps
from sopsem.errors import UsageError
from sopsem.report.gaps_text import gaps_text
from sopsem.survey import load_instrument

__all__ = ["gaps_command"]


@app.command("gaps")
def gaps_command(
    survey: Survey = None,
    by: Annotated[str, typer.Option(help="Background question that tells the groups apart.")] = "department",
    groups: Annotated[str, typer.Option(help="Two of its answers: first minus second.")] = "sales,operations",
    level: Level = 0.95,
    check: Annotated[bool, typer.Option(help="Test first whether the groups answer alike.")] = True,
    instrument: InstrumentName = "sop_alignment",
    columns: ColumnMap = None,
    sheet: Sheet = None,
    ledger: LedgerFile = None,
    as_json: AsJson = False,
) -> None:
    """Where two groups see the same company differently: gaps with intervals, after a check of invariance.

    Example: sopsem gaps survey.csv --by department --groups sales,operations
    """
    first, comma, second = groups.partition(",")
    if not (comma and first.strip() and second.strip()) or "," in second:
        raise UsageError(
            f"--groups {groups}: give two answers with a comma between, such as sales,operations"
        )
    responses, label = read_answers(survey, load_instrument(instrument), columns, sheet)
    found = perception_gaps(
        responses,
        by,
        (first.strip(), second.strip()),
        level=level,
        check=check,
        ledger=ledger_of(ledger, responses),
    )
    if as_json:
        echo_json(
            {
                "by": by,
                "groups": list(found.groups),
                "level": level,
                "gaps": found.frame.to_dict("records"),
                "notes": list(found.notes),
                "data": {"file": responses.source.name, "label": label, "respondents": len(responses)},
            }
        )
    else:
        echo(gaps_text(found, source_label=label))
