"""The nine measures of alignment from a plant's tables; each that cannot be computed says why."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from sopsem.errors import DataError
from sopsem.executive.alignment.delivery import on_time_in_full
from sopsem.executive.alignment.index import COMPONENTS
from sopsem.executive.capacity.bottleneck import most_loaded
from sopsem.executive.capacity.corridor import plant_corridor
from sopsem.executive.finance.cash import cash_cycle
from sopsem.executive.forecast.accuracy import ForecastReport, forecast_report
from sopsem.executive.notices import warning
from sopsem.executive.pipeline.integrity import pipeline_integrity
from sopsem.executive.plant import origin, require_one_unit
from sopsem.executive.result import Result
from sopsem.executive.schema.cutting import tables_until
from sopsem.executive.schema.periods import range_of
from sopsem.executive.schema.tables import Tables

__all__ = ["AlignmentMeasures", "alignment_measures", "commitment_discipline", "measures_before"]

CELLS = "product x period"


@dataclass(frozen=True, kw_only=True)
class AlignmentMeasures(Result):
    """The measures: ``table`` has component, metric, value, formula and reason (why it is not known)."""

    @property
    def known(self) -> dict[str, float]:
        """The measures by component, as ``alignment_index`` takes them."""
        return dict(zip(self.table["component"], self.table["value"], strict=True))


def alignment_measures(tables: Tables, *, given: Mapping[str, float] | None = None) -> AlignmentMeasures:
    """Return what a plant's tables say about each component of alignment.

    Parameters
    ----------
    tables : Tables
        Of one unit; what is not there makes its components unknown, and that is said.
    given : mapping of str to float, optional
        Measures that are known already, such as inventory_fit and margin_realisation; they stand before computed
        ones.

    Raises
    ------
    DataError
        T33 for several units.

    """
    require_one_unit(tables)
    known, records = dict(given or {}), _Records(tables=tables)
    rows, notices = [], list(tables.notices)
    for component, metric in COMPONENTS.items():
        formula, compute = MEASURES.get(component, ("given", _not_computed))
        value, reason = (float(known[component]), "") if component in known else _tried(compute, records)
        rows.append((component, metric, value, "given" if component in known else formula, reason))
        if reason:
            notices.append(warning("T36", f"{component} is not known: {reason}"))
    table = pd.DataFrame(rows, columns=["component", "metric", "value", "formula", "reason"])
    return AlignmentMeasures(
        table=table,
        summary={"n_known": int(table["value"].notna().sum()), "n_components": len(table)},
        notices=notices,
        excluded=tables.excluded,
        provenance=origin("E41", "own", tables),
    )


def measures_before(tables: Tables, periods: int) -> AlignmentMeasures | None:
    """Return the measures as they were so many periods before the last one, by what was known then.

    Parameters
    ----------
    tables : Tables
        Of one unit.
    periods : int
        Of capacity, demand and financials.

    Returns
    -------
    AlignmentMeasures or None
        None where the tables do not reach that far back.

    Examples
    --------
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> tables = simulate_manufacturer(0.5, 13, seed=1).tables()
    >>> measures_before(tables, 3).summary["n_known"], measures_before(tables, 13)
    (7, None)

    """
    timed = [tables[name].frame["period"] for name in ("capacity", "demand", "financials") if name in tables]
    known = range_of(pd.concat(timed)) if timed else []
    if len(known) <= periods:
        return None
    return alignment_measures(tables_until(tables, known[-1 - periods]))


def _tried(compute: "Callable[[_Records], float]", records: "_Records") -> tuple[float, str]:
    """Return a measure, or why there is none."""
    try:
        value = float(compute(records))
    except DataError as error:
        return math.nan, str(error).splitlines()[0]
    return (value, "") if math.isfinite(value) else (math.nan, "too few observations")


def _not_computed(_: "_Records") -> float:
    message = "it is taken from given="
    raise DataError(message)


@dataclass(frozen=True, kw_only=True)
class _Records:
    """A unit's tables, and what several measures are taken from."""

    tables: Tables

    def need(self, *names: str) -> None:
        """Raise MissingTable for the first table that is not there."""
        for name in names:
            self.tables.frame(name)

    @cached_property
    def forecast(self) -> ForecastReport:
        t = self.tables
        return forecast_report(t["forecasts"], t["demand"], policy=t.policy)


def _forecast_accuracy(records: _Records) -> float:
    """Return WAPE / WAPE of the naive step by product and period, where capacity is planned."""
    found = records.forecast
    level = found.levels[found.levels["level"] == CELLS].set_index("step")["wape"]
    if "naive" in level.index:
        return float(level[str(found.summary["step"])] / level["naive"])
    return found.number("wape") / found.number("wape_naive")


def _forecast_bias(records: _Records) -> float:
    return records.forecast.number("optimism")


def _pipeline_realism(records: _Records) -> float:
    tables = records.tables
    found = pipeline_integrity(tables["pipeline"], policy=tables.policy)
    return found.number("value_optimism")


def _capacity_fit(records: _Records) -> float:
    tables = records.tables
    records.need("capacity", "routings", "demand", "products", "resources")
    corridor = plant_corridor(tables, most_loaded(tables))
    return corridor.number("share_inside")


def _cash(records: _Records) -> float:
    tables = records.tables
    return cash_cycle(tables["financials"], policy=tables.policy).number("ccc")


def commitment_discipline(orders: pd.DataFrame) -> float:
    """Return the share of order value that was checked against capacity before it was accepted.

    NaN where no order says it; an order that does not say it among others that do was not checked.

    >>> lines = pd.DataFrame({"quantity": [1.0, 3.0], "price": 10.0, "capacity_validated": [True, None], "status": ""})
    >>> commitment_discipline(lines)
    0.25
    """
    kept = orders[orders["status"] != "cancelled"]
    value = kept["quantity"] * kept["price"]
    if kept["capacity_validated"].isna().all() or not value.sum() > 0:
        return math.nan
    checked = kept["capacity_validated"].fillna(False).astype(bool)
    return float(value[checked].sum() / value.sum())


MEASURES: dict[str, tuple[str, Callable[[_Records], float]]] = {
    "forecast_accuracy": ("E24", _forecast_accuracy),
    "forecast_bias": ("E24", _forecast_bias),
    "pipeline_realism": ("E28", _pipeline_realism),
    "commitment_discipline": (
        "orders",
        lambda records: commitment_discipline(records.tables["orders"].frame),
    ),
    "capacity_fit": ("E07", _capacity_fit),
    "delivery": ("orders", lambda records: on_time_in_full(records.tables["orders"].frame)),
    "cash": ("E19", _cash),
}
