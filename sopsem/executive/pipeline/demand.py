"""E29: demand as a distribution: the consensus with its own past errors, and open deals with their chances."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from sopsem.executive.forecast.joined import KEY, join_forecasts, main_step
from sopsem.executive.notices import Notice, fault, few, refusal, warning
from sopsem.executive.pipeline.calibration import shrunken_rate
from sopsem.executive.pipeline.integrity import closed_deals
from sopsem.executive.plant import available_hours, effective_hours, origin, require_one_unit
from sopsem.executive.result import Result
from sopsem.executive.schema.periods import frequency_of, period_of_dates, start_of
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, Tables, check_tables

__all__ = ["DemandScenarios", "probabilistic_demand"]

FEWEST, BLOCK = 12, 3
CELL = ["product_id", "sales_unit"]


@dataclass(frozen=True, kw_only=True)
class DemandScenarios(Result):
    """Draws of future demand.

    ``table``: period, product, baseline (as forecast), mean, p10, p50, p90.  ``draws``: scenario x period x product,
    read-only, in the order of ``periods`` and ``products``.  ``resources``: period, resource, hours, chance_above
    (that load is above them), where routings and capacity are given.
    """

    draws: np.ndarray
    periods: tuple[str, ...]
    products: tuple[str, ...]
    resources: pd.DataFrame = field(default_factory=pd.DataFrame)


def probabilistic_demand(
    forecasts: Given,
    demand: Given,
    pipeline: Given | None = None,
    *,
    routings: Given | None = None,
    capacity: Given | None = None,
    overlap: Literal["add", "max", "net"] | None = None,
    step: str | None = None,
    n: int = 5000,
    seed: int = 0,
    policy: Policy = DEFAULT_POLICY,
) -> DemandScenarios:
    """Return scenarios of demand for every period that is forecast and has not come yet.

    Baseline: the newest forecast x (1 + relative errors of past periods), drawn in blocks of three periods and for all
    products and sales units together, so that their dependence is kept and their bias is corrected.  Pipeline: every
    open deal wins with its stage's shrunken rate, at its stated date plus a slip drawn from past ones.

    Parameters
    ----------
    forecasts, demand : DataFrame or Table
        Of one unit; forecasts also of periods after the last demand.
    pipeline : DataFrame or Table, optional
        Open deals with product and quantity.
    routings, capacity : DataFrame or Table, optional
        For the chance that a resource's load is above its average hours.
    overlap : {"add", "max", "net"}, optional
        How deals and forecast are put together: added; the larger; or the deals' expected part taken out of the
        forecast first.  The policy's by default, and printed.
    step : str, optional
    n, seed : int
    policy : Policy

    Raises
    ------
    DataError
        T13 when no period after the last demand is forecast.

    """
    given = {
        "forecasts": forecasts,
        "demand": demand,
        "pipeline": pipeline,
        "routings": routings,
        "capacity": capacity,
    }
    tables = require_one_unit(check_tables(given, policy))
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    joined, notices = join_forecasts(tables, 1)
    chosen = main_step(joined, step)
    future = _future(tables, chosen)
    errors, weak = _errors(joined[joined["step"] == chosen], future)
    notices += weak
    cells = _drawn_cells(future, errors, n, rng)
    products = tuple(sorted({str(p) for p in future.columns.get_level_values("product_id")}))
    periods = tuple(str(p) for p in future.index)
    base = np.stack([_of_product(cells, future, p) for p in products], axis=2)
    rule = overlap or policy["pipeline"]["overlap"]
    deals = np.zeros_like(base)
    expected = np.zeros(base.shape[1:])
    if "pipeline" in tables:
        deals, expected, said = _deal_draws(tables, periods, products, n, rng, policy)
        notices += said
    draws = _together(base, deals, expected, rule)
    draws.setflags(write=False)
    baseline = np.column_stack(
        [future.loc[:, future.columns.get_level_values(0) == p].sum(axis=1) for p in products]
    )
    summary = {
        "step": chosen,
        "overlap": rule if "pipeline" in tables else "no pipeline",
        "total_forecast": float(baseline.sum()),
        "total_mean": float(draws.mean(axis=0).sum()),
        "n_errors": len(errors),
        "n": n,
        "seed": seed,
    }
    return DemandScenarios(
        table=_quantiles(draws, baseline, periods, products),
        draws=draws,
        periods=periods,
        products=products,
        resources=_exceedance(tables, draws, periods, products),
        summary=summary,
        notices=[*tables.notices, *notices],
        excluded=tables.excluded,
        provenance=origin("E29", "block bootstrap; Hong 2013", tables),
    )


def _future(tables: Tables, step: str) -> pd.DataFrame:
    """Return the newest forecast of every period after the last demand: period x (product, sales unit)."""
    frame = tables["forecasts"].frame
    last = tables["demand"].frame["period"].max()
    ahead = frame[(frame["period"] > last) & (frame["step"] == step)].sort_values("issued")
    if ahead.empty:
        message = f"no {step} forecast of a period after {last}, the last of demand"
        raise refusal([fault("T13", message, table="forecasts", column="period")])
    newest = ahead.groupby(KEY)["quantity"].last().reset_index()
    return newest.pivot_table(index="period", columns=CELL, values="quantity").fillna(0.0).sort_index()


def _errors(own: pd.DataFrame, future: pd.DataFrame) -> tuple[np.ndarray, list[Notice]]:
    """Return past relative errors (actual - forecast) / forecast, period x cell; normal ones where they are few."""
    ratio = own.assign(error=(own["actual"] - own["forecast"]) / own["forecast"].where(own["forecast"] > 0))
    wide = ratio.pivot_table(index="period", columns=CELL, values="error").reindex(columns=future.columns)
    wide = wide.sort_index().fillna(0.0)
    notices = []
    if len(wide) < FEWEST:
        notices.append(few("past errors: a normal law with their pooled spread is used", len(wide), FEWEST))
    return wide.to_numpy(float), notices


def _drawn_cells(future: pd.DataFrame, errors: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return scenario x period x cell."""
    horizon, (periods, cells) = len(future), errors.shape
    if periods < FEWEST:
        drawn = rng.normal(errors.mean(), errors.std(), (n, horizon, cells))
    else:
        blocks = -(-horizon // BLOCK)
        starts = rng.integers(0, periods, (n, blocks))
        # blocks run on at the beginning where they reach the end
        rows = ((starts[:, :, None] + np.arange(BLOCK)) % periods).reshape(n, -1)[:, :horizon]
        drawn = errors[rows]
    return np.asarray(np.clip(future.to_numpy(float)[None] * (1 + drawn), 0, None))


def _of_product(cells: np.ndarray, future: pd.DataFrame, product: str) -> np.ndarray:
    return np.asarray(cells[:, :, future.columns.get_level_values("product_id") == product].sum(axis=2))


def _deal_draws(
    tables: Tables,
    periods: tuple[str, ...],
    products: tuple[str, ...],
    n: int,
    rng: np.random.Generator,
    policy: Policy,
) -> tuple[np.ndarray, np.ndarray, list[Notice]]:
    """Return units won, scenario x period x product, and their expectation.

    An open deal is won in the first period at the earliest; one won after the last is outside of the scenarios.
    """
    rules = policy["pipeline"]
    rows = tables["pipeline"].frame
    closed = closed_deals(rows, rules["horizon_days"])
    rates = closed.groupby("stage")["won"].agg(["sum", "count"])
    current = rows[(rows["snapshot"] == rows["snapshot"].max()) & (rows["outcome"] == "open")]
    usable = current[current["product_id"].isin(products) & current["quantity"].notna()]
    slips = closed["slip"].dropna().to_numpy(float) if len(closed) else np.zeros(1)
    first = pd.Timestamp(start_of(periods[0]))
    draws = np.zeros((n, len(periods), len(products)))
    for deal in usable.itertuples(index=False):
        wins, count = rates.loc[deal.stage] if deal.stage in rates.index else (0.0, 0.0)
        chance = shrunken_rate(float(wins), float(count), deal.probability, rules["shrink_k"])
        won = np.flatnonzero(rng.random(n) < chance)
        days = pd.Series(deal.expected_close + pd.to_timedelta(rng.choice(slips, len(won)), unit="D"))
        when = period_of_dates(days.clip(lower=first), frequency_of(periods[0]))
        place = when.map({p: i for i, p in enumerate(periods)})
        inside = place.notna().to_numpy()
        p = products.index(deal.product_id)
        np.add.at(draws, (won[inside], place[inside].to_numpy(int), p), deal.quantity)
    overdue = int((usable["expected_close"] < first).sum())
    return draws, np.asarray(draws.mean(axis=0)), _said(len(current) - len(usable), overdue, periods[0])


def _said(unused: int, overdue: int, first: str) -> list[Notice]:
    """Say which open deals are not drawn, and which are moved."""
    told = []
    if unused:
        message = f"{unused} open deals without a quantity or a forecast product are not drawn"
        told.append(warning("T36", message, table="pipeline", column="quantity"))
    if overdue:
        message = f"{overdue} open deals were to close before {first}: they are won in it at the earliest"
        told.append(warning("T36", message, table="pipeline", column="expected_close"))
    return told


def _together(base: np.ndarray, deals: np.ndarray, expected: np.ndarray, rule: str) -> np.ndarray:
    if rule == "add":
        return np.asarray(base + deals)
    if rule == "max":
        return np.asarray(np.maximum(base, deals))
    if rule == "net":
        return np.asarray(np.clip(base - expected, 0, None) + deals)
    raise refusal([fault("T34", f"overlap is {rule!r}; it may be add, max or net")])


def _quantiles(
    draws: np.ndarray, baseline: np.ndarray, periods: tuple[str, ...], products: tuple[str, ...]
) -> pd.DataFrame:
    p10, p50, p90 = np.quantile(draws, [0.1, 0.5, 0.9], axis=0)
    return pd.DataFrame(
        {
            "period": np.repeat(periods, len(products)),
            "product": np.tile(products, len(periods)),
            "baseline": baseline.ravel(),
            "mean": draws.mean(axis=0).ravel(),
            "p10": p10.ravel(),
            "p50": p50.ravel(),
            "p90": p90.ravel(),
        }
    )


def _exceedance(
    tables: Tables, draws: np.ndarray, periods: tuple[str, ...], products: tuple[str, ...]
) -> pd.DataFrame:
    if not {"routings", "capacity"} <= set(tables):
        return pd.DataFrame()
    wide = effective_hours(tables).reindex(columns=list(products)).fillna(0.0)
    hours = available_hours(tables).mean().reindex(wide.index)
    load = draws @ wide.to_numpy(float).T
    above = (load > hours.to_numpy(float)).mean(axis=0)
    return pd.DataFrame(
        {
            "period": np.repeat(periods, len(wide)),
            "resource": np.tile(wide.index.to_numpy(), len(periods)),
            "hours": np.tile(hours.to_numpy(float), len(periods)),
            "chance_above": above.ravel(),
        }
    )
