"""How full every resource was in every period (E05)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sopsem.executive.capacity import BottleneckResult
from sopsem.report.canvas import BLACK
from sopsem.report.operations.marks import LOADED, bare, periods_below
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn, inches_of
from sopsem.report.operations.wording import amount, listed, period_noun, share, short_name

__all__ = ["load_panel", "panel_load"]

LINE = 0.24  # inches of a row
DIGITS = 0.285  # inches that a number of three digits needs


def panel_load(result: BottleneckResult, ax: Axes | None = None) -> Axes:
    """Draw the heat map of utilisation, resource by period.

    Parameters
    ----------
    result : BottleneckResult
        Of ``bottleneck_map``.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.

    Returns
    -------
    Axes
        A framed cell is loaded beyond its hours.

    Examples
    --------
    >>> from sopsem.executive.capacity import bottleneck_map
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> t = simulate_manufacturer(0.5, 13, seed=1).tables()
    >>> panel_load(bottleneck_map(t["capacity"], t["routings"], t["demand"])).get_gid()
    'panel-load'

    """
    return drawn(load_panel(result), ax)


def load_panel(result: BottleneckResult) -> Panel:
    """Return the panel with its finding."""
    return Panel(name="load", finding=_finding(result), draw=lambda ax: _draw(ax, result))


def _finding(result: BottleneckResult) -> Finding:
    own = result.utilisation
    labels = result.table["period"].tolist()
    over = own[own["utilisation"] > 1]
    names = over["resource"].value_counts().index.tolist()
    title = "No resource was asked for more hours than it has"
    if names:
        verb = "was" if len(names) == 1 else "were"
        title = f"{listed(names)} {verb} asked for more hours than there are"
    mean = own.groupby("resource")["utilisation"].mean().sort_values(ascending=False)
    return Finding(
        title=title,
        subtitle=f"Load of {result.summary['basis']} / hours without overtime, %; framed above 100 [E05]",
        alt=(
            f"Heat map of the load of {len(mean)} resources by {period_noun(labels)}, {len(labels)} of them. Means: "
            + ", ".join(f"{name} {share(value)}" for name, value in mean.items())
            + "."
        ),
    )


def _draw(ax: Axes, result: BottleneckResult) -> None:
    wide = result.utilisation.pivot_table(index="resource", columns="period", values="utilisation")
    wide = wide.reindex(wide.mean(axis=1).sort_values(ascending=False).index)
    rows = max(2, int(inches_of(ax)[1] / LINE))
    labels = list(wide.columns)[-max(6, int((inches_of(ax)[0] - 0.7) / DIGITS)) :]
    shown = wide.iloc[:rows][labels]
    ax.imshow(shown.to_numpy(float), cmap=LOADED, vmin=0.3, vmax=1.25, aspect="auto", interpolation="nearest")
    for row, column in np.ndindex(*shown.shape):
        value = shown.iat[row, column]
        if np.isfinite(value):
            dark = value > 0.9
            ax.text(
                column,
                row,
                amount(100 * value),
                ha="center",
                va="center",
                size=BODY,
                color="white" if dark else BLACK,
            )
        if value > 1:
            ax.add_patch(
                Rectangle((column - 0.45, row - 0.45), 0.9, 0.9, fill=False, edgecolor=BLACK, linewidth=1.4)
            )
    ax.set_yticks(range(len(shown)), [short_name(str(name), 1.1) for name in shown.index])
    older = wide.shape[1] - len(labels)
    hidden = [f"{older} earlier {period_noun(labels, older)}"] * (older > 0)
    hidden += [f"{len(wide) - rows} resources that are loaded less"] * (len(wide) > rows)
    if hidden:
        ax.set_xlabel(f"not drawn: {', '.join(hidden)}", size=BODY, loc="left")
    periods_below(ax, labels)
    ax.set_xlim(-0.5, len(labels) - 0.5)
    bare(ax)
