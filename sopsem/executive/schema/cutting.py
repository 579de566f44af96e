"""The tables as they stood at the end of an earlier period: later rows gone, later endings not known yet."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from sopsem.executive.schema.checking import Table
from sopsem.executive.schema.periods import frequency_of, label_of, ordinal_of, start_of
from sopsem.executive.schema.tables import Tables

__all__ = ["tables_until"]

OPENED = {"orders": "order_date", "pipeline": "snapshot"}
ENDED: Mapping[str, Mapping[str, tuple[str, ...]]] = {  # column: what is not known before it
    "orders": {"delivered_date": ("delivered_quantity",), "invoice_date": (), "paid_date": ()},
    "pipeline": {"closed": ("amount_won",)},
}


def tables_until(tables: Tables, period: str) -> Tables:
    """Return the tables as they were at the end of a period.

    Rows of later periods, orders taken and snapshots made later go; deliveries, invoices, payments and closings of
    later days are taken back, and such orders and deals are open.  Products, resources, routings and other tables
    without time stay as they are; so do costs of orders, whose day no column says.

    Parameters
    ----------
    tables : Tables
    period : str
        The last one that is known.

    Returns
    -------
    Tables

    Examples
    --------
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> cut = tables_until(simulate_manufacturer(0.5, 13, seed=1).tables(), "2022-06")
    >>> cut["demand"].frame["period"].max(), bool((cut["orders"].frame["delivered_date"] >= "2022-07-01").any())
    ('2022-06', False)

    """
    kept = {name: _until(table, period) for name, table in tables.tables.items()}
    return replace(tables, tables=MappingProxyType(kept))


def _until(table: Table, period: str) -> Table:
    frame = table.frame
    if "period" in frame.columns:
        frame = frame[frame["period"] <= period]
    end = pd.Timestamp(start_of(label_of(ordinal_of(period) + 1, frequency_of(period))))
    if table.name in OPENED:
        frame = _reopened(frame[frame[OPENED[table.name]] < end], table.name, end)
    return replace(table, frame=frame.reset_index(drop=True), digest=f"{table.digest}/{period}")


def _reopened(frame: pd.DataFrame, name: str, end: pd.Timestamp) -> pd.DataFrame:
    """Take back what ended later."""
    frame = frame.copy()
    for day, others in ENDED[name].items():
        later = frame[day] >= end
        for column in (day, *others):
            frame[column] = frame[column].mask(later)
        if name == "pipeline":
            frame.loc[later, "outcome"] = "open"
        elif day == "delivered_date":
            frame.loc[later & (frame["status"] == "closed"), "status"] = "open"
    return frame
