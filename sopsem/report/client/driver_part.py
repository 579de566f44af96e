"""The part of the client report about levers: importance, performance, and how sure the order is."""

from sopsem.client.briefing import Briefing
from sopsem.report.client.document import Exhibit, Part
from sopsem.report.client.drawings import drawn
from sopsem.report.client.score_part import label_of
from sopsem.report.digits import bounded, count, decimals, interval, percent
from sopsem.report.driver_map import driver_map
from sopsem.report.table import Table

__all__ = ["driver_part", "share_text"]


def driver_part(briefing: Briefing) -> Part:
    """Return the importance-performance map with the stability of the order."""
    frame, label = briefing.drivers, label_of(briefing)
    if frame.empty:
        return Part(anchor="drivers", heading="Drivers", content=briefing.driver_notes)
    facts = briefing.driver_facts
    two = bounded(2)
    rows = tuple(
        (
            str(r.label),
            two(r.importance),
            interval(r.ci_lower, r.ci_upper, two),
            decimals(0)(r.performance),
            decimals(0)(r.room),
            share_text(float(r.first_share)),
        )
        for r in frame.itertuples()
    )
    outcome = str(facts["outcome"])
    table = Table(
        title=f"Levers of {outcome}",
        columns=("", "importance", "95% interval", "performance", "room", "first lever in"),
        rows=rows,
        alignment="lrcrrr",
        source_label=label,
        notes=(
            (
                f"Importance: points by which {outcome} moves when the lever rises by one point (both from 0 to 100), "
                f"if the arrows of the model are causal; estimated from {facts['sample']} ({count(facts['n'])} "
                "respondents). Performance: mean of the lever's items, 0 to 100. Room: points left to the end of "
                "the scale that the questionnaire calls good. "
                f"First lever in: share of {count(facts['draws'])} bootstrap draws in which its effect is the largest."
            ),
        ),
    )
    alt = f"Importance and performance of the levers of {outcome}: " + "; ".join(
        f"{row[0]} importance {row[1]}, performance {row[3]}" for row in rows
    )
    figure = drawn(
        lambda width: driver_map(frame, outcome=outcome, title="", width=width, source_label=label), alt
    )
    trace = briefing.traces["drivers"]
    caption = f"What moves {outcome} (to the right) and how well the client does it (up)."
    return Part(
        anchor="drivers",
        heading=f"Drivers of {outcome}",
        content=(
            *briefing.driver_notes,
            Exhibit(id="F3", content=figure, trace=trace, caption=caption),
            Exhibit(id="T3", content=table, trace=trace),
        ),
    )


def share_text(share: float) -> str:
    """Return a share as whole percent; 0 and 100 are kept for none and all.

    >>> share_text(0.9962), share_text(1.0), share_text(0.004), share_text(0.93)
    ('> 99%', '100%', '< 1%', '93%')
    """
    if 0.99 < share < 1.0:
        return "> 99%"
    return "< 1%" if 0.0 < share < 0.01 else percent(0)(share)
