"""The parts of the client report about its own worth: who was left out and why, and how it was computed."""

from collections.abc import Mapping

from sopsem.client.briefing import Briefing
from sopsem.report.client.document import Exhibit, Part
from sopsem.report.digits import bounded, count, decimals, percent
from sopsem.report.table import Table

__all__ = ["comment_part", "fact_text", "method_part", "quality_part"]


def quality_part(briefing: Briefing) -> Part:
    """Return the screening, the exclusions and the missing answers."""
    client = briefing.client
    said = f"{count(client.rows)} rows were read: {count(client.used)} are used, {count(client.excluded)} left out."
    tables = (("T4", "exclusions", _exclusions), ("T5", "screening", _screening), ("T6", "missing", _missing))
    shown = tuple(
        Exhibit(id=name, content=make(briefing), trace=briefing.traces[frame])
        for name, frame, make in tables
        if len(getattr(briefing, frame))
    )
    return Part(anchor="quality", heading="Data quality", content=(said, *shown))


def _exclusions(briefing: Briefing) -> Table:
    rows = tuple((_reason(str(r.reason)), count(r.rows)) for r in briefing.exclusions.itertuples())
    return Table(
        title="Rows left out",
        columns=("reason", "rows"),
        rows=(*rows, ("all", count(briefing.client.excluded))),
        alignment="lr",
        source_label=briefing.client.label,
    )


def _reason(text: str) -> str:
    """Return why a row was left out in plain words; names of items stay as they are."""
    return _words(text) if text.startswith("screened: ") else text


def _words(name: object) -> str:
    """Return the name of a screen in plain words."""
    return str(name).replace("_", " ")


def _screening(briefing: Briefing) -> Table:
    return Table(
        title="What the screening looked for",
        columns=("check", "rule", "judged", "marked", "left out"),
        rows=tuple(
            (_words(r.check), str(r.rule), count(r.judged), count(r.marked), count(r.excluded))
            for r in briefing.screening.itertuples()
            if not r.cannot
        ),
        alignment="llrrr",
        source_label=briefing.client.label,
        notes=(
            "A marked row is used unless it is also left out.",
            *(
                f"Could not run: {_words(r.check)}, because {r.cannot}."
                for r in briefing.screening.itertuples()
                if r.cannot
            ),
        ),
    )


def _missing(briefing: Briefing) -> Table:
    return Table(
        title="Missing answers by item",
        columns=("item", "question", "missing", "share"),
        rows=tuple(
            (str(r.item), str(r.text), count(r.missing), percent(1)(r.share))
            for r in briefing.missing.itertuples()
        ),
        alignment="llrr",
        source_label=briefing.client.label,
    )


def comment_part(briefing: Briefing) -> Part:
    """Return the answers to open questions, in an order that says nothing of who wrote them."""
    return Part(anchor="comments", heading="Comments", content=briefing.comments)


def method_part(briefing: Briefing) -> Part:
    """Return reliability, model, estimator, settings, versions and hashes."""
    label = briefing.client.label
    parts: list[str | Exhibit] = list(briefing.notes)
    if len(briefing.reliability):
        table = _reliability(briefing)
        parts.append(Exhibit(id="T7", content=table, trace=briefing.traces["reliability"]))
    facts = Table(
        title="How this report was made",
        columns=("what", "value"),
        rows=tuple((name, fact_text(value)) for name, value in briefing.method.items()),
        source_label=label,
    )
    parts.append(Exhibit(id="T8", content=facts, trace=briefing.traces["method"]))
    if briefing.model:
        lines = tuple((line,) for line in briefing.model.strip().splitlines() if line.strip())
        model = Table(title="Model (lavaan syntax)", columns=("line",), rows=lines, source_label=label)
        parts.append(Exhibit(id="T9", content=model, trace=briefing.traces["method"]))
    return Part(anchor="method", heading="Method", content=tuple(parts))


def _reliability(briefing: Briefing) -> Table:
    two = bounded(2)
    return Table(
        title="Reliability of the scales",
        columns=("", "items", "alpha", "omega", "AVE"),
        rows=tuple(
            (str(r.label), count(r.items), two(r.alpha), two(r.omega), two(r.ave))
            for r in briefing.reliability.itertuples()
        ),
        alignment="lrrrr",
        source_label=briefing.client.label,
        notes=(
            "Alpha and omega of .70 and more are usual for comparing groups. AVE: average variance extracted.",
        ),
    )


def fact_text(value: object) -> str:
    """Return a fact of the method as text: whole numbers as they are, others with three decimals.

    >>> fact_text(0.0584), fact_text(92), fact_text("ML"), fact_text({"numpy": "2.4"})
    ('0.058', '92', 'ML', 'numpy 2.4')
    """
    if isinstance(value, float):
        return decimals(3)(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {fact_text(each)}" for name, each in value.items())
    return str(value)
