"""Measurement quality of a survey: what it puts together, and what it says."""

import pandas as pd
import pytest

import sopsem
from sopsem.client.measurement_quality import measurement_quality
from sopsem.errors import UsageError


@pytest.fixture(scope="module")
def answers():
    return sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())


def test_every_part_is_of_the_same_answers(answers):
    found = measurement_quality(answers, draws=20, drops=False)
    assert found.items["item"].tolist() == list(answers.items.columns)
    assert found.items["kmo"].tolist() == sopsem.kmo(answers.items).items["kmo"].tolist()
    assert found.efa.n_factors == 5
    assert found.mardia == sopsem.mardia(answers.items)
    assert found.drops is None
    assert found.strays.empty
    assert "every item stands with its construct" in " ".join(found.sentences)
    assert "No item has more than 15%" in " ".join(found.sentences)


def test_an_item_not_turned_round_and_one_that_strays_are_named(answers):
    """con3 read the other way; int1 filled with market answers."""
    frame = answers.items.copy()
    for item in answers.instrument.reversed_ids:
        if item in frame and item != "con3":
            frame[item] = 8 - frame[item]  # as asked; con3 is left turned and is turned once more when read
    frame["int1"] = frame["mkt1"]
    frame.iloc[::5, frame.columns.get_loc("int1")] = 4
    frame["col1"] = 7
    frame.iloc[::3, frame.columns.get_loc("col1")] = 6
    found = measurement_quality(sopsem.responses_from_frame(frame, answers.instrument), draws=5, drops=False)
    said = " ".join(found.sentences)
    assert "col1 (ceiling)" in said
    assert "con3 (-" in said
    assert "int1" in found.strays["item"].tolist()
    low = found.items.set_index("item").item_total
    assert low["con3"] < 0.0


def test_missing_answers_are_counted(answers):
    frame = pd.DataFrame(answers.items)
    for item in ("con3", "con4"):
        frame[item] = 8 - frame[item]
    frame.iloc[2, 0] = None
    found = measurement_quality(sopsem.responses_from_frame(frame, answers.instrument), draws=5, drops=False)
    assert (found.n, found.n_complete) == (92, 91)
    assert found.items.set_index("item").missing["col1"] == 1


def test_a_questionnaire_without_constructs_that_have_items_is_refused(answers):
    with pytest.raises(UsageError, match="threshold"):
        measurement_quality(answers, threshold=0.0, draws=5, drops=False)
