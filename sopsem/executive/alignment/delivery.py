"""What became of promises: on time in full by period, what haste cost, and how old the open ones are."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.notices import few
from sopsem.executive.plant import origin, require_one_unit
from sopsem.executive.result import Result
from sopsem.executive.schema.periods import period_of_dates, range_of
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, check_tables

__all__ = ["DeliveryRecord", "delivery_record", "on_time_in_full"]

BANDS = {
    "not yet due": (-math.inf, 0),
    "1 to 30 days late": (0, 30),
    "31 to 90": (30, 90),
    "over 90": (90, math.inf),
}
COLUMNS = ("period", "due", "otif_promised", "otif_requested", "late_days", "freight_share")


@dataclass(frozen=True, kw_only=True)
class DeliveryRecord(Result):
    """Delivery by the period of the promise.

    ``table``: period, due (lines), otif_promised, otif_requested (against the day the customer asked for; NaN where no
    line says it), late_days (mean over delivered lines, early ones negative), freight_share (premium freight / value).
    ``ageing``: band, lines, value of the lines still open on the last day that the table knows.
    """

    ageing: pd.DataFrame


def on_time_in_full(orders: pd.DataFrame) -> float:
    """Return the share of lines due that were delivered whole by the promised day.

    Due are lines promised by the last day the table knows; one that is not delivered by then is late, never left
    out.

    >>> days = pd.to_datetime(["2025-01-10", "2025-01-11", "2025-01-12", "2025-02-01"])
    >>> lines = pd.DataFrame({"promised_date": days, "order_date": days[0], "quantity": 5.0, "status": "",
    ...     "delivered_date": pd.to_datetime(["2025-01-10", "2025-01-12", None, None]), "delivered_quantity": None})
    >>> round(on_time_in_full(lines), 3)
    0.333
    """
    due = _due(orders)
    return float(_kept(due, "promised_date").mean()) if len(due) else math.nan


def delivery_record(
    orders: Given, *, frequency: str = "month", policy: Policy = DEFAULT_POLICY
) -> DeliveryRecord:
    """Return on time in full against the promised and the requested day, by period of the promise.

    Parameters
    ----------
    orders : DataFrame or Table
        Cancelled lines are left out; due are lines promised by the last day the table knows.
    frequency : {"month", "week", "quarter"}
        Of the periods.
    policy : Policy

    Returns
    -------
    DeliveryRecord
        Summary: otif_promised, otif_requested, freight_share, n_due, n_open, open_late (lines past their promise).
        Notice T13 when no line is due.

    Raises
    ------
    DataError
        Codes of the table; T33 for several units.

    Examples
    --------
    >>> lines = pd.DataFrame({"order_id": ["a", "b"], "sales_unit": "N", "product_id": "P", "quantity": 10, "price": 5,
    ...     "order_date": "2025-01-02", "requested_date": "2025-01-20", "promised_date": ["2025-01-20", "2025-01-31"],
    ...     "delivered_date": ["2025-01-19", "2025-01-30"], "expedite_cost": [0, 4]})
    >>> found = delivery_record(lines)
    >>> found.table[["period", "due", "otif_promised", "otif_requested", "freight_share"]].values.tolist()
    [['2025-01', 2, 1.0, 0.5, 0.04]]

    """
    tables = check_tables({"orders": orders}, policy)
    require_one_unit(tables)
    lines = tables["orders"].frame
    due = _due(lines)
    table = _by_period(due, frequency)
    ageing = _ageing(lines)
    late = ageing[ageing["band"] != "not yet due"]
    return DeliveryRecord(
        table=table,
        ageing=ageing,
        summary={
            "otif_promised": on_time_in_full(lines),
            "otif_requested": _against_request(due),
            "freight_share": _freight(due),
            "n_due": len(due),
            "n_open": int(ageing["lines"].sum()),
            "open_late": int(late["lines"].sum()),
        },
        notices=[*tables.notices, *([] if len(due) else [few("order lines due", 0, 1, table="orders")])],
        excluded=tables.excluded,
        provenance=origin("orders", "own", tables),
    )


def _last_day(kept: pd.DataFrame) -> pd.Timestamp:
    """Return the last day that the lines know of."""
    return pd.concat([kept["order_date"], kept["delivered_date"]]).max()


def _due(orders: pd.DataFrame) -> pd.DataFrame:
    kept = orders[orders["status"] != "cancelled"]
    return kept[(kept["promised_date"] <= _last_day(kept)) | kept["delivered_date"].notna()]


def _kept(due: pd.DataFrame, day: str) -> "pd.Series[bool]":
    """Say of each line whether it was delivered whole by a day of its own."""
    whole = due["delivered_quantity"].fillna(due["quantity"]) >= due["quantity"]
    return whole & (due["delivered_date"] <= due[day])


def _against_request(due: pd.DataFrame) -> float:
    asked = due[due["requested_date"].notna()]
    return float(_kept(asked, "requested_date").mean()) if len(asked) else math.nan


def _freight(due: pd.DataFrame) -> float:
    value = float((due["quantity"] * due["price"]).sum())
    return float(due["expedite_cost"].sum()) / value if value > 0 else math.nan


def _by_period(due: pd.DataFrame, frequency: str) -> pd.DataFrame:
    own = dict(list(due.groupby(period_of_dates(due["promised_date"], frequency))))
    rows = [_period(label, own.get(label, due.iloc[:0])) for label in range_of(own)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _period(label: str, due: pd.DataFrame) -> tuple[object, ...]:
    promised = float(_kept(due, "promised_date").mean()) if len(due) else math.nan
    days = (due["delivered_date"] - due["promised_date"]).dt.days.mean()
    return label, len(due), promised, _against_request(due), float(days), _freight(due)


def _ageing(orders: pd.DataFrame) -> pd.DataFrame:
    kept = orders[orders["status"] != "cancelled"]
    waiting = kept[kept["delivered_date"].isna() & (kept["status"] != "closed")]
    days = (_last_day(kept) - waiting["promised_date"]).dt.days.to_numpy(float)
    value = (waiting["quantity"] * waiting["price"]).to_numpy(float)
    rows = []
    for band, (over, upto) in BANDS.items():
        own = (days > over) & (days <= upto)
        rows.append((band, int(np.sum(own)), float(value[own].sum())))
    return pd.DataFrame(rows, columns=["band", "lines", "value"])
