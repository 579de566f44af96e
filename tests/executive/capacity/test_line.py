"""E06: the lines of Hopp & Spearman, published numbers."""

import math

import pandas as pd
import pytest

from sopsem.errors import DataError
from sopsem.executive.capacity import line_benchmark, line_benchmark_from


def stations(servers, times):
    names = [f"s{i}" for i in range(len(servers))]
    resources = pd.DataFrame({"resource_id": names, "servers": servers, "scheduled_hours": 100.0})
    routings = pd.DataFrame({"product_id": "penny", "resource_id": names, "hours_per_unit": times})
    return resources, routings


def test_v11_penny_fab_one():
    line = line_benchmark_from(*stations([1] * 4, [2.0] * 4), "penny", wip=4)
    s = line.summary
    assert s["critical_wip"] == 4
    assert (s["throughput_best"], s["cycle_time_best"]) == (0.5, 8)
    assert (s["throughput_worst"], s["cycle_time_worst"]) == (0.125, 32)
    assert s["throughput_practical"] == pytest.approx(2 / 7)
    assert s["cycle_time_practical"] == 14
    more = line_benchmark(bottleneck_rate=0.5, raw_process_time=8, wip=27)
    assert more.summary["throughput_practical"] == pytest.approx(0.45)  # 90 %, where a slide says 95
    assert line_benchmark(bottleneck_rate=0.5, raw_process_time=8, wip=57).summary[
        "throughput_practical"
    ] == pytest.approx(0.475)


def test_v12_penny_fab_two():
    frames = stations([1, 2, 6, 2], [2.0, 5.0, 10.0, 3.0])
    at8 = line_benchmark_from(*frames, "penny", wip=8).summary
    assert at8["critical_wip"] == pytest.approx(8)
    assert at8["throughput_practical"] == pytest.approx(0.2133, abs=5e-5)
    assert at8["cycle_time_practical"] == pytest.approx(37.5)
    at20 = line_benchmark_from(*frames, "penny", wip=20).summary
    assert at20["throughput_practical"] == pytest.approx(0.2963, abs=5e-5)
    assert at20["cycle_time_practical"] == pytest.approx(67.5)


def test_v13_hal_is_in_the_bad_region():
    s = line_benchmark(bottleneck_rate=126.5, raw_process_time=33.1, wip=37_000, throughput=45.8).summary
    assert s["critical_wip"] == pytest.approx(4187, abs=0.5)
    assert s["throughput_practical"] == pytest.approx(113.6, abs=0.05)
    assert s["throughput"] / s["throughput_practical"] == pytest.approx(0.403, abs=5e-4)
    assert s["required_wip"] == pytest.approx(2376, abs=0.5)
    assert s["region"] == "bad"
    assert s["score"] < 0


def test_the_three_numbers_must_belong_together():
    given = {"bottleneck_rate": 0.5, "raw_process_time": 8.0}
    assert line_benchmark(**given, wip=8, throughput=0.4, cycle_time=20).codes() == ()
    assert line_benchmark(**given, wip=8, throughput=0.4, cycle_time=30).codes() == ("T30",)
    from_time = line_benchmark(**given, wip=8, cycle_time=20)
    assert from_time.summary["throughput"] == pytest.approx(0.4)
    assert math.isnan(line_benchmark(**given, wip=1).summary["score"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"throughput": 0.6}, "T31"),
        ({"wip": 0.5}, "T34"),
        ({"bottleneck_rate": 0.0}, "T34"),
        ({"throughput": -1}, "T34"),
    ],
)
def test_what_cannot_be(change, code):
    with pytest.raises(DataError) as caught:
        line_benchmark(**{"bottleneck_rate": 0.5, "raw_process_time": 8.0, "wip": 4.0, **change})
    assert caught.value.code == code


def test_a_product_without_routing():
    with pytest.raises(DataError, match="has no routing"):
        line_benchmark_from(*stations([1], [1.0]), "pound", wip=1)


def test_inputs_of_suppliers_are_no_stations():
    resources, routings = stations([1] * 4, [2.0] * 4)
    steel = pd.DataFrame(
        {"resource_id": ["steel"], "servers": 1, "scheduled_hours": 500.0, "kind": "supplier"}
    )
    use = pd.DataFrame({"product_id": ["penny"], "resource_id": "steel", "hours_per_unit": 40.0})
    both = pd.concat([resources.assign(kind="machine"), steel]), pd.concat([routings, use])
    assert line_benchmark_from(*both, "penny", wip=4).summary["critical_wip"] == 4


def test_a_line_at_its_practical_worst_case_is_in_neither_region():
    at = line_benchmark(bottleneck_rate=0.5, raw_process_time=8.0, wip=4, throughput=2 / 7)
    assert at.summary["region"] == ""
    assert (
        line_benchmark(bottleneck_rate=0.5, raw_process_time=8.0, wip=4, throughput=0.3).summary["region"]
        == "good"
    )
