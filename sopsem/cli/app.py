"""The typer application itself, what ``sopsem`` says on its own, and the version."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import typer

from sopsem.cli.provenance import RecordedCommand
from sopsem.kernel import BACKEND

__all__ = ["App", "app", "leaf_commands"]


class App(typer.Typer):
    """Commands whose options are on record, so that what they print can be verified; groups of commands too."""

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Register a command."""
        return super().command(name, **{"cls": RecordedCommand, **settings})


app = App(
    name="sopsem",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

OVERVIEW = """sopsem - structural equation modeling of sales-operations alignment surveys

  sopsem replicate [SURVEY]   the study end to end: survey file in, the paper's table beside ours
  sopsem audit [STUDY]        do a paper's printed numbers agree with each other?
  sopsem inspect FILE         what a survey file is, which columns answer what, what is missing
  sopsem instrument COMMAND   a questionnaire: new, check, show, print; other tools' codebooks
  sopsem screen [SURVEY]      who answered carelessly, twice or not at all; none left out unasked
  sopsem validate [SURVEY]    reliability, validity and method variance of the constructs
  sopsem quality [SURVEY]     items and scales: floor, normality, KMO, factors, what each item does
  sopsem efa DATA             how items group by themselves: number of factors, loadings, fit
  sopsem method [SURVEY]      method variance: common factor, markers, when a path would vanish
  sopsem mediation [SURVEY]   indirect effects and an honest test of full mediation
  sopsem drivers [SURVEY]     what moves the outcome most, where it stands, how sure the order is
  sopsem report CLIENT        the page a client is handed, Word file and workbook: --against NORM
  sopsem gaps [SURVEY]        where sales and operations see things differently, checked first
  sopsem scorecard make|show  norms and model in one file that scores without refitting
  sopsem score [SURVEY]       new respondents and teams on a scorecard: --scorecard FILE
  sopsem app                  the same on a local page: drop a file, see it, take the report along
  sopsem fit MODEL DATA       any model in lavaan syntax on a CSV file
  sopsem invariance DATA      do groups answer alike? --model FILE --group COLUMN
  sopsem export MODEL DATA    the same model as a script for lavaan or Mplus: --to lavaan
  sopsem diagram MODEL DATA   the path diagram of a model: --out model.svg (png, pdf, dot)
  sopsem tables MODEL DATA    the tables of a paper: --to docx,tex,html,md,csv --out DIR
  sopsem simulate MODEL       artificial data from a model with given parameters: --n 200
  sopsem power [MODEL]        power and precision by sample size, N for a target: --n 92,150
  sopsem syntax MODEL         what a model text means: its parameters in words, and what is added
  sopsem draw [SURVEY]        make one bootstrap draw again: --seed 42 --index 317
  sopsem explain [QUANTITY]   any reported number: formula, what was put in, result, source
  sopsem verify RESULT        make a result again from its manifest and refuse a mismatch
  sopsem twin [STUDY]         synthetic data that return a paper's printed numbers
  sopsem ops ...              alignment measured from operations: ops template DIR, ops check DIR
  sopsem crosscheck [SURVEY]  the same model in semopy, side by side

Without SURVEY the shipped synthetic twin is used. Options of a command: sopsem COMMAND --help
Shell completion: sopsem --install-completion
Exit codes: 0 ok, 2 usage, 3 file, 4 data, 5 model, 6 not converged or improper, 7 privacy,
            8 limit, 9 does not verify, 130 interrupted
"""


def leaf_commands() -> dict[str, Any]:
    """Return every command by the words that call it, those of groups included: ``fit``, ``ops check``."""
    found: dict[str, Any] = {}
    waiting = [("", typer.main.get_command(app))]
    while waiting:
        words, command = waiting.pop()
        if hasattr(command, "commands"):
            waiting += [(f"{words} {name}".strip(), one) for name, one in command.commands.items()]
        else:
            found[words] = command
    return dict(sorted(found.items()))


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sopsem {version('sopsem')} (kernel: {BACKEND})")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def overview(
    context: typer.Context,
    show_version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Version and kernel."
    ),
) -> None:
    """Structural equation modeling of sales-operations alignment surveys."""
    del show_version
    if context.invoked_subcommand is None:
        typer.echo(OVERVIEW, nl=False)
