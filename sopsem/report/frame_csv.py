"""A frame as CSV with every digit; no cell is taken for a formula by a spreadsheet."""

import csv
import io

import pandas as pd

from sopsem.report.escape import csv_cell

__all__ = ["frame_csv"]


def frame_csv(frame: pd.DataFrame) -> bytes:
    r"""Return a frame as UTF-8 CSV without its index; a missing number is an empty cell.

    Examples
    --------
    >>> frame_csv(pd.DataFrame({"item": ["=1+1"], "mean": [0.1 + 0.2]}))
    b"item,mean\n'=1+1,0.30000000000000004\n"

    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([csv_cell(str(name)) for name in frame.columns])
    for row in frame.itertuples(index=False):
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode("utf-8")


def _cell(value: object) -> str:
    return "" if isinstance(value, float) and value != value else csv_cell(str(value))  # noqa: PLR0124 - NaN
