"""What a plan brings and takes: profit, cost by cause, loads, lateness, stock and cash."""

import numpy as np

from sopsem.executive.scenario.model import PlanModel

__all__ = ["costs_of", "loads_of", "measures_of", "money_of", "revenue_of"]

Parts = dict[str, np.ndarray]


def _times(amount: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Return the money of each period; an infinite amount of nothing costs nothing."""
    return np.asarray((np.where(units > 0, amount, 0.0) * units).sum(axis=1))


def _flows(model: PlanModel, parts: Parts) -> Parts:
    """Return the cost of each period by cause."""
    force = model.workforce
    return {
        "variable cost": _times(model.variable, parts["made"]),
        "subcontracting": _times(model.subcontract, parts["sub"]),
        "holding": _times(model.holding, parts["stock"]),
        "backlog": _times(model.backlog_cost, parts["backlog"]),
        "overtime": _times(model.overtime_cost, parts["overtime"]),
        "wages": parts["workers"] @ np.array([w.wage for w in force], float),
        "hiring": parts["hired"] @ np.array([w.hire for w in force], float),
        "laying off": parts["laid_off"] @ np.array([w.lay_off for w in force], float),
    }


def costs_of(model: PlanModel, parts: Parts) -> dict[str, float]:
    """Return the cost of a plan by cause."""
    return {cause: float(flow.sum()) for cause, flow in _flows(model, parts).items()}


def loads_of(model: PlanModel, parts: Parts) -> tuple[np.ndarray, np.ndarray]:
    """Return hours there are without overtime, and load; period x resource."""
    regular = model.available.copy()
    at = model.staffed
    if at:
        regular[:, at] = regular[:, at] / model.servers[at] * parts["workers"]
    return regular, np.asarray(parts["made"] @ model.hours.T)


def revenue_of(model: PlanModel, parts: Parts) -> np.ndarray:
    """Return what is earned, period x product, when it is shipped; at the price of the period it was asked for."""
    earned = model.price * parts["ship"]
    earned[1:] += model.kept_price[:-1] * parts["backlog"][:-1]
    return np.asarray(earned)


def money_of(model: PlanModel, parts: Parts) -> tuple[np.ndarray, np.ndarray]:
    """Return revenue and cost of each period."""
    cost = np.sum(list(_flows(model, parts).values()), axis=0)
    return revenue_of(model, parts).sum(axis=1), np.asarray(cost)


def measures_of(model: PlanModel, parts: Parts) -> dict[str, float]:
    """Return the scalars by which plans are compared.

    ``service``: share of demand that is neither late at the end of its period nor lost.  ``late``: units at the end
    of every period, summed.  ``lowest_cash``: of revenue less cost added up over the periods, from 0.
    """
    revenue, cost = money_of(model, parts)
    regular, load = loads_of(model, parts)
    used = np.divide(load, regular, out=np.zeros_like(load), where=regular > 0)
    missed = np.minimum(parts["backlog"] + parts["lost"], model.demand)
    asked = float(model.demand.sum())
    return {
        "profit": float((revenue - cost).sum()),
        "revenue": float(revenue.sum()),
        "cost": float(cost.sum()),
        "service": 1 - float(missed.sum()) / asked if asked > 0 else float("nan"),
        "late": float(parts["backlog"].sum()),
        "lost": float(parts["lost"].sum()),
        "end_backlog": float(parts["backlog"][-1].sum()),
        "peak_utilisation": float(used.max(initial=0.0)),
        "overtime_hours": float(parts["overtime"].sum()),
        "average_stock": float(parts["stock"].sum(axis=1).mean()),
        "lowest_cash": float(min(0.0, np.cumsum(revenue - cost).min())),
    }
