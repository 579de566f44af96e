"""E37: whether pay follows the value of an order, and the orders that are paid for though they cost the firm."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.incentives.pay import accuracy_bonus, pay_of
from sopsem.executive.notices import Notice, fault, few, quote, refusal, warning
from sopsem.executive.plant import effective_hours, gather, origin
from sopsem.executive.result import Result
from sopsem.executive.schema.checking import excluded_frame
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, Tables

__all__ = ["IncentiveResult", "incentive_alignment"]

SOURCE = "Goldratt 1990; Kerr 1975"
FEWEST = 30
SAME = 1e-9
SERVICE = frozenset({"service", "otif", "delivery", "flexibility", "lead_time"})
COLUMNS = ("order_id", "sales_unit", "product_id", "quantity", "price")
NET = "net_throughput"


@dataclass(frozen=True, kw_only=True)
class IncentiveResult(Result):
    """Pay beside value.

    ``table``: order_id, sales_unit, product_id, quantity, price, revenue, contribution, hours (of the dearest
    resource), net (throughput less the price of the hours taken), pay, pay_reference (same total), change, conflict
    and conflict_reference (paid for, though net is below zero).
    ``units``: sales_unit, n, pay, pay_reference, change, rho, rho_per_hour, conflicts, exposure.
    ``operations``: plan_id, metric, weight, serves (whether the metric is service or flexibility).
    """

    units: pd.DataFrame
    operations: pd.DataFrame

    @property
    def conflict_set(self) -> pd.DataFrame:
        """The orders that are paid for though they lose value, dearest first."""
        found = self.table[self.table["conflict"]]
        return found.sort_values(["pay", "order_id"], ascending=[False, True], ignore_index=True)


def incentive_alignment(
    incentives: Given,
    orders: Given,
    products: Given,
    routings: Given,
    lambda_: Mapping[str, float],
    *,
    reference: str | None = None,
    accuracy: pd.DataFrame | None = None,
    policy: Policy = DEFAULT_POLICY,
) -> IncentiveResult:
    """Return whether sales is paid for what the enterprise earns.

    Enterprise value of an order N = q (price - v - sum_r lambda_r a_rp).  Alignment is Spearman's rho of pay and N,
    and of both per hour of the dearest resource.  An order with pay > 0 and N < 0 is in conflict; exposure is the
    pay in conflict.  The reference plan is scaled to pay the same total.

    Parameters
    ----------
    incentives, orders, products, routings : DataFrame or Table
        Metrics that are paid: revenue, contribution, net_throughput (both not below 0), forecast_accuracy (the
        bonus of the sales unit, shared among its orders by revenue), collection (min(1, terms / days taken)).
    lambda_ : mapping of str to float
        Price of an hour of each resource, as ``product_mix`` gives it; a resource not named is free.
    reference : str, optional
        plan_id of the plan to compare with; by default one that pays on net throughput alone.  All other sales
        plans together are the present one.
    accuracy : DataFrame, optional
        sales_unit, wape, wape_naive, optimism: for the bonus on forecast accuracy.
    policy : Policy
        ``[incentive] optimism_limit``.

    Returns
    -------
    IncentiveResult
        Notices T13 (fewer than 30 orders: no rho), T27 (no hour has a price: N is the contribution), T16 (the
        reference plan pays nothing), T36 (a metric that cannot be paid; operations paid without service).

    Raises
    ------
    DataError
        T05 for a resource or plan that is not there, T34 for a price of hours that is negative; codes of the tables.

    Examples
    --------
    >>> plan = pd.DataFrame({"plan_id": ["S"], "role": "sales", "metric": "contribution", "weight": 1, "rate": 0.06})
    >>> orders = pd.DataFrame({"order_id": ["1", "2"], "sales_unit": "home", "product_id": ["P", "Q"],
    ...     "quantity": 20, "price": [90, 100], "order_date": "2025-01-02", "promised_date": "2025-01-09"})
    >>> products = pd.DataFrame({"product_id": ["P", "Q"], "price": [90, 100], "material_cost": [45, 40]})
    >>> routings = pd.DataFrame({"product_id": ["P", "Q"], "resource_id": "B", "hours_per_unit": [15, 30]})
    >>> found = incentive_alignment(plan, orders, products, routings, {"B": 2.0})
    >>> found.table[["pay", "net"]].values.tolist()
    [[54.0, 300.0], [72.0, 0.0]]

    """
    tables = gather(policy, incentives=incentives, orders=orders, products=products, routings=routings)
    hours = effective_hours(tables)
    price = _prices(lambda_, hours)
    notices: list[Notice] = list(tables.notices)
    lines, excluded = _lines(tables, hours, price, notices)
    lines["bonus"] = _bonuses(lines, accuracy, policy["incentive"]["optimism_limit"])
    plans = tables["incentives"].frame
    sales = plans[plans["role"] == "sales"]
    compared = _reference_plan(sales, reference)
    lines["pay"] = pay_of(sales[sales["plan_id"] != reference], lines, notices)
    lines["pay_reference"] = _neutral(pay_of(compared, lines, notices), lines["pay"].sum(), notices)
    table = _compared(lines)
    enough = len(table) >= FEWEST
    if not enough:
        notices.append(few("rank correlation of pay and value", len(table), FEWEST, table="orders"))
    operations = _operations(plans[plans["role"] == "operations"], notices)
    summary = {
        **_measures(table),
        "exposure_share": _share(table["pay"][table["conflict"]].sum(), table["pay"].sum()),
        "rho_reference": _rho(table["pay_reference"], table["net"]),
        "conflicts_reference": int(table["conflict_reference"].sum()),
        "exposure_reference": float(table["pay_reference"][table["conflict_reference"]].sum()),
        "value_lost": float(-table["net"][table["conflict"]].sum()),
        "winners": int((table.groupby("sales_unit")["change"].sum() > SAME).sum()),
        "losers": int((table.groupby("sales_unit")["change"].sum() < -SAME).sum()),
        "reference": reference or NET,
        "constraint": str(price.idxmax()) if (price > 0).any() else "",
        "operations_service_weight": _share(
            operations["weight"][operations["serves"]].sum(), operations["weight"].sum()
        ),
    }
    return IncentiveResult(
        table=table,
        units=_by_unit(table),
        operations=operations,
        summary=summary,
        notices=notices,
        excluded=pd.concat([tables.excluded, excluded], ignore_index=True),
        provenance=origin("E37", SOURCE, tables),
    )


def _prices(given: Mapping[str, float], hours: pd.DataFrame) -> "pd.Series[float]":
    """Return the price of an hour of every resource."""
    strange = sorted(set(given) - set(hours.index))
    if strange:
        message = f"lambda_ names resource {quote(strange[0])}, which is in no routing"
        raise refusal([fault("T05", message)])
    wrong = sorted(name for name, value in given.items() if not 0 <= value < np.inf)
    if wrong:
        message = (
            f"lambda_ of {quote(wrong[0])} is {given[wrong[0]]}; the price of an hour is a number from 0"
        )
        raise refusal([fault("T34", message)])
    return pd.Series({str(r): float(given.get(str(r), 0.0)) for r in hours.index}, dtype=float)


def _lines(
    tables: Tables, hours: pd.DataFrame, price: "pd.Series[float]", notices: list[Notice]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the order lines that count, with their value, and those that do not, with the reason."""
    orders = tables["orders"].frame
    cancelled = (orders["status"] == "cancelled").to_numpy()
    unrouted = ~cancelled & ~orders["product_id"].isin(hours.columns).to_numpy()
    left = [(int(i) + 1, "T36", "cancelled") for i in np.flatnonzero(cancelled)]
    left += [(int(i) + 1, "T05", "product without routing") for i in np.flatnonzero(unrouted)]
    for mask, code, what in (
        (cancelled, "T36", "cancelled"),
        (unrouted, "T05", "of products without routing"),
    ):
        if mask.any():
            message = f"{int(mask.sum())} order lines {what} are not counted"
            notices.append(warning(code, message, table="orders"))
    if not (price > 0).any():
        notices.append(warning("T27", "no hour has a price: net throughput is the contribution"))
    kept = orders[~cancelled & ~unrouted].reset_index(drop=True)
    goods = tables["products"].frame.set_index("product_id")
    variable = goods["material_cost"] + goods["other_variable_cost"]
    dearest = hours.loc[price.idxmax()] * float(price.max() > 0)
    revenue = kept["quantity"] * kept["price"]
    contribution = revenue - kept["quantity"] * kept["product_id"].map(variable)
    rent = kept["quantity"] * kept["product_id"].map(hours.mul(price, axis=0).sum())
    net = (contribution - rent).where((contribution - rent).abs() > SAME * revenue, 0.0)
    lines = kept.assign(
        revenue=revenue,
        contribution=contribution,
        hours=kept["quantity"] * kept["product_id"].map(dearest),
        net=net,
    )
    return lines, excluded_frame("orders", left)


def _bonuses(lines: pd.DataFrame, accuracy: pd.DataFrame | None, limit: float) -> "pd.Series[float]":
    if accuracy is None:
        return pd.Series(np.nan, index=lines.index)
    columns = ("sales_unit", "wape", "wape_naive", "optimism")
    lacking = [name for name in columns if name not in accuracy]
    if lacking:
        raise refusal([fault("T02", f"accuracy has no column {lacking[0]}; give {', '.join(columns)}")])
    measured = accuracy[list(columns)].itertuples(index=False)
    bonus = {unit: accuracy_bonus(wape, naive, bias, limit) for unit, wape, naive, bias in measured}
    return lines["sales_unit"].map(bonus).astype(float)


def _reference_plan(sales: pd.DataFrame, reference: str | None) -> pd.DataFrame:
    """Return the rows of the plan to compare with."""
    if reference is not None:
        found = sales[sales["plan_id"] == reference]
        if found.empty:
            message = f"no sales plan {quote(reference)}; there are {', '.join(map(quote, sales['plan_id'].unique()))}"
            raise refusal([fault("T05", message, table="incentives", column="plan_id")])
        return found
    row = {"plan_id": "reference", "metric": NET, "sales_unit": "ALL", "weight": 1.0, "rate": 1.0}
    return pd.DataFrame([{**row, "threshold": np.nan, "cap": np.nan}])


def _neutral(pay: "pd.Series[float]", total: float, notices: list[Notice]) -> "pd.Series[float]":
    """Scale pay to the total that is paid now."""
    if pay.sum() <= 0:
        notices.append(
            warning("T16", "the reference plan pays nothing for these orders: no scale pays the same total")
        )
        return pay * np.nan
    return pay * (total / pay.sum())


def _compared(lines: pd.DataFrame) -> pd.DataFrame:
    kept = [*COLUMNS, "revenue", "contribution", "hours", "net", "pay", "pay_reference"]
    return lines[kept].assign(
        change=lines["pay_reference"] - lines["pay"],
        conflict=(lines["pay"] > 0) & (lines["net"] < 0),
        conflict_reference=(lines["pay_reference"] > 0) & (lines["net"] < 0),
    )


def _rho(a: "pd.Series[float]", b: "pd.Series[float]") -> float:
    """Return Spearman's rho; NaN with fewer than 30 pairs or where one side does not vary."""
    both = pd.DataFrame({"a": a, "b": b}).dropna()
    if len(both) < FEWEST:
        return float("nan")
    even = (both / both.abs().max()).round(9)  # what differs by rounding alone is a tie
    return float(even["a"].rank().corr(even["b"].rank())) if even.nunique().min() > 1 else float("nan")


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")


def _measures(table: pd.DataFrame) -> dict[str, object]:
    """Return the alignment of some orders."""
    hours = table["hours"].where(table["hours"] > 0)
    return {
        "n": len(table),
        "pay": float(table["pay"].sum()),
        "rho": _rho(table["pay"], table["net"]),
        "rho_per_hour": _rho(table["pay"] / hours, table["net"] / hours),
        "conflicts": int(table["conflict"].sum()),
        "exposure": float(table["pay"][table["conflict"]].sum()),
    }


def _by_unit(table: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {
            "sales_unit": name,
            **_measures(own),
            "pay_reference": float(own["pay_reference"].sum(skipna=False)),
            "change": float(own["change"].sum(skipna=False)),
        }
        for name, own in table.groupby("sales_unit")
    ]
    names = (
        "sales_unit",
        "n",
        "pay",
        "pay_reference",
        "change",
        "rho",
        "rho_per_hour",
        "conflicts",
        "exposure",
    )
    return pd.DataFrame(rows, columns=list(names))


def _operations(rows: pd.DataFrame, notices: list[Notice]) -> pd.DataFrame:
    """Return what operations is scored by; a score of cost alone is noticed."""
    serves = rows["metric"].str.casefold().isin(SERVICE)
    table = rows[["plan_id", "metric", "weight"]].assign(serves=serves).reset_index(drop=True)
    if len(table) and not (table["weight"][table["serves"]] > 0).any():
        message = (
            f"operations is scored without {', '.join(sorted(SERVICE))}: cost alone works against service"
        )
        notices.append(warning("T36", message, table="incentives", column="metric"))
    return table
