"""The rule on the orders of the past: what it would have said on the day, and how those orders ended."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from sopsem.executive.governance.criteria import Judgement, judge
from sopsem.executive.governance.order import Order, State
from sopsem.executive.governance.state import Prices, standing, state_on
from sopsem.executive.notices import Notice, few, warning
from sopsem.executive.plant import origin, require_one_unit
from sopsem.executive.result import Result
from sopsem.executive.schema.checking import excluded_frame
from sopsem.executive.schema.tables import Tables

__all__ = ["ReplayResult", "replay"]

FEWEST = 10
OUTCOMES = ("approve", "escalate", "reject")


@dataclass(frozen=True, kw_only=True)
class ReplayResult(Result):
    """Every order with the decision it would have had.

    ``table``: order_id, product_id, order_date, decision, reasons, utilisation, net_value, late_days (delivered less
    promised; NaN while open), late, leakage (premium freight and penalties / value).
    ``groups``: decision, n, share, share_of_value, share_late, late_days, leakage (NaN below 10 orders).
    """

    groups: pd.DataFrame


def replay(
    tables: Tables,
    *,
    lambda_: Prices | None = None,
    upper: Mapping[str, float] | None = None,
    horizon: int = 12,
    since: date | None = None,
) -> ReplayResult:
    """Replay the orders of the past with what was known on the day of each.

    Orders are asked in order of date and number; all of them are then taken into the load, for that is what happened.
    An order is asked for the day the customer requested, else the day promised.

    Parameters
    ----------
    tables : Tables
        As in ``build_state``.
    lambda_, upper, horizon
        As in ``build_state``; by default the prices of hours are those of the demand before each period.
    since : date, optional
        Orders of that day and later are asked; earlier ones are load, stock and debt, and not among the rows.

    Returns
    -------
    ReplayResult
        Late and costly orders among those the rule would have stopped, beside those it would have approved: an
        association, for the orders were accepted and the others might have gone better without them.

    Raises
    ------
    MissingTable, DataError
        As in ``build_state``.

    """
    require_one_unit(tables)
    orders = tables["orders"].frame
    left = _left_out(orders, since)
    kept = orders.drop(index=orders.index[sorted(left)])
    lines = kept.sort_values(["order_date", "order_id", "product_id"], ignore_index=True)
    notices: list[Notice] = [*tables.notices, *_said(left)]
    fixed = standing(tables, lambda_, upper)
    found = []
    for day, own in groupby(lines.to_dict("records"), key=itemgetter("order_date")):
        known = state_on(fixed, day.date(), headroom=None, horizon=horizon, same_day=False)
        notices += known.notices
        found += _replayed(own, known, tables)
    table = pd.DataFrame(found, columns=[*COLUMNS, *ENDED])
    groups = _groups(table)
    notices += [
        few(f"orders the rule would {d}", n, FEWEST)
        for d, n in zip(groups["decision"], groups["n"], strict=True)
        if n < FEWEST
    ]
    rows = [(i + 1, "T36", left[i]) for i in sorted(left)]
    return ReplayResult(
        table=table.drop(columns="value"),
        groups=groups,
        summary=_summary(groups, len(table)),
        notices=notices,
        excluded=pd.concat([tables.excluded, excluded_frame("orders", rows)], ignore_index=True),
        provenance=origin("E35", "own", tables),
    )


def _left_out(orders: pd.DataFrame, since: date | None) -> dict[int, str]:
    """Return the rows that are not asked, each with its reason."""
    cancelled = (orders["status"] == "cancelled").to_numpy()
    early = np.zeros(len(orders), bool)
    if since is not None:
        early = (orders["order_date"] < pd.Timestamp(since)).to_numpy()
    left = {int(i): f"ordered before {since}" for i in np.flatnonzero(early)}
    return left | {int(i): "cancelled" for i in np.flatnonzero(cancelled)}


def _said(left: Mapping[int, str]) -> list[Notice]:
    counts = Counter(left.values())
    return [
        warning("T36", f"{n} order lines are not replayed: {reason}", table="orders")
        for reason, n in sorted(counts.items())
    ]


COLUMNS = ("order_id", "product_id", "order_date", "decision", "reasons", "utilisation", "net_value")
ENDED = ("late_days", "late", "leakage", "value")


def _replayed(lines: Iterable[Mapping[str, Any]], state: State, tables: Tables) -> list[tuple[object, ...]]:
    """Judge the orders of a day one after the other; each is then part of the load."""
    rows = []
    for line in lines:
        order = order_of(line, state)
        judged = judge(order, state, tables.policy)
        rows.append((*_row(line, judged), *_end(line)))
        if judged.placed is not None:
            state = state.accepted(order, judged.placed.units, judged.cash)
    return rows


def order_of(line: Mapping[str, Any], state: State) -> Order:
    """Return an order line as the order that was asked on its day."""
    asked = line["requested_date"] if not pd.isna(line["requested_date"]) else line["promised_date"]
    day = max(pd.Timestamp(asked).date(), state.as_of)
    terms = line["payment_terms_days"]
    customer = line["customer_id"]
    return Order(
        order_id=str(line["order_id"]),
        product=str(line["product_id"]),
        quantity=float(line["quantity"]),
        price=float(line["price"]),
        requested=day,
        customer="" if pd.isna(customer) else str(customer),
        terms_days=0.0 if pd.isna(terms) else float(terms),
    )


def _row(line: Mapping[str, Any], judged: Judgement) -> tuple[object, ...]:
    placed = judged.placed
    reasons = " ".join(f.code for f in judged.reasons)
    utilisation = placed.utilisation if placed else np.nan
    place = (line["order_id"], line["product_id"], line["order_date"])
    return (*place, judged.decision, reasons, utilisation, judged.net_value)


def _end(line: Mapping[str, Any]) -> tuple[object, ...]:
    """Return how an order ended: days late, whether late, leakage as a share of its value, its value."""
    delivered, promised = pd.Timestamp(line["delivered_date"]), pd.Timestamp(line["promised_date"])
    late = float((delivered - promised).days) if not pd.isna(delivered) else np.nan
    value = float(line["quantity"]) * float(line["price"])
    lost = float(line["expedite_cost"]) + float(line["penalty_cost"])
    return (
        late,
        (np.nan if np.isnan(late) else float(late > 0)),
        (lost / value if value > 0 else np.nan),
        value,
    )


def _groups(table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for decision in OUTCOMES:
        own = table[table["decision"] == decision]
        enough = len(own) >= FEWEST
        ended = [float(own[name].mean()) if enough else np.nan for name in ("late", "late_days", "leakage")]
        value = table["value"].sum()
        share = len(own) / len(table) if len(table) else np.nan
        rows.append((decision, len(own), share, own["value"].sum() / value if value else np.nan, *ended))
    names = ["decision", "n", "share", "share_of_value", "share_late", "late_days", "leakage"]
    return pd.DataFrame(rows, columns=names)


def _summary(groups: pd.DataFrame, n: int) -> dict[str, object]:
    by = groups.set_index("decision")
    stopped = by.loc[["escalate", "reject"]]
    return {
        "n": n,
        "share_escalated": float(by.loc["escalate", "share"]),
        "share_rejected": float(by.loc["reject", "share"]),
        "share_late_approved": float(by.loc["approve", "share_late"]),
        "share_late_stopped": _pooled(stopped, "share_late"),
        "leakage_approved": float(by.loc["approve", "leakage"]),
        "leakage_stopped": _pooled(stopped, "leakage"),
    }


def _pooled(rows: pd.DataFrame, name: str) -> float:
    """Return the average over groups that have enough orders."""
    known = rows[rows[name].notna()]
    return float(np.average(known[name], weights=known["n"])) if len(known) else float("nan")
