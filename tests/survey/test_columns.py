"""Finding columns: exact names only, with the look-alikes and the near misses named."""

import pytest

from sopsem.errors import UsageError
from sopsem.survey.columns import Header
from sopsem.survey.columns import match_columns as match_header


def match_columns(instrument, columns, **known):
    return match_header(instrument, Header(columns=columns, **known))


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
    assert len(match.hints) == 1
    assert '--map col1=COLUMN, in Python columns={"col1": "COLUMN"}' in match.hints[0]


def test_case_matters_but_is_suggested(instrument):
    match = match_columns(instrument, ["COL1", *instrument.item_ids[1:]])
    assert match.faults == ("item col1: no column 'col1', did you mean 'COL1'?",)


def test_a_map_wins_over_a_name(instrument):
    match = match_columns(instrument, ["Q1", *instrument.item_ids], given={"col1": "Q1"})
    assert match.items["col1"] == 0
    assert match.how["col1"] == "map"
    assert match.how["col2"] == "name"
    assert match.unused == ("col1",)


def test_a_map_to_no_column_and_two_questions_in_one_column_are_faults(instrument):
    match = match_columns(instrument, list(instrument.item_ids), given={"col1": "Col2", "col3": "col4"})
    assert "question col1: it is mapped to 'Col2', which is no column, did you mean 'col2'?" in match.faults
    assert "column 'col4' would answer the questions col3, col4; map each to its own" in match.faults
    assert not match.look_alike


def test_a_map_of_an_unknown_question_is_a_usage_error(instrument):
    with pytest.raises(
        UsageError, match="'col11', which the questionnaire does not ask, did you mean 'col1'"
    ):
        match_columns(instrument, ["x"], given={"col11": "x"})


def test_the_exact_question_text_is_enough_up_to_case_and_spaces(instrument):
    text = instrument.items["col1"].text
    match = match_columns(instrument, [f" {text.upper()} ", *instrument.item_ids[1:]])
    assert match.how["col1"] == "question text"
    headings = ["", *[""] * 17]
    headings[0] = text
    assert match_columns(instrument, ["Q9", *instrument.item_ids[1:]], headings=headings).items["col1"] == 0
    almost = match_columns(instrument, [text[:-2], *instrument.item_ids[1:]])
    assert "col1" not in almost.items


def test_two_columns_with_the_same_question_text_are_refused(instrument):
    text = instrument.items["col1"].text
    aliases = [(text,), (text,)]
    match = match_columns(instrument, ["a", "b", *instrument.item_ids[1:]], aliases=aliases)
    assert match.faults[0] == "question col1: 2 columns have its question text ('a', 'b'); map it to one"
