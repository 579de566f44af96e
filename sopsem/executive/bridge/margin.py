"""What units earn on their revenue, and how far odd and even periods agree on it."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.bridge.association import spearman_brown
from sopsem.executive.leverage.operating import earnings
from sopsem.executive.notices import few, warning
from sopsem.executive.plant import origin
from sopsem.executive.result import Result
from sopsem.executive.schema.periods import ordinals
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, check_tables

__all__ = ["UnitMargins", "unit_margins"]

FEWEST = 3  # units for which halves can be correlated


@dataclass(frozen=True, kw_only=True)
class UnitMargins(Result):
    """Margins by unit.

    ``table``: unit, periods, margin, odd, even (the margin of every other period).  ``summary``: units, reliability.
    """


def unit_margins(financials: Given, *, policy: Policy = DEFAULT_POLICY) -> UnitMargins:
    """Return EBITDA / revenue of every unit over all its periods, with its reliability over the units.

    Reliability: Spearman-Brown 2 r / (1 + r) of the margins of odd and of even periods.  One number per unit, so it
    can be an outcome of what the people of a unit perceive.

    Parameters
    ----------
    financials : DataFrame or Table
    policy : Policy

    Returns
    -------
    UnitMargins
        NaN with notice T11 where a unit has no revenue; T13: too few units for a reliability.

    Examples
    --------
    >>> money = pd.DataFrame({"unit": ["A", "A", "B", "B"], "period": ["2025-01", "2025-02"] * 2, "revenue": 100.0,
    ...     "variable_cost": [60, 62, 70, 71], "fixed_cost": 20.0, "inventory": 0, "receivables": 0, "payables": 0})
    >>> found = unit_margins(money)
    >>> found.table[["unit", "margin"]].values.tolist(), found.codes()
    ([['A', 0.19], ['B', 0.095]], ('T13',))

    """
    tables = check_tables({"financials": financials}, policy)
    money = tables["financials"].frame
    flows = pd.DataFrame(
        {"unit": money["unit"], "revenue": money["revenue"], "ebitda": earnings(money)["ebitda"].to_numpy()}
    )
    odd = ordinals(money["period"]) % 2 == 1
    table = pd.DataFrame(
        {
            "periods": money.groupby("unit").size(),
            "margin": _margins(flows),
            "odd": _margins(flows[odd]),
            "even": _margins(flows[~odd]),
        }
    )
    table = table.rename_axis("unit").reset_index()
    notices = list(tables.notices)
    if table["margin"].isna().any():
        lacking = ", ".join(table.loc[table["margin"].isna(), "unit"])
        notices.append(warning("T11", f"no revenue, so no margin: {lacking}", table="financials"))
    whole = table.dropna()
    if len(whole) < FEWEST:
        notices.append(few("reliability of margins: units", len(whole), FEWEST, table="financials"))
    known = spearman_brown(whole["odd"], whole["even"]) if len(whole) >= FEWEST else math.nan
    return UnitMargins(
        table=table,
        summary={"units": len(table), "reliability": known},
        notices=notices,
        excluded=tables.excluded,
        provenance=origin("E16", "Spearman 1910; Brown 1910", tables),
    )


def _margins(flows: pd.DataFrame) -> "pd.Series[float]":
    total = flows.groupby("unit")[["revenue", "ebitda"]].sum()
    return total["ebitda"] / total["revenue"].where(total["revenue"] > 0, np.nan)
