"""Make docs/commands.md, api.md and formulas.md from the commands, names and formulas themselves.

``python docs/make.py`` writes them; ``tests/test_docs.py`` fails when they are stale.
"""

import inspect
import re
from pathlib import Path

import typer

import sopsem
from sopsem.cli.app import leaf_commands
from sopsem.explanation.construct_quantities import RELIABILITY, SECOND
from sopsem.explanation.fit_quantities import AMOS, FORMULAS, SYMBOLS
from sopsem.explanation.formula import FUNCTIONS
from sopsem.sem.constructs.reliability import COEFFICIENTS
from sopsem.sem.constructs.second_order import SECOND_ORDER
from sopsem.sem.fit_measures.fit_indices import FIT_INDICES

DOCS = Path(__file__).parent
MADE = "<!-- made by docs/make.py; do not edit -->"


def commands() -> str:
    """Return the page of all commands: what each does, its options, an example."""
    parts = ["# Commands", MADE, "Exit codes stand in `sopsem` without arguments."]
    for name, command in leaf_commands().items():
        context = typer.Context(
            command, info_name=f"sopsem {name}", terminal_width=110, max_content_width=110
        )
        parts.append(f"## sopsem {name}\n\n```text\n{command.get_help(context).strip()}\n```")
    return "\n\n".join(parts) + "\n"


def first_paragraph(text: str | None) -> str:
    """Return the first paragraph of a docstring in one line."""
    return " ".join(inspect.cleandoc(text or "").split("\n\n")[0].split())


def signature(thing: object) -> str:
    """Return the signature without the noise of annotations."""
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return ""
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in found.parameters.values()]
    text = str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty))
    return re.sub(r"<([\w.]+) object at 0x[0-9a-f]+>", r"\1", text)


def api() -> str:
    """Return the page of all public names: signature and what each does; parameters are in the docstrings."""
    parts = ["# Python API", MADE, "`help(sopsem.fit)` says the rest: parameters, errors, formula, example."]
    for name in sopsem.__all__:
        thing = getattr(sopsem, name)
        kind = "class " if inspect.isclass(thing) else ""
        shown = "" if inspect.isclass(thing) else signature(thing)
        parts.append(f"### {kind}`sopsem.{name}{shown}`\n\n{first_paragraph(thing.__doc__)}")
    return "\n\n".join(parts) + "\n"


def formulas() -> str:
    """Return the page of formulas: those that ``explain`` evaluates, with their symbols and sources."""
    parts = [
        "# Formulas",
        MADE,
        "These are the formulas that `sopsem explain NAME` evaluates. `^` is a power, `@` a matrix product.",
    ]
    groups = (
        ("Fit measures", FORMULAS, FIT_INDICES),
        ("Reliability, of each construct: `alpha:FACTOR`", RELIABILITY, COEFFICIENTS),
        ("Reliability of second-order constructs", SECOND, SECOND_ORDER),
    )
    for title, texts, registry in groups:
        rows = [
            f"| `{n}` | {registry[n].label} | `{text}` | {registry[n].source} |" for n, text in texts.items()
        ]
        parts += [
            f"## {title}",
            "\n".join(["| name | printed as | formula | source |", "|---|---|---|---|", *rows]),
        ]
    amos = ", ".join(f"`{name}` is `{text}`" for name, text in AMOS.items())
    symbols = [f"- `{name}`: {meaning}" for name, (meaning, _) in SYMBOLS.items()]
    symbols += [f"- `{name}(...)`: {meaning}" for name, (_, meaning) in FUNCTIONS.items()]
    parts += [f'With `mimic="amos"` {amos}.', "## Symbols and functions", "\n".join(symbols)]
    return "\n\n".join(parts) + "\n"


PAGES = {"commands.md": commands, "api.md": api, "formulas.md": formulas}

if __name__ == "__main__":
    for file, page in PAGES.items():
        (DOCS / file).write_text(page(), "utf-8")
