"""What commands share: option types, reading a survey, output."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.column_map import column_map
from sopsem.cli.provenance import note_frame, sealed
from sopsem.report.escape import terminal_text
from sopsem.runs.atomic import json_bytes
from sopsem.survey import Instrument, Responses, load_instrument, read_responses
from sopsem.survey.shipped import data_label, find_survey

__all__ = [
    "AsJson",
    "DrawCount",
    "InstrumentName",
    "Seed",
    "Survey",
    "SurveyData",
    "echo",
    "echo_json",
    "read_survey",
]

Survey = Annotated[
    str | None,
    typer.Argument(help="Survey file of any kind, folder or shipped name; the shipped twin by default."),
]
InstrumentName = Annotated[
    str, typer.Option("--instrument", help="Shipped instrument or path of a TOML file.")
]
DrawCount = Annotated[
    int | None, typer.Option("--draws", min=2, help="Bootstrap draws; the paper's by default.")
]
Seed = Annotated[int, typer.Option("--seed", help="Draw b depends on (seed, b) only.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout and nothing else.")]


@dataclass(frozen=True, kw_only=True)
class SurveyData:
    """A survey read through its instrument: all rows, and the complete ones among them.

    Analyses are given all rows, so that they count what they leave out; ``complete`` knows why.
    """

    path: Path
    instrument: Instrument
    responses: Responses
    complete: Responses
    label: str

    @property
    def excluded(self) -> list[dict[str, object]]:
        """The rows left out: row of the survey, line of the file, reason."""
        return [
            {"row": int(row), "line": int(line), "reason": str(reason)}
            for row, line, reason in self.complete.excluded.itertuples(index=False)
        ]

    @property
    def source(self) -> dict[str, object]:
        """What the manifest records of the file."""
        where = self.responses.source
        return {
            "file": self.path.name,
            "label": self.label,
            "sha256_file": where.sha256,
            "encoding": where.encoding,
            "instrument": f"{self.instrument.title} {self.instrument.version}",
            "rows": len(self.responses),
            "rows_used": len(self.complete),
            "rows_excluded": [each["row"] for each in self.excluded],
            "excluded": self.excluded,
        }


def read_survey(
    source: str | None, instrument_name: str, given: list[str] | None = None, sheet: str | None = None
) -> SurveyData:
    """Read a survey, saying on stderr how many and which rows are incomplete and so left out.

    ``given`` is the column map of the option ``--map``.
    """
    path = find_survey(source)
    instrument = load_instrument(instrument_name)
    responses = read_responses(path, instrument, columns=column_map(given), sheet=sheet)
    complete = responses.complete()
    note_frame("survey", responses.items)
    label = data_label(path)
    lost = len(complete.excluded)
    note = f"{path.name}: {len(complete)} respondents used, {lost} left out"
    if lost:
        rows = [str(r) for r in complete.excluded["row"][:20]]
        which = f"row{'s' if lost > 1 else ''} {', '.join(rows)}{' ...' if lost > len(rows) else ''}"
        note += f" ({which}: a value is missing)"
    typer.echo(terminal_text(note + (f"; {label}" if label else "")), err=True)
    for each in responses.source.notes:
        typer.echo(terminal_text(f"note: {each}"), err=True)
    return SurveyData(path=path, instrument=instrument, responses=responses, complete=complete, label=label)


def echo(text: str) -> None:
    """Print text to stdout."""
    typer.echo(text, nl=not text.endswith("\n"))


def echo_json(value: Mapping[str, object]) -> None:
    """Print one JSON object to stdout, with the manifest of the command that makes it (see ``sopsem verify``)."""
    typer.echo(json_bytes(sealed(value)).decode("ascii"), nl=False)
