"""E26: which step of the forecasting process makes it better, and whose overrides make it worse."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from sopsem.executive.forecast.joined import (
    KEY,
    join_forecasts,
    naive_of,
    open_forecasts,
    ordered_steps,
    season_of,
)
from sopsem.executive.forecast.measures import accuracy
from sopsem.executive.notices import fault, few, nearest, quote, refusal, warning
from sopsem.executive.plant import origin
from sopsem.executive.result import Result
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given

__all__ = ["ValueAdded", "diebold_mariano", "forecast_value_added"]

FEWEST = 12


@dataclass(frozen=True, kw_only=True)
class ValueAdded(Result):
    """The staircase.

    ``table``: step, wape, added (WAPE of the step before less this one), added_low, added_high (95 %: what the test of
    equal loss would not refuse), added_to_naive, added_to_seasonal (WAPE of the demand a season before less this one,
    over the periods that have it), dm_t, dm_p, improved (share of series), improved_low, improved_high
    (Wilson 95 %), n_periods.  ``units``: unit, sales_unit, step, added.  ``overrides``: step, direction, size, n,
    added.
    """

    units: pd.DataFrame
    overrides: pd.DataFrame


def diebold_mariano(first: np.ndarray, second: np.ndarray, horizon: int = 1) -> tuple[float, float]:
    """Return t and p of equal loss, with the small-sample correction of Harvey, Leybourne & Newbold (1997).

    Positive t: the first series of losses is larger.

    >>> t, p = diebold_mariano(np.array([2.0, 3, 2, 4, 3, 2]), np.array([1.0, 2, 2, 2, 1, 2]))
    >>> round(t, 3), round(p, 3)
    (2.739, 0.041)
    """
    d = first - second
    n = len(d)
    centred = d - d.mean()
    long_run = float((centred**2).sum() / n)
    for k in range(1, horizon):
        long_run += 2 * float((centred[k:] * centred[:-k]).sum() / n)
    if long_run <= 0:
        return math.nan, math.nan
    correction = math.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    t = correction * float(d.mean()) / math.sqrt(long_run / n)
    return t, float(2 * stats.t.sf(abs(t), n - 1))


def forecast_value_added(
    forecasts: Given,
    demand: Given,
    *,
    steps: Sequence[str] | None = None,
    lag: int | None = None,
    policy: Policy = DEFAULT_POLICY,
) -> ValueAdded:
    """Return what every step adds: WAPE of the step before less its own (Gilliland 2010).

    The naive forecast is made where it is not given.  Only keys that every step covers are compared; the summary
    says how many they are.  p: Diebold-Mariano on |e| per period with Harvey's correction, from 12 periods on.

    Parameters
    ----------
    forecasts, demand : DataFrame or Table
    steps : sequence of str, optional
        In their order; naive, statistical, sales, others by name, consensus by default.
    lag : int, optional
    policy : Policy

    Raises
    ------
    DataError
        T34 for a step that is not there; T13 when no key is covered by every step.

    """
    tables = open_forecasts(forecasts, demand, policy)
    horizon = policy["forecast"]["lag"] if lag is None else lag
    joined, notices = join_forecasts(tables, horizon)
    if "naive" not in set(joined["step"]):
        made = naive_of(tables, max(1, horizon)).merge(_actual(joined), on=KEY)
        joined = pd.concat([joined, made.assign(step="naive")], ignore_index=True)
        notices.append(
            warning("T36", "no naive forecast was given: demand of the period before the lag is used")
        )
    order = _steps(joined, steps)
    wide = joined.pivot_table(index=KEY, columns="step", values="forecast")[order].dropna()
    if wide.empty:
        raise refusal([fault("T13", "no period and product is covered by every step", table="forecasts")])
    actual = _actual(joined).set_index(KEY)["actual"].reindex(wide.index).to_numpy(float)
    seasonal = naive_of(tables, season_of(tables, policy)).set_index(KEY)["forecast"].reindex(wide.index)
    table = _staircase(wide, actual, order, horizon)
    table.insert(4, "added_to_seasonal", _against(seasonal, wide, actual, order))
    n_periods = wide.index.get_level_values("period").nunique()
    if n_periods < FEWEST:
        notices.append(few("test of value added", n_periods, FEWEST, table="forecasts"))
    units = _by_unit(wide, actual, order)
    last = units[units["step"] == order[-1]]
    summary = {
        "total_added": float(table["wape"].iloc[0] - table["wape"].iloc[-1]),
        "worst_step": str(table["step"].iloc[1:][table["added"].iloc[1:].idxmin()]) if len(order) > 1 else "",
        "destroys_value": ";".join(last["sales_unit"][last["added"] < 0]),
        "coverage": len(wide) / len(_actual(joined)),
        "n_periods": n_periods,
        "n": len(wide),
    }
    return ValueAdded(
        table=table,
        units=units,
        overrides=_overrides(wide, actual, order),
        summary=summary,
        notices=[*tables.notices, *notices],
        excluded=tables.excluded,
        provenance=origin("E26", "Gilliland 2010; Diebold & Mariano 1995; Harvey et al. 1997", tables),
    )


def _actual(joined: pd.DataFrame) -> pd.DataFrame:
    return joined[[*KEY, "actual"]].drop_duplicates(KEY).reset_index(drop=True)


def _steps(joined: pd.DataFrame, steps: Sequence[str] | None) -> list[str]:
    found = ordered_steps(joined["step"])
    unknown = [s for s in steps or () if s not in found]
    if unknown:
        message = f"no forecasts of step {quote(unknown[0])}{nearest(unknown[0], found)}"
        raise refusal([fault("T34", message, table="forecasts", column="step")])
    return list(steps) if steps else found


def _staircase(wide: pd.DataFrame, actual: np.ndarray, order: list[str], lag: int) -> pd.DataFrame:
    period = wide.index.get_level_values("period")
    loss = {s: np.abs(wide[s].to_numpy() - actual) for s in order}
    wape = {s: accuracy(actual, wide[s].to_numpy())["wape"] for s in order}
    n_periods = period.nunique()
    rows: list[dict[str, object]] = []
    for i, step in enumerate(order):
        before = order[i - 1] if i else step
        row: dict[str, object] = {"step": step, "wape": wape[step]}
        row["added"] = wape[before] - wape[step] if i else math.nan
        row["added_to_naive"] = wape[order[0]] - wape[step] if i else math.nan
        row["dm_t"], row["dm_p"] = (math.nan, math.nan)
        if i and n_periods >= FEWEST:
            sums = pd.DataFrame({"a": loss[before], "b": loss[step]}).groupby(np.asarray(period)).sum()
            row["dm_t"], row["dm_p"] = diebold_mariano(
                sums["a"].to_numpy(), sums["b"].to_numpy(), max(1, lag)
            )
        row["added_low"], row["added_high"] = _interval(row, n_periods)
        better = _better(wide, loss[before], loss[step]) if i else (math.nan, math.nan, math.nan)
        row["improved"], row["improved_low"], row["improved_high"] = better
        rows.append({**row, "n_periods": n_periods})
    return pd.DataFrame(rows)


def _against(
    other: "pd.Series[float]", wide: pd.DataFrame, actual: np.ndarray, order: list[str]
) -> list[float]:
    """Return the WAPE of another forecast less that of every step, where both are known; NaN where they are few."""
    known = other.notna().to_numpy()
    if wide.index[known].get_level_values("period").nunique() < FEWEST:
        return [math.nan] * len(order)
    own = accuracy(actual[known], other.to_numpy(float)[known])["wape"]
    return [own - accuracy(actual[known], wide[step].to_numpy(float)[known])["wape"] for step in order]


def _interval(row: Mapping[str, object], n_periods: int) -> tuple[float, float]:
    """Return what added value the test of equal loss would not refuse: added -+ t(0.975) added / t."""
    added, t = float(row["added"]), float(row["dm_t"])  # type: ignore[arg-type]
    if math.isnan(t) or t == 0:
        return math.nan, math.nan
    half = float(stats.t.ppf(0.975, n_periods - 1)) * abs(added / t)
    return added - half, added + half


def _better(wide: pd.DataFrame, before: np.ndarray, after: np.ndarray) -> tuple[float, float, float]:
    """Return the share of series whose total error fell, with Wilson's interval."""
    names = ["unit", "product_id", "sales_unit"]
    sums = pd.DataFrame({"a": before, "b": after}, index=wide.index).groupby(level=names).sum()
    wins = int((sums["b"] < sums["a"]).sum())
    found = stats.binomtest(wins, len(sums)).proportion_ci(method="wilson")
    return wins / len(sums), float(found.low), float(found.high)


def _by_unit(wide: pd.DataFrame, actual: np.ndarray, order: list[str]) -> pd.DataFrame:
    losses = pd.DataFrame({s: np.abs(wide[s].to_numpy() - actual) for s in order}, index=wide.index).assign(
        a=actual
    )
    sums = losses.groupby(level=["unit", "sales_unit"]).sum()
    rows = [
        (*names, step, (row[before] - row[step]) / row["a"] if row["a"] else math.nan)
        for names, row in sums.iterrows()
        for before, step in pairwise(order)
    ]
    return pd.DataFrame(rows, columns=["unit", "sales_unit", "step", "added"])


def _overrides(wide: pd.DataFrame, actual: np.ndarray, order: list[str]) -> pd.DataFrame:
    """Return value added by direction and size (thirds of the relative change) of what each step changed."""
    rows = []
    for before, step in pairwise(order):
        old, new = wide[before].to_numpy(), wide[step].to_numpy()
        change = new - old
        relative = np.abs(change) / np.where(old > 0, old, np.nan)
        moved = (change != 0) & np.isfinite(relative)
        if not moved.any():
            continue
        cuts = np.quantile(relative[moved], [1 / 3, 2 / 3])
        third = np.digitize(relative, cuts)
        gain = np.abs(old - actual) - np.abs(new - actual)
        for direction, sign in (("up", 1), ("down", -1)):
            for size, name in enumerate(("small", "medium", "large")):
                cells = moved & (np.sign(change) == sign) & (third == size)
                total = actual[cells].sum()
                added = float(gain[cells].sum() / total) if total else math.nan
                rows.append(
                    {
                        "step": step,
                        "direction": direction,
                        "size": name,
                        "n": int(cells.sum()),
                        "added": added,
                    }
                )
    return pd.DataFrame(rows, columns=["step", "direction", "size", "n", "added"])
