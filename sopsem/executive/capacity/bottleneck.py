"""E05: which resource limits output in every period, how far ahead of the next, and what mix would move it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, quote, refusal, warning
from sopsem.executive.plant import available_hours, effective_hours, gather, market, origin, plants_of
from sopsem.executive.result import Result
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, Tables
from sopsem.executive.throughput.mix import program_of, solved

__all__ = ["BottleneckResult", "bottleneck_map", "most_loaded"]

SLACK_MARKET, ABSURD = 0.7, 10.0


@dataclass(frozen=True, kw_only=True)
class BottleneckResult(Result):
    """Where the bottleneck is.

    ``table``: period, bottleneck, severity, dominance, constraint_set, economic (by price of its hours, where
    products are given).  ``utilisation``: period, resource, load, hours, utilisation.  ``tipping``: product,
    share now, the share at which the bottleneck moves, to which resource, and the utilisation there; NaN where no
    share of this product moves it.
    """

    utilisation: pd.DataFrame
    tipping: pd.DataFrame


def bottleneck_map(
    capacity: Given,
    routings: Given,
    demand: Given,
    *,
    products: Given | None = None,
    resources: Given | None = None,
    basis: Literal["demand", "plan", "run"] = "demand",
    policy: Policy = DEFAULT_POLICY,
) -> BottleneckResult:
    """Return the bottleneck of every period.

    u_rt = load / hours; bottleneck = argmax u; dominance = highest less second highest; shift frequency = changes
    of the bottleneck / (n - 1).  With the mix of all periods and N units, u_r is linear in the share s of a
    product: N (s a_rp + (1 - s) a_r,others) / H_r, so the share where two resources cross is exact.

    Parameters
    ----------
    capacity, routings, demand : DataFrame or Table
    products, resources : DataFrame or Table, optional
        Products give the economic bottleneck, argmax of price x hours of the best mix; needed for ``plan``.
    basis : {"demand", "plan", "run"}
        Load of what was asked for, of the best mix, or hours actually worked.
    policy : Policy

    Returns
    -------
    BottleneckResult
        Notice T27 when every utilisation is below 0.7.

    Raises
    ------
    DataError
        T10: load on a resource without hours; T17: utilisation above 10.

    Examples
    --------
    >>> capacity = pd.DataFrame({"period": ["2025-01"] * 2, "resource_id": ["X", "Y"], "scheduled_hours": 100})
    >>> routings = pd.DataFrame({"product_id": ["1", "2", "1", "2"], "resource_id": ["X", "X", "Y", "Y"],
    ...                          "hours_per_unit": [1.0, 0.3, 0.2, 1.5]})
    >>> demand = pd.DataFrame({"period": "2025-01", "product_id": ["1", "2"], "sales_unit": "n", "quantity": [64, 16]})
    >>> found = bottleneck_map(capacity, routings, demand)
    >>> found.table["bottleneck"].tolist(), found.tipping.set_index("product").loc["2", "tipping_share"].round(3)
    (['X'], np.float64(0.4))

    """
    tables = gather(
        policy, capacity=capacity, routings=routings, demand=demand, products=products, resources=resources
    )
    booked = market(tables)
    asked, load, hours = _loads(tables, booked, basis)
    used = load / hours.where(hours > 0)
    strip, notices = _strip(used, policy["capacity"]["constraint_band"])
    notices += _not_looked_at(booked.index, effective_hours(tables).index, hours)
    strip["economic"] = _economic(tables, asked) if "products" in tables else ""
    changes = strip["bottleneck"].ne(strip["bottleneck"].shift())
    runs = changes.cumsum().value_counts()
    n = len(strip)
    summary = {
        "bottleneck": _usual(strip),
        "share_of_periods": float((strip["bottleneck"] == _usual(strip)).mean()),
        "severity": float(strip["severity"].max()),
        "shift_frequency": float(changes.iloc[1:].sum() / (n - 1)) if n > 1 else float("nan"),
        "longest_run": int(runs.max()),
        "basis": basis,
        "n_periods": n,
    }
    tipping = _tipping(effective_hours(tables), asked.sum(), hours.sum())
    nearest = tipping.dropna(subset="tipping_share")
    nearest = nearest[nearest["tipping_share"] > nearest["share"]]
    gap = nearest["tipping_share"] - nearest["share"]
    summary["moves_soonest"] = "" if nearest.empty else str(nearest["product"][gap.idxmin()])
    return BottleneckResult(
        table=strip,
        utilisation=_long(load, hours, used),
        tipping=tipping,
        summary=summary,
        notices=[*tables.notices, *notices],
        excluded=tables.excluded,
        provenance=origin("E05", "Goldratt 1990; own algebra of mixes", tables),
    )


def most_loaded(tables: Tables) -> str:
    """Return the bottleneck of a plant: the resource that demand loads most in most periods.

    It is that of ``bottleneck_map``, without the plans that say whose hours are worth most.

    Parameters
    ----------
    tables : Tables
        capacity, routings and demand; products and resources where there are.

    Raises
    ------
    MissingTable
        One of the tables is not there.
    DataError
        As in ``bottleneck_map``.

    Examples
    --------
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> most_loaded(simulate_manufacturer(0.5, 13, seed=1).tables())
    'MACH'

    """
    _, load, hours = _loads(tables, market(tables), "demand")
    return _usual(_strip(load / hours.where(hours > 0), 0.0)[0])


def _loads(
    tables: Tables, booked: pd.DataFrame, basis: str
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return what was asked for in the periods of capacity, its hours by resource, and the hours there are."""
    hours = available_hours(tables)
    asked = booked.reindex(hours.index).fillna(0.0)
    load = _load(tables, asked, hours, basis)
    hours = hours.reindex(columns=load.columns)
    _refuse_absurd(load, hours)
    return asked, load, hours


def _usual(strip: pd.DataFrame) -> str:
    return str(strip["bottleneck"].mode().iloc[0])


def _load(tables: Tables, asked: pd.DataFrame, hours: pd.DataFrame, basis: str) -> pd.DataFrame:
    wide = effective_hours(tables)
    wide = wide.reindex(index=[r for r in wide.index if r in hours.columns])
    if basis == "run":
        run = tables["capacity"].frame.pivot_table(index="period", columns="resource_id", values="run_hours")
        return run.reindex(index=hours.index, columns=hours.columns)
    if basis == "plan":
        asked = _planned(tables, asked)
    known = [p for p in wide.columns if p in asked.columns]
    return asked[known] @ wide[known].T


def _planned(tables: Tables, asked: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for period, plant in plants_of(tables, asked).items():
        rows[period] = dict(zip(plant.products, solved(plant, program_of(plant)).z, strict=False))
    return pd.DataFrame(rows).T.rename_axis("period")


def _economic(tables: Tables, asked: pd.DataFrame) -> list[str]:
    """Return the resource whose hours are worth most in total, by period; nothing where none binds."""
    names = []
    for plant in plants_of(tables, asked).values():
        worth = solved(plant, program_of(plant)).price * plant.available
        names.append(plant.resources[int(worth.argmax())] if worth.max() > 1e-6 else "")
    return names


def _long(load: pd.DataFrame, hours: pd.DataFrame, used: pd.DataFrame) -> pd.DataFrame:
    """Return the heat map as rows, a resource after the other."""
    columns = {
        "period": np.tile(used.index.to_numpy(), used.shape[1]),
        "resource": np.repeat(used.columns.to_numpy(), len(used)),
        "load": load.to_numpy(float).T.ravel(),
        "hours": hours.to_numpy(float).T.ravel(),
        "utilisation": used.to_numpy(float).T.ravel(),
    }
    return pd.DataFrame(columns)


def _first(where: pd.DataFrame) -> tuple[object, object]:
    """Return period and resource of the first cell that holds."""
    row, column = np.argwhere(where.to_numpy())[0]
    return where.index[row], where.columns[column]


def _refuse_absurd(load: pd.DataFrame, hours: pd.DataFrame) -> None:
    empty = (hours <= 0) & (load > 0)
    if empty.any(axis=None):
        period, name = _first(empty)
        message = f"{quote(name)} has no hours in {period} and load on it"
        raise refusal([fault("T10", message, table="capacity", column="scheduled_hours")])
    far = (load > ABSURD * hours) & (hours > 0)
    if far.any(axis=None):
        period, name = _first(far)
        message = f"{quote(name)} is loaded above ten times its hours in {period}: minutes entered as hours?"
        raise refusal([fault("T17", message, table="routings", column="hours_per_unit")])


def _not_looked_at(periods: pd.Index, resources: pd.Index, hours: pd.DataFrame) -> list[Notice]:
    """Say which periods of demand and which resources of routings have no capacity."""
    notices = []
    for what, column, names, known in (
        ("demand in", "period", periods, hours.index),
        ("load on", "resource_id", resources, hours.columns),
    ):
        absent = [str(name) for name in names if name not in known]
        if absent:
            shown = ", ".join(absent[:5]) + (f" and {len(absent) - 5} more" if len(absent) > 5 else "")
            message = f"{what} {shown} is not looked at: capacity.csv has no row of it"
            notices.append(warning("T36", message, table="capacity", column=column))
    return notices


def _strip(used: pd.DataFrame, band: float) -> tuple[pd.DataFrame, list[Notice]]:
    values = used.fillna(-np.inf).to_numpy(float)
    ordered = np.sort(values, axis=1)[:, ::-1]
    best = values.argmax(axis=1)
    names = np.array(used.columns)
    close = [";".join(names[row >= top - band]) for row, top in zip(values, ordered[:, 0], strict=True)]
    second = ordered[:, 1] if values.shape[1] > 1 else np.full(len(values), np.nan)
    strip = pd.DataFrame(
        {
            "period": used.index,
            "bottleneck": names[best],
            "severity": ordered[:, 0],
            "dominance": ordered[:, 0] - np.where(np.isfinite(second), second, np.nan),
            "constraint_set": close,
        }
    )
    if (strip["severity"] < SLACK_MARKET).all():
        return strip, [
            warning("T27", f"every utilisation is below {SLACK_MARKET}: the market is the constraint")
        ]
    return strip, []


def _tipping(wide: pd.DataFrame, asked: pd.Series, hours: pd.Series) -> pd.DataFrame:
    """Return, for every product, the share of it at which another resource becomes the bottleneck."""
    known = [p for p in wide.columns if p in asked.index]
    a = wide.loc[[r for r in wide.index if r in hours.index], known]
    units, limit = asked[known].to_numpy(float), hours[a.index].to_numpy(float)
    total = units.sum()
    rows = []
    for p, name in enumerate(known):
        rest = units.copy()
        rest[p] = 0.0
        share = units[p] / total if total else np.nan
        found = (np.nan, "", np.nan)
        if total > 0 and rest.sum() > 0:
            others = a.to_numpy(float) @ rest / rest.sum()
            found = _crossing(
                total * a.to_numpy(float)[:, p] / limit, total * others / limit, share, list(a.index)
            )
        rows.append((name, share, *found))
    return pd.DataFrame(rows, columns=["product", "share", "tipping_share", "to", "utilisation"])


def _crossing(
    alone: np.ndarray, others: np.ndarray, share: float, names: list[str]
) -> tuple[float, str, float]:
    """Return the nearest share where the highest line changes: u(s) = s alone + (1 - s) others."""

    def used(s: float) -> np.ndarray:
        return np.asarray(s * alone + (1 - s) * others)

    now = int(used(share).argmax())
    slope = alone - others
    found: list[tuple[float, str, float]] = []
    for r, name in enumerate(names):
        if r == now or slope[r] == slope[now]:
            continue
        s = (others[now] - others[r]) / (slope[r] - slope[now])
        highest = used(s).max() if 0 <= s <= 1 else np.nan
        if 0 <= s <= 1 and used(s)[r] >= highest - 1e-12 and _takes_over(used, s, share, now):
            found.append((float(s), name, float(highest)))
    return min(found, key=lambda one: abs(one[0] - share), default=(np.nan, "", np.nan))


def _takes_over(used: "object", s: float, share: float, now: int) -> bool:
    """Say whether just beyond the crossing another resource is above; two lines that only touch do not count."""
    beyond = s + np.sign(s - share) * 1e-6 if s != share else s + 1e-6
    return bool(0 <= beyond <= 1 and used(beyond).argmax() != now)  # type: ignore[operator]
