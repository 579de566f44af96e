"""``sopsem audit``."""

from typing import Annotated

import typer

from sopsem.cli.app import app
from sopsem.cli.inputs import AsJson, echo, echo_json
from sopsem.report.study_text import audit_text
from sopsem.study.audit import audit
from sopsem.study.published import load_study

__all__ = ["audit_command"]


@app.command("audit", epilog="Example: sopsem audit my_study.toml")
def audit_command(
    study: Annotated[
        str, typer.Argument(help="Shipped study or path of a TOML file.")
    ] = "sales_operations_alignment",
    as_json: AsJson = False,
) -> None:
    """Check a paper's printed numbers against each other, from the print alone."""
    report = audit(load_study(study))
    if as_json:
        echo_json(
            {
                "study": report.study.name,
                "summary": report.summary(),
                "checks": report.checks.to_dict("records"),
            }
        )
    else:
        echo(audit_text(report))
