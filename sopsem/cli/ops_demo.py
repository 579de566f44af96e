"""``sopsem ops demo``: the whole chain on a simulated manufacturer, in one command."""

from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.inputs import AsJson, Seed, echo, echo_json
from sopsem.cli.ops import ops
from sopsem.cli.ops_folder import say
from sopsem.cli.output_folder import require_writable
from sopsem.errors import FileError
from sopsem.report.escape import terminal_text
from sopsem.report.operations.decision_text import decision_record, decision_text
from sopsem.report.operations.demo import Demo, operations_demo
from sopsem.report.operations.simulated_files import LABEL
from sopsem.report.terminal import wrapped
from sopsem.runs.atomic import write_all

__all__ = ["ops_demo_command"]


@ops.command("demo")
def ops_demo_command(
    folder: Annotated[Path, typer.Argument(help="An empty folder, or one that is not there yet.")] = Path(
        "synthetic_demo"
    ),
    seed: Seed = 7,
    as_json: AsJson = False,
) -> None:
    """Run everything on a simulated manufacturer: tables, dashboard, reports, an order decided, the rule replayed.

    Synthetic data throughout, never a finding.

    Example: sopsem ops demo synthetic_demo
    """
    require_writable(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise FileError(f"{folder}: it is not empty; choose an empty folder")
    made = operations_demo(seed, tell=say)
    write_all({str(folder / name): content for name, content in made.files.items()})
    if as_json:
        echo_json(_record(made))
        return
    echo(wrapped(_text(made, folder)))


def _record(made: Demo) -> dict[str, object]:
    return {
        "label": LABEL,
        "files": list(made.files),
        "findings": [
            {"topic": each.topic, "sentence": each.sentence, "evidence": each.evidence}
            for each in made.findings
        ],
        "decision": decision_record(made.decision),
        "not_made": dict(made.assessment.missing),
    }


def _text(made: Demo, folder: Path) -> str:
    lines = [f"{LABEL}: {len(made.files)} files in {terminal_text(str(folder))}; open board.html first", ""]
    lines += [f"{number}. {each.topic}: {each.sentence}" for number, each in enumerate(made.findings, 1)]
    lines += ["", "An order asks:", *decision_text(made.decision).splitlines()]
    return "\n".join(lines)
