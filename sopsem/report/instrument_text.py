"""What the terminal shows of a questionnaire."""

from collections.abc import Sequence

from sopsem.report.escape import terminal_text
from sopsem.report.table import Table
from sopsem.report.terminal import table_text
from sopsem.survey.questionnaire import Instrument

__all__ = ["instrument_text", "listed_text"]


def instrument_text(instrument: Instrument) -> str:
    """Return a questionnaire as tables: constructs, items, scales, background questions, the model.

    Examples
    --------
    >>> from sopsem.survey import load_instrument
    >>> print(instrument_text(load_instrument()).splitlines()[0])
    Sales-operations alignment, version 1.0 (en): 18 items, 7 optional, 2 of the 18 reversed

    """
    turned = [name for name in instrument.reversed_ids if name in instrument.item_ids]
    head = (
        f"{instrument.title}, version {instrument.version} ({instrument.language}): {len(instrument.item_ids)} items, "
        f"{len(instrument.optional_ids)} optional, {len(turned)} of the {len(instrument.item_ids)} reversed"
    )
    tables = [_constructs(instrument), _items(instrument), *_scales(instrument), _background(instrument)]
    shown = [table_text(table).rstrip() for table in tables if table.rows]
    missing = ", ".join(f"{code or '(empty)'} = {reason}" for code, reason in instrument.missing.items())
    model = "\n".join(f"  {terminal_text(line)}" for line in instrument.model.strip().splitlines())
    parts = [
        terminal_text(head),
        terminal_text(instrument.instruction.strip()),
        *shown,
        f"No answer: {terminal_text(missing)}" if missing else "",
        f"Model:\n{model}" if model else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _constructs(instrument: Instrument) -> Table:
    return Table(
        title="Constructs",
        columns=("construct", "label", "measured by", "answers needed"),
        rows=tuple(
            (
                name,
                construct.label,
                " + ".join(construct.of or instrument.items_of(name)),
                str(instrument.answers_needed(name)),
            )
            for name, construct in instrument.constructs.items()
        ),
        alignment="lllr",
    )


def _items(instrument: Instrument) -> Table:
    return Table(
        title="Items",
        columns=("item", "construct", "scale", "", "text"),
        rows=tuple(
            (
                f"{name} ({item.column})" if item.column else name,
                item.factor,
                item.scale,
                " ".join(word for word, holds in (("R", item.reverse), ("opt", item.optional)) if holds),
                item.text,
            )
            for name, item in instrument.items.items()
        ),
        alignment="lllll",
        notes=("R: reversed. opt: optional, outside the model. In brackets: the column in the survey file.",),
    )


def _scales(instrument: Instrument) -> list[Table]:
    return [
        Table(
            title=f"Scale {name}: {scale.stem}".rstrip(": "),
            columns=("code", "label"),
            rows=tuple((str(code), scale.codes[code]) for code in sorted(scale.codes)),
            alignment="rl",
        )
        for name, scale in instrument.scales.items()
    ]


def _background(instrument: Instrument) -> Table:
    return Table(
        title="Background questions",
        columns=("question", "text", "answers"),
        rows=tuple(
            (
                f"{name} ({question.column})" if question.column else name,
                question.text,
                ", ".join(question.codes),
            )
            for name, question in instrument.background.items()
        ),
        alignment="lll",
    )


def listed_text(lines: Sequence[str]) -> str:
    """Return lines as a list, each safe for a terminal."""
    return "".join(f"- {terminal_text(line)}\n" for line in lines)
