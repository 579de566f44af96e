"""What the terminal shows of one bootstrap draw made again."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.report.table import Table
from sopsem.report.terminal import text_of
from sopsem.sem.resampling.draws import Draws

__all__ = ["draw_text"]


def draw_text(draw: Draws, rows: NDArray[np.intp] | None, table: pd.DataFrame, index: int) -> str:
    """Return one draw made again: its rows (from 1), class and estimates beside those of the fit."""
    counts = draw.counts()
    outcome = counts.loc[counts["count"] > 0, "draw_class"].iloc[0]
    said = [
        f"Draw {index} of seed {draw.seed} ({draw.kind}): {outcome}{f' ({draw.reason[0]})' if draw.reason[0] else ''}."
    ]
    if rows is not None:
        said.append(f"Rows of the data, from 1: {' '.join(map(str, rows.tolist()))}")
    shown = Table.from_frame(
        table,
        title="Estimates of the fit and of the draw",
        labels={"est": "fit"},
        formats={"est": 4, "draw": 4},
    )
    return text_of(shown, sentences=said)
