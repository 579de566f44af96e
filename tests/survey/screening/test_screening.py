"""The whole of a screening: nothing is left out unless asked, and everybody is accounted for."""

import time

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.survey import load_instrument, responses_from_frame
from sopsem.survey.screening.screening import screen
from sopsem.survey.screening.screens import screens


@pytest.fixture(scope="module")
def instrument():
    return load_instrument()


@pytest.fixture(scope="module")
def answers(instrument):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.integers(1, 8, (60, 18)), columns=list(instrument.item_ids)).astype(float)
    frame["chk1"] = 3.0
    frame.loc[4, "chk1"] = 7
    frame.loc[9] = 5.0  # straight through, also a contradiction, a long string and a failed attention item
    frame.loc[20, ["col1", "col2", "col3"]] = np.nan
    frame.loc[30] = frame.loc[31]
    return responses_from_frame(frame, instrument)


def test_by_default_everybody_is_kept_and_who_is_marked_for_what_is_shown(answers):
    found = screen(answers)
    table = found.table
    assert len(table) == 60
    assert table.loc[10, "straight_lining_flag"]
    assert table.loc[10, "long_string"] == 18
    assert table.loc[10, "reversed_items"] == 1.0
    assert found.marked("attention") == (5, 10)
    assert found.marked("missing") == (21,)
    assert found.marked("duplicate_answers") == (32,)
    assert table.loc[10, "n_flags"] >= 4
    assert not table["excluded"].any()
    assert found.apply() is answers
    assert found.sentences[-1] == "60 respondents in, 60 kept, 0 excluded."


def test_the_excluded_are_listed_with_every_reason_and_all_rows_are_accounted_for(answers):
    found = screen(answers, {"attention": "exclude", "straight_lining": "exclude", "missing": "check"})
    kept = found.apply()
    assert list(kept.excluded["row"]) == [5, 10]
    assert list(kept.excluded["reason"]) == ["screened: attention", "screened: straight_lining, attention"]
    assert len(answers) == len(kept) + len(kept.excluded)
    assert found.table["excluded"].sum() == 2
    assert "missing" not in found.table
    counts = found.counts.set_index("screen")
    assert counts.loc["missing", ["action", "n_marked", "n_excluded"]].tolist() == ["check", 1, 0]
    assert counts.loc["attention", "n_excluded"] == 2
    assert ((counts["n_judged"] + counts["n_not_judged"]) == 60).all()


def test_a_screen_that_is_skipped_is_not_run(answers):
    found = screen(
        answers, dict.fromkeys([entry.name for entry in screens if entry.name != "missing"], "skip")
    )
    assert list(found.counts["screen"]) == ["missing"]
    with pytest.raises(UsageError, match="the screen 'attention' was not run"):
        found.marked("attention")


def test_missing_answers_are_counted_by_item(answers):
    items = screen(answers).items.set_index("item")
    assert items.loc["col1", "n_missing"] == 1
    assert items["n_missing"].sum() == 3
    assert not items["flag"].any()


def test_thresholds_can_be_set_and_are_stated(answers):
    found = screen(answers, thresholds={"long_string": 3})
    assert len(found.marked("long_string")) > 5
    assert "3 or more of the 18 items" in found.counts.set_index("screen").loc["long_string", "rule"]


@pytest.mark.parametrize(
    ("actions", "thresholds", "error", "words"),
    [
        ({"speeder": "mark"}, {}, UsageError, "no screen 'speeder', did you mean 'speeders'?"),
        ({"speeders": "drop"}, {}, UsageError, "'drop' is none of skip, check, mark, exclude"),
        ({}, {"speeders": float("nan")}, UsageError, "not a finite number"),
        ({"speeders": "exclude"}, {}, DataError, "cannot exclude anybody: the file has no durations"),
    ],
)
def test_what_cannot_be_done_is_refused(answers, actions, thresholds, error, words):
    with pytest.raises(error) as caught:
        screen(answers, actions, thresholds=thresholds)
    assert words in str(caught.value)


def test_the_answers_ticked_are_screened_not_the_reversed_ones(instrument):
    ticked = np.full((4, 18), 6.0)
    ticked[1:] = [[1, 2, 3] * 6, [2, 3, 1] * 6, [3, 1, 2] * 6]
    frame = pd.DataFrame(ticked, columns=list(instrument.item_ids))
    found = screen(responses_from_frame(frame, instrument))
    assert found.marked("straight_lining") == (1,)


def test_results_are_read_only_and_tables_are_copies(answers):
    found = screen(answers)
    table = found.table
    table.loc[1, "missing"] = 9.0
    assert found.table.loc[1, "missing"] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        found.findings["missing"].value[0] = 1.0


def test_a_hundred_thousand_respondents_take_seconds(instrument):
    rng = np.random.default_rng(2)
    rows = rng.integers(1, 8, (100_000, 18)).astype(float)
    rows[rng.random(rows.shape) < 0.01] = np.nan
    answers = responses_from_frame(pd.DataFrame(rows, columns=list(instrument.item_ids)), instrument)
    start = time.process_time()
    found = screen(answers, {"missing": "exclude"})
    assert len(found.table) == len(answers)
    assert len(found.apply()) < len(answers)
    assert time.process_time() - start < 12.0  # several times what an idle core takes: other tests run beside


def test_what_could_not_run_says_so_and_what_to_map(answers):
    """No number of people was judged by a screen whose column the file does not have."""
    found = screen(answers)
    assert "speeders could not run: the file has no durations." in found.sentences
    with pytest.raises(DataError, match=r"do not exclude by it, or, .* --map duration_seconds=COLUMN"):
        screen(answers, {"speeders": "exclude"})
