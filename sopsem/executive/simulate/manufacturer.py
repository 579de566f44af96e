"""One plant, month by month: sell, plan, make, deliver, account; all its tables and the truth behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from sopsem.errors import UsageError
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Tables, check_tables
from sopsem.executive.simulate.conduct import conduct_frames
from sopsem.executive.simulate.ledger import Ledger
from sopsem.executive.simulate.making import deliver, hours_of, maintenance_plan, nominal_hours, produce
from sopsem.executive.simulate.mechanisms import Streams, switches
from sopsem.executive.simulate.opportunities import pipeline_frame
from sopsem.executive.simulate.selling import (
    Line,
    demand_of,
    discounts,
    forecast_month,
    new_lines,
    plan_load,
    smoothed,
)
from sopsem.executive.simulate.world import FIXED_COST, PRODUCTS, SHARES, Calendar, mean_demand, world_frames

__all__ = ["Manufacturer", "simulate_manufacturer"]

BASE = PRODUCTS["base"].to_numpy()


@dataclass(frozen=True, kw_only=True)
class Manufacturer:
    """A synthetic plant: ``frames`` are its tables as a client would export them, ``truth`` what drove them."""

    frames: Mapping[str, pd.DataFrame]
    truth: Mapping[str, object]

    def tables(self, policy: Policy = DEFAULT_POLICY) -> Tables:
        """Return the tables, checked."""
        return check_tables(self.frames, policy)


def simulate_manufacturer(
    alignment: float = 0.5,
    periods: int = 36,
    start: str = "2022-01",
    seed: int = 0,
    unit: str = "U01",
    *,
    null: bool = False,
    fixed_cost: float = FIXED_COST,
    ahead: int = 0,
    **mechanisms: float,
) -> Manufacturer:
    """Simulate a plant whose true alignment is known.

    Parameters
    ----------
    alignment : float
        0 to 1, the level of every mechanism that is not set by itself.
    periods : int
        Months, at least 13.
    start : str
        First month.
    seed : int
        The same arguments give the same tables.
    unit : str
        Written into every table.
    null : bool
        Every mechanism at 0.5 whatever the alignment: nothing measured may then depend on it.
    fixed_cost : float
        Cash per month; 22,000 of depreciation come on top.
    ahead : int
        Months after the last that are forecast too, all at the end of the last; the rest stays the same.
    **mechanisms : float
        ``forecast pricing promise maintenance allocation finance pipeline incentives governance``: levels of
        single mechanisms, so that one can be turned off alone.

    Returns
    -------
    Manufacturer
        13 tables.  Synthetic data: they prove software, never a finding.

    Raises
    ------
    UsageError
        A level outside 0 to 1, too few months, months ahead below 0, or a mechanism that is not known.

    Examples
    --------
    >>> plant = simulate_manufacturer(0.5, periods=13, seed=1)
    >>> len(plant.tables()["demand"])
    234
    >>> plant.truth["alignment"]
    0.5

    """
    if periods < 13:
        raise UsageError("give at least 13 periods, a year and a month")
    if ahead < 0:
        raise UsageError(f"ahead is {ahead}; give 0 or more months")
    levels = switches(alignment, null, mechanisms)
    calendar = Calendar(start=start, periods=periods)
    streams = Streams.make((seed, sum(map(ord, unit))))
    ledger = _run(levels, calendar, streams, fixed_cost, ahead)
    frames = {
        **world_frames(fixed_cost),
        **ledger.frames(),
        "pipeline": pipeline_frame(calendar, levels["pipeline"], streams["pipeline"]),
        **conduct_frames(calendar, levels, streams["governance"]),
    }
    truth = {"alignment": alignment, "null": null, "seed": seed, "synthetic": True, **levels}
    return Manufacturer(
        frames=MappingProxyType({name: frame.assign(unit=unit) for name, frame in frames.items()}),
        truth=MappingProxyType(truth),
    )


def _run(
    levels: Mapping[str, float], calendar: Calendar, streams: Streams, fixed_cost: float, ahead: int
) -> Ledger:
    ledger = Ledger(calendar=calendar, levels=levels, fixed_cost=fixed_cost)
    share = maintenance_plan(calendar.periods, levels["maintenance"], streams)
    stock = np.round(0.4 * BASE)
    level = np.outer(BASE, SHARES)
    last = level.copy()
    waiting: list[Line] = []
    for t in range(calendar.periods):
        quarter_end = calendar.quarter_end(t)
        forecast = forecast_month(t, level, last, quarter_end, levels["forecast"], streams)
        demand = demand_of(t, streams)
        load = plan_load(demand.sum(1), nominal_hours())
        backlog = _open_units(waiting)
        offset = _promise_offset(backlog, stock, mean_demand(t), load)
        price_cut = discounts(load, quarter_end, levels["pricing"], streams)
        lines = new_lines(t, demand, price_cut, offset, levels["promise"], streams)
        target = np.clip(1.10 * forecast["consensus"].sum(1) + backlog - stock, 0, None)
        month = produce(target, hours_of(share[t], streams), levels["allocation"], streams)
        stock = stock + month.made
        waiting += lines
        shipped = deliver(t, waiting, stock)
        waiting = [line for line in waiting if line.open > 0]
        ledger.close(t, forecast, demand, lines, target, month, shipped, stock.copy(), _open_units(waiting))
        level, last = smoothed(level, demand, t), demand
    for t in range(calendar.periods, calendar.periods + ahead):
        forecast = forecast_month(t, level, last, calendar.quarter_end(t), levels["forecast"], streams)
        ledger.foresee(t, calendar.periods - 1, forecast)
    return ledger


def _open_units(lines: list[Line]) -> np.ndarray:
    units = np.zeros(len(PRODUCTS))
    for line in lines:
        units[line.product] += line.open
    return units


def _promise_offset(backlog: np.ndarray, stock: np.ndarray, mean: np.ndarray, load: float) -> np.ndarray:
    """Return the months after which a checked promise is kept."""
    return np.asarray(np.clip(np.ceil((backlog - 0.9 * stock) / mean + 1.5 * max(0.0, load - 0.95)), 0, 4))
