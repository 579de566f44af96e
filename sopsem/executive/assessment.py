"""All systems that a plant's tables allow, each made once; for the others, why they could not be made."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, TypeVar

import pandas as pd

from sopsem.errors import DataError
from sopsem.executive.alignment import (
    AlignmentIndex,
    AlignmentMeasures,
    DeliveryRecord,
    alignment_index,
    alignment_measures,
    delivery_record,
)
from sopsem.executive.capacity import BottleneckResult, Corridor, bottleneck_map, plant_corridor
from sopsem.executive.finance import CashResult, cash_cycle
from sopsem.executive.forecast import (
    BiasResult,
    ForecastReport,
    PersistenceResult,
    ValueAdded,
    demand_persistence,
    forecast_bias,
    forecast_report,
    forecast_value_added,
)
from sopsem.executive.governance import ReplayResult, replay
from sopsem.executive.incentives import IncentiveResult, incentive_alignment
from sopsem.executive.leverage import (
    LeverageResult,
    RecalibrationResult,
    VolatilityResult,
    ebitda_volatility,
    operating_leverage,
    plant_breakeven,
)
from sopsem.executive.outlook import Outlook, outlook
from sopsem.executive.pipeline import PipelineResult, pipeline_integrity
from sopsem.executive.plant import require_one_unit
from sopsem.executive.pricing import PriceCorridor, price_corridor
from sopsem.executive.result import Result
from sopsem.executive.scenario import Arbitration, ScenarioResult, arbitrate, simulate_scenarios
from sopsem.executive.schema.periods import frequency_of, label_of, ordinal_of, period_of_dates, start_of
from sopsem.executive.schema.tables import Tables
from sopsem.executive.throughput import (
    BookingResult,
    ContributionResult,
    MixResult,
    ThroughputAccounts,
    booking_reality,
    contribution_table,
    product_mix,
    throughput_accounting,
)

__all__ = ["Assessment", "assess"]

R = TypeVar("R", bound=Result)
REPLAYED = 12  # periods
UPPER = 0.85  # of the corridor, where it is not known
WORLDS = 300  # each is a linear programme


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What the tables of one unit say; a system that could not be made is None, and ``missing`` says why.

    ``missing`` maps the name of a field to the reason, in the words of the error: which table, which column.
    """

    tables: Tables
    unit: str
    bottleneck: BottleneckResult | None = None
    corridor: Corridor | None = None
    mix: MixResult | None = None
    contribution: ContributionResult | None = None
    accounts: ThroughputAccounts | None = None
    booking: BookingResult | None = None
    breakeven: RecalibrationResult | None = None
    leverage: LeverageResult | None = None
    volatility: VolatilityResult | None = None
    cash: CashResult | None = None
    delivery: DeliveryRecord | None = None
    forecast: ForecastReport | None = None
    bias: BiasResult | None = None
    value_added: ValueAdded | None = None
    persistence: PersistenceResult | None = None
    pipeline: PipelineResult | None = None
    outlook: Outlook | None = None
    scenarios: ScenarioResult | None = None
    arbitration: Arbitration | None = None
    prices: PriceCorridor | None = None
    replay: ReplayResult | None = None
    incentives: IncentiveResult | None = None
    measures: AlignmentMeasures | None = None
    index: AlignmentIndex | None = None
    missing: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the reasons read-only."""
        object.__setattr__(self, "missing", MappingProxyType(dict(self.missing)))

    def results(self) -> dict[str, Result]:
        """Return every result that there is, by the name of its field."""
        found = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in found if isinstance(value, Result)}


def assess(
    tables: Tables, *, given: Mapping[str, float] | None = None, replayed: int = REPLAYED, seed: int = 0
) -> Assessment:
    """Make every system that a unit's tables allow.

    Parameters
    ----------
    tables : Tables
        Of one unit.
    given : mapping of str to float, optional
        Measures of alignment that are known already (see ``alignment_measures``).
    replayed : int
        Periods, counted from the last order, of which the orders are judged again; the longest part of the work.
    seed : int
        Of every draw.

    Returns
    -------
    Assessment

    Raises
    ------
    DataError
        T33 for several units: take ``tables.of_unit(...)``.

    Examples
    --------
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> frames = dict(simulate_manufacturer(0.5, 13, seed=1).frames)
    >>> del frames["pipeline"], frames["orders"]
    >>> from sopsem.executive.schema.tables import check_tables
    >>> found = assess(check_tables(frames))
    >>> found.bottleneck.summary["bottleneck"], found.pipeline, found.missing["pipeline"].split(";")[0]
    ('MACH', None, 'E-T01 pipeline.csv is needed')

    """
    require_one_unit(tables)
    asked = _Asked(given=dict(given or {}), replayed=replayed, seed=seed)
    found = Assessment(tables=tables, unit=tables.units[0] if tables.units else "")
    missing: dict[str, str] = {}
    for name, make in SYSTEMS.items():
        try:
            found = replace(found, **{name: make(found, asked)})
        except DataError as error:
            missing[name] = str(error).splitlines()[0]
    return replace(found, missing=missing)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    given: Mapping[str, float]
    replayed: int
    seed: int


def _needed(result: R | None, name: str) -> R:
    """Return what another system starts from."""
    if result is None:
        message = f"it starts from {name}, which could not be made"
        raise DataError(message)
    return result


def _bottleneck(found: Assessment, _: _Asked) -> BottleneckResult:
    t = found.tables
    return bottleneck_map(
        t["capacity"],
        t["routings"],
        t["demand"],
        products=t.given("products"),
        resources=t.given("resources"),
        policy=t.policy,
    )


def _constraint(found: Assessment) -> str:
    return str(_needed(found.bottleneck, "bottleneck").summary["bottleneck"])


def _upper(found: Assessment) -> float:
    return math.nan if found.corridor is None else found.corridor.number("upper")


def _mix(found: Assessment, _: _Asked) -> MixResult:
    t = found.tables
    return product_mix(
        t["products"],
        t["routings"],
        t["capacity"],
        t["demand"],
        resources=t.given("resources"),
        orders=t.given("orders"),
        policy=t.policy,
    )


def _contribution(found: Assessment, _: _Asked) -> ContributionResult:
    t = found.tables
    resource = None if found.bottleneck is None else _constraint(found)
    return contribution_table(
        t["products"], t["routings"], orders=t.given("orders"), resource=resource, policy=t.policy
    )


def _accounts(found: Assessment, _: _Asked) -> ThroughputAccounts:
    t = found.tables
    return throughput_accounting(
        t["products"],
        t["financials"],
        demand=t.given("demand"),
        orders=t.given("orders"),
        capacity=t.given("capacity"),
        resources=t.given("resources"),
        constraint=None if found.bottleneck is None else _constraint(found),
        policy=t.policy,
    )


def _booking(found: Assessment, _: _Asked) -> BookingResult:
    t = found.tables
    bookings = t["orders"] if "orders" in t else t["demand"]
    return booking_reality(
        bookings,
        t["products"],
        t["routings"],
        t["capacity"],
        resources=t.given("resources"),
        policy=t.policy,
    )


def _delivery(found: Assessment, _: _Asked) -> DeliveryRecord:
    t = found.tables
    frequency = frequency_of(str(t["capacity"].frame["period"].iloc[0])) if "capacity" in t else "month"
    return delivery_record(t["orders"], frequency=frequency, policy=t.policy)


def _forecast(found: Assessment, _: _Asked) -> ForecastReport:
    t = found.tables
    return forecast_report(t["forecasts"], t["demand"], products=t.given("products"), policy=t.policy)


def _bias(found: Assessment, asked: _Asked) -> BiasResult:
    t = found.tables
    return forecast_bias(t["forecasts"], t["demand"], seed=asked.seed, policy=t.policy)


def _scenarios(found: Assessment, asked: _Asked) -> ScenarioResult:
    """Live through the first demands that were drawn; each is planned anew."""
    made = _needed(found.outlook, "outlook")
    money = found.tables["financials"].frame.tail(REPLAYED)
    dso = math.nan if found.cash is None else found.cash.number("dso")
    cash = money["cash"].dropna()
    return simulate_scenarios(
        made.plan.model,
        draws=None if made.demand is None else made.demand.draws[:WORLDS],
        fixed_cost=float(money["fixed_cost"].mean()),
        cash=float(cash.iloc[-1]) if len(cash) else 0.0,
        payment_days=0.0 if math.isnan(dso) else dso,
        upper=UPPER if math.isnan(_upper(found)) else _upper(found),
        seed=asked.seed,
    )


def _arbitration(found: Assessment, _: _Asked) -> Arbitration:
    return arbitrate(_needed(found.outlook, "outlook").plan.model)


def _prices(found: Assessment, _: _Asked) -> PriceCorridor:
    t = found.tables
    plan = _needed(found.outlook, "outlook").plan
    return price_corridor(plan, orders=t.given("orders"), upper=_upper(found), policy=t.policy)


def _replay(found: Assessment, asked: _Asked) -> ReplayResult:
    days = found.tables["orders"].frame["order_date"]
    frequency = frequency_of(str(found.tables["capacity"].frame["period"].iloc[0]))
    last = str(period_of_dates(days, frequency).max())
    since = start_of(label_of(ordinal_of(last) - asked.replayed + 1, frequency))
    return replay(found.tables, since=since)


def _incentives(found: Assessment, _: _Asked) -> IncentiveResult:
    t = found.tables
    hours = _needed(found.mix, "mix").resources.set_index("resource")["shadow_price"].dropna()
    return incentive_alignment(
        t["incentives"],
        t["orders"],
        t["products"],
        t["routings"],
        {str(name): float(price) for name, price in hours.items()},
        accuracy=None if found.forecast is None else _accuracy(found.forecast),
        policy=t.policy,
    )


def _accuracy(report: ForecastReport) -> pd.DataFrame:
    """Return how well each sales unit forecasts, beside the naive forecast of its demand."""
    by_step = report.table.set_index(["step", "sales_unit"])
    own = by_step.loc[str(report.summary["step"]), ["wape", "optimism"]]
    naive = by_step["wape"].xs("naive") if "naive" in report.table["step"].to_numpy() else math.nan
    return own.assign(wape_naive=naive).reset_index()


SYSTEMS: dict[str, Callable[[Assessment, _Asked], Any]] = {
    "bottleneck": _bottleneck,
    "corridor": lambda found, _: plant_corridor(found.tables, _constraint(found)),
    "mix": _mix,
    "contribution": _contribution,
    "accounts": _accounts,
    "booking": _booking,
    "breakeven": lambda found, _: plant_breakeven(
        found.tables, None if found.bottleneck is None else _constraint(found)
    ),
    "leverage": lambda found, _: operating_leverage(found.tables["financials"], policy=found.tables.policy),
    "volatility": lambda found, _: ebitda_volatility(found.tables["financials"], policy=found.tables.policy),
    "cash": lambda found, _: cash_cycle(
        found.tables["financials"], found.tables.given("orders"), policy=found.tables.policy
    ),
    "delivery": _delivery,
    "forecast": _forecast,
    "bias": _bias,
    "value_added": lambda found, _: forecast_value_added(
        found.tables["forecasts"], found.tables["demand"], policy=found.tables.policy
    ),
    "persistence": lambda found, _: demand_persistence(found.tables["demand"], policy=found.tables.policy),
    "pipeline": lambda found, _: pipeline_integrity(found.tables["pipeline"], policy=found.tables.policy),
    "outlook": lambda found, asked: outlook(found.tables, seed=asked.seed),
    "scenarios": _scenarios,
    "arbitration": _arbitration,
    "prices": _prices,
    "replay": _replay,
    "incentives": _incentives,
    "measures": lambda found, asked: alignment_measures(found.tables, given=asked.given),
    "index": lambda found, _: alignment_index(_needed(found.measures, "measures").known, found.tables.policy),
}
