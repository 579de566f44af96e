"""What a sentence of a report stands on: the system, its observations, its notices; and topics made of sentences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, TypeAlias

from matplotlib.figure import Figure

from sopsem.client.briefing import Trace
from sopsem.executive.assessment import Assessment
from sopsem.executive.result import Result
from sopsem.report.canvas import house_style, sheet
from sopsem.report.client.document import Exhibit, Headline, Part, Statement
from sopsem.report.client.drawings import drawn
from sopsem.report.operations.panel import Cell, Panel, place
from sopsem.report.table import Table

__all__ = [
    "FORMULAS",
    "Block",
    "Pictured",
    "Shown",
    "Topic",
    "absent",
    "evidence",
    "numbered",
    "reason_of",
    "said",
]

# field of an assessment -> the system that fills it
FORMULAS = {
    "bottleneck": "E05",
    "corridor": "E07",
    "mix": "E02",
    "contribution": "E01",
    "accounts": "E03",
    "booking": "E04",
    "breakeven": "E15",
    "leverage": "E16",
    "volatility": "E17",
    "cash": "E19",
    "forecast": "E24",
    "bias": "E25",
    "value_added": "E26",
    "persistence": "E30",
    "pipeline": "E28",
    "outlook": "E31",
    "scenarios": "E32",
    "arbitration": "E33",
    "prices": "E34",
    "replay": "E35",
    "incentives": "E37",
    "delivery": "orders",
    "measures": "E41",
    "index": "E41",
}
FLOOR = "T13"
TALL, EDGE = 2.5, 0.06  # inches of a picture


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A table of the report and the result it is from."""

    table: Table
    result: Result


@dataclass(frozen=True, kw_only=True)
class Pictured:
    """A panel of the report and the result it is from."""

    panel: Panel
    result: Result


Block: TypeAlias = str | Statement | Shown | Pictured


def evidence(result: Result, n: float) -> str:
    """Return the tag of a sentence: the system, its observations, the floor of evidence, other notices."""
    codes = result.codes()
    floor = f"{FLOOR} raised" if FLOOR in codes else f"{FLOOR} none"
    others = [code for code in codes if code != FLOOR]
    return f"[{', '.join([result.provenance.formula, f'n={n:.0f}', floor, *others])}]"


def said(result: Result, n: float, sentence: str) -> Statement:
    """Return a sentence with its tag."""
    return Statement(sentence=sentence, evidence=evidence(result, n))


def reason_of(found: Assessment, name: str) -> str:
    """Return why a system could not be made, without its code."""
    reason = found.missing.get(name, "it was not asked for")
    first, _, rest = reason.partition(" ")
    return rest if first.startswith("E-T") else reason


def absent(found: Assessment, name: str, heading: str) -> Statement:
    """Return the sentence that stands where a system could not be made: which file and columns would give it."""
    return Statement(
        sentence=f"{heading}: nothing can be said; {reason_of(found, name)}.",
        evidence=f"[{FORMULAS[name]}, not made]",
    )


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One question of a reader: the system that answers it, the headline, the sentences and tables."""

    anchor: str
    heading: str
    system: str
    headline: Callable[[Any, Assessment], Statement]  # of the system's result
    content: Callable[[Any, Assessment], Sequence[Block]]

    def line(self, found: Assessment) -> Statement:
        """Return the headline, or why there is none."""
        result = self.result(found)
        return absent(found, self.system, self.heading) if result is None else self.headline(result, found)

    def top(self, found: Assessment) -> Headline:
        """Return the line of the summary."""
        line = self.line(found)
        return Headline(topic=self.heading, sentence=line.sentence, evidence=line.evidence)

    def blocks(self, found: Assessment) -> Sequence[Block]:
        """Return the part's sentences and tables."""
        result = self.result(found)
        return (self.line(found),) if result is None else self.content(result, found)

    def result(self, found: Assessment) -> Result | None:
        """Return what the system behind it found, None where it could not be made."""
        return found.results().get(self.system)


def numbered(anchor: str, heading: str, blocks: Sequence[Block], start: int) -> Part:
    """Return a part whose tables are numbered from ``start``."""
    made: list[str | Statement | Exhibit] = []
    for block in blocks:
        if isinstance(block, Shown | Pictured):
            made.append(_exhibit(block, start))
            start += 1
        else:
            made.append(block)
    return Part(anchor=anchor, heading=heading, content=tuple(made))


def _exhibit(block: Shown | Pictured, number: int) -> Exhibit:
    origin = block.result.provenance
    inputs = sha256(f"{origin.policy};{origin.inputs}".encode()).hexdigest()
    trace = Trace(function=origin.formula, inputs_sha256=inputs)
    if isinstance(block, Shown):
        return Exhibit(id=f"T{number}", content=block.table, trace=trace)
    finding = block.panel.finding
    picture = drawn(partial(_sheet, block.panel), finding.alt)
    caption = f"{finding.title}. {finding.subtitle}"
    return Exhibit(id=f"F{number}", content=picture, trace=trace, caption=caption)


def _sheet(panel: Panel, width: float) -> Figure:
    """Return a panel's picture alone; its finding is the caption."""
    figure = sheet(width, TALL)
    with house_style():
        place(figure, Cell(EDGE, TALL - EDGE, width - 2 * EDGE, TALL - 2 * EDGE), panel, heading=0.0)
    return figure
