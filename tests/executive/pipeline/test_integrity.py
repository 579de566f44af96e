"""E28 and the wins of E29: worked examples, planted optimism, snapshots counted once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.errors import DataError
from sopsem.executive.pipeline import brier_parts, pipeline_integrity, shrunken_rate, win_distribution
from sopsem.executive.simulate import simulate_manufacturer


def deals(probability, won, **cells):
    n = len(probability)
    return pd.DataFrame(
        {
            "opportunity_id": [f"d{i}" for i in range(n)],
            "snapshot": "2025-01-31",
            "sales_unit": "N",
            "stage": [f"stage {p}" for p in probability],
            "probability": probability,
            "amount": 100.0,
            "expected_close": "2025-02-20",
            "outcome": np.where(won, "won", "lost"),
            "closed": "2025-03-15",
            **cells,
        }
    )


def test_v33_brier_murphy_and_cox():
    p = np.repeat([0.1, 0.3, 0.6, 0.9], 10)
    won = np.concatenate([np.arange(10) < w for w in (1, 2, 4, 7)])
    s = pipeline_integrity(deals(p, won)).summary
    parts = [s[n] for n in ("brier", "reliability", "resolution", "uncertainty")]
    assert parts == pytest.approx([0.1975, 0.0225, 0.0525, 0.2275])
    assert (s["stated_wins"], s["wins"]) == (pytest.approx(19), 14)
    assert s["value_optimism"] == pytest.approx(0.357, abs=5e-4)
    assert s["intercept"] == pytest.approx(-0.713, abs=5e-4)
    assert s["slope"] == pytest.approx(0.708, abs=5e-4)
    assert s["slip_median"] == 23


def test_shrinkage():
    assert shrunken_rate(14, 40, 0.6) == pytest.approx(0.433, abs=5e-4)
    assert shrunken_rate(0, 4, 0.6) == 0.5


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), min_size=2, max_size=60))
def test_parts_of_the_brier_score_sum_to_it(rows):
    p, won = (np.array(x) for x in zip(*rows, strict=True))
    found = brier_parts(p, won)
    assert found["reliability"] - found["resolution"] + found["uncertainty"] == pytest.approx(found["brier"])


def test_an_opportunity_counts_once_as_stated_before_the_close():
    first = deals([0.5], [True], outcome="open", closed=None)
    later = first.assign(snapshot="2025-02-28", probability=0.7)
    end = deals([1.0], [True], snapshot="2025-03-31")
    s = pipeline_integrity(pd.concat([first, later, end])).summary
    assert s["n_closed"] == 1
    assert s["stated_wins"] == pytest.approx(0.5)  # 43 days before the close, nearer to 60 than 15


def test_few_closed_deals_give_no_calibration():
    found = pipeline_integrity(deals([0.5] * 10, [True, False] * 5))
    assert np.isnan(found.summary["slope"])
    assert {"T13", "T36"} <= set(found.codes())
    assert found.table["shrunken"].tolist() == [0.5]


def test_planted_optimism_of_the_pipeline_is_found():
    low, high = (pipeline_integrity(simulate_manufacturer(t, seed=1).frames["pipeline"]) for t in (0.1, 0.9))
    assert low.summary["value_optimism"] > high.summary["value_optimism"] + 0.15
    assert low.units.set_index("sales_unit")["value_optimism"].idxmax() == "Export"
    assert low.summary["slip_p90"] > high.summary["slip_p90"]
    assert low.summary["slip_median"] >= high.summary["slip_median"]
    assert low.summary["compliance"] < high.summary["compliance"]
    assert (low.unsupported["compliance"].dropna() <= 1).all()
    assert low.summary["unsupported"] > high.summary["unsupported"]


def test_the_law_of_wins_and_of_their_value():
    found = win_distribution(np.array([0.9, 0.6, 0.6, 0.3, 0.1]), np.array([200.0, 500, 150, 400, 800]))
    pmf = [0.0101, 0.1264, 0.3606, 0.3690, 0.1242, 0.0097]
    np.testing.assert_allclose(found.table["chance"], pmf, atol=5e-5)
    s = found.summary
    assert (s["unweighted"], s["weighted"]) == (2050, pytest.approx(770))
    assert s["sd"] == pytest.approx(400, abs=0.5)
    assert (s["p10"], s["p50"], s["p90"]) == (200, 750, 1250)
    with pytest.raises(DataError) as caught:
        win_distribution(np.array([1.2]), np.array([1.0]))
    assert caught.value.code == "T07"


def test_many_deals_are_drawn_and_agree_with_their_moments():
    rng = np.random.default_rng(1)
    p, value = rng.uniform(0, 1, 40), rng.integers(1, 100, 40).astype(float)
    found = win_distribution(p, value, n=20_000)
    mean = float((found.amounts["value"] * found.amounts["chance"]).sum())
    assert mean == pytest.approx(found.summary["weighted"], rel=0.01)
    assert found.table["chance"].sum() == pytest.approx(1)


def test_two_snapshots_of_one_day_are_no_two_opportunities():
    deal = deals([0.5, 0.5], [True, False])
    with pytest.raises(DataError, match="the same opportunity_id, snapshot with different values") as caught:
        pipeline_integrity(pd.concat([deal, deal.assign(probability=0.6)]))
    assert caught.value.code == "T22"
    twice = pipeline_integrity(pd.concat([deal, deal]))
    assert twice.summary["n_closed"] == 2
    assert "T04" in twice.codes()
