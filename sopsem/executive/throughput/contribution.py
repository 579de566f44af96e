"""E01: what a product earns per unit, in percent, and per hour of a resource, and how the rankings differ."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sopsem.executive.notices import Notice, fault, quote, refusal, warning
from sopsem.executive.plant import effective_hours, gather, origin, unit_prices
from sopsem.executive.result import Result
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given
from sopsem.executive.throughput.mix import MixResult

__all__ = ["ContributionResult", "contribution_table"]


@dataclass(frozen=True, kw_only=True)
class ContributionResult(Result):
    """``table``: product, price, variable_cost, contribution, margin, hours, per_hour, and the rank by each.

    ``reversals``: pairs whose order by margin and by hour differ.  ``per_resource``: money per hour of every
    resource, product x resource.
    """

    reversals: pd.DataFrame
    per_resource: pd.DataFrame


def contribution_table(
    products: Given,
    routings: Given,
    *,
    orders: Given | None = None,
    resource: str | None = None,
    mix: MixResult | None = None,
    policy: Policy = DEFAULT_POLICY,
) -> ContributionResult:
    """Return contribution per unit, margin, and contribution per hour of the constraint.

    c = price - variable cost; margin = c / price; per hour = c / effective hours of the resource.

    Parameters
    ----------
    products, routings : DataFrame or Table
    orders : DataFrame or Table, optional
        Realised net prices instead of list prices; the summary says which were used.
    resource : str, optional
        Whose hours count; by default the constraint of ``mix``.
    mix : MixResult, optional
        From ``product_mix``: names the constraint.
    policy : Policy

    Returns
    -------
    ContributionResult
        Notices T26 (loses money on every unit), T27 (no binding resource: rank by contribution), T28 (several
        bind).

    Raises
    ------
    DataError
        T05 when the resource is in no routing.

    Examples
    --------
    >>> products = pd.DataFrame({"product_id": ["P", "Q"], "price": [90, 100], "material_cost": [45, 40]})
    >>> routings = pd.DataFrame({"product_id": ["P", "Q"], "resource_id": "B", "hours_per_unit": [15, 30]})
    >>> found = contribution_table(products, routings, resource="B")
    >>> found.table[["product", "contribution", "margin", "per_hour"]].to_dict("list")
    {'product': ['P', 'Q'], 'contribution': [45.0, 60.0], 'margin': [0.5, 0.6], 'per_hour': [3.0, 2.0]}

    """
    tables = gather(policy, products=products, routings=routings, orders=orders)
    wide = effective_hours(tables)
    frame = tables["products"].frame.set_index("product_id").loc[list(wide.columns)]
    price = unit_prices(tables).loc[wide.columns].to_numpy(float)
    variable = (frame["material_cost"] + frame["other_variable_cost"]).to_numpy(float)
    c = price - variable
    chosen, notices = _chosen(wide, resource, mix)
    hours = wide.loc[chosen].to_numpy(float) if chosen else np.full(len(c), np.nan)
    per_hour = _ratio(c, hours)
    margin = np.divide(c, price, out=np.full(len(c), np.nan), where=price > 0)
    table = pd.DataFrame(
        {
            "product": list(wide.columns),
            "price": price,
            "variable_cost": variable,
            "contribution": c,
            "margin": margin,
            "hours": hours,
            "per_hour": per_hour,
            "rank_margin": _ranks(margin, c),
            "rank_contribution": _ranks(c, c),
            "rank_per_hour": _ranks(per_hour, c) if chosen else _ranks(c, c),
        }
    )
    reversals = _reversals(table)
    notices += _product_notices(table, chosen)
    summary = {
        "resource": chosen,
        "kendall_tau": _tau(table),
        "reversed_pairs": len(reversals),
        "prices": "realised" if "orders" in tables else "list",
        "labour_is_variable": bool(policy["general"]["labour_is_variable"]),
        "n_products": len(table),
    }
    return ContributionResult(
        table=table,
        reversals=reversals,
        per_resource=_per_resource(wide, c),
        summary=summary,
        notices=[*tables.notices, *notices],
        excluded=tables.excluded,
        provenance=origin("E01", "Goldratt 1990; Corbett 1998", tables),
    )


def _chosen(wide: pd.DataFrame, resource: str | None, mix: MixResult | None) -> tuple[str, list[Notice]]:
    """Return whose hours count, with what has to be said about it."""
    if resource is not None:
        if resource not in wide.index:
            raise _unknown(resource, wide)
        return resource, []
    if mix is not None and mix.constraint:
        several = [n for n in mix.notices if n.code == "T28"]
        return mix.constraint, several
    message = "no binding resource: rank by unit contribution"
    if mix is None:
        message += "; give resource= or mix= to rank by the hours of a constraint"
    return "", [warning("T27", message)]


def _unknown(resource: str, wide: pd.DataFrame) -> Exception:
    message = (
        f"resource {quote(resource)} is in no routing; there are {', '.join(map(quote, wide.index[:10]))}"
    )
    return refusal([fault("T05", message, table="routings", column="resource_id")])


def _ratio(c: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Return money per hour; a product that uses none of the resource is worth infinitely much of it."""
    unused = np.where(c > 0, np.inf, np.where(c < 0, -np.inf, 0.0))
    return np.where(np.isnan(hours), np.nan, np.divide(c, hours, out=unused, where=hours > 0))


def _ranks(value: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return ranks from 1; products that lose money on every unit come last."""
    held = np.where(c > 0, value, -np.inf)
    return np.asarray(stats.rankdata(-np.nan_to_num(held, nan=-np.inf, posinf=np.inf, neginf=-np.inf), "min"))


def _reversals(table: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (table["product"][i], table["product"][j])
        for i in range(len(table))
        for j in range(len(table))
        if table["rank_margin"][i] < table["rank_margin"][j]
        and table["rank_per_hour"][i] > table["rank_per_hour"][j]
    ]
    return pd.DataFrame(rows, columns=["better_by_margin", "better_by_hour"])


def _tau(table: pd.DataFrame) -> float:
    if len(table) < 2:
        return float("nan")
    return float(stats.kendalltau(table["rank_margin"], table["rank_per_hour"]).statistic)


def _product_notices(table: pd.DataFrame, chosen: str) -> list[Notice]:
    notices = []
    losing = table["product"][table["contribution"] <= 0].tolist()
    if losing:
        names = ", ".join(map(quote, losing[:5]))
        notices.append(
            warning("T26", f"{names}: loses money on every unit", table="products", column="price")
        )
    free = table["product"][(table["hours"] == 0) & (table["contribution"] > 0)].tolist()
    if free:
        names = ", ".join(map(quote, free[:5]))
        notices.append(warning("T36", f"{names}: does not use {chosen}: sell all demand"))
    return notices


def _per_resource(wide: pd.DataFrame, c: np.ndarray) -> pd.DataFrame:
    ratio = {name: _ratio(c, wide.loc[name].to_numpy(float)) for name in wide.index}
    return pd.DataFrame({"product": list(wide.columns), **ratio})
