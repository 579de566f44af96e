"""The typer application itself, what ``sopsem`` says on its own, and the version."""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from sopsem import __version__
from sopsem.cli.commands import COMMANDS, GROUPS
from sopsem.cli.recorded import RecordedCommand
from sopsem.kernel import BACKEND

__all__ = ["App", "NamedCommands", "app", "called", "leaf_commands"]


class App(typer.Typer):
    """Commands whose options are on record, so that what they print can be verified; groups of commands too."""

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Register a command."""
        return super().command(name, **{"cls": RecordedCommand, **settings})


class NamedCommands(TyperGroup):
    """The commands of a group by name and line alone; the module of one is loaded when it is called (or completed)."""

    def __init__(self, *, name: str, commands: Any = None, **settings: Any) -> None:
        """Take the group's list of names; ``commands`` are those of the modules loaded so far."""
        self.loaded: dict[str, Any] = commands or {}
        named: Any = {
            each.name: TyperCommand(each.name, callback=None, help=each.line, short_help=each.line)
            for each in GROUPS[name]
        }
        super().__init__(name=name, commands=named, **settings)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the first word calls, and what is left of the line."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, found and called(str(self.name), str(name)), rest


app = App(
    name="sopsem",
    cls=NamedCommands,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

LINES = "\n".join(f"  sopsem {each.usage:<21}{each.line}" for each in COMMANDS)
OVERVIEW = f"""sopsem - structural equation modeling of sales-operations alignment surveys

{LINES}

Without SURVEY the shipped synthetic twin is used. Options of a command: sopsem COMMAND --help
Shell completion: sopsem --install-completion
Exit codes: 0 ok, 2 usage, 3 file, 4 data, 5 model, 6 not converged or improper, 7 privacy,
            8 limit, 9 does not verify, 130 interrupted
"""


def called(group: str, name: str) -> Any:
    """Return the command (or group of commands) that a word calls in a group."""
    found = _loaded(each.module for each in GROUPS[group] if each.name == name)
    return (found if group == app.info.name else found[group].loaded)[name]


def _loaded(modules: Iterable[str]) -> dict[str, Any]:
    """Return every command that is loaded; a module registers its commands."""
    for module in modules:
        import_module(f"sopsem.cli.{module}")
    whole: Any = typer.main.get_group(app)
    return dict(whole.loaded)


def leaf_commands() -> dict[str, Any]:
    """Return every command by the words that call it, those of groups included: ``fit``, ``ops check``."""
    found: dict[str, Any] = {}
    waiting = list(_loaded(each.module for group in GROUPS.values() for each in group).items())
    while waiting:
        words, command = waiting.pop()
        inside = getattr(command, "loaded", None) or getattr(command, "commands", None)
        if inside:
            waiting += [(f"{words} {name}", one) for name, one in inside.items()]
        else:
            found[words] = command
    return dict(sorted(found.items()))


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sopsem {__version__} (kernel: {BACKEND})")
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
