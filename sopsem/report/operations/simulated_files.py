"""Simulated tables as files, and the mark by which they are known to be synthetic."""

from collections.abc import Mapping

import pandas as pd

from sopsem.executive.simulate import Enterprise
from sopsem.runs.atomic import json_bytes

__all__ = ["LABEL", "TRUTH", "enterprise_files", "table_files"]

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


def enterprise_files(firm: Enterprise, *, seed: int, null: bool = False) -> dict[str, bytes]:
    """Return every file of an enterprise by its name; truth.json says that the data are synthetic."""
    tables = table_files(firm.frames)
    truth = {"label": LABEL, "seed": seed, "null": null, "units": firm.truth.to_dict("records")}
    return {**tables, **table_files({"survey": firm.survey}), TRUTH: json_bytes(truth)}
