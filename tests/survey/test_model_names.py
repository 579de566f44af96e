"""The light scan of model text: names only, whatever the rest is."""

import time

import pytest

from sopsem.survey.model_names import model_faults

ITEMS = {"a": {"construct": "f"}, "b": {"construct": "f"}, "c": {"construct": "g"}, "x": {"optional": True}}
CONSTRUCTS = {"f": {}, "g": {}, "h": {}}


def faults(model):
    return list(model_faults(model, ITEMS, CONSTRUCTS))


@pytest.mark.parametrize(
    "model",
    [
        "f =~ a + b",
        "f =~ NA*a + 1*b # c1 ~ k\n! nothing ~ here",
        "f =~ a +\n  b\ng =~ c; h =~ f + g",
        "f ~ start(0.5)*g + lab*h\ntotal := lab * other\nlab == 2",
        "f ~~ 1*f\na ~ 1\nf ~~ c(v1, v2)*g",
        "",
        "just words without an operator",
    ],
)
def test_known_names_labels_numbers_and_comments_pass(model):
    assert faults(model) == []


def test_an_unknown_name_is_told_with_its_line_and_the_nearest_name():
    known = {"coordination": {}, "conflict": {}}
    found = list(model_faults("\nconflict ~ cordination", ITEMS, known))
    assert found == ["model, line 2: unknown name 'cordination', did you mean 'coordination'?"]


def test_the_line_of_a_continued_statement_is_its_first():
    assert faults("# note\nf =~ a +\n\n  q") == ["model, line 2: unknown name 'q'"]


def test_an_optional_item_cannot_stand_in_the_model():
    assert "optional item" in faults("f =~ a + x")[0]


def test_an_item_under_another_construct_than_its_own_is_a_contradiction():
    assert faults("f =~ a + c") == ["model, line 1: 'c' stands under 'f', but items.c says 'g'"]


@pytest.mark.parametrize(
    "text", ["a,  ,  ,  !" * 50_000, "START " + "a" * 500_000 + "!", "f =~ a" + " + a" * 100_000]
)
def test_hostile_text_takes_linear_time(text):
    begin = time.process_time()
    faults(text)
    assert time.process_time() - begin < 2
