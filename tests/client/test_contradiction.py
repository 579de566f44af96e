"""A scale whose items contradict each other is told of; nothing is said of few people."""

import re

import pytest

from sopsem.client.contradiction import contradiction, contradictions


def turned(item):
    """Answers in which one scale hangs together and its last two items are turned round."""

    def answers(rng, n):
        level = rng.normal(size=(n, 1))
        whole = (4.3 + 1.5 * level + 0.4 * rng.normal(size=(n, 18))).round().clip(1, 7)
        whole[:, item : item + 2] = 8 - whole[:, item : item + 2]
        return whole

    return answers


def test_a_reversed_item_that_is_not_declared_is_suspected(survey):
    (said,) = [each for each in contradictions(survey({"sales": 60}, answers=turned(0))) if "collab" in each]
    assert re.match(r"The items of Organisational collaboration contradict each other \(alpha -\d", said)
    assert said.endswith("is one of them reversed and not declared so?")


def test_nothing_is_said_of_fewer_than_ten(survey):
    assert contradictions(survey({"sales": 9}, answers=turned(0))) == ()


@pytest.mark.parametrize("value", [0.0, 0.8, float("nan")])
def test_any_other_scale_is_not_mentioned(value):
    assert contradiction("Trust", value) == ""
