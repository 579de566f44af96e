"""The plan of the periods ahead, from what is forecast for them; without forecasts, that of the year gone by."""

from dataclasses import dataclass

import pandas as pd

from sopsem.errors import DataError
from sopsem.executive.notices import warning
from sopsem.executive.pipeline import DemandScenarios, probabilistic_demand
from sopsem.executive.plant import require_one_unit
from sopsem.executive.result import Result
from sopsem.executive.scenario import Plan, plan_horizon
from sopsem.executive.schema.periods import frequency_of, periods_per_year, range_of
from sopsem.executive.schema.tables import Tables

__all__ = ["Outlook", "outlook"]


@dataclass(frozen=True, kw_only=True)
class Outlook(Result):
    """The best plan and the scenarios of demand it may meet.

    ``table`` and ``summary`` are the plan's; ``demand`` is None where no period ahead is forecast: ``ahead`` is then
    False, the plan is the best one for the demand of the last year, and notice T36 says so.
    """

    plan: Plan
    demand: DemandScenarios | None
    ahead: bool


def outlook(tables: Tables, *, n: int = 5000, seed: int = 0) -> Outlook:
    """Return the best plan for the newest forecast of every period after the last demand.

    Parameters
    ----------
    tables : Tables
        products, routings and demand of one unit; forecasts of periods ahead, pipeline, capacity and resources where
        there are.
    n, seed : int
        Scenarios of demand and their seed.

    Raises
    ------
    DataError
        As in ``plan_horizon``; T33 for several units.

    Examples
    --------
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> found = outlook(simulate_manufacturer(0.5, 13, seed=1, ahead=3).tables(), n=100)
    >>> found.ahead, found.plan.model.periods, found.demand.draws.shape
    (True, ('2023-02', '2023-03', '2023-04'), (100, 3, 6))

    """
    require_one_unit(tables)
    drawn, reason = _drawn(tables, n, seed)
    asked = _last_year(tables) if drawn is None else _expected(drawn)
    plan = plan_horizon(
        tables["products"],
        tables["routings"],
        tables.given("capacity"),
        asked.assign(unit=tables.units[0]) if tables.units else asked,
        resources=tables.given("resources"),
        orders=tables.given("orders"),
        policy=tables.policy,
    )
    said = () if drawn is not None else (warning("T36", f"plan of the last year, not of the next: {reason}"),)
    return Outlook(
        table=plan.table,
        summary=plan.summary,
        notices=(*said, *plan.notices, *(() if drawn is None else drawn.notices)),
        excluded=plan.excluded,
        provenance=plan.provenance,
        plan=plan,
        demand=drawn,
        ahead=drawn is not None,
    )


def _drawn(tables: Tables, n: int, seed: int) -> tuple[DemandScenarios | None, str]:
    """Return scenarios of demand, or why there are none."""
    try:
        found = probabilistic_demand(
            tables["forecasts"],
            tables["demand"],
            tables.given("pipeline"),
            routings=tables.given("routings"),
            capacity=tables.given("capacity"),
            n=n,
            seed=seed,
            policy=tables.policy,
        )
    except DataError as error:
        return None, str(error).splitlines()[0]
    return found, ""


def _expected(drawn: DemandScenarios) -> pd.DataFrame:
    """Return the forecast of every product as demand of one sales unit."""
    cells = drawn.table[["period", "product", "baseline"]]
    named = cells.rename(columns={"product": "product_id", "baseline": "quantity"})
    return named.assign(sales_unit="all")


def _last_year(tables: Tables) -> pd.DataFrame:
    demand = tables["demand"].frame
    periods = range_of(demand["period"])
    year = periods[-periods_per_year(frequency_of(periods[0])) :]
    return demand[demand["period"].isin(year)]
