"""The few numbers that a board reads first, each with where it stood three periods before."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sopsem.executive.assessment import Assessment
from sopsem.report.operations.wording import amount, money, number, share, signed

__all__ = ["Gauge", "headline", "notice_count"]


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """A number with its name and tag, what it is read against, and how it moved.

    >>> Gauge(name="OTIF", value="81%", detail="", moved="").value
    '81%'
    """

    name: str
    value: str
    detail: str
    moved: str


def notice_count(found: Assessment) -> int:
    """Return how many different notices the results carry."""
    return len({notice for result in found.results().values() for notice in result.notices})


def headline(found: Assessment) -> tuple[Gauge, ...]:
    """Return the gauges of an assessment; what is not known shows as a dash with the reason."""
    return (
        _index(found),
        *_money(found),
        _component(found, "delivery", "On time in full", "orders", "of lines due, promised date"),
        _component(found, "capacity_fit", "Time in corridor", "E07", _constraint(found)),
        _accuracy(found),
        _optimism(found),
        _cash(found),
    )


def _summary(found: Assessment, name: str) -> Mapping[str, object]:
    result = getattr(found, name)
    return {} if result is None else result.summary


def _missing(found: Assessment, name: str) -> str:
    return found.missing.get(name, "not known").split(";")[0]


def _index(found: Assessment) -> Gauge:
    own = _summary(found, "index")
    value = number(own.get("index"))
    detail = f"{amount(number(own.get('low')))} to {amount(number(own.get('high')))} by other weights"
    if math.isnan(value):
        detail = (
            f"{share(number(own.get('coverage')))} of its weight known" if own else _missing(found, "index")
        )
    return Gauge(name="Alignment of 100 [E41]", value=amount(value), detail=detail, moved="")


def _money(found: Assessment) -> list[Gauge]:
    if found.accounts is None:
        return [
            Gauge(name=f"{name} [E03]", value="—", detail=_missing(found, "accounts"), moved="")
            for name in ("Throughput", "Net profit")
        ]
    last = found.accounts.table.iloc[-1]
    return [
        Gauge(name=f"{name} [E03]", value=money(float(last[column])), detail=f"in {last['period']}", moved="")
        for name, column in (("Throughput", "throughput"), ("Net profit", "net_profit"))
    ]


def _component(found: Assessment, component: str, name: str, tag: str, detail: str) -> Gauge:
    value = math.nan if found.measures is None else found.measures.known[component]
    return Gauge(name=f"{name} [{tag}]", value=share(value), detail=detail, moved="")


def _constraint(found: Assessment) -> str:
    own = _summary(found, "corridor")
    return f"of {own['n_periods']} periods" if own else _missing(found, "corridor")


def _accuracy(found: Assessment) -> Gauge:
    own = _summary(found, "forecast")
    detail = f"naive {share(number(own.get('wape_naive')))}" if own else _missing(found, "forecast")
    return Gauge(name="Forecast error [E24]", value=share(number(own.get("wape"))), detail=detail, moved="")


def _optimism(found: Assessment) -> Gauge:
    own = _summary(found, "bias")
    detail = f"{own['units_in_breach']} units in breach" if own else _missing(found, "bias")
    return Gauge(name="Optimism [E25]", value=signed(number(own.get("optimism"))), detail=detail, moved="")


def _cash(found: Assessment) -> Gauge:
    own = _summary(found, "cash")
    target = found.tables.policy["index"]["ccc_target_days"]
    detail = f"days; target {amount(target)}" if own else _missing(found, "cash")
    return Gauge(name="Cash cycle [E19]", value=amount(number(own.get("ccc"))), detail=detail, moved="")
