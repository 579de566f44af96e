"""Finding columns: exact names only, with the look-alikes and the near misses named."""

import pytest

from sopsem.survey.columns import match_columns


def test_positions_are_those_of_the_file(instrument):
    columns = ["region", *reversed(instrument.item_ids), "chk1"]
    match = match_columns(instrument, columns)
    assert match.faults == ()
    assert match.items["mkt3"] == 1
    assert match.items["col1"] == 18
    assert match.optional == {"chk1": 19}
    assert match.background == {"region": 0}
    assert not match.look_alike


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("c\u043el1", "U+043E CYRILLIC SMALL LETTER O"),
        ("\u0441ol1", "U+0441 CYRILLIC SMALL LETTER ES"),
        ("c\u03bfl1", "U+03BF GREEK SMALL LETTER OMICRON"),
        ("co\u200bl1", "U+200B ZERO WIDTH SPACE"),
        ("ｃol1", "U+FF43 FULLWIDTH LATIN SMALL LETTER C"),
    ],
)
def test_a_look_alike_is_named_by_code_point(name, point, instrument):
    match = match_columns(instrument, [name, *instrument.item_ids[1:]])
    assert point in match.faults[0]
    assert match.look_alike


def test_a_truly_missing_column_beside_a_look_alike_is_a_data_fault(instrument):
    match = match_columns(instrument, ["c\u043el1", *instrument.item_ids[2:]])
    assert len(match.faults) == 2
    assert not match.look_alike


def test_a_column_that_belongs_to_another_question_is_not_suggested(instrument):
    match = match_columns(instrument, list(instrument.item_ids[1:]))
    assert match.faults == ("item col1: no column 'col1'",)


def test_case_matters_but_is_suggested(instrument):
    match = match_columns(instrument, ["COL1", *instrument.item_ids[1:]])
    assert match.faults == ("item col1: no column 'col1', did you mean 'COL1'?",)
