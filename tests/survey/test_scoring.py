"""Construct means: reversal, rules of enough answers, means of means, 0-100, and nobody lost."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.errors import DataError, UsageError
from sopsem.survey import Instrument, load_instrument, responses_from_frame
from sopsem.survey.scoring import construct_means, construct_range, scored_constructs

INSTRUMENT = load_instrument()
SEVEN = st.one_of(st.none(), st.integers(1, 7))


def read(frame, instrument=INSTRUMENT):
    return responses_from_frame(frame, instrument, constant_items="keep")


def changed(construct, **change):
    """The questionnaire with one construct changed."""
    data = INSTRUMENT.model_dump(by_alias=True)
    data["constructs"][construct] = {**data["constructs"][construct], **change}
    return Instrument.model_validate(data)


@pytest.fixture
def answers():
    rng = np.random.default_rng(3)
    return pd.DataFrame(rng.integers(1, 8, (30, 18)), columns=list(INSTRUMENT.item_ids)).astype(float)


def test_reversed_items_are_turned_round_by_the_scale_once(answers):
    answers.loc[0, ["con1", "con2", "con3", "con4"]] = [7, 7, 1, 1]
    scores = construct_means(read(answers))
    assert scores.means["conflict"].iloc[0] == 7.0
    raw = answers[["con1", "con2"]].sum(axis=1) + (16 - answers[["con3", "con4"]].sum(axis=1))
    assert np.allclose(scores.means["conflict"], raw / 4)


def test_turning_every_answer_round_mirrors_every_mean(answers):
    """Law L20: reversal is x -> min + max - x, so means are mirrored and twice is the identity."""
    once, twice = construct_means(read(answers)).means, construct_means(read(8 - (8 - answers))).means
    assert np.allclose(construct_means(read(8 - answers)).means, 8 - once)
    assert twice.equals(once)


@pytest.mark.parametrize(
    ("rule", "blank", "mean"),
    [(None, 2, 5.0), (None, 3, np.nan), (3, 1, 5.0), (3, 2, np.nan), (0.75, 1, 5.0), (1.0, 1, np.nan)],
)
def test_min_valid_is_a_count_or_a_share(answers, rule, blank, mean):
    answers[["ali1", "ali2", "ali3", "ali4"]] = 5.0
    answers.iloc[0, answers.columns.get_indexer(["ali1", "ali2", "ali3"][:blank])] = np.nan
    scores = construct_means(read(answers, changed("alignment", min_valid=rule)))
    assert np.array_equal(scores.means["alignment"].iloc[0], mean, equal_nan=True)
    assert scores.answered["alignment"].iloc[0] == 4 - blank
    assert scores.withheld["alignment"] == int(np.isnan(mean))


def test_a_construct_of_constructs_is_the_mean_of_its_parts_means(answers):
    answers.loc[0, ["int1", "int2", "int3", "mkt1", "mkt2", "mkt3"]] = [7, np.nan, 7, 1, 1, 1]
    answers.loc[1, ["int1", "int2", "int3"]] = np.nan
    scores = construct_means(read(answers))
    assert scores.means["performance"].iloc[0] == 4.0  # not (7 + 7 + 1 + 1 + 1) / 5
    assert scores.means["performance"].iloc[1] == scores.means["market"].iloc[1]
    assert scores.answered["performance"].tolist()[:3] == [2, 1, 2]
    strict = construct_means(read(answers, changed("performance", min_valid=2)))
    assert np.isnan(strict.means["performance"].iloc[1])


def test_percent_runs_from_the_lowest_to_the_highest_code(answers):
    answers.iloc[0], answers.iloc[1], answers.iloc[2] = 1.0, 7.0, 4.0
    scores = construct_means(read(answers), ["coordination", "performance"], percent=True)
    assert scores.means["coordination"].tolist()[:3] == [0.0, 100.0, 50.0]
    assert scores.ranges["performance"] == (0.0, 100.0)
    raw = construct_means(read(answers), ["coordination"]).means["coordination"]
    assert np.allclose(scores.means["coordination"], 100 * (raw - 1) / 6)


def test_items_of_different_ranges_have_a_mean_only_in_percent(answers):
    data = INSTRUMENT.model_dump(by_alias=True)
    data["scales"]["five"] = {"codes": {1: "no", 5: "yes"}}
    data["items"]["ali1"] = {**data["items"]["ali1"], "scale": "five"}
    mixed = Instrument.model_validate(data)
    answers["ali1"] = 5.0
    answers[["ali2", "ali3", "ali4"]] = 7.0
    with pytest.raises(DataError, match="ali1 1 to 5, ali2 1 to 7"):
        construct_means(read(answers, mixed))
    assert construct_means(read(answers, mixed), percent=True).means["alignment"].eq(100.0).all()
    data["scales"]["five"] = {"codes": {}}
    open_scale = Instrument.model_validate(data)
    with pytest.raises(DataError, match="ali1: its scale has no codes"):
        construct_means(read(answers, open_scale), percent=True)


def test_optional_constructs_are_scored_where_their_columns_are(answers):
    assert "viability" not in scored_constructs(read(answers))
    answers["via1"], answers["via3"], answers["chk1"] = 6.0, 2.0, 3.0
    scores = construct_means(read(answers))
    assert scores.means["viability"].eq(6.0).all()
    assert "attention" not in scores.means
    assert scores.answered["viability"].eq(2).all()


def test_an_unknown_construct_is_refused_with_the_nearest_name(answers):
    with pytest.raises(UsageError, match="did you mean 'alignment'"):
        construct_means(read(answers), ["alinment"])


def test_the_range_of_a_construct_is_that_of_its_scale():
    assert construct_range(INSTRUMENT, "market") == (1.0, 7.0)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.lists(SEVEN, min_size=18, max_size=18), min_size=2, max_size=8), seed=st.integers(0, 9)
)
def test_row_order_and_other_rows_change_no_score(rows, seed):
    """Law L26: bit-equal whoever else is in the file."""
    frame = pd.DataFrame([[4] * 18, *rows], columns=list(INSTRUMENT.item_ids), dtype=float)
    whole = construct_means(read(frame)).means.to_numpy()
    order = np.random.default_rng(seed).permutation(len(frame))
    mixed = construct_means(read(frame.iloc[order].reset_index(drop=True))).means.to_numpy()
    assert np.array_equal(whole[order], mixed, equal_nan=True)
    alone = construct_means(read(frame.iloc[:2])).means.to_numpy()
    assert np.array_equal(whole[:2], alone, equal_nan=True)


def test_everybody_is_accounted_for(answers):
    answers.iloc[::3, :9] = np.nan
    scores = construct_means(read(answers))
    assert (scores.withheld + scores.means.notna().sum()).eq(len(answers)).all()
    assert "20 scored, 10 not (at least 2 of 4 answered)" in repr(scores)


def test_a_hundred_thousand_rows_take_well_under_three_seconds():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.integers(1, 8, (100_000, 18)), columns=list(INSTRUMENT.item_ids)).astype(float)
    responses = read(frame)
    start = time.perf_counter()
    construct_means(responses)
    assert time.perf_counter() - start < 12.0  # several times what an idle core takes: other tests run beside
