"""What the terminal shows of an importance-performance map, and the files of ``--out``."""

from sopsem.client.driver_result import Drivers
from sopsem.report.canvas import figure_bytes
from sopsem.report.digits import decimals, interval, percent
from sopsem.report.driver_map import driver_map
from sopsem.report.frame_csv import frame_csv
from sopsem.report.render import render
from sopsem.report.table import Table
from sopsem.report.terminal import text_of

__all__ = ["driver_files", "driver_table", "drivers_text"]


def driver_table(result: Drivers, *, source_label: str = "") -> Table:
    """Return the map as a table: importance with interval, performance, how often first.

    Examples
    --------
    >>> import sopsem
    >>> responses = sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())
    >>> driver_table(sopsem.drivers(responses, draws=20)).rows[0][0]
    'Sales-operations alignment'

    """
    two, whole = decimals(2), decimals(0)
    level = f"{result.level:.0%} interval"
    rows = tuple(
        (
            r.label,
            two(r.importance),
            interval(r.ci_lower, r.ci_upper, two),
            two(r.importance_std),
            interval(r.ci_lower_std, r.ci_upper_std, two),
            whole(r.performance),
            interval(r.performance_lower, r.performance_upper, whole),
            percent(1)(r.first_share),
        )
        for r in result.table.itertuples()
    )
    return Table(
        title=f"Drivers of {result.outcome_label} (performance {result.performance[0]:.0f} of 100)",
        columns=("driver", "importance", level, "std", level, "performance", level, "first"),
        rows=rows,
        alignment="lrrrrrrr",
        source_label=source_label,
    )


def drivers_text(result: Drivers, *, source_label: str = "") -> str:
    """Return the table of drivers, how often each took each rank, and what follows in words."""
    ranks = result.rank_shares.pivot_table(index="driver", columns="rank", values="share")
    ranks = ranks.loc[result.table["driver"]]
    shares = Table(
        title="Share of draws in which a driver takes each rank",
        columns=("driver", *map(str, ranks.columns)),
        rows=tuple(
            (label, *map(percent(1), row))
            for label, row in zip(result.table["label"], ranks.to_numpy(), strict=True)
        ),
        alignment="l" + "r" * ranks.shape[1],
    )
    return text_of(driver_table(result, source_label=source_label), shares, sentences=result.sentences)


def driver_files(result: Drivers, *, source_label: str = "") -> dict[str, bytes]:
    """Return the files of the map by name: both tables as CSV, the map as PNG and SVG, the table as HTML."""
    caption = (
        f"Bars: {result.level:.0%} percentile intervals of importance ({result.used} bootstrap draws). Dashed lines: "
        "means over the drivers."
    )
    figure = driver_map(
        result.table, outcome=result.outcome_label, source_label=source_label, caption=caption
    )
    return {
        "drivers.csv": frame_csv(result.table),
        "driver_ranks.csv": frame_csv(result.rank_shares),
        "drivers.html": render(driver_table(result, source_label=source_label), "html"),
        "driver_map.png": figure_bytes(figure, "png"),
        "driver_map.svg": figure_bytes(figure, "svg"),
    }
