"""Which reaction is best in a scenario: overtime, subcontracting, one more shift, price, or deferring orders."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from sopsem.executive.scenario.model import PlanModel, linear_of

__all__ = ["lever_table"]


def _profit(model: PlanModel) -> float:
    at = linear_of(model).solve()
    return float("nan") if at is None else at.value


def lever_table(
    models: Mapping[str, tuple[PlanModel, float]], elasticity: float | None, deferral_cost: float | None
) -> pd.DataFrame:
    """Return scenario, lever, profit, value (against no lever), best; levers that are not there are left out.

    Of each scenario: the model and the profit of its plan, which is that without a lever where it has none.

    Each lever is pulled alone: overtime and subcontracting at their costs; a shift more on the resource whose hours
    are worth most, in the periods in which they are worth more than it costs; prices raised by (load / hours)^(1 / e)
    where load is above hours; orders deferred at a cost instead of lost.
    """
    rows = []
    for name, (model, profit) in models.items():
        plain = _plain(model)
        profits = {
            "none": profit if plain is model else _profit(plain),
            **_pulled(model, plain, elasticity, deferral_cost),
        }
        known = {lever: value for lever, value in profits.items() if not np.isnan(value)}
        best = max(known, key=lambda lever: known[lever]) if known else ""
        rows += [(name, lever, p, p - profits["none"], lever == best) for lever, p in profits.items()]
    return pd.DataFrame(rows, columns=["scenario", "lever", "profit", "value", "best"])


def _plain(model: PlanModel) -> PlanModel:
    if not (model.overtime > 0).any() and np.isinf(model.subcontract).all():
        return model
    return replace(
        model, overtime=np.zeros_like(model.overtime), subcontract=np.full_like(model.subcontract, np.inf)
    )


def _pulled(
    model: PlanModel, plain: PlanModel, elasticity: float | None, deferral_cost: float | None
) -> dict[str, float]:
    found = {}
    if (model.overtime > 0).any():
        found["overtime"] = _profit(replace(plain, overtime=model.overtime))
    if np.isfinite(model.subcontract).any():
        found["subcontract"] = _profit(replace(plain, subcontract=model.subcontract))
    if ((model.shift_hours > 0) & np.isfinite(model.shift_cost)).any():
        found["extra shift"] = _with_shift(plain)
    if elasticity is not None:
        found["price"] = _profit(_dearer(plain, elasticity))
    lost = np.isinf(plain.backlog_cost)
    if deferral_cost is not None and lost.any():
        found["defer orders"] = _profit(
            replace(plain, backlog_cost=np.where(lost, deferral_cost, plain.backlog_cost))
        )
    return found


def _with_shift(plain: PlanModel) -> float:
    program = linear_of(plain)
    at = program.solve()
    if at is None:
        return float("nan")
    prices = program.hour_prices(at).reshape(len(plain.periods), -1)
    gain = np.clip(prices * plain.shift_hours - np.nan_to_num(plain.shift_cost, nan=np.inf), 0.0, None)
    r = int(gain.sum(axis=0).argmax())
    run = gain[:, r] > 0
    more = plain.available.copy()
    more[run, r] += plain.shift_hours[r]
    cost = float(run.sum() * plain.shift_cost[r]) if run.any() else 0.0
    return _profit(replace(plain, available=more)) - cost


def _dearer(plain: PlanModel, elasticity: float) -> PlanModel:
    used = np.divide(plain.demand @ plain.hours.T, np.maximum(plain.available, 1e-9))
    factor = np.maximum(1.0, used.max(axis=1)) ** (1 / elasticity)
    demand = plain.demand * factor[:, None] ** -elasticity
    return replace(
        plain, price=plain.price * factor[:, None], demand=demand, least=np.minimum(plain.least, demand)
    )
