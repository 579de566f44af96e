"""The metrics of every unit from its tables, in two halves of the time for their reliability, and around a survey."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import pandas as pd

from sopsem.executive.alignment.index import alignment_index
from sopsem.executive.alignment.measuring import alignment_measures
from sopsem.executive.bridge.measures import LAG_PERIODS, Measures
from sopsem.executive.notices import fault, quote, refusal, warning
from sopsem.executive.plant import origin
from sopsem.executive.result import Result
from sopsem.executive.schema.checking import Table
from sopsem.executive.schema.periods import (
    frequency_of,
    label_of,
    ordinal_of,
    period_of_dates,
    periods_per_year,
    single_frequency,
)
from sopsem.executive.schema.tables import Tables

__all__ = ["MeasuredUnits", "measure_units", "price_realisation"]

PAST = ("demand", "financials", "production")  # capacity and forecasts reach beyond today
# the column that says when a row was: a period, or a day
WHEN = {
    "capacity": "period",
    "demand": "period",
    "forecasts": "period",
    "financials": "period",
    "production": "period",
    "orders": "order_date",
    "pipeline": "snapshot",
}


@dataclass(frozen=True, kw_only=True)
class MeasuredUnits(Result):
    """Metrics by unit.

    ``table``: unit and a column per metric.  ``halves``: the same by unit and half (first, second) of the time.
    ``windows``: by unit and window (before, after) around the survey.  ``reasons``: unit, metric, reason, for every
    metric that is not known.
    """

    halves: pd.DataFrame
    windows: pd.DataFrame
    reasons: pd.DataFrame

    @property
    def measures(self) -> Measures:
        """The metrics as ``link_survey`` sets them beside the survey."""
        return Measures(
            units=self.table.set_index("unit"),
            halves=_two(self.halves, "half", ("first", "second")),
            windows=_two(self.windows, "window", ("before", "after")),
        )


def _two(
    frame: pd.DataFrame, column: str, names: tuple[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    if frame.empty:
        return None
    one, two = (frame[frame[column] == n].drop(columns=column).set_index("unit") for n in names)
    return one, two


def measure_units(tables: Tables, *, halves: bool = True, at: str | None = None) -> MeasuredUnits:
    """Measure every unit of the tables.

    Parameters
    ----------
    tables : Tables
        Of one or many units.
    halves : bool
        Also measure the first and the second half of the time: how far they agree over units is the reliability of a
        metric.  A true change between them counts as unreliability.
    at : str, optional
        The period of the survey: also measure the three periods before and the three after it.

    Returns
    -------
    MeasuredUnits
        A metric that the tables do not allow is NaN with its reason.

    Raises
    ------
    DataError
        T01: no table with periods, T03 or T08: ``at`` is no period, or of another kind than those of the tables.

    Examples
    --------
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> found = measure_units(simulate_manufacturer(0.8, periods=13, seed=1).tables(), halves=False)
    >>> found.table[["unit", "index_s", "otif_requested"]].round(2).values.tolist()
    [['U01', 85.91, 0.95]]
    >>> found.reasons["metric"].tolist()
    ['inventory_fit', 'margin_realisation', 'revenue_growth']

    """
    periods = _periods(tables)
    around = {} if at is None else _around(at, frequency_of(periods[0]))
    whole, reasons = _by_unit(tables)
    halved = windowed = pd.DataFrame()
    if halves and len(periods) > 1:
        middle = len(periods) // 2
        spans = {"first": periods[:middle], "second": periods[-middle:]}
        halved = _in_spans(tables, spans, "half")
    if around:
        windowed = _in_spans(tables, around, "window")
    lacking = reasons.groupby("metric").size() if len(reasons) else {}
    notices = [
        warning("T36", f"{metric} is not known for {n} of {len(whole)} units")
        for metric, n in dict(lacking).items()
    ]
    return MeasuredUnits(
        table=whole,
        halves=halved,
        windows=windowed,
        reasons=reasons,
        summary={"units": len(whole), "periods": len(periods), "at": at or ""},
        notices=notices,
        excluded=tables.excluded,
        provenance=origin("E43", "metrics of E07, E19, E24, E28, E41", tables),
    )


def _periods(tables: Tables) -> list[str]:
    """Return every period that has happened, sorted: of the first table that has any."""
    found = [name for name in PAST if name in tables]
    if not found:
        names = ", ".join(f"{name}.csv" for name in PAST)
        raise refusal([fault("T01", f"no table with periods; give some of {names}")])
    periods = sorted(set(tables[found[0]].frame["period"]))
    single_frequency(periods, "tables")
    return periods


def _around(at: str, frequency: str) -> dict[str, list[str]]:
    if frequency_of(at) not in {"", frequency}:
        raise refusal(
            [fault("T08", f"the survey's period {quote(at)} is no {frequency}, as the tables' are")]
        )
    now = ordinal_of(at)
    return {
        "before": [label_of(now - i, frequency) for i in range(LAG_PERIODS, 0, -1)],
        "after": [label_of(now + i, frequency) for i in range(1, LAG_PERIODS + 1)],
    }


def _in_spans(tables: Tables, spans: Mapping[str, list[str]], column: str) -> pd.DataFrame:
    frames = [_by_unit(_within(tables, span))[0].assign(**{column: name}) for name, span in spans.items()]
    return pd.concat(frames, ignore_index=True)


def _within(tables: Tables, span: list[str]) -> Tables:
    """Return the rows of a span of periods; tables without time stay whole."""
    kept = {
        name: _rows_within(table, WHEN[name], span) if name in WHEN else table
        for name, table in tables.items()
    }
    return replace(tables, tables=MappingProxyType({n: t for n, t in kept.items() if len(t)}))


def _rows_within(table: Table, column: str, span: list[str]) -> Table:
    when = table.frame[column]
    periods = when if column == "period" else period_of_dates(when, frequency_of(span[0]))
    rows = table.frame[periods.isin(set(span))].reset_index(drop=True)
    return replace(table, frame=rows, digest=f"{table.digest}/{span[0]}-{span[-1]}")


def _by_unit(tables: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, reasons = [], []
    for unit in tables.units:
        values, lacking = _metrics(tables.of_unit(unit))
        rows.append({"unit": unit, **values})
        reasons += [{"unit": unit, "metric": metric, "reason": why} for metric, why in lacking.items()]
    return pd.DataFrame(rows), pd.DataFrame(reasons, columns=["unit", "metric", "reason"])


def _metrics(tables: Tables) -> tuple[dict[str, float], dict[str, str]]:
    """Return the metrics of one unit and why some are not known."""
    measured = alignment_measures(tables)
    values = dict(measured.known)
    reasons = dict(zip(measured.table["component"], measured.table["reason"], strict=True))
    index, index_s = (
        alignment_index(measured.known, tables.policy, version=version).summary["index"]
        for version in ("full", "S")
    )
    values |= {"index": float(index), "index_s": float(index_s)}  # type: ignore[arg-type]
    too_few = "too few components are known (index.coverage_min)"
    reasons |= {name: too_few for name in ("index", "index_s") if math.isnan(values[name])}
    for name, (table, compute) in SIMPLE.items():
        values[name] = compute(tables[table].frame) if table in tables else math.nan
        if math.isnan(values[name]):
            reasons[name] = WHY_NOT[name] if table in tables else f"{table}.csv is needed"
    return values, {name: why for name, why in reasons.items() if why}


def _kept(orders: pd.DataFrame) -> pd.DataFrame:
    return orders[orders["status"] != "cancelled"]


def premium_freight(orders: pd.DataFrame) -> float:
    """Return premium freight / value of the orders; NaN where no order says it.

    >>> lines = pd.DataFrame({"status": "", "quantity": 10.0, "price": [5.0, 5.0], "expedite_cost": [3.0, None]})
    >>> premium_freight(lines)
    0.03
    """
    kept = _kept(orders)
    value = float((kept["quantity"] * kept["price"]).sum())
    if kept["expedite_cost"].isna().all() or not value > 0:
        return math.nan
    return float(kept["expedite_cost"].sum()) / value


def otif_requested(orders: pd.DataFrame) -> float:
    """Return the share of lines delivered whole by the day the customer requested.

    Due are lines with a requested day no later than the last day the orders know; not delivered is late.

    >>> days = pd.to_datetime(["2025-01-10", "2025-01-10"])
    >>> lines = pd.DataFrame({"status": "", "order_date": days[0], "requested_date": days, "quantity": 5.0,
    ...     "delivered_date": pd.to_datetime(["2025-01-10", "2025-01-12"]), "delivered_quantity": None})
    >>> otif_requested(lines)
    0.5
    """
    kept = _kept(orders)
    last = pd.concat([kept["order_date"], kept["delivered_date"]]).max()
    due = kept[kept["requested_date"] <= last]
    if due.empty:
        return math.nan
    whole = due["delivered_quantity"].fillna(due["quantity"]) >= due["quantity"]
    return float((whole & (due["delivered_date"] <= due["requested_date"])).mean())


def price_realisation(orders: pd.DataFrame) -> float:
    """Return value at prices / value at list prices, of the lines that have both.

    >>> lines = pd.DataFrame({"status": "", "quantity": 1.0, "price": [9.0, 8.0], "list_price": [10.0, None]})
    >>> price_realisation(lines)
    0.9
    """
    kept = _kept(orders).dropna(subset=["list_price"])
    listed = float((kept["list_price"] * kept["quantity"]).sum())
    return float((kept["price"] * kept["quantity"]).sum()) / listed if listed > 0 else math.nan


def revenue_growth(financials: pd.DataFrame) -> float:
    """Return revenue of the last year / of the year before - 1; NaN with less than two years.

    >>> months = [f"{y}-{m:02d}" for y in (2024, 2025) for m in range(1, 13)]
    >>> money = pd.DataFrame({"period": months, "revenue": [100.0] * 12 + [110.0] * 12})
    >>> round(revenue_growth(money), 3)
    0.1
    """
    year = periods_per_year(frequency_of(financials["period"].iloc[0]))
    revenue = financials.sort_values("period")["revenue"]
    if len(revenue) < 2 * year:
        return math.nan
    before, last = float(revenue.iloc[-2 * year : -year].sum()), float(revenue.iloc[-year:].sum())
    return last / before - 1 if before > 0 else math.nan


SIMPLE: Mapping[str, tuple[str, Callable[[pd.DataFrame], float]]] = MappingProxyType(
    {
        "premium_freight": ("orders", premium_freight),
        "otif_requested": ("orders", otif_requested),
        "price_realisation": ("orders", price_realisation),
        "revenue_growth": ("financials", revenue_growth),
    }
)
WHY_NOT = {
    "premium_freight": "no order has expedite_cost",
    "otif_requested": "no order has requested_date",
    "price_realisation": "no order has list_price",
    "revenue_growth": "fewer than two years of financials",
}
