"""E24: accuracy by sales unit and step, on a stated horizon, at the levels where capacity and money are planned."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sopsem.executive.forecast.joined import (
    join_forecasts,
    main_step,
    naive_of,
    open_forecasts,
    ordered_steps,
    season_of,
)
from sopsem.executive.forecast.measures import accuracy, seasonal_scale
from sopsem.executive.notices import Notice, few, warning
from sopsem.executive.plant import origin
from sopsem.executive.result import Result
from sopsem.executive.schema.periods import start_of
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, Tables

__all__ = ["ForecastReport", "forecast_report"]


@dataclass(frozen=True, kw_only=True)
class ForecastReport(Result):
    """Accuracy.

    ``table``: the columns of ``by``, step, wape, mae, rmse, mase, optimism, n (cells) and n_periods.
    ``levels``: step, level, wape: product x period, where capacity is planned, beside family x quarter, where
    money is reported.  ``missing``: demand that had no forecast.
    """

    levels: pd.DataFrame
    missing: pd.DataFrame


def forecast_report(
    forecasts: Given,
    demand: Given,
    *,
    products: Given | None = None,
    by: Sequence[str] = ("sales_unit",),
    lag: int | None = None,
    policy: Policy = DEFAULT_POLICY,
) -> ForecastReport:
    """Return how accurate every step's forecasts were.

    The last version issued at least ``lag`` periods before the target counts.  WAPE = sum |e| / sum a is the
    headline; MASE scales by the seasonal naive error of the same series.

    Parameters
    ----------
    forecasts, demand : DataFrame or Table
    products : DataFrame or Table, optional
        Families for the second level.
    by : sequence of str
        Of ``unit sales_unit product_id``.
    lag : int, optional
        Periods; the policy's by default.
    policy : Policy
        ``lag``, ``season`` and ``min_periods``: with fewer periods numbers are NaN (T13).

    Examples
    --------
    >>> demand = pd.DataFrame({"period": [f"2025-{m:02d}" for m in range(1, 7)], "product_id": "P", "sales_unit": "N",
    ...                        "quantity": 100})
    >>> forecasts = demand.assign(issued=["2024-12", "2025-01", "2025-02", "2025-03", "2025-04", "2025-05"],
    ...                           step="sales", quantity=110)
    >>> forecast_report(forecasts, demand).table[["wape", "optimism", "n_periods"]].values.tolist()
    [[0.1, 0.1, 6.0]]

    """
    tables = open_forecasts(forecasts, demand, policy, products)
    horizon = policy["forecast"]["lag"] if lag is None else lag
    joined, notices = join_forecasts(tables, horizon)
    season = season_of(tables, policy)
    scales = _scales(tables, season)
    steps = ordered_steps(joined["step"])
    rows: list[dict[str, object]] = []
    for key, own in joined.groupby([*by, "step"], sort=True):
        names = dict(zip([*by, "step"], key, strict=True))
        rows.append({**names, **_measured(own, scales, policy["forecast"]["min_periods"])})
    table = pd.DataFrame(rows)
    table = table.sort_values([*by, "step"], key=lambda c: c.map(_position(steps)) if c.name == "step" else c)
    notices += _weak(table, by, policy["forecast"]["min_periods"])
    headline = main_step(joined, None)
    whole = _measured(joined[joined["step"] == headline], scales, policy["forecast"]["min_periods"])
    naive = naive_of(tables).merge(_actual(joined, headline), how="inner")
    summary = {
        "step": headline,
        **{name: whole[name] for name in ("wape", "mase", "optimism", "n_periods")},
        "wape_naive": accuracy(naive["actual"].to_numpy(), naive["forecast"].to_numpy())["wape"]
        if len(naive)
        else math.nan,
        "lag": horizon,
        "season": season,
    }
    return ForecastReport(
        table=table.reset_index(drop=True),
        levels=_levels(joined, tables, steps),
        missing=joined[(joined["forecast"] == 0) & (joined["actual"] > 0)],
        summary=summary,
        notices=[*tables.notices, *notices],
        excluded=tables.excluded,
        provenance=origin("E24", "Hyndman & Koehler 2006", tables),
    )


def _position(steps: list[str]) -> dict[str, int]:
    return {step: i for i, step in enumerate(steps)}


def _actual(joined: pd.DataFrame, step: str) -> pd.DataFrame:
    return joined[joined["step"] == step].drop(columns=["step", "forecast"])


def _scales(tables: Tables, season: int) -> "pd.Series[float]":
    """Return each series' seasonal naive error, over the periods before the first forecast if they are enough."""
    demand = tables["demand"].frame
    first = tables["forecasts"].frame["period"].min()
    before = demand[demand["period"] < first]
    used = before if before["period"].nunique() > season else demand
    series = used.sort_values("period").groupby(["unit", "product_id", "sales_unit"])["quantity"]
    return series.apply(lambda y: seasonal_scale(y.to_numpy(), season))


def _measured(own: pd.DataFrame, scales: "pd.Series[float]", floor: int) -> dict[str, float]:
    n_periods = own["period"].nunique()
    counts = {"n": len(own), "n_periods": n_periods}
    if n_periods < floor:
        return {**dict.fromkeys(("wape", "mae", "rmse", "mase", "optimism"), math.nan), **counts}
    found = accuracy(own["actual"].to_numpy(), own["forecast"].to_numpy())
    size = (own["forecast"] - own["actual"]).abs()
    each = size.groupby([own["unit"], own["product_id"], own["sales_unit"]]).mean()
    ratio = (each / scales.reindex(each.index).where(lambda s: s > 0)).dropna()
    mase = float(ratio.mean()) if len(ratio) else math.nan
    return (
        {name: found[name] for name in ("wape", "mae", "rmse")}
        | {"mase": mase, "optimism": found["optimism"]}
        | counts
    )


def _weak(table: pd.DataFrame, by: Sequence[str], floor: int) -> list[Notice]:
    notices = []
    short = table[table["n_periods"] < floor]
    if len(short):
        first = " ".join(str(short.iloc[0][name]) for name in [*by, "step"])
        notices.append(
            few(f"{first} and {len(short) - 1} more: accuracy", int(short["n_periods"].min()), floor)
        )
    zero = table[(table["n_periods"] >= floor) & table["wape"].isna()]
    if len(zero):
        notices.append(
            warning("T11", f"no demand at all in {len(zero)} groups: no ratio is given", table="demand")
        )
    return notices


def _levels(joined: pd.DataFrame, tables: Tables, steps: list[str]) -> pd.DataFrame:
    frame = joined.copy()
    family: dict[str, str] = {}
    if "products" in tables:
        known = tables["products"].frame.dropna(subset="family")
        family = dict(zip(known["product_id"], known["family"], strict=True))
    frame["family"] = [family.get(p, "all") for p in frame["product_id"]]
    frame["quarter"] = frame["period"].map({p: _quarter(p) for p in frame["period"].unique()})
    keys = {
        "product x period": ["unit", "product_id", "period"],
        "family x quarter": ["unit", "family", "quarter"],
    }
    rows = []
    for step in steps:
        own = frame[frame["step"] == step]
        for level, names in keys.items():
            total = own.groupby(names)[["actual", "forecast"]].sum()
            wape = accuracy(total["actual"].to_numpy(), total["forecast"].to_numpy())["wape"]
            rows.append({"step": step, "level": level, "wape": wape, "n": len(total)})
    return pd.DataFrame(rows)


def _quarter(period: str) -> str:
    day = start_of(period)
    return f"{day.year}-Q{(day.month + 2) // 3}"
