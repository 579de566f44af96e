"""The next plan as the enterprise, sales and operations would make it, and what each view costs (E33)."""

import pandas as pd
from matplotlib.axes import Axes

from sopsem.executive.scenario import Arbitration
from sopsem.report.canvas import BLACK, BLUE, GREY, VERMILION
from sopsem.report.operations.marks import bare
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn, inches_of, split_across
from sopsem.report.operations.wording import money, share, short_name

__all__ = ["arbitration_panel", "panel_arbitration"]

LINE = 0.3
SMALL = 0.01  # of the profit


def panel_arbitration(result: Arbitration, ax: Axes | None = None) -> Axes:
    """Draw profit and regret of every view and option, with service, peak load and overtime.

    Parameters
    ----------
    result : Arbitration
        Of ``arbitrate``.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from sopsem.executive.scenario import arbitrate
    >>> from sopsem.executive.scenario.trial import small_model
    >>> panel_arbitration(arbitrate(small_model())).get_gid()
    'panel-arbitration'

    """
    return drawn(arbitration_panel(result), ax)


def arbitration_panel(result: Arbitration) -> Panel:
    """Return the panel with its finding."""
    return Panel(name="arbitration", finding=_finding(result), draw=lambda ax: _draw(ax, result))


def _finding(result: Arbitration) -> Finding:
    rows = result.table.set_index("option")
    best = float(rows.loc["enterprise", "profit"])
    told = [
        f"{name} {money(float(row['profit']))} ({money(float(row['regret']))} behind)"
        if row["feasible"]
        else f"{name} impossible"
        for name, row in rows.iterrows()
    ]
    return Finding(
        title=_title(rows, best),
        subtitle="Contribution of the plan ahead by view; regret behind the best [E33]",
        alt=f"Bars of the contribution of each view of the plan: {'; '.join(told)}.",
    )


def _title(rows: pd.DataFrame, best: float) -> str:
    views = rows.loc[[name for name in ("sales", "operations") if name in rows.index]]
    if not views["feasible"].all():
        name = views.index[~views["feasible"]][0]
        return f"The view of {name} is not possible within the hours there are"
    regret = views["regret"].astype(float)
    if (regret <= SMALL * abs(best)).all():
        return "Sales and operations want nearly the plan that is best for the firm"
    worst = str(regret.idxmax())
    other = next(name for name in regret.index if name != worst)
    title = f"Planned as {worst} would, the firm gives up {money(float(regret[worst]))}"
    if regret[other] <= SMALL * abs(best):
        return f"{title}; the plan of {other} is nearly the best"
    return f"{title}; as {other} would, {money(float(regret[other]))}"


def _draw(ax: Axes, result: Arbitration) -> None:
    rows = result.table.head(max(3, int(inches_of(ax)[1] / LINE)))
    left, right = split_across(ax, (1, 1), 0.02)
    for place, row in enumerate(rows.itertuples(index=False)):
        if not row.feasible:
            left.text(0, place, " not possible", va="center", size=BODY, color=VERMILION)
            continue
        left.barh(place, row.profit, height=0.5, color=BLUE)
        if row.regret > 0:
            left.barh(
                place,
                row.regret,
                left=row.profit,
                height=0.5,
                color="white",
                edgecolor=VERMILION,
                hatch="////",
                linewidth=0.8,
            )
        left.annotate(
            money(row.profit),
            (row.profit, place),
            xytext=(-4, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            size=BODY,
            color="white",
            weight="bold",
        )
    left.set_yticks(range(len(rows)), [short_name(str(name), 1.2) for name in rows["option"]])
    for own in (left, right):
        own.set_ylim(len(rows) - 0.4, -0.6)
        own.set_xticks([])
    left.set_xlim(
        min(0.0, float(rows["profit"].min())),
        max(1e-9, float((rows["profit"] + rows["regret"]).max())) * 1.02,
    )
    left.set_title("contribution,  hatched: given up", size=BODY, loc="left", pad=3)
    bare(left, "left")
    right.set_yticks([])
    bare(right)
    _columns(right, rows)


def _columns(ax: Axes, rows: pd.DataFrame) -> None:
    texts = {
        "regret": [money(v) if ok else "" for v, ok in zip(rows["regret"], rows["feasible"], strict=True)],
        "service": [share(v) if ok else "" for v, ok in zip(rows["service"], rows["feasible"], strict=True)],
        "peak load": [
            share(v) if ok else "" for v, ok in zip(rows["peak_utilisation"], rows["feasible"], strict=True)
        ],
    }
    ax.set_xlim(0, 1)
    for column, (name, values) in enumerate(texts.items()):
        x = (column + 1) / len(texts)
        ax.annotate(
            name,
            (x, 1),
            xycoords="axes fraction",
            xytext=(0, 3),
            textcoords="offset points",
            ha="right",
            size=BODY,
            color=GREY,
        )
        for place, text in enumerate(values):
            ax.text(x, place, text, ha="right", va="center", size=BODY, color=BLACK)
