"""Forecasts beside what came, on a stated horizon; demand without a forecast counts as forecast 0 and is said."""

import numpy as np
import pandas as pd

from sopsem.errors import DataError
from sopsem.executive.notices import Notice, fault, nearest, quote, refusal, warning
from sopsem.executive.schema.periods import frequency_of, ordinals, period_of_dates, periods_per_year
from sopsem.executive.schema.policy import Policy
from sopsem.executive.schema.tables import Given, Tables, check_tables

__all__ = ["KEY", "by_period", "join_forecasts", "main_step", "naive_of", "open_forecasts", "season_of"]

KEY = ["unit", "period", "product_id", "sales_unit"]
ORDER = ("naive", "statistical", "sales", "consensus")


def open_forecasts(forecasts: Given, demand: Given, policy: Policy, products: Given | None = None) -> Tables:
    """Check both tables together."""
    return check_tables({"forecasts": forecasts, "demand": demand, "products": products}, policy)


def join_forecasts(tables: Tables, lag: int) -> tuple[pd.DataFrame, list[Notice]]:
    """Return ``unit period product_id sales_unit step forecast actual``, sorted, and what was noticed.

    Of every step the last version issued at least ``lag`` periods before its target counts.  Demand in a period
    that the step forecast otherwise, but not for this product and sales unit, counts as forecast 0; a forecast for
    which no demand came counts with actual 0.
    """
    given = tables["forecasts"].frame
    demand = tables["demand"].frame
    issued = period_of_dates(given["issued"], frequency_of(given["period"].iloc[0]))
    ahead = ordinals(given["period"]) - ordinals(issued)
    usable = given[ahead >= lag].sort_values("issued", kind="stable")
    known = set(demand["period"])
    usable = usable[usable["period"].isin(known)]
    last = usable.groupby([*KEY, "step"], sort=True)["quantity"].last().rename("forecast").reset_index()
    if last.empty:
        message = f"no forecast was issued {lag} or more periods before a period with demand"
        raise refusal([fault("T13", message, table="forecasts", column="issued")])
    actual = demand.groupby(KEY)["quantity"].sum().rename("actual").reset_index()
    frames, absent = [], 0
    for step, own in last.groupby("step"):
        periods = actual[actual["period"].isin(set(own["period"]))]
        both = periods.merge(own.drop(columns="step"), on=KEY, how="outer")
        absent += int(both["forecast"].isna().sum())
        frames.append(both.fillna({"forecast": 0.0, "actual": 0.0}).assign(step=step))
    joined = pd.concat(frames, ignore_index=True).sort_values(["step", *KEY], kind="stable")
    notices = []
    if absent:
        message = f"{absent} of {len(joined)} forecasts are missing where there was demand: counted as 0"
        notices.append(warning("T36", message, table="forecasts", column="quantity"))
    return joined.reset_index(drop=True), notices


def ordered_steps(found: "pd.Series[str]") -> list[str]:
    """Return the steps in their usual order, unknown ones before consensus, by name.

    >>> ordered_steps(pd.Series(["consensus", "naive", "market", "sales"]))
    ['naive', 'sales', 'market', 'consensus']
    """
    names = set(found)
    known = [s for s in ORDER[:-1] if s in names]
    return [*known, *sorted(names - set(ORDER)), *(s for s in ORDER[-1:] if s in names)]


def main_step(joined: pd.DataFrame, step: str | None) -> str:
    """Return the step asked for, else consensus or the last one.

    Raises
    ------
    DataError
        T34 when there is no such step.

    """
    steps = ordered_steps(joined["step"])
    if step is None:
        return steps[-1]
    if step not in steps:
        raise _no_step(step, steps)
    return step


def _no_step(step: str, steps: list[str]) -> DataError:
    message = f"no forecasts of step {quote(step)}{nearest(step, steps)}; there are {', '.join(steps)}"
    return refusal([fault("T34", message, table="forecasts", column="step")])


def by_period(joined: pd.DataFrame) -> pd.DataFrame:
    """Return totals of forecast and actual by period.

    >>> by_period(pd.DataFrame({"period": ["a", "a"], "forecast": [1.0, 2.0], "actual": [3.0, 4.0]})).values.tolist()
    [[3.0, 7.0]]
    """
    return joined.groupby("period")[["forecast", "actual"]].sum().sort_index()


def naive_of(tables: Tables, season: int = 1) -> pd.DataFrame:
    """Return the naive forecast of every key: the demand ``season`` periods before, where that is known."""
    demand = tables["demand"].frame.groupby(KEY)["quantity"].sum().reset_index()
    wide = demand.pivot_table(index="period", columns=["unit", "product_id", "sales_unit"], values="quantity")
    shifted = wide.sort_index().fillna(0.0).shift(season).iloc[season:]
    long = shifted.reset_index().melt(id_vars=[("period", "", "")], value_name="forecast")
    long.columns = ["period", "unit", "product_id", "sales_unit", "forecast"]
    return long[[*KEY, "forecast"]].astype({"forecast": np.float64})


def season_of(tables: Tables, policy: Policy) -> int:
    """Return the policy's season for months; weeks and quarters have 52 and 4."""
    frequency = frequency_of(tables["demand"].frame["period"].iloc[0])
    return int(policy["forecast"]["season"]) if frequency == "month" else periods_per_year(frequency)
