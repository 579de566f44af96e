"""What stands on the printed questionnaire, and what never does unless it is asked for."""

import pytest

from sopsem.report.questionnaire.paper import questionnaire_paper
from sopsem.report.questionnaire.words import WORDS, is_right_to_left, words_for
from sopsem.survey import load_instrument
from sopsem.survey.questionnaire import plain_data, questionnaire

INSTRUMENT = load_instrument()


def changed(**parts):
    return questionnaire(plain_data(INSTRUMENT) | parts, "changed")


def texts(paper):
    yield from (paper.title, paper.instruction)
    for grid in paper.grids:
        yield grid.stem
        yield from (option.label for option in grid.options)
        yield from (q.text + q.mark for q in grid.questions)
    for question in paper.background:
        yield question.text + question.mark
        yield from (option.label for option in question.options)


def test_items_stand_in_order_in_grids_of_one_scale_and_are_numbered_through():
    paper = questionnaire_paper(INSTRUMENT)
    assert [len(grid.questions) for grid in paper.grids] == [12, 3, 3, 7]
    numbers = [q.number for grid in paper.grids for q in grid.questions] + [
        q.number for q in paper.background
    ]
    assert numbers == list(range(1, len(numbers) + 1))
    shown = [q.text for grid in paper.grids for q in grid.questions]
    assert shown == [item.text for item in INSTRUMENT.items.values()]


def test_optional_items_can_be_left_out():
    paper = questionnaire_paper(INSTRUMENT, optional=False)
    assert sum(len(grid.questions) for grid in paper.grids) == 18
    assert paper.background[0].number == 19


def test_dont_know_is_offered_only_where_it_is_declared():
    assert [o.label for o in questionnaire_paper(INSTRUMENT).grids[0].options if o.apart] == ["don't know"]
    bare = changed(missing={"": "no answer"})
    assert not any(o.apart for grid in questionnaire_paper(bare).grids for o in grid.options)


def test_what_the_tool_fills_in_is_not_asked():
    asked = [question.text for question in questionnaire_paper(INSTRUMENT).background]
    assert not any("identifier" in text or "given by the survey tool" in text for text in asked)
    assert len(asked) == len(INSTRUMENT.background) - 2


def test_names_constructs_reversals_and_codes_are_shown_only_when_asked_for():
    plain = " ".join(texts(questionnaire_paper(INSTRUMENT)))
    for hidden in ("con3", "conflict", "reversed", "[7]", "Organisational collaboration", "marker"):
        assert hidden not in plain
    marked = " ".join(texts(questionnaire_paper(INSTRUMENT, annotated=True)))
    for shown in (
        "con3, conflict, reversed",
        "strongly agree [7]",
        "chk1, attention, optional, right answer 3",
    ):
        assert shown in marked


def test_a_scale_with_many_codes_or_none_is_a_line_to_write_on():
    data = plain_data(INSTRUMENT)
    data["scales"]["plan"]["codes"] = {str(k): f"{k} %" for k in range(101)}
    grid = questionnaire_paper(questionnaire(data, "x")).grids[1]
    assert grid.options == ()
    assert grid.stem.endswith("0 = 0 %, 100 = 100 %")


@pytest.mark.parametrize("language", ["en", "fr", "de", "nl", "es", "it", "tr"])
def test_every_language_has_every_sentence_and_heading(language):
    words = words_for(f"{language}-XX")
    assert words.language == language
    assert set(words.headings) == {name for name, q in INSTRUMENT.background.items() if q.asked}
    sentences = [words.tick_each, words.tick_one, words.write, words.about_you, words.thanks]
    assert all(sentences)
    assert all(words.headings.values())
    others = [other for other in WORDS.values() if other is not words]
    assert not any(words.thanks == other.thanks for other in others)


def test_direction_follows_the_language():
    assert [is_right_to_left(code) for code in ("ar", "he-IL", "fa_IR", "ur", "en", "tr", "az")] == [
        True, True, True, True, False, False, False,
    ]  # fmt: skip
