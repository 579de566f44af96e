"""REDCap data dictionaries: what they say comes over, what they do not say is a note."""

import csv
import io

import pytest

from sopsem.errors import DataError
from sopsem.survey import responses_from_frame
from sopsem.survey.codebooks.imports import import_codebook

HEADER = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)",
    "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name",
    "Matrix Ranking?", "Field Annotation",
)  # fmt: skip
AGREE = "1, Strongly disagree | 2, Disagree | 3, Agree, more or less | 4, Strongly agree | -99, Don't know"


def field(name, kind, label="", choices="", group="", logic="", note=""):
    return [name, "f", "", kind, label, choices, note, "", "", "", "", logic, "", "", "", group, "", ""]


FIELDS = [
    field("record_id", "text", "Record ID"),
    field(
        "meet",
        "radio",
        '<div class="rich-text-field-label"><p>We <b>meet</b> &amp; plan</p></div>',
        AGREE,
        "team",
    ),
    field("blame", "radio", "We blame one another", AGREE, "team", logic="[meet] = '1'"),
    field("dept", "dropdown", "Your department?", "sales, Sales | ops, Operations"),
    field("lead", "yesno", "Do you lead a team?"),
    field("mood", "radio", "Your mood?", "1, Bad | 2, Good", note="today"),
    field("tools", "checkbox", "Tools?", "1, A | 2, B"),
    field("age2", "calc", "x", "[age]*2"),
    field("intro", "descriptive", "Welcome"),
]


@pytest.fixture
def dictionary(tmp_path):
    def write(fields=FIELDS, header=HEADER, delimiter=","):
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter).writerows([header, *fields])
        path = tmp_path / "alignment_study.csv"
        path.write_text(text.getvalue(), encoding="utf-8-sig")
        return path

    return write


def test_matrix_fields_are_items_and_the_rest_background(dictionary):
    found = import_codebook(dictionary())
    instrument = found.instrument
    assert found.kind == "REDCap data dictionary"
    assert instrument.item_ids == ("meet", "blame")
    assert instrument.items["meet"].text == "We meet & plan"
    assert instrument.items["meet"].scale == instrument.items["blame"].scale == "team"
    assert instrument.scale_of("meet").codes[3] == "Agree, more or less"
    assert list(instrument.background) == ["record_id", "dept", "lead", "mood"]
    assert dict(instrument.background["lead"].codes) == {"1": "Yes", "0": "No"}
    assert (instrument.title, instrument.language, instrument.model) == ("alignment_study", "und", "")


def test_what_it_does_not_say_is_listed_not_guessed(dictionary):
    found = import_codebook(dictionary())
    notes = "\n".join(found.notes)
    for words in (
        "does not say which items are reversed",
        "does not say a model",
        "matrix group team stands together on the page; is it one construct?: meet, blame",
        "no construct is given for: meet, blame",
        "scale team: -99 'Don't know' stands among the answers",
        "fields of type checkbox are left out: tools",
        "fields of type calc are left out: age2",
        "Branching Logic (Show field only if...) is not carried over: blame",
        "Field Note is not carried over: mood",
        "kept as background questions, though their answers are numbers: lead, mood",
    ):
        assert words in notes
    assert not found.instrument.reversed_ids
    assert {item.factor for item in found.instrument.items.values()} == {"unassigned"}


def test_a_field_named_by_the_user_is_an_item(dictionary):
    found = import_codebook(dictionary(), items=["mood", "lead"], language="en")
    assert found.instrument.item_ids == ("meet", "blame", "lead", "mood")
    assert found.instrument.language == "en"


def test_the_names_of_the_interface_and_semicolons_are_known_too(dictionary):
    names = ["field_name", "form_name", "section_header", "field_type", "field_label"]
    names += ["select_choices_or_calculations", "field_note", "text_validation_type_or_show_slider_number"]
    names += ["text_validation_min", "text_validation_max", "identifier", "branching_logic", "required_field"]
    names += [
        "custom_alignment",
        "question_number",
        "matrix_group_name",
        "matrix_ranking",
        "field_annotation",
    ]
    assert len(names) == len(HEADER)
    by_name = import_codebook(dictionary(header=names, delimiter=";"))
    assert by_name == import_codebook(dictionary())


def test_the_answers_of_the_project_are_read_through_it(dictionary):
    import pandas as pd

    instrument = import_codebook(dictionary()).instrument
    frame = pd.DataFrame({"meet": [1, 4, 2], "blame": ["Agree, more or less", "Disagree", ""]})
    assert responses_from_frame(frame, instrument).items["blame"].tolist()[:2] == [3.0, 2.0]


@pytest.mark.parametrize(
    ("fields", "options", "words"),
    [
        (
            [field("a", "radio", "A", "1, x | 2", "g")],
            {},
            "field 'a': choice '2' does not read 'code, label'",
        ),
        ([field("a", "radio", "A", "1, x | 1, y", "g")], {}, "choice '1, y' stands twice"),
        ([field("a", "radio", "A", "1, x | 2, y")], {}, "these have whole-number answers: a"),
        (
            [field("a", "radio", "A", "x, x | y, y", "g")],
            {},
            "'a' cannot be an item: its answer 'x' is not a",
        ),
        (FIELDS, {"items": ["mod"]}, "no question 'mod', did you mean 'mood'?"),
    ],
)
def test_what_cannot_be_a_questionnaire_is_refused(dictionary, fields, options, words):
    with pytest.raises(DataError) as caught:
        import_codebook(dictionary(fields), **options)
    assert words in str(caught.value)
