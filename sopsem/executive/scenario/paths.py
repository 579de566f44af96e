"""Profit as it adds up over the periods: in every named world, and its spread over draws of demand."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sopsem.executive.scenario.measures import money_of
from sopsem.executive.scenario.model import PlanModel

__all__ = ["profit_paths"]

Parts = dict[str, np.ndarray]
QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
COLUMNS = ("path", "kind", "period", "profit", "cumulative")


def profit_paths(
    worlds: Mapping[str, tuple[PlanModel, Parts | None]],
    drawn: Sequence[tuple[PlanModel, Parts | None]],
    *,
    fixed_cost: float,
    fewest: int,
) -> pd.DataFrame:
    """Return profit of every period and added up, fixed cost taken off; above 0 the plan has passed breakeven.

    Parameters
    ----------
    worlds : mapping of name to model and plan
        Without a plan there is no path.
    drawn : sequence of model and plan
        Of each draw of demand.
    fixed_cost : float
        Per period.
    fewest : int
        Draws below which no quantiles are given.

    Returns
    -------
    DataFrame
        path (name of the world, or p5, p25, p50, p75, p95), kind (world or quantile), period, profit, cumulative;
        quantiles are taken of each column by itself, period by period.

    """
    rows: list[pd.DataFrame] = []
    for name, (model, parts) in worlds.items():
        if parts is not None:
            own = _profit(model, parts, fixed_cost)
            rows.append(_frame(name, "world", model.periods, own, own.cumsum()))
    known = [(model, _profit(model, parts, fixed_cost)) for model, parts in drawn if parts is not None]
    if len(known) >= fewest:
        profit = np.array([own for _, own in known])
        periods = known[0][0].periods
        for name, q in QUANTILES.items():
            own, added = np.quantile(profit, q, axis=0), np.quantile(profit.cumsum(axis=1), q, axis=0)
            rows.append(_frame(name, "quantile", periods, own, added))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(COLUMNS))


def _profit(model: PlanModel, parts: Parts, fixed_cost: float) -> np.ndarray:
    revenue, cost = money_of(model, parts)
    return np.asarray(revenue - cost - fixed_cost)


def _frame(name: str, kind: str, periods: Sequence[str], own: np.ndarray, added: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame({"period": list(periods), "profit": own, "cumulative": added})
    return frame.assign(path=name, kind=kind)[list(COLUMNS)]
