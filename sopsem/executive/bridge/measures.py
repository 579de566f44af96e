"""Metrics of units as the bridge takes them: one row a unit, or a row per unit and period."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.bridge.unit_names import unit_names
from sopsem.executive.notices import Notice, fault, nearest, quote, refuse
from sopsem.executive.schema.periods import ordinal_of, ordinals

__all__ = ["LAG_PERIODS", "Measures", "read_measures"]

TABLE = "ops"
LAG_PERIODS = 3  # of the windows before and after the survey


@dataclass(frozen=True, kw_only=True)
class Measures:
    """Metrics by unit: of all periods, of two halves, and of windows before and after the survey, where known."""

    units: pd.DataFrame
    halves: tuple[pd.DataFrame, pd.DataFrame] | None = None
    windows: tuple[pd.DataFrame, pd.DataFrame] | None = None

    def known(self, metric: str) -> bool:
        """Say whether any unit has the metric."""
        return metric in self.units and bool(self.units[metric].notna().any())


def read_measures(ops: pd.DataFrame, wanted: list[str], *, by: str, at: str | None = None) -> Measures:
    """Check a frame of metrics; only those that are wanted are looked at.

    Parameters
    ----------
    ops : DataFrame
        Column ``by`` and metrics; with a column ``period`` a unit's value is the mean of its periods, the halves are
        its odd and its even ones, and with ``at`` there are windows.
    wanted : list of str
    by : str
    at : str, optional
        The period of the survey: windows are the three periods before and the three after it.

    Raises
    ------
    DataError
        T02: column missing, no unit; T03: a value that is no number; T04: a unit (or unit and period) that is there
        twice; T08: ``at`` without periods.

    Examples
    --------
    >>> rows = pd.DataFrame({"unit": "A", "period": ["2025-01", "2025-02", "2025-03"], "cash": [30.0, 20.0, 40.0]})
    >>> found = read_measures(rows, ["cash", "roce"], by="unit")
    >>> found.units["cash"].tolist(), found.halves[1]["cash"].tolist(), found.known("roce")
    ([30.0], [20.0], False)

    """
    refuse(_faults(ops, by, at))
    rows = _typed(ops, wanted, by)
    if "period" not in rows:
        return Measures(units=rows.set_index("unit").sort_index())
    numbers = ordinals(rows["period"])
    metrics = rows.drop(columns="period")

    def mean(kept: np.ndarray) -> pd.DataFrame:
        return metrics[kept].groupby("unit").mean().reindex(sorted(set(rows["unit"])))

    odd = (numbers - numbers.min()) % 2 == 0
    windows = None
    if at is not None:
        since = numbers - ordinal_of(at)
        windows = (
            mean((since >= -LAG_PERIODS) & (since <= -1)),
            mean((since >= 1) & (since <= LAG_PERIODS)),
        )
    return Measures(units=mean(np.full(len(rows), True)), halves=(mean(odd), mean(~odd)), windows=windows)


def _faults(ops: pd.DataFrame, by: str, at: str | None) -> list[Notice]:
    names = [str(name) for name in ops.columns]
    if by not in names:
        return [fault("T02", f"column {quote(by)} is missing{nearest(by, names)}", table=TABLE, column=by)]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        return [fault("T02", f"column {quote(twice[0])} is there twice; rename one", table=TABLE)]
    if at is not None and "period" not in names:
        return [fault("T08", "lags need a row per unit and period: there is no column 'period'", table=TABLE)]
    key = [by, "period"] if "period" in names else [by]
    faults = [
        fault("T02", f"{int(ops[name].isna().sum())} rows without {name}", table=TABLE, column=name)
        for name in key
        if ops[name].isna().any()
    ]
    again = ops[key].apply(unit_names).duplicated()
    if again.any():
        first = " ".join(map(str, ops.loc[again, key].iloc[0]))
        message = f"{quote(first)} is there twice; give one row per {' and '.join(key)}"
        faults.append(fault("T04", message, table=TABLE, column=by))
    return faults


def _typed(ops: pd.DataFrame, wanted: list[str], by: str) -> pd.DataFrame:
    """Return unit, period and the metrics that are wanted, sorted."""
    kept = pd.DataFrame({"unit": unit_names(ops[by])})
    if "period" in ops:
        kept["period"] = ops["period"].astype(str).str.strip()
    faults = []
    for name in dict.fromkeys(n for n in wanted if n in ops):
        kept[name] = pd.to_numeric(ops[name], errors="coerce").astype(float)
        wrong = (kept[name].isna() & ops[name].notna()) | np.isinf(kept[name])
        if wrong.any():
            shown = quote(ops.loc[wrong, name].iloc[0])
            message = f"{name} is {shown}, no finite number ({int(wrong.sum())} such values)"
            faults.append(fault("T03", message, table=TABLE, column=name))
    refuse(faults)
    return kept.sort_values([c for c in ("unit", "period") if c in kept], ignore_index=True)
