"""E06: what a line makes of its work in process, against the best, worst and practical worst case of its physics."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, quote, refusal, warning
from sopsem.executive.plant import gather
from sopsem.executive.result import Provenance, Result
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given

__all__ = ["LineResult", "line_benchmark", "line_benchmark_from"]

LITTLE = 0.05
POINTS = 60
SAME = 1e-9  # a line at its practical worst case is in neither region


@dataclass(frozen=True, kw_only=True)
class LineResult(Result):
    """The line and its three benchmarks.

    ``table``: wip and, for the best, worst and practical worst case, throughput and cycle time at it.
    ``summary``: critical_wip, the benchmarks at the line's own wip, score (0 practical worst, 1 best), region,
    required_wip (what the practical worst case needs for this throughput) and excess_wip.
    """


def line_benchmark(
    *,
    bottleneck_rate: float,
    raw_process_time: float,
    wip: float,
    throughput: float = math.nan,
    cycle_time: float = math.nan,
) -> LineResult:
    """Return how a line stands against its physics (Hopp & Spearman 2011, chapter 7).

    W0 = r_b T_0.  Best: TH = min(w / T_0, r_b).  Worst: TH = 1 / T_0.  Practical worst case:
    TH = w r_b / (W0 + w - 1), CT = T_0 + (w - 1) / r_b.  Score = (TH - TH_pwc) / (TH_best - TH_pwc).

    Parameters
    ----------
    bottleneck_rate : float
        Units per hour of the slowest station, r_b.
    raw_process_time : float
        Sum of the process times, T_0.
    wip : float
        Jobs in the line, at least 1.
    throughput, cycle_time : float, optional
        What the line does; one follows from the other by Little's law, and both are checked against it (T30).

    Raises
    ------
    DataError
        T31 when throughput is above the bottleneck's rate; T34 for a rate, time or wip that cannot be.

    Examples
    --------
    >>> line = line_benchmark(bottleneck_rate=0.5, raw_process_time=8, wip=4)
    >>> line.summary["critical_wip"], round(line.summary["throughput_practical"], 4)
    (4.0, 0.2857)
    >>> line.summary["cycle_time_practical"]
    14.0

    """
    _require(bottleneck_rate > 0 and raw_process_time > 0, "rate and process time must be above 0")
    _require(wip >= 1, f"wip is {wip:g}; it must be at least 1")
    made, notices = _throughput(wip, throughput, cycle_time)
    if made > bottleneck_rate * (1 + 1e-9):
        message = f"throughput {made:g} is above the bottleneck's rate {bottleneck_rate:g}"
        raise refusal([fault("T31", message)])
    critical = bottleneck_rate * raw_process_time
    here = _benchmarks(np.array([wip], dtype=float), bottleneck_rate, raw_process_time)
    best, practical = float(here["throughput_best"][0]), float(here["throughput_practical"][0])
    score = (made - practical) / (best - practical) if best > practical else math.nan
    needed = made * (critical - 1) / (bottleneck_rate - made) if made < bottleneck_rate else math.inf
    summary = {
        "critical_wip": critical,
        **{name: float(values[0]) for name, values in here.items() if name != "wip"},
        "throughput": made,
        "cycle_time": wip / made,
        "score": score,
        "region": "" if math.isnan(score) or abs(score) < SAME else "good" if score > 0 else "bad",
        "share_of_rate": made / bottleneck_rate,
        "required_wip": needed,
        "excess_wip": wip - needed,
    }
    grid = np.unique(
        np.r_[np.geomspace(1, max(3 * critical, wip, 2), POINTS), critical if critical >= 1 else 1.0, wip]
    )
    inputs = f"{bottleneck_rate!r},{raw_process_time!r},{wip!r},{made!r}"
    return LineResult(
        table=pd.DataFrame(_benchmarks(grid, bottleneck_rate, raw_process_time)),
        summary=summary,
        notices=notices,
        provenance=Provenance(formula="E06", source="Hopp & Spearman 2011, ch. 7", policy="", inputs=inputs),
    )


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise refusal([fault("T34", message)])


def _throughput(wip: float, throughput: float, cycle_time: float) -> tuple[float, list[Notice]]:
    """Return the throughput, from the cycle time where only that is given."""
    if math.isnan(throughput):
        if math.isnan(cycle_time):
            return math.nan, []
        _require(cycle_time > 0, "the cycle time must be above 0")
        return wip / cycle_time, []
    _require(throughput > 0, "the throughput must be above 0")
    if not math.isnan(cycle_time) and abs(throughput * cycle_time - wip) > LITTLE * wip:
        message = f"wip {wip:g} is not throughput x cycle time = {throughput * cycle_time:g}"
        return throughput, [warning("T30", f"{message}: the three numbers do not belong together")]
    return throughput, []


def _benchmarks(w: np.ndarray, rate: float, time: float) -> dict[str, np.ndarray]:
    critical = rate * time
    return {
        "wip": w,
        "throughput_best": np.minimum(w / time, rate),
        "cycle_time_best": np.maximum(time, w / rate),
        "throughput_worst": np.full(len(w), 1 / time),
        "cycle_time_worst": w * time,
        "throughput_practical": w * rate / (critical + w - 1),
        "cycle_time_practical": time + (w - 1) / rate,
    }


def line_benchmark_from(
    resources: Given,
    routings: Given,
    product: str,
    *,
    wip: float,
    throughput: float = math.nan,
    cycle_time: float = math.nan,
    policy: Policy = DEFAULT_POLICY,
) -> LineResult:
    """Return the benchmark of the line that makes a product: r_b = min servers / time, T_0 = sum of times.

    Raises
    ------
    DataError
        T05 when the product has no routing; else as ``line_benchmark``.

    Examples
    --------
    >>> resources = pd.DataFrame({"resource_id": ["a", "b"], "servers": [1, 2], "scheduled_hours": 100})
    >>> routings = pd.DataFrame({"product_id": "P", "resource_id": ["a", "b"], "hours_per_unit": [2, 5]})
    >>> line = line_benchmark_from(resources, routings, "P", wip=3)
    >>> round(line.summary["critical_wip"], 6)
    2.8

    """
    tables = gather(policy, resources=resources, routings=routings)
    own = tables["routings"].frame
    known = tables["resources"].frame.set_index("resource_id")
    # inputs of suppliers are no stations: their routing is in units
    own = own[(own["product_id"] == product) & (own["resource_id"].map(known["kind"]) != "supplier")]
    if own.empty:
        raise refusal([fault("T05", f"product {quote(product)} has no routing", table="routings")])
    servers = own["resource_id"].map(known["servers"])
    hours = (own["hours_per_unit"] + own["setup_hours"] / own["batch_size"]) / own["yield"]
    used = hours > 0
    return line_benchmark(
        bottleneck_rate=float((servers[used] / hours[used]).min()) if used.any() else 0.0,
        raw_process_time=float(hours.sum()),
        wip=wip,
        throughput=throughput,
        cycle_time=cycle_time,
    )
