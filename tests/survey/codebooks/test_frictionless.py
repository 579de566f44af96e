"""The Table Schema describes the columns of a survey file as the questionnaire does."""

import json

from sopsem.runs.atomic import json_bytes
from sopsem.survey import load_instrument
from sopsem.survey.codebooks.frictionless import table_schema


def test_every_question_is_a_field_named_by_its_column():
    instrument = load_instrument()
    schema = json.loads(json_bytes(table_schema(instrument)))
    fields = {field["name"]: field for field in schema["fields"]}
    assert len(fields) == len(instrument.items) + len(instrument.background)
    assert schema["primaryKey"] == ["respondent_id"]
    assert fields["respondent_id"]["sopsem"] == {"background": "respondent"}
    con3 = fields["con3"]
    assert con3["type"] == "integer"
    assert con3["categoriesOrdered"] is True
    assert [c["value"] for c in con3["categories"]] == list(range(1, 8))
    assert con3["sopsem"] == {"item": "con3", "construct": "conflict", "scale": "agreement", "reverse": True}
    assert {"value": "sales", "label": "Sales"} in fields["department"]["categories"]
    assert schema["missingValues"] == [
        {"value": "", "label": "no answer"},
        {"value": "-99", "label": "don't know"},
    ]
    assert schema["sopsem"]["model"] == instrument.model


def test_a_scale_without_codes_is_a_number():
    instrument = load_instrument()
    scales = dict(instrument.scales)
    scales["agreement"] = scales["agreement"].model_copy(update={"codes": {}})
    field = table_schema(instrument.model_copy(update={"scales": scales}))["fields"][0]
    assert field["type"] == "number"
    assert "categories" not in field
