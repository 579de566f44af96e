"""What the alignment index is made of, and what each part takes from it (E41)."""

import numpy as np
from matplotlib.axes import Axes

from sopsem.executive.alignment import AlignmentIndex
from sopsem.report.canvas import BLACK, BLUE, GREY, VERMILION
from sopsem.report.operations.marks import bare
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn, split_across
from sopsem.report.operations.wording import amount, share, short_name

__all__ = ["COMPONENT_NAMES", "component_panel", "panel_components"]

COMPONENT_NAMES = {
    "forecast_accuracy": "forecast accuracy",
    "forecast_bias": "forecast bias",
    "pipeline_realism": "pipeline realism",
    "commitment_discipline": "checked commitments",
    "capacity_fit": "time in corridor",
    "delivery": "delivery",
    "inventory_fit": "inventory",
    "margin_realisation": "margin",
    "cash": "cash cycle / target",
}
LOW = 50.0
PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85}  # no line strikes a text


def panel_components(result: AlignmentIndex, ax: Axes | None = None) -> Axes:
    """Draw the score of every component, the index and its band.

    Parameters
    ----------
    result : AlignmentIndex
        Of ``alignment_index``.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from sopsem.executive.alignment import alignment_index
    >>> measures = {"forecast_accuracy": 1.0, "forecast_bias": 0.1, "pipeline_realism": 0.3,
    ...             "commitment_discipline": 0.5, "capacity_fit": 0.6, "delivery": 0.9}
    >>> panel_components(alignment_index(measures)).get_gid()
    'panel-components'

    """
    return drawn(component_panel(result), ax)


def component_panel(result: AlignmentIndex) -> Panel:
    """Return the panel with its finding."""
    return Panel(name="components", finding=_finding(result), draw=lambda ax: _draw(ax, result))


def _finding(result: AlignmentIndex) -> Finding:
    rows = result.table
    value = result.number("index")
    known = rows.dropna(subset=["score"])
    scores = ", ".join(
        f"{COMPONENT_NAMES[r.component]} {amount(r.score)}" for r in known.itertuples(index=False)
    )
    band = f"{amount(result.number('low'))} to {amount(result.number('high'))} by other weights"
    return Finding(
        title=_title(result),
        subtitle=f"Our operationalisation: scores on fixed anchors, {len(known)} of {len(rows)} known [E41]",
        alt=f"Bars of component scores: {scores or 'none'}. The index is {amount(value)}, {band}.",
    )


def _title(result: AlignmentIndex) -> str:
    value = result.number("index")
    if np.isnan(value):
        return f"No alignment index: {share(result.number('coverage'))} of its weight is known"
    weakest = COMPONENT_NAMES[str(result.summary["weakest"])]
    lost = f"{amount(float(result.table['gap'].max()))} of the {amount(100 - value)} missing"
    return f"Alignment {amount(value)} of 100; {weakest} takes {lost}"


def _draw(ax: Axes, result: AlignmentIndex) -> None:
    rows = result.table.sort_values("gap", ascending=False, na_position="last", ignore_index=True)
    left, right = split_across(ax, (1.4, 1), 0.02)
    low, high = result.number("low"), result.number("high")
    if np.isfinite(low):
        left.axvspan(low, high, facecolor="#e3e3e3", zorder=0)
        left.axvline(result.number("index"), color=BLACK, linewidth=1.4, zorder=1)
    for place, score in enumerate(rows["score"]):
        _bar(left, place, float(score))
    left.set_yticks(range(len(rows)), [short_name(COMPONENT_NAMES[name], 1.6) for name in rows["component"]])
    left.set_xlim(0, 114)
    left.set_xticks([0, 25, 50, 75, 100])
    left.set_xlabel("score; line: index, grey: by other weights", size=BODY, loc="left")
    right.set_xlim(0, 1)
    right.set_xticks([])
    right.set_yticks([])
    right.set_title("measured (bad to good end)", size=BODY, pad=3, loc="left", color=GREY)
    for place, row in enumerate(rows.itertuples(index=False)):
        text = (
            "not known" if np.isnan(row.value) else f"{amount(row.value, 2)}  ({row.bad:g} to {row.good:g})"
        )
        right.text(0, place, text, va="center", size=BODY)
    for own in (left, right):
        own.set_ylim(len(rows) - 0.4, -0.6)
    bare(left, "left")
    bare(right)


def _bar(ax: Axes, place: int, score: float) -> None:
    if np.isnan(score):
        return
    weak = score < LOW
    ax.barh(
        place,
        score,
        height=0.56,
        color="white" if weak else BLUE,
        edgecolor=VERMILION if weak else BLUE,
        hatch="////" if weak else "",
        linewidth=1,
        zorder=2,
    )
    ax.annotate(
        amount(score),
        (score, place),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        size=BODY,
        zorder=3,
        bbox=PAPER,
    )
