"""What a questionnaire without faults may leave open."""

from sopsem.survey import load_instrument
from sopsem.survey.codebooks.open_points import open_points
from sopsem.survey.codebooks.template import template_instrument
from sopsem.survey.questionnaire import plain_data, questionnaire


def test_the_shipped_questionnaire_and_the_template_leave_nothing_open():
    assert open_points(load_instrument()) == []
    assert open_points(template_instrument()) == []


def test_each_point_is_found():
    data = plain_data(template_instrument())
    data["language"] = "und"
    data["model"] = ""
    data["missing"] = {}
    data["scales"]["spare"] = {}
    data["scales"]["gap"] = {"codes": {"1": "a", "2": "b", "9": "c"}}
    data["scales"]["free"] = {}
    data["constructs"]["one"] = {"label": "One"}
    data["items"]["lone"] = {"text": "L", "construct": "one", "scale": "gap", "reverse": True}
    data["constructs"]["unassigned"] = {"label": "?"}
    data["items"]["new"] = {"text": "N", "construct": "unassigned", "scale": "free"}
    points = "\n".join(open_points(questionnaire(data, "x")))
    for words in (
        "there is no model",
        "the language is not given",
        "no code means no answer",
        "scale spare is used by no item",
        "scale gap: the codes have gaps (1, 2, 9)",
        "scale free has no codes",
        "construct one has 1 item(s)",
        "all items of construct one are reversed",
        "1 items are not yet assigned to a construct: new",
    ):
        assert words in points
