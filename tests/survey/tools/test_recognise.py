"""A survey tool is known by its whole shape; a file that shares a part of it is read as it stands."""

import json

import pytest

from sopsem.survey.formats import read_table
from sopsem.survey.tools.recognise import named_layout


def tool_of(text):
    return read_table("a.csv", text.encode()).tool


@pytest.mark.parametrize(
    "text",
    [
        'a,b\n1,2\n"{""ImportId"":""x""}",3\n',  # a JSON cell in one column
        "id,q1,q2\n,Agree,Agree\n123456,Disagree,Agree\n",  # a first respondent without an id
        "id,start,end,who,name,q\n1,2024-05-01 10:00,2024-05-01 10:05,12,x,3\n",  # no address
        "Status,Progress,q\n0,100,3\n",
        "submitdate,q\n2024-05-01,3\n",
        "Timestamp,q\n2024/05/01 10:00:00,3\n",  # no zone
        "V1,V2,V3,V4,V5,V6,V7,V8,V9,V10\na,b,c,d,e,f,g,h,i,j\n1,2,3,4,5,6,7,8,9,10\n",
    ],
)
def test_a_part_of_a_shape_is_no_tool(text):
    assert tool_of(text) == "plain"


def test_qualtrics_is_known_by_its_third_row_in_any_language():
    ids = ",".join(
        '"{}"'.format(json.dumps({"ImportId": name}).replace('"', '""')) for name in ("endDate", "QID1")
    )
    table = read_table("a.csv", f"x,Q1\nбыло,Вопрос - Часть\n{ids}\n2024-05-01 10:00:00,4\n".encode())
    assert (table.tool, dict(table.roles)) == ("Qualtrics", {"ended": "x"})
    assert table.aliases[1] == ("Часть",)


def test_surveymonkey_is_known_by_its_structure_in_any_language():
    text = "Befragten-ID,Wie sehr?,,\n,Nah,Fern,Offen\n113900000001,1,2,3\n"
    assert tool_of(text) == "SurveyMonkey"


def test_limesurvey_headings_of_code_and_text_may_use_any_mark():
    for mark in (". ", ": ", " - "):
        codes = ("id", "submitdate", "lastpage", "startlanguage", "G1[a]")
        table = read_table("a.csv", (";".join(f"{c}{mark}Text" for c in codes) + "\n1;;2;en;4\n").encode())
        assert (table.tool, table.columns, table.headings[4]) == ("LimeSurvey", codes, "Text")


def test_one_header_row_with_the_names_of_qualtrics_keeps_its_roles():
    """As after the other two rows were deleted by hand, or in SPSS."""
    names = ["StartDate", "EndDate", "Status", "Finished", "ResponseId", "Q1"]
    assert named_layout(names).tool == "Qualtrics"
    assert tool_of(",".join(names) + "\n2024-05-01,2024-05-01,0,1,R_1,4\n") == "Qualtrics"


def test_a_cell_that_was_not_shown_is_missing_with_its_reason():
    text = "Q\tQ\tQ\tQ\tQ\nid\tsubmitdate\tlastpage\tstartlanguage\ta\n1\t\t2\ten\t{question_not_shown}\n"
    table = read_table("a.txt", text.encode())
    assert (table.tool, table.missing) == (
        "LimeSurvey vv",
        {"a": {"{question_not_shown}": "question not shown"}},
    )


def test_line_ends_of_a_vv_file_are_put_back():
    text = "Q\tQ\tQ\tQ\tQ\nid\tsubmitdate\tlastpage\tstartlanguage\ta\n1\t\t2\ten\tx{newline}y{quote}\n"
    table = read_table("a.txt", text.encode())
    assert table.cells[4] == ('x\ny"',)
    assert table.notes[-1].endswith("1 cells")


def test_microsoft_forms_has_breaking_spaces_and_no_last_semicolon_in_the_end():
    about = "1,5/13/24 10:00:00,5/13/24 10:04:00,anonymous,"
    table = read_table("a.csv", f"ID,S,E,A,N,Two\u00a0words,c\n{about},4,Mail;Meetings;\n".encode())
    assert (table.tool, table.columns[5], table.cells[6]) == (
        "Microsoft Forms",
        "Two words",
        ("Mail;Meetings",),
    )
    assert len(table.notes) == 2
