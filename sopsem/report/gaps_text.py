"""What the terminal shows of gaps between two groups; numbers about people come from the privacy door only."""

import pandas as pd

from sopsem.client.gaps import NOT_ASKED, PerceptionGaps
from sopsem.report.digits import Formatter, interval, p_value
from sopsem.report.digits import decimals as fixed
from sopsem.report.table import Table
from sopsem.report.terminal import text_of

__all__ = ["gaps_text"]


def gaps_text(gaps: PerceptionGaps, *, source_label: str = "") -> str:
    """Return the gaps of two groups with intervals, what was checked, and what must be said with them."""
    frame = gaps.frame
    one = fixed(1)
    share = f"{100 * gaps.level:g}% interval"
    shown = pd.DataFrame(
        {
            "construct": frame["label"],
            gaps.groups[0]: frame["mean_first"],
            gaps.groups[1]: frame["mean_second"],
            "gap": frame["gap"],
            share: [
                interval(low, high, one)
                for low, high in zip(frame["ci_lower"], frame["ci_upper"], strict=True)
            ],
            "d": frame["d"],
            "p": frame["pvalue"],
            "p (Holm)": frame["pvalue_holm"],
            "comparable": frame["alike"],
        }
    )
    formats: dict[str, Formatter | int] = dict.fromkeys((*gaps.groups, "gap", "d"), 1)
    formats |= {"p": p_value(), "p (Holm)": p_value()}
    sizes = [frame[name].max() for name in ("n_first", "n_second")]
    counted = ", ".join(
        f"{group} {int(n)}" if pd.notna(n) else f"{group}: too few"
        for group, n in zip(gaps.groups, sizes, strict=True)
    )
    table = Table.from_frame(
        shown, title=f"Perception gaps ({counted})", formats=formats, source_label=source_label
    )
    said = [
        f"{label}: {why}"
        for label, why in zip(frame["label"], frame["comparability"], strict=True)
        if why != NOT_ASKED  # said of all of them in the notes
    ]
    hidden = [
        f"{row.label}: withheld, {row.withheld or row.spread_withheld}"
        for row in frame.itertuples()
        if row.withheld or row.spread_withheld
    ]
    return text_of(table, sentences=[*gaps.notes, *hidden, *said])
