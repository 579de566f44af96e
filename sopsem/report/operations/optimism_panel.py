"""Optimism of every sales unit by period, with the periods in which its tracking signal is in breach (E25)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sopsem.executive.forecast import BiasResult
from sopsem.executive.schema.policy import DEFAULT_POLICY
from sopsem.report.canvas import BLACK
from sopsem.report.operations.marks import SIGNED, bare, last_periods, periods_below
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn, inches_of
from sopsem.report.operations.wording import listed, period_noun, share, short_name, signed, thin

__all__ = ["optimism_panel", "panel_optimism"]

LIMIT = DEFAULT_POLICY["forecast"]["ts_limit"]
FULL, SEEN = 0.3, 0.05  # optimism of the deepest colour; below SEEN a cell has no sign
LINE = 0.2  # inches of a row


def panel_optimism(result: BiasResult, ax: Axes | None = None, *, limit: float = LIMIT) -> Axes:
    """Draw the heat map of optimism, sales unit by period.

    Parameters
    ----------
    result : BiasResult
        Of ``forecast_bias`` for one unit.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.
    limit : float
        Of the tracking signal: the policy's ``ts_limit``.

    Returns
    -------
    Axes
        Marks + and − stand in cells more than 5 % off; a bar under a cell marks a signal beyond the limit.

    Examples
    --------
    >>> from sopsem.executive.forecast import forecast_bias
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> t = simulate_manufacturer(0.5, 13, seed=1).tables()
    >>> panel_optimism(forecast_bias(t["forecasts"], t["demand"])).get_gid()
    'panel-optimism'

    """
    return drawn(optimism_panel(result, limit), ax)


def optimism_panel(result: BiasResult, limit: float = LIMIT) -> Panel:
    """Return the panel with its finding."""
    return Panel(name="optimism", finding=_finding(result), draw=lambda ax: _draw(ax, result, limit))


def _finding(result: BiasResult) -> Finding:
    rows = result.table.dropna(subset=["optimism"])
    labels = sorted(result.path["period"].unique())
    nothing = f"Bias cannot be judged: {thin(result.notices) or 'no forecast has its actual demand'}"
    title = nothing if rows.empty else _title(rows)
    total = result.number("optimism")
    each = ", ".join(f"{row.sales_unit} {signed(row.optimism)}" for row in rows.itertuples(index=False))
    return Finding(
        title=title,
        subtitle=f"Optimism of the {result.summary['step']} forecast, + too high; bar: signal in breach [E25]",
        alt=(
            f"Heat map of forecast less demand as a share of demand, sales unit by {period_noun(labels)}; all together "
            f"{signed(total)}: {each}. {title}."
        ),
    )


def _title(rows: pd.DataFrame) -> str:
    """Return who is off the most; a bias counts where its test says so, not where it is large by chance."""
    sure = rows[rows["bias_p"] < 0.05]
    breached = rows["sales_unit"][rows["first_breach"] != ""].tolist()
    if sure.empty:
        title = "No sales unit is steadily too high or too low"
        return f"{title}, though {listed(breached)} drifted into breach" if breached else title
    worst = sure.loc[sure["optimism"].abs().idxmax()]
    high = "too high" if worst["optimism"] > 0 else "too low"
    title = f"{short_name(worst['sales_unit'], 1.5)} forecasts {share(abs(float(worst['optimism'])))} {high}"
    if worst["first_breach"]:
        title += f", in breach since {worst['first_breach']}"
    return title


def _draw(ax: Axes, result: BiasResult, limit: float) -> None:
    order = result.table.reindex(result.table["optimism"].abs().sort_values(ascending=False).index)
    units = [str(name) for name in order["sales_unit"]][: max(2, int(inches_of(ax)[1] / LINE))]
    labels = last_periods(sorted(result.path["period"].unique()))
    wide = result.path.pivot_table(index="sales_unit", columns="period", values="optimism").reindex(units)[
        labels
    ]
    signal = result.path.pivot_table(index="sales_unit", columns="period", values="signal").reindex(units)[
        labels
    ]
    ax.imshow(
        wide.to_numpy(float), cmap=SIGNED, vmin=-FULL, vmax=FULL, aspect="auto", interpolation="nearest"
    )
    _signs(ax, wide.to_numpy(float))
    for row, column in np.argwhere(np.abs(signal.to_numpy(float)) > limit):
        ax.plot(
            [column - 0.5, column + 0.5], [row + 0.41] * 2, color=BLACK, linewidth=2.4, solid_capstyle="butt"
        )
    total = order.set_index("sales_unit")["optimism"].reindex(units)
    ax.set_yticks(range(len(units)), [short_name(name, 1.35) for name in units])
    for row, value in enumerate(total):
        ax.annotate(
            signed(float(value)),
            (len(labels) - 0.5, row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            size=BODY,
        )
    periods_below(ax, labels)
    ax.set_xlim(-0.5, len(labels) - 0.5)
    hidden = len(order) - len(units)
    if hidden:
        ax.set_xlabel(f"not drawn: {hidden} closer to zero", size=BODY)
    bare(ax)


def _signs(ax: Axes, optimism: np.ndarray) -> None:
    """Mark cells that are off by more than a little: the sign is not told by the colour alone."""
    for mark, chosen in (("+", optimism > SEEN), ("_", optimism < -SEEN)):
        rows, columns = np.nonzero(chosen)
        ax.scatter(columns, rows - 0.08, marker=mark, s=24, color=BLACK, linewidth=1.1)
