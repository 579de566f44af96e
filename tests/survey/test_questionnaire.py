"""A questionnaire with one question more."""

import pytest

from sopsem.errors import UsageError
from sopsem.survey import load_instrument
from sopsem.survey.questionnaire import with_question


def test_a_question_can_be_added_and_an_item_is_none():
    instrument = load_instrument()
    longer = with_question(instrument, "plant", "In which plant do you work?")
    assert longer.background["plant"].text == "In which plant do you work?"
    assert longer.items == instrument.items
    assert with_question(instrument, "region", "?") is instrument
    with pytest.raises(UsageError, match="'col1' is an item"):
        with_question(instrument, "col1", "?")
