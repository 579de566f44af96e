"""E41: nine components, one number, and the band that keeps it honest."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.errors import DataError, PolicyError
from sopsem.executive.alignment import alignment_index, alignment_measures, compare_units
from sopsem.executive.alignment.index import COMPONENTS
from sopsem.executive.forecast import forecast_report
from sopsem.executive.schema.policy import DEFAULT_POLICY, make_policy
from sopsem.executive.schema.tables import check_tables
from sopsem.executive.simulate.manufacturer import simulate_manufacturer

PUBLISHED = (66.7, 56.5, 61.5, 55.0, 73.7, 55.6, 65.0, 55.6, 67.5)


def measures(scores=PUBLISHED):
    """The measures that have these scores."""
    found = {}
    for name, score in zip(COMPONENTS, scores, strict=True):
        bad, good = DEFAULT_POLICY["index"]["anchors"][name]
        found[name] = bad + score / 100 * (good - bad)
    return found | {"cash": found["cash"] * 60}


def test_the_known_answer():
    found = alignment_index(measures())
    assert found.table["score"].tolist() == pytest.approx(PUBLISHED)
    s = found.summary
    assert [round(float(s[k]), 1) for k in ("index", "geometric")] == [61.9, 61.6]
    assert s["low"] == pytest.approx(58.7, abs=0.1)
    assert s["high"] == pytest.approx(65.3, abs=0.1)
    assert found.table["gap"].sum() == pytest.approx(100 - s["index"])
    assert s["weakest"] == "commitment_discipline"


@pytest.mark.parametrize(
    ("component", "value", "score"),
    [
        ("forecast_accuracy", 0.9, 200 / 3),
        ("forecast_bias", 0.12, 100 * 0.13 / 0.23),
        ("forecast_bias", -0.12, 100 * 0.13 / 0.23),
        ("pipeline_realism", -0.6, 0),
        ("commitment_discipline", 0.55, 55),
        ("capacity_fit", 0.95, 100),
        ("delivery", 0.55, 0),
        ("inventory_fit", 0.05, 100),
        ("margin_realisation", 1.2, 100),
        ("cash", 90, 50),
        ("cash", -37, 100),
    ],
)
def test_anchors(component, value, score):
    found = alignment_index(measures() | {component: value}).table.set_index("component")
    assert found.loc[component, "score"] == pytest.approx(score)


def test_what_is_not_known_gives_its_weight_to_the_others_down_to_a_floor():
    known = measures((80.0,) * 9)
    six = {name: known[name] for name in list(COMPONENTS)[:6]}
    found = alignment_index(six)
    assert found.summary["coverage"] == pytest.approx(6 / 9)
    assert found.summary["index"] == pytest.approx(80)
    assert found.codes() == ("T36",)
    five = alignment_index({**six, "delivery": math.nan})
    assert math.isnan(five.summary["index"])
    assert math.isnan(five.summary["low"])
    assert "T13" in five.codes()
    assert math.isnan(alignment_index({}).summary["index"])


def test_version_s_has_no_money_in_it():
    found = alignment_index(measures(), version="S")
    assert len(found.table) == 7
    assert alignment_index(measures() | {"cash": 500}, version="S").summary == found.summary


def test_weights_and_the_geometric_mean_of_a_collapse():
    found = alignment_index(measures((100.0,) * 8 + (0.0,)))
    assert found.summary["geometric"] == 0
    assert found.summary["index"] == pytest.approx(800 / 9)
    heavy = alignment_index(measures(), weights={"delivery": 3, "cash": 1})
    assert heavy.summary["index"] == pytest.approx((3 * 55.6 + 67.5) / 4)
    assert heavy.summary["coverage"] == 1


@pytest.mark.parametrize(
    ("results", "more", "code"),
    [
        ({"forecast_acuracy": 1.0}, {}, "T02"),
        ({"delivery": math.inf}, {}, "T34"),
        ({}, {"weights": {"delivery": -1.0}}, "T34"),
        ({}, {"weights": {"delivery": 0.0}}, "T34"),
        ({}, {"weights": {"x": 1.0}}, "T02"),
    ],
)
def test_what_cannot_be_is_refused(results, more, code):
    with pytest.raises(DataError) as caught:
        alignment_index(measures() | results, **more)
    assert caught.value.code == code


def test_a_policy_without_a_scale_is_refused():
    with pytest.raises(PolicyError, match="same bad and good"):
        alignment_index(measures(), make_policy(index={"anchors": {"delivery": [0.6, 0.6]}}))
    with pytest.raises(PolicyError, match="write equal"):
        alignment_index(measures(), make_policy(index={"weights": "mine"}))


def test_units_whose_bands_share_more_than_half_are_not_ranked():
    a, near, far = (alignment_index(measures(tuple(s + d for s in PUBLISHED))) for d in (0, 1, 20))
    pairs = compare_units({"a": a, "near": near, "far": far, "none": alignment_index({})})
    ranked = pairs.set_index(["unit", "other"])["rankable"]
    assert not ranked["a", "near"]
    assert ranked["a", "far"]
    assert not ranked["a", "none"]
    width = a.summary["high"] - a.summary["low"]
    assert pairs.loc[0, "overlap"] == pytest.approx((width - 1) / width)
    even = alignment_index(measures((50.0,) * 9))
    assert compare_units({"x": even, "y": even}).loc[0, "overlap"] == 1


@settings(max_examples=30, deadline=None)
@given(scores=st.lists(st.floats(1, 99), min_size=9, max_size=9), better=st.integers(0, 8))
def test_the_index_is_between_its_scores_and_a_better_component_never_lowers_it(scores, better):
    policy = make_policy(index={"dirichlet": 500})
    one, again = (alignment_index(measures(scores), policy) for _ in range(2))
    assert one.to_markdown() == again.to_markdown()
    s = one.summary
    assert min(scores) - 1e-6 <= s["low"] <= s["high"] <= max(scores) + 1e-6
    assert s["geometric"] <= s["index"] + 1e-9
    raised = list(scores)
    raised[better] = 99.5
    more = alignment_index(measures(raised), policy).summary
    assert more["index"] > s["index"]
    assert more["low"] >= s["low"] - 1e-9


def test_tables_give_the_measures_and_say_which_are_lacking():
    low, high = (
        alignment_measures(simulate_manufacturer(t, periods=24, seed=5).tables()) for t in (0.1, 0.9)
    )
    assert high.summary["n_known"] == 7
    assert sorted(high.table["component"][high.table["reason"] != ""]) == [
        "inventory_fit",
        "margin_realisation",
    ]
    a, b = (alignment_index(found.known).summary["index"] for found in (low, high))
    assert 0 < a < b < 100
    more = alignment_measures(
        simulate_manufacturer(0.9, periods=13, seed=5).tables(), given={"inventory_fit": 0.2}
    )
    assert more.known["inventory_fit"] == 0.2


def test_without_a_naive_step_accuracy_is_set_against_the_naive_forecast_that_is_made():
    frames = dict(simulate_manufacturer(0.5, 18, seed=2).frames)
    forecasts = frames["forecasts"]
    frames["forecasts"] = forecasts[forecasts["step"] == "consensus"]
    found = alignment_measures(check_tables(frames)).known["forecast_accuracy"]
    report = forecast_report(frames["forecasts"], frames["demand"])
    assert found == pytest.approx(report.number("wape") / report.number("wape_naive"))


def test_money_and_measures_do_not_mix_units_of_account():
    plant = simulate_manufacturer(0.5, periods=13, seed=6)
    frames = dict(plant.frames)
    money = {
        "products": ["price", "material_cost", "other_variable_cost"],
        "orders": ["price", "list_price", "expedite_cost", "penalty_cost"],
    }
    for table, columns in money.items():
        there = [c for c in columns if c in frames[table]]
        frames[table] = frames[table].assign(**{c: frames[table][c] * 7.0 for c in there})
    finance = frames["financials"]
    there = finance.select_dtypes("number").columns
    frames["financials"] = finance.assign(**{c: finance[c] * 7.0 for c in there})
    one, seven = alignment_measures(plant.tables()), alignment_measures(check_tables(frames))
    assert np.allclose(one.table["value"], seven.table["value"], equal_nan=True)


def test_no_tables_give_no_measure(pq):
    f = pq()
    found = alignment_measures(check_tables({"products": f["products"], "routings": f["routings"]}))
    assert found.summary["n_known"] == 0
    assert found.table["reason"].str.contains("csv").sum() == 7
    assert isinstance(found.table, pd.DataFrame)
