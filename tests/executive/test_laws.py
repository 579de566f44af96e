"""Laws of every system at once: rows in another order and unknown columns change nothing; money only scales money."""

import numpy as np
import pandas as pd
import pytest

from sopsem.executive import assessment
from sopsem.executive.assessment import assess
from sopsem.executive.schema.tables import check_tables
from sopsem.executive.simulate import simulate_manufacturer

K = 7.0
MONEY = {
    "products": ("price", "material_cost", "other_variable_cost"),
    "resources": ("overtime_cost_hour", "shift_cost_period", "fixed_cost_period", "asset_value"),
    "orders": ("price", "list_price", "expedite_cost", "penalty_cost"),
    "pipeline": ("amount", "amount_won"),
    "customers": ("credit_limit",),
}


def money(name, frame):
    columns = MONEY.get(name, ())
    if name == "financials":
        columns = [c for c in frame.columns if c not in ("period", "unit")]
    return frame.assign(**{c: frame[c] * K for c in columns if c in frame})


@pytest.fixture(scope="module")
def worlds():
    """A plant as it is, shuffled with a column nobody knows, and in another currency; of each every system."""
    frames = simulate_manufacturer(0.3, 14, seed=2, ahead=2).frames
    changed = {
        "plain": frames,
        "shuffled": {n: f.sample(frac=1.0, random_state=5).assign(colour="red") for n, f in frames.items()},
        "scaled": {n: money(n, f) for n, f in frames.items()},
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(assessment, "WORLDS", 20)
        return {n: assess(check_tables(f), replayed=1).results() for n, f in changed.items()}


def test_the_plant_allows_every_system(worlds):
    assert len(worlds["plain"]) == len(assessment.SYSTEMS)
    assert {r.provenance.formula for r in worlds["plain"].values()} >= {
        f"E{n:02d}" for n in (1, 2, 3, 4, 5, 7, 16, 17, 19, 24, 25, 26, 28, 30, 31, 32, 33, 34, 35, 37, 41)
    }


@pytest.mark.parametrize("name", list(assessment.SYSTEMS))
def test_the_order_of_rows_and_unknown_columns_change_no_result(worlds, name):
    plain, shuffled = worlds["plain"][name], worlds["shuffled"][name]
    assert plain.summary.keys() == shuffled.summary.keys()
    pd.testing.assert_series_equal(pd.Series(dict(plain.summary)), pd.Series(dict(shuffled.summary)))
    for frame, again in zip(plain.frames().values(), shuffled.frames().values(), strict=True):
        pd.testing.assert_frame_equal(frame, again)
    assert plain.provenance == shuffled.provenance


def both(worlds, name, frame="table"):
    return (getattr(worlds[world][name], frame) for world in ("plain", "scaled"))


@pytest.mark.parametrize(
    ("name", "frame", "same", "scaled"),
    [
        ("mix", "table", ["quantity", "unmet"], ["contribution", "market_value"]),
        ("mix", "resources", ["load", "slack"], ["shadow_price", "one_less", "one_more"]),
        ("contribution", "table", ["margin", "rank_margin", "rank_per_hour"], ["contribution", "per_hour"]),
        ("accounts", "table", ["roi", "productivity", "turns"], ["throughput", "net_profit", "tdd", "idd"]),
        ("booking", "table", ["illusory", "backlog_hours", "cover"], ["booked", "feasible", "shipped"]),
        ("bottleneck", "table", ["severity", "dominance"], []),
        ("corridor", "table", ["utilisation", "hours_above"], []),
        ("leverage", "table", ["dol", "dfl", "fixed_share", "actual_change"], ["ebit", "per_percent"]),
        ("volatility", "units", ["cv", "ratio", "share_volume", "share_margin"], ["mean", "sd", "downside"]),
        ("cash", "table", ["dio", "dso", "dpo", "ccc", "turns"], ["release_dso"]),
        ("pipeline", "units", ["value_optimism", "brier", "slip_median"], []),
        ("prices", "table", [], ["hard_floor", "capacity_floor", "target", "ceiling"]),
        ("arbitration", "table", ["peak_utilisation"], ["profit", "regret"]),
    ],
)
def test_money_scales_money_and_nothing_else(worlds, name, frame, same, scaled):
    plain, dearer = both(worlds, name, frame)
    for columns, factor in ((same, 1.0), (scaled, K)):
        for column in columns:
            values = plain[column].to_numpy(float) * factor
            size = np.nanmax(np.abs(values), initial=1.0)
            np.testing.assert_allclose(
                dearer[column].to_numpy(float), values, rtol=1e-6, atol=1e-6 * size, err_msg=column
            )


def test_the_index_and_decisions_do_not_know_the_currency(worlds):
    index, scaled = (worlds[w]["index"].summary for w in ("plain", "scaled"))
    assert scaled["index"] == pytest.approx(index["index"])
    plain, dearer = both(worlds, "replay")
    assert plain["decision"].tolist() == dearer["decision"].tolist()
