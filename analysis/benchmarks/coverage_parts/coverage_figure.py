"""The figure of the campaign: coverage and width of every method and effect, one line of panels per cell."""

from pathlib import Path

import matplotlib as mpl
import pandas as pd
from coverage_population import wanted
from coverage_verdict import BRADLEY

from sopsem.sem.effects.routes import Effect

SHORT = {"coordination": "COO", "conflict": "CON", "alignment": "ALI", "performance": "PER"}
STYLE = {  # Okabe & Ito (2008) colours; other markers where improper draws are not kept
    ("percentile", "keep"): ("#0072B2", "o", "full"),
    ("bc", "keep"): ("#D55E00", "s", "full"),
    ("bca", "keep"): ("#CC79A7", "D", "full"),
    ("studentized", "keep"): ("#009E73", "^", "full"),
    ("percentile", "bound"): ("#0072B2", "o", "none"),
    ("bc", "bound"): ("#D55E00", "s", "none"),
    ("percentile", "drop"): ("#0072B2", "v", "none"),
    ("bc", "drop"): ("#D55E00", "X", "full"),
    ("delta", "none"): ("#555555", "P", "full"),
    ("monte carlo", "none"): ("#B8860B", "*", "full"),
}
NAMES = {"bc": "BC", "bca": "BCa", "monte carlo": "Monte Carlo"}
DONE = {"keep": ", kept", "bound": ", bounded", "drop": ", dropped", "none": ""}


def figure(table: pd.DataFrame, path: Path) -> None:
    """Draw coverage and median width with two Monte Carlo errors on either side."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend is chosen

    cells = list(dict.fromkeys(zip(table.data, table.n, strict=True)))
    shown, axes = plt.subplots(
        len(cells), 2, figsize=(13.5, 3.3 * len(cells) + 1.2), squeeze=False, sharex=True, sharey="col"
    )
    for (data, n), line in zip(cells, axes, strict=True):
        own = table[(table.data == data) & (table.n == n)]
        line[0].axhspan(*BRADLEY, color="#e8f0e4", zorder=0)
        line[0].axhline(0.95, color="black", linewidth=0.8, linestyle="--")
        for ax, column in zip(line, ("coverage", "width"), strict=True):
            _points(ax, own, column)
        line[0].set_ylabel("coverage")
        line[1].set_ylabel("median width")
        line[0].set_title(f"{data}, N = {n}", loc="left", fontsize=11)
    axes[0][0].set_ylim(top=1.01)
    axes[0][1].set_ylim(bottom=0.0)
    for ax in axes[-1]:
        ax.set_xticks(range(len(wanted())), [_label(e) for e in wanted()], fontsize=9)
    lines, names = axes[0][0].get_legend_handles_labels()
    shown.legend(lines, names, loc="lower center", ncols=5, frameon=False, bbox_to_anchor=(0.5, 0.022))
    few = f"{table.data_sets.iloc[0]:,} data sets a cell, {table.draws.iloc[0]:,} draws a data set"
    note = f"{few}; bars: two Monte Carlo standard errors; band: .925 to .975 (Bradley, 1978)"
    shown.text(0.5, 0.008, note, ha="center", fontsize=9)
    shown.tight_layout(rect=(0, 0.11 if len(cells) < 3 else 0.07, 1, 1))
    shown.savefig(path, dpi=130, metadata={"Software": None})
    plt.close(shown)


def _label(effect: Effect) -> str:
    """Return predictor and outcome, and below them the kind or what lies between."""
    first, *between, last = (SHORT[v] for v in effect.route)
    return f"{first}→{last}\n{'via ' + '→'.join(between) if between else effect.kind}"


def _points(ax, own: pd.DataFrame, column: str) -> None:
    order = {e.name: i for i, e in enumerate(wanted())}
    own = own[own.effect.isin(order)]
    methods = [m for m in STYLE if ((own.method == m[0]) & (own.policy == m[1])).any()]
    for k, (method, policy) in enumerate(methods):
        colour, marker, fill = STYLE[method, policy]
        part = own[(own.method == method) & (own.policy == policy)]
        at = part.effect.map(order) + 0.08 * (k - (len(methods) - 1) / 2)
        ax.errorbar(
            at,
            part[column],
            2.0 * part[f"{column}_se"],
            color=colour,
            marker=marker,
            fillstyle=fill,
            markersize=5,
            linestyle="none",
            elinewidth=0.9,
            label=NAMES.get(method, method) + DONE[policy],
        )
    for boundary in range(len(order) - 1):
        ax.axvline(boundary + 0.5, color="#dddddd", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
