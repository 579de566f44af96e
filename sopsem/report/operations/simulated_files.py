"""Simulated tables as files, and the mark by which they are known to be synthetic."""

from collections.abc import Mapping

import pandas as pd

__all__ = ["LABEL", "TRUTH", "table_files"]

LABEL = "synthetic data"
TRUTH = "truth.json"  # beside simulated tables; its "label" is printed on what is made of them


def table_files(frames: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    r"""Return frames as CSV files that ``read_tables`` reads.

    >>> table_files({"demand": pd.DataFrame({"period": ["2025-01"], "quantity": [1.5]})})
    {'demand.csv': b'period,quantity\n2025-01,1.5\n'}
    """
    return {
        f"{name}.csv": frame.to_csv(index=False, lineterminator="\n").encode("utf-8")
        for name, frame in frames.items()
    }
