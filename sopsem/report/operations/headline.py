"""The few numbers that a board reads first, each with how it moved since three periods before."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sopsem.executive.alignment import AlignmentMeasures, alignment_index, measures_before
from sopsem.executive.assessment import Assessment
from sopsem.report.operations.wording import amount, money, share, signed

__all__ = ["BACK", "Gauge", "headline", "moved", "notice_count"]

BACK = 3  # periods
POINTS = "pts"


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """A number with its name and tag, what it is read against, and how it moved.

    >>> Gauge(name="On time in full [orders]", value="81%", detail="", moved="").value
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
    before = None if found.measures is None else measures_before(found.tables, BACK)
    return (
        _index(found, before),
        *_money(found),
        _measure(found, before, "delivery", "On time in full [orders]", "by the day promised"),
        _measure(found, before, "capacity_fit", "Time in corridor [E07]", _constraint(found)),
        _accuracy(found, before),
        _optimism(found, before),
        _cash(found, before),
    )


def moved(now: float, then: float, shown: Callable[[float], str], *, good: int, same: float) -> str:
    """Return an arrow, the size of a change and whether it is for the better.

    Parameters
    ----------
    now, then : float
    shown : callable
        Writes a size.
    good : {1, -1, 0}
        Whether more is better, less is, or neither.
    same : float
        A change smaller than this is none.

    Examples
    --------
    >>> moved(0.81, 0.84, share, good=1, same=0.005), moved(29.0, 29.2, amount, good=-1, same=0.5)
    ('▼ 3%, worse', '► unchanged')

    """
    change = now - then
    if not math.isfinite(change):
        return ""
    if abs(change) < same:
        return "► unchanged"
    verdict = "" if good == 0 else ", better" if change * good > 0 else ", worse"
    return f"{'▲' if change > 0 else '▼'} {shown(abs(change))}{verdict}"


def _points(change: float) -> str:
    return f"{amount(100 * change, 1)} {POINTS}"


def _known(measures: AlignmentMeasures | None, component: str) -> float:
    return math.nan if measures is None else measures.known[component]


def _numbers(found: Assessment, name: str) -> Callable[[str], float]:
    """Return the numbers of a system by name, NaN where it could not be made."""
    result = found.results().get(name)
    return (lambda _: math.nan) if result is None else result.number


def _missing(found: Assessment, name: str) -> str:
    return found.missing.get(name, "not known").split(";")[0]


def _index(found: Assessment, before: AlignmentMeasures | None) -> Gauge:
    own = _numbers(found, "index")
    value = own("index")
    detail = f"of 100; band {amount(own('low'))} to {amount(own('high'))}"
    if math.isnan(value):
        detail = f"{share(own('coverage'))} of its weight known" if found.index else _missing(found, "index")
    then = math.nan
    if before is not None and found.index is not None:
        then = alignment_index(before.known, found.tables.policy).number("index")
    arrow = moved(value, then, lambda change: amount(change, 1), good=1, same=0.05)
    return Gauge(name="Alignment index [E41]", value=amount(value), detail=detail, moved=arrow)


def _money(found: Assessment) -> list[Gauge]:
    names = {"throughput": "Throughput [E03]", "net_profit": "Net profit [E03]"}
    if found.accounts is None:
        reason = _missing(found, "accounts")
        return [Gauge(name=name, value="—", detail=reason, moved="") for name in names.values()]
    rows = found.accounts.table
    gauges = []
    for column, name in names.items():
        now = float(rows[column].iloc[-1])
        then = float(rows[column].iloc[-1 - BACK]) if len(rows) > BACK else math.nan
        arrow = moved(now, then, money, good=1, same=0.005 * abs(now))
        gauges.append(Gauge(name=name, value=money(now), detail=f"in {rows['period'].iloc[-1]}", moved=arrow))
    return gauges


def _measure(
    found: Assessment, before: AlignmentMeasures | None, component: str, name: str, detail: str
) -> Gauge:
    value = _known(found.measures, component)
    if math.isnan(value) and found.measures is not None:
        detail = str(found.measures.table.set_index("component").loc[component, "reason"]).split(";")[0]
    arrow = moved(value, _known(before, component), _points, good=1, same=0.0005)
    return Gauge(name=name, value=share(value), detail=detail, moved=arrow)


def _constraint(found: Assessment) -> str:
    if found.corridor is None:
        return _missing(found, "corridor")
    return f"of {found.corridor.summary['n_periods']} periods"


def _accuracy(found: Assessment, before: AlignmentMeasures | None) -> Gauge:
    """Return the error; its arrow is that of error / naive error, for demand is not equally hard at all times."""
    own = _numbers(found, "forecast")
    detail = f"WAPE; naive {share(own('wape_naive'))}" if found.forecast else _missing(found, "forecast")
    now, then = (_known(m, "forecast_accuracy") for m in (found.measures, before))
    arrow = moved(now, then, lambda change: f"{amount(change, 2)} × naive", good=-1, same=0.005)
    return Gauge(name="Forecast error [E24]", value=share(own("wape")), detail=detail, moved=arrow)


def _optimism(found: Assessment, before: AlignmentMeasures | None) -> Gauge:
    own = _numbers(found, "bias")
    detail = _missing(found, "bias")
    if found.bias is not None:
        detail = f"{own('units_in_breach'):.0f} of {len(found.bias.table)} units in breach"
    now, then = (_known(m, "forecast_bias") for m in (found.measures, before))
    arrow = moved(now, then, _points, good=-1 if now + then > 0 else 1, same=0.0005)
    value = signed(own("optimism"))
    return Gauge(name="Optimism [E25]", value=value, detail=detail, moved=arrow)


def _cash(found: Assessment, before: AlignmentMeasures | None) -> Gauge:
    own = _numbers(found, "cash")
    target = amount(found.tables.policy["index"]["ccc_target_days"])
    detail = f"days; target {target}" if found.cash else _missing(found, "cash")
    now, then = (_known(m, "cash") for m in (found.measures, before))
    arrow = moved(now, then, lambda change: f"{amount(change, 1)} days", good=-1, same=0.05)
    return Gauge(name="Cash cycle [E19]", value=amount(own("ccc")), detail=detail, moved=arrow)
