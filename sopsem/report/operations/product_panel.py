"""What an hour of the constraint earns with each product, and how far its price stands above its floor (E01, E34)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sopsem.executive.pricing import PriceCorridor
from sopsem.executive.throughput import ContributionResult
from sopsem.report.canvas import BLACK, BLUE, GREY, VERMILION
from sopsem.report.operations.marks import as_shares, bare
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn, inches_of, split_across
from sopsem.report.operations.wording import money, short_name

__all__ = ["panel_products", "product_panel"]

LINE = 0.19  # inches of a bar with its name


def panel_products(
    result: ContributionResult, prices: PriceCorridor | None = None, ax: Axes | None = None
) -> Axes:
    """Draw contribution per hour of the constraint, best product first, and floors beside prices.

    Parameters
    ----------
    result : ContributionResult
        Of ``contribution_table``.
    prices : PriceCorridor, optional
        Of ``price_corridor``: capacity floor, mean over the periods of the plan, in per cent of the price realised.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> from sopsem.executive.throughput import contribution_table
    >>> t = simulate_manufacturer(0.5, 13, seed=1).tables()
    >>> panel_products(contribution_table(t["products"], t["routings"], resource="MACH")).get_gid()
    'panel-products'

    """
    return drawn(product_panel(result, prices), ax)


def product_panel(result: ContributionResult, prices: PriceCorridor | None = None) -> Panel:
    """Return the panel with its finding."""
    rows = _rows(result, prices)
    return Panel(
        name="products", finding=_finding(result, rows), draw=lambda ax: _draw(ax, rows, prices is not None)
    )


def _rows(result: ContributionResult, prices: PriceCorridor | None) -> pd.DataFrame:
    """Return product, worth (per hour; per unit where no constraint is known) and floor as a share of the price."""
    own = result.table.copy()
    column = "per_hour" if own["per_hour"].notna().any() else "contribution"
    own["worth"] = own[column]
    own["floor"] = np.nan
    if prices is not None and len(prices.table):
        floor = prices.table.groupby("product")["capacity_floor"].mean()
        own["floor"] = own["product"].map(floor) / own["price"]
    kept = own[np.isfinite(own["worth"])]
    return kept.sort_values(["worth", "product"], ascending=[False, True], ignore_index=True)[
        ["product", "worth", "floor"]
    ]


def _finding(result: ContributionResult, rows: pd.DataFrame) -> Finding:
    below = rows["product"][rows["floor"] > 1].tolist()
    tags = "[E01]" if rows["floor"].isna().all() else "[E01, E34]"
    title = _title(str(result.summary["resource"]), rows)
    sold = (
        f"; {len(below)} sold below the worth of {'their' if len(below) > 1 else 'its'} hours"
        if below
        else ""
    )
    reversed_ = int(result.number("reversed_pairs"))
    return Finding(
        title=title + sold,
        subtitle=f"Contribution per hour; capacity floor as a share of the realised price {tags}",
        alt=(
            f"Bars of contribution by product, ordered. {title}. Products below their capacity floor: "
            f"{', '.join(below) or 'none'}. The margin ranks {reversed_} pairs the other way round."
        ),
    )


def _title(resource: str, rows: pd.DataFrame) -> str:
    if rows.empty:
        return "No product takes hours of the constraint"
    what = f"An hour of {short_name(resource, 1.2)}" if resource else "A unit"
    best = rows.iloc[0]
    title = f"{what} earns {money(float(best['worth']))} with {short_name(best['product'], 1.3)}"
    if len(rows) > 1:
        worst = rows.iloc[-1]
        title += f", {money(float(worst['worth']))} with {short_name(worst['product'], 1.3)}"
    return title


def _draw(ax: Axes, rows: pd.DataFrame, priced: bool) -> None:
    shown = _those_that_fit(rows, max(3, int(inches_of(ax)[1] / LINE)))
    left, *right = split_across(ax, (1.5, 1), 0.08) if priced else split_across(ax, (1,))
    y = np.arange(len(shown))
    left.barh(y, shown["worth"].fillna(0), color=BLUE, height=0.62)
    for place, row in enumerate(shown.itertuples(index=False)):
        if np.isfinite(row.worth):
            left.annotate(
                money(row.worth),
                (max(row.worth, 0), place),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                size=BODY,
            )
    left.set_yticks(y, [short_name(str(name), 1.25) for name in shown["product"]])
    left.set_xlim(min(0.0, float(shown["worth"].min())), max(1e-9, float(shown["worth"].max())) * 1.22)
    left.set_xticks([])
    bare(left, "left")
    left.set_ylim(len(shown) - 0.4, -0.6)
    for own in right:
        _floors(own, shown)


def _those_that_fit(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the best and the worst products where not all fit, with a row between that counts the others."""
    if len(rows) <= most:
        return rows
    best = most // 2
    worst = most - 1 - best
    between = pd.DataFrame(
        {"product": [f"({len(rows) - most + 1} others)"], "worth": [np.nan], "floor": [np.nan]}
    )
    return pd.concat([rows.head(best), between, rows.tail(worst)], ignore_index=True)


def _floors(ax: Axes, shown: pd.DataFrame) -> None:
    """Draw the floor as a share of the price of each product: left of the line is room, right of it a loss."""
    for place, floor in enumerate(shown["floor"]):
        if np.isfinite(floor):
            under = floor > 1
            ax.plot([floor, 1], [place, place], color=VERMILION if under else GREY, linewidth=1.4, zorder=1)
            ax.plot(
                floor,
                place,
                "X" if under else "|",
                color=VERMILION if under else BLACK,
                markersize=8,
                mew=1.8 if not under else 0.6,
            )
            ax.plot(1, place, "o", color=BLACK, markersize=4)
    ax.axvline(1, color=BLACK, linewidth=0.8)
    known = shown["floor"][np.isfinite(shown["floor"])]
    ax.set_xlim(
        min(0.5, float(known.min()) - 0.08) if len(known) else 0.5,
        max(1.1, float(known.max()) + 0.08) if len(known) else 1.1,
    )
    as_shares(ax, "x", 4)
    ax.set_yticks([])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    bare(ax, "bottom")
    ax.tick_params(axis="x", length=3)
    ax.set_title("| floor   ● price", size=BODY, loc="left", pad=3)
