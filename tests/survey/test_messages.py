"""Quotes and lists in messages: short, printable, suggestions only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.survey.messages import enumerated, nearest, normalised, places, quote


@given(st.text())
def test_a_quote_is_printable_whatever_the_text(text):
    shown = quote(text)
    assert shown.isprintable() or "\u3000" in shown or "\u00a0" in shown or any(c.isspace() for c in shown)
    assert not any(c in shown for c in "\x1b\n\r\t\u202e\u2066\u200b\ufeff\u2028")


@given(st.text())
def test_normalising_twice_is_normalising_once_for_ascii(text):
    plain = text.encode("ascii", "ignore").decode()
    assert normalised(normalised(plain)) == normalised(plain)


def test_forty_characters_are_quoted_whole_and_one_more_is_cut():
    assert quote("x" * 40) == "'" + "x" * 40 + "'"
    assert quote("x" * 41) == "'" + "x" * 40 + "...'"


def test_lone_surrogates_can_be_quoted():
    assert quote("\ud800") == r"'\ud800'"


def test_the_nearest_name_returns_the_name_itself_not_its_normal_form():
    assert nearest("strongly AGRE", ["Strongly Agree", "Disagree"]) == "Strongly Agree"


@pytest.mark.parametrize("name", ["x" * 101, ""])
def test_no_suggestion_for_what_is_no_typing_slip(name):
    assert nearest(name, ["x" * 100, "abc"]) is None


def test_twenty_places_are_shown_and_the_rest_counted():
    assert "more" not in places(range(20))
    assert places(range(21)).endswith("18, 19 and 1 more")


def test_a_list_of_faults_is_cut_with_a_count():
    text = enumerated("t", [f"fault {k}" for k in range(25)])
    assert text.splitlines()[0] == "t: 25 problems"
    assert text.endswith("- fault 19\n  - and 5 more")
