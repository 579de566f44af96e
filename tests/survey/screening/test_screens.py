"""Each screen against answers worked out by hand."""

import inspect

import numpy as np
import pandas as pd
import pytest

from sopsem.survey.screening import screens as all_screens
from sopsem.survey.screening.distances import squared_distances
from sopsem.survey.screening.screens import screens

NAN = np.nan
CAREFUL = [4, 5, 2, 1, 3, 4]


def same(found, value, marked):
    np.testing.assert_allclose(found.value, value, equal_nan=True)
    assert found.marked.tolist() == marked


def test_previews_and_unfinished_follow_the_tool(evidence):
    answers = evidence(
        [CAREFUL] * 3,
        is_preview=pd.array([True, False, None], dtype="boolean"),
        is_finished=pd.array([False, True, None], dtype="boolean"),
    )
    same(all_screens.previews(answers), [1, 0, NAN], [True, False, False])
    same(all_screens.unfinished(answers), [1, 0, NAN], [True, False, False])


def test_only_the_later_rows_of_an_id_are_marked(evidence):
    answers = evidence([CAREFUL] * 5, ids=["7", "8", "7", None, "7"])
    same(all_screens.duplicate_ids(answers), [3, 1, 3, NAN, 3], [False, False, True, False, True])


def test_the_tools_id_serves_where_the_questionnaire_has_none(evidence):
    answers = evidence([CAREFUL] * 2, respondent_id=["R_1", "R_1"])
    same(all_screens.duplicate_ids(answers), [2, 2], [False, True])


def test_only_the_later_rows_of_an_address_are_marked(evidence):
    answers = evidence([CAREFUL] * 4, address=[1.0, 2.0, 1.0, NAN])
    same(all_screens.duplicate_addresses(answers), [2, 1, 2, NAN], [False, False, True, False])
    assert all_screens.duplicate_addresses(answers, 3).marked.sum() == 0


def test_equal_answers_are_marked_with_equal_gaps_but_straight_lines_are_not(evidence):
    gap = [4, NAN, 2, 1, 3, 4]
    answers = evidence([CAREFUL, gap, CAREFUL, gap, [3] * 6, [3] * 6, [NAN] * 6, [4, 5, 2, 1, 3, 5]])
    same(
        all_screens.duplicate_answers(answers),
        [2, 2, 2, 2, NAN, NAN, NAN, 1],
        [False, False, True, True, False, False, False, False],
    )


def test_minus_zero_is_zero(evidence):
    answers = evidence([[0.0, 1, 2, 3, 4, 5], [-0.0, 1, 2, 3, 4, 5]])
    assert all_screens.duplicate_answers(answers).marked.tolist() == [False, True]


def test_speed_is_per_answered_item(evidence):
    answers = evidence(
        [CAREFUL, CAREFUL, [4, 5, NAN, NAN, NAN, NAN], CAREFUL, [NAN] * 6],
        duration_seconds=[12.0, 11.9, 11.9, NAN, 3.0],
    )
    same(
        all_screens.speeders(answers),
        [2.0, 11.9 / 6, 5.95, NAN, NAN],
        [False, True, False, False, False],
    )
    assert all_screens.speeders(answers, 6.0).marked.tolist() == [True, True, True, False, False]


def test_a_straight_line_fills_every_grid_answered(evidence):
    answers = evidence(
        [
            [4, 4, 4, 2, 2, 2],  # a line in both grids, though not one code throughout
            [4, 4, 4, 2, 2, 3],
            [4, 4, 4, 2, 2, NAN],  # the second grid has two answers: not judged
            [4, 4, NAN, 2, NAN, 2],
            CAREFUL,
            [NAN] * 6,
        ]
    )
    same(
        all_screens.straight_lining(answers),
        [1, 0.5, 1, NAN, 0, NAN],
        [True, False, True, False, False, False],
    )
    assert all_screens.straight_lining(answers, 0.5).marked.tolist() == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_the_longest_run_ends_at_a_gap(evidence):
    answers = evidence(
        [[1, 2, 2, 2, 3, 3], [2, 2, NAN, 2, 2, 5], [5] * 6, [1, 2, 1, 2, 1, 2], [NAN] * 6, [1, 1, 2, 2, 2, 2]]
    )
    same(
        all_screens.long_string(answers),
        [3, 2, 6, 1, NAN, 4],
        [True, False, True, False, False, True],
    )
    assert all_screens.long_string(answers, 4).marked.tolist() == [False, False, True, False, False, True]


def test_agreeing_with_an_item_and_its_reversal_is_a_contradiction(evidence):
    answers = evidence(
        [
            [5, 4, 4, 1, 1, 1],  # agrees with everything
            [1, 2, 1, 1, 1, 1],  # disagrees with everything
            [5, 4, 1, 1, 1, 1],  # consistent
            [5, 2, 4, 1, 1, 1],  # one pair of two
            [3, 3, 5, 1, 1, 1],  # the middle takes no side
            [5, NAN, 4, 1, 1, 1],
            [5, 4, NAN, 1, 1, 1],
        ]
    )
    same(
        all_screens.reversed_items(answers),
        [1, 1, 0, 0.5, 0, 1, NAN],
        [True, True, False, False, False, True, False],
    )


def test_distances_are_those_of_the_textbook_formula():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 3)) * [1.0, 100.0, 0.01]
    rows[5] += [9.0, 0.0, 0.0]
    rows[7, 1] = NAN
    distances, p, reason = squared_distances(rows)
    complete = np.delete(rows, 7, axis=0)
    centred = complete - complete.mean(axis=0)
    expected = np.einsum("ij,jk,ik->i", centred, np.linalg.inv(np.cov(complete.T)), centred)
    np.testing.assert_allclose(np.delete(distances, 7), expected, rtol=1e-9)
    assert np.isnan(distances[7])
    assert np.isnan(p[7])
    assert reason == ""
    # the mean squared distance is k (n - 1) / n whatever the data
    assert np.nanmean(distances) == pytest.approx(3 * 38 / 39)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([[1.0, 2.0], [2.0, 1.0], [NAN, 3.0]], "2 complete rows are too few"),
        ([[1.0, 2.0]] * 5, "an item does not vary"),
        ([[float(k), 3.0 * k] for k in range(9)], "an item is a sum of others"),
    ],
)
def test_distances_that_do_not_exist_are_refused_with_the_reason(rows, why):
    distances, _, reason = squared_distances(np.array(rows))
    assert np.isnan(distances).all()
    assert why in reason


def test_far_rows_are_marked_and_incomplete_ones_not_judged(evidence):
    rng = np.random.default_rng(1)
    rows = rng.integers(1, 6, (60, 6)).astype(float)
    rows[:, 1] = rows[:, 0] + rng.normal(0, 0.1, 60)  # two items that go together
    rows[10, :2] = [5, 1]  # and one row in which they do not
    rows[11, 0] = NAN
    found = all_screens.mahalanobis(evidence(rows))
    assert np.flatnonzero(found.marked).tolist() == [10]
    assert found.details["p"][10] < 0.001
    assert np.isnan(found.value[11])
    assert not all_screens.mahalanobis(evidence(rows), 1e-30).marked.any()


def test_an_attention_item_is_failed_by_a_wrong_answer_only(evidence):
    given = np.array([3.0, 2.0, NAN, NAN])
    other = np.array([1.0, 2.0, NAN, 1.0])
    answers = evidence([CAREFUL] * 4, expected={"chk1": (given, 3), "chk2": (other, 1)})
    same(all_screens.attention(answers), [0, 2, NAN, 0], [False, True, False, False])


def test_missingness_is_the_share_of_items(evidence):
    answers = evidence([CAREFUL, [4, NAN, 2, 1, 3, 4], [NAN] * 6])
    same(all_screens.missing(answers), [0, 1 / 6, 1], [False, True, True])
    assert all_screens.missing(answers, 0.2).marked.tolist() == [False, False, True]
    half = evidence([[4, NAN, NAN, NAN, 3, 4]])
    assert not all_screens.missing(half, 0.5).marked.any()


@pytest.mark.parametrize("entry", list(screens), ids=lambda entry: entry.name)
def test_every_screen_states_threshold_rule_and_source_and_bears_rows_without_answers(evidence, entry):
    threshold = inspect.signature(entry.function).parameters["threshold"]
    assert threshold.default is not inspect.Parameter.empty
    assert entry.source
    found = entry.function(evidence([[NAN] * 6] * 4))
    assert found.rule
    assert len(found.value) == len(found.marked) == 4
    assert found.unjudged or entry.name == "missing"
    assert found.marked.tolist() == [entry.name == "missing"] * 4
