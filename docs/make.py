"""Make docs/commands.md, api.md, formulas.md and operations.md from commands, names, formulas and systems themselves.

``python docs/make.py`` writes them; ``tests/test_docs.py`` fails when they are stale.
"""

import inspect
import re
from importlib import import_module
from pathlib import Path

import typer

import sopsem
from sopsem.cli.app import leaf_commands
from sopsem.executive.schema.definitions import SCHEMAS
from sopsem.executive.schema.policy import DEFAULT_POLICY
from sopsem.explanation.construct_quantities import RELIABILITY, SECOND
from sopsem.explanation.fit_quantities import AMOS, FORMULAS, SYMBOLS
from sopsem.explanation.formula import FUNCTIONS
from sopsem.report.operations.report_method import LIMITS
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


SYSTEMS = {
    "E01": "throughput.contribution_table",
    "E02": "throughput.product_mix",
    "E03": "throughput.throughput_accounting",
    "E04": "throughput.booking_reality",
    "E05": "capacity.bottleneck_map",
    "E06": "capacity.line_benchmark",
    "E07": "capacity.plant_corridor",
    "E15": "leverage.breakeven",
    "E16": "leverage.operating_leverage",
    "E17": "leverage.ebitda_volatility",
    "E19": "finance.cash_cycle",
    "E24": "forecast.forecast_report",
    "E25": "forecast.forecast_bias",
    "E26": "forecast.forecast_value_added",
    "E28": "pipeline.pipeline_integrity",
    "E29": "pipeline.probabilistic_demand",
    "E30": "forecast.demand_persistence",
    "E31": "scenario.plan_horizon",
    "E32": "scenario.simulate_scenarios",
    "E33": "scenario.arbitrate",
    "E34": "pricing.price_corridor",
    "E35": "governance.authorize_order",
    "E37": "incentives.incentive_alignment",
    "E41": "alignment.alignment_index",
    "E43": "bridge.link_survey",
}


def operations() -> str:
    """Return the page of the executive part: tables, systems, all functions, limits."""
    intro = (
        "Tables of ERP and CRM in, decisions out: `sopsem ops template DIR` writes every table with an example row, "
        "`ops check DIR` checks them, `ops report`, `ops authorize`, `ops bridge` and `ops demo` answer. In Python "
        "`sopsem.executive.schema.tables.read_tables(DIR)` reads, `sopsem.executive.assessment.assess(tables)` makes "
        "every system that the tables allow and says of the others which table or column is missing. Each result has "
        "`.table`, `.summary`, `.notices`, `.excluded`, `.provenance`; `sopsem.report.operations.panels` draws them."
    )
    tables = [f"| `{name}.csv` | {', '.join(schema.required)} |" for name, schema in SCHEMAS.items()]
    parts = ["# Operations", MADE, intro, "## Tables", _rows("file | columns that it must have", tables)]
    parts += ["## Systems", _rows("code | function | answers", [_system(*pair) for pair in SYSTEMS.items()])]
    parts += ["## All functions", "In modules of `sopsem.executive`."]
    for folder in dict.fromkeys(path.split(".")[0] for path in SYSTEMS.values()):
        module = import_module(f"sopsem.executive.{folder}")
        names = [n for n in module.__all__ if not inspect.isclass(getattr(module, n))]
        lines = [
            f"- `{n}{signature(getattr(module, n)).replace(repr(DEFAULT_POLICY), 'DEFAULT_POLICY')}`"
            for n in names
        ]
        parts += [f"### {folder}", first_paragraph(module.__doc__), "\n".join(lines)]
    return "\n\n".join([*parts, "## Honest limits", "\n".join(f"- {line}" for line in LIMITS)]) + "\n"


def _rows(header: str, rows: list[str]) -> str:
    return "\n".join([f"| {header} |", "|" + "---|" * len(header.split("|")), *rows])


def _system(code: str, path: str) -> str:
    folder, name = path.split(".")
    function = getattr(import_module(f"sopsem.executive.{folder}"), name)
    return f"| {code} | `{path}` | {first_paragraph(function.__doc__)} |"


PAGES = {"operations.md": operations, "commands.md": commands, "api.md": api, "formulas.md": formulas}

if __name__ == "__main__":
    for file, page in PAGES.items():
        (DOCS / file).write_text(page(), "utf-8")
