"""The survey at the door: columns, numbers, categories, what is left out."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError
from sopsem.executive.bridge.answers import read_answers

ROWS = pd.DataFrame(
    {"unit": [2, 1, 1], "role": ["S", None, "O"], "alignment1": ["4", "2", " "], "alignment_2": [4, 3, 5]}
)


def read(rows=ROWS, wanted=("alignment", "conflict"), **options):
    return read_answers(rows, wanted, **({"by": "unit", "role": "role", "categories": 5} | options))


def test_items_are_found_by_the_name_of_the_construct_or_as_they_are_told():
    found = read(ROWS.assign(alignment_of_goals=1, realignment1=2))
    assert dict(found.items) == {"alignment": ("alignment1", "alignment_2")}
    # a mean that stands beside its items is no further item; alone it is the construct
    assert dict(read(ROWS.assign(alignment=3, conflict=2)).items) == {
        "alignment": ("alignment1", "alignment_2"),
        "conflict": ("conflict",),
    }
    told = read(constructs={"conflict": ["alignment_2"]})
    assert dict(told.items) == {"alignment": ("alignment1", "alignment_2"), "conflict": ("alignment_2",)}


def test_texts_are_numbers_units_are_texts_and_rows_are_sorted():
    found = read()
    assert found.frame["unit"].tolist() == ["1", "1", "2"]
    assert found.of("alignment")["score"].tolist() == [2.5, 4.0]
    assert (found.given, found.excluded["reason"].tolist()) == (
        3,
        ["alignment: alignment1 not answered"],
    )
    assert found.excluded["row"].tolist() == [4]


def test_categories_may_differ_by_construct():
    found = read(wanted=["alignment"], categories={"alignment": 7})
    assert found.categories["alignment"] == 7
    with pytest.raises(DataError, match="alignment: say how many"):
        read(categories={"conflict": 7})


@pytest.mark.parametrize(
    ("rows", "options", "code", "words"),
    [
        (ROWS.drop(columns="unit").assign(Units=1), {}, "T02", "'unit' is missing, did you mean 'Units'"),
        (ROWS, {"constructs": {"alignment": ["alignment9"]}}, "T02", "'alignment9' is missing"),
        (pd.concat([ROWS, ROWS[["role"]]], axis=1), {}, "T02", "'role' is there twice"),
        (ROWS.assign(alignment1=["4", "x", "y"]), {}, "T03", "row 3: alignment1 is 'x', no number (2"),
        (ROWS.assign(alignment_2=[4, np.inf, 5]), {}, "T03", "row 3: alignment_2 is 'inf'"),
        (ROWS.assign(alignment_2=[4, 0, 6]), {}, "T34", "row 3: alignment_2 is 0, outside 1 to 5 (2"),
    ],
)
def test_what_is_no_answer_is_refused_with_its_place(rows, options, code, words):
    with pytest.raises(DataError) as caught:
        read(rows, **options)
    assert caught.value.code == code
    assert words in str(caught.value)


def test_all_faults_are_told_at_once():
    with pytest.raises(DataError) as caught:
        read(ROWS.assign(alignment1=["x", 1, 1], alignment_2=[9, 1, 1]))
    assert [n.code for n in caught.value.notices] == ["T03", "T34"]


def test_the_frame_given_is_not_changed():
    before = ROWS.copy()
    read(constructs={"alignment": ["alignment_2"]})
    pd.testing.assert_frame_equal(before, ROWS)
