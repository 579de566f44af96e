"""The figures: how the time of a draw grows, and where it goes."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from speed_growth import AXES

__all__ = ["growth_figure", "profile_figure"]

STYLE = {"sopsem numpy": ("#0072B2", "o"), "sopsem numba": ("#D55E00", "s")}  # Okabe & Ito (2008)
TITLES = {"sopsem numpy": "NumPy reference", "sopsem numba": "compiled with numba"}


def growth_figure(table: pd.DataFrame, path: Path) -> None:
    """Draw time per draw along every axis, from the fastest to the slowest repeat."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend is chosen

    shown, axes = plt.subplots(2, 2, figsize=(10, 7.2))
    for (axis, what), ax in zip(AXES.items(), axes.flat, strict=True):
        own = table[table["axis"] == axis]
        for engine, (colour, marker) in STYLE.items():
            part = own[own["engine"] == engine]
            spread = np.stack([part.us_per_draw - part.fastest, part.slowest - part.us_per_draw])
            style = {"color": colour, "marker": marker, "capsize": 3, "markersize": 5}
            ax.errorbar(part.value, part.us_per_draw, spread, label=TITLES[engine], **style)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xticks(own.value.unique(), [f"{v:,}" for v in own.value.unique()], fontsize=9)
        ax.xaxis.set_minor_locator(mpl.ticker.NullLocator())
        ax.yaxis.set_major_locator(mpl.ticker.LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.yaxis.set_major_formatter(mpl.ticker.StrMethodFormatter("{x:,g}"))
        ax.yaxis.set_minor_locator(mpl.ticker.NullLocator())
        ax.grid(axis="y", color="#e4e4e4", linewidth=0.6)
        ax.set_axisbelow(True)
        ax.set_xlabel("worker processes" if axis == "workers" else axis)
        ax.set_ylabel("microseconds a draw")
        ax.set_title(what, loc="left", fontsize=10)
        ax.spines[["top", "right"]].set_visible(False)
    lines, names = axes[0][0].get_legend_handles_labels()
    shown.legend(lines, names, loc="lower center", ncols=2, frameon=False, bbox_to_anchor=(0.5, 0.025))
    repeats = int(table.repeats.iloc[0])
    note = f"medians of the repeats ({repeats}); bars: fastest and slowest; logarithmic scales"
    shown.text(0.5, 0.012, note, ha="center", fontsize=9)
    shown.tight_layout(rect=(0, 0.075, 1, 1))
    shown.savefig(path, dpi=130, metadata={"Software": None})
    plt.close(shown)


def profile_figure(table: pd.DataFrame, path: Path) -> None:
    """Draw the time of every stage, and the least that its operations take on this machine."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend is chosen

    shown, axes = plt.subplots(1, 2, figsize=(11.5, 5.2))
    for (engine, (colour, _)), ax in zip(STYLE.items(), axes, strict=True):
        own = table[(table["engine"] == engine) & (table["stage"] != "whole draw")][::-1]
        whole = table[(table["engine"] == engine) & (table["stage"] == "whole draw")].iloc[0]
        at = np.arange(len(own))
        ax.barh(at, own.us_per_draw, color=colour, alpha=0.55, label="measured")
        ax.barh(at, own.least_us.fillna(0.0), height=0.4, color="black", label="least, at the machine's peak")
        for y, us, times in zip(at, own.us_per_draw, own.times_least, strict=True):
            text = f"{us:.1f}" if np.isnan(times) else f"{us:.1f} ({times:.0f}×)"
            where = {"xytext": (3, 0), "textcoords": "offset points", "va": "center", "fontsize": 8}
            ax.annotate(text, (max(us, 0.0), y), **where)
        ax.set_yticks(at, own.stage, fontsize=9)
        ax.set_xlabel("microseconds a draw")
        ax.set_xlim(right=1.2 * own.us_per_draw.max())
        head = f"{TITLES[engine]}: {whole.us_per_draw:,.0f} µs, {whole.times_least:,.0f} times the least"
        ax.set_title(head, loc="left", fontsize=10)
        ax.spines[["top", "right"]].set_visible(False)
    lines, names = axes[0].get_legend_handles_labels()
    shown.legend(lines, names, loc="lower center", ncols=2, frameon=False, bbox_to_anchor=(0.5, 0.035))
    first = table.iloc[0]
    note = f"{first.iterations:.1f} iterations a draw; peak {first.peak_gflops:.0f} GFlop/s (matrix product)"
    shown.text(0.5, 0.015, note, ha="center", fontsize=9)
    shown.tight_layout(rect=(0, 0.09, 1, 1))
    shown.savefig(path, dpi=130, metadata={"Software": None})
    plt.close(shown)
