"""One test per trap that survey files set, as they were measured: what other readers do silently."""

import csv
import io

import pandas as pd
import pyreadstat
import pytest

from sopsem.errors import DataError
from sopsem.survey import read_responses, responses_from_frame
from sopsem.survey.formats import read_table


def put(table, row, column, value):
    table[row][table[0].index(column)] = value
    return table


def with_column(table, name, values):
    table[0].append(name)
    for row, value in zip(table[1:], values, strict=True):
        row.append(value)
    return table


@pytest.mark.parametrize("word", ["NA", "None", "null", "n/a", "NaN", "#N/A"])
def test_a_region_called_na_is_a_region(word, clean, write, instrument):
    answers = read_responses(write(with_column(clean, "region", [word] * 8)), instrument)
    assert answers.respondents["region"].tolist() == [word] * 8


def test_a_semicolon_file_has_decimal_commas(clean, write, instrument):
    answers = read_responses(write(put(clean, 1, "col1", "4,0"), delimiter=";"), instrument)
    assert answers.items.loc[1, "col1"] == 4


def test_excel_s_line_sep_is_no_header(clean, write, instrument):
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(clean)
    assert len(read_responses(write(b"sep=;\r\n" + text.getvalue().encode()), instrument)) == 8


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("utf-8-sig", "Qualität ☂"),
        ("utf-16", "Качество"),
        ("cp1252", "Qualité – d’usine à côté"),
        ("cp1254", "İşletme müdürlüğü"),
        ("cp1251", "Отдел продаж и операций"),
        ("gb18030", "销售部门和运营部门"),
        ("cp932", "営業部門と製造部門"),
        ("mac-roman", "Qualité – d’usine à côté"),
    ],
)
def test_encodings_are_found_or_given_and_the_guess_is_told(encoding, word, clean, write, instrument):
    path = write(with_column(clean, "department_other", [word] * 8), encoding=encoding)
    assert read_responses(path, instrument, encoding=encoding).respondents.iloc[0, 0] == word
    answers = read_responses(path, instrument)
    guessed = any("guess" in note for note in answers.source.notes)
    assert guessed == (not encoding.startswith("utf"))
    assert (
        answers.respondents.iloc[0, 0] == word
        or "would read some cells differently" in answers.source.notes[0]
    )


def test_bare_carriage_returns_end_lines(clean, write, instrument):
    text = "\r".join(",".join(row) for row in clean) + "\r"
    assert len(read_responses(write(text.encode()), instrument)) == 8


def test_labels_are_mapped_exactly_and_almost_labels_only_suggested(clean, write, instrument):
    put(put(clean, 1, "col1", " STRONGLY  agree "), 2, "col1", "Strongly\u00a0agree")
    assert read_responses(write(clean), instrument).items["col1"].tolist()[:2] == [7, 7]
    put(clean, 3, "col1", "strongly agre")
    with pytest.raises(DataError, match="did you mean 'strongly agree'"):
        read_responses(write(clean), instrument)


def test_nullable_integers_come_out_as_plain_doubles(clean, instrument):
    frame = pd.DataFrame(clean[1:], columns=clean[0]).astype("Int64")
    assert set(responses_from_frame(frame, instrument).items.dtypes.astype(str)) == {"float64"}


def sav(tmp_path, clean, **options):
    frame = pd.DataFrame(clean[1:], columns=clean[0]).astype(float)
    pyreadstat.write_sav(frame, tmp_path / "a.sav", **options)
    return tmp_path / "a.sav"


def test_missing_ranges_of_spss_are_applied_and_counted_by_reason(tmp_path, clean, instrument):
    put(put(put(clean, 1, "col1", "98"), 2, "col1", "99"), 3, "col1", "97")
    path = sav(
        tmp_path,
        clean,
        missing_ranges={"col1": [{"lo": 98, "hi": 99}, {"lo": 97, "hi": 97}]},
        variable_value_labels={"col1": {98: "refused", 1: "strongly disagree"}},
    )
    answers = read_responses(path, instrument)
    assert answers.items["col1"].isna().tolist() == [True] * 3 + [False] * 5
    log = answers.log[answers.log["rule"] == "missing in the file"]
    assert dict(zip(log["from"], log["to"], strict=True)) == {
        "98": "missing: refused",
        "99": "missing: declared missing in the file",
        "97": "missing: declared missing in the file",
    }


def test_labels_of_spss_with_gaps_and_duplicates_leave_the_codes_alone(tmp_path, clean, instrument):
    labels = {"col1": {1.0: "strongly disagree", 5.0: "rather agree", 7.0: "same", 6.0: "same"}}
    path = sav(tmp_path, clean, variable_value_labels=labels)
    expected = pd.DataFrame(clean[1:], columns=clean[0]).astype(float)["col1"].tolist()
    assert read_responses(path, instrument).items["col1"].tolist() == expected


def test_codes_never_follow_the_alphabet_of_their_labels(tmp_path, clean, instrument):
    """read_spss makes an alphabetical categorical: Agree, Disagree, ..."""
    scale = instrument.scale_of("col1").codes
    path = sav(tmp_path, clean, variable_value_labels={"col1": {float(c): w for c, w in scale.items()}})
    assert read_table(path, path.read_bytes()).cells[0] == tuple(row[0] for row in clean[1:])


def test_a_file_whose_labels_contradict_the_questionnaire_is_refused(tmp_path, clean, instrument):
    turned = {8.0 - code: label for code, label in instrument.scale_of("col1").codes.items()}
    path = sav(tmp_path, clean, variable_value_labels={"col1": turned})
    with pytest.raises(
        DataError, match="the file says that 7 is 'strongly disagree', the questionnaire says"
    ):
        read_responses(path, instrument)


def test_extended_missing_values_of_stata_keep_their_letters(tmp_path, clean, instrument):
    frame = pd.DataFrame(clean[1:], columns=clean[0]).astype(float).astype({"col1": object})
    frame.loc[0, "col1"], frame.loc[1, "col1"] = "a", "b"
    pyreadstat.write_dta(frame, tmp_path / "a.dta", missing_user_values={"col1": ["a", "b"]})
    log = read_responses(tmp_path / "a.dta", instrument).log
    found = log[log["rule"] == "missing in the file"]
    assert found["from"].tolist() == [".a", ".b"]
    assert found["to"].tolist()[1] == "missing: extended missing .b"


def test_several_choices_in_one_cell_are_no_number(clean, write, instrument):
    """Qualtrics writes 1,2 for two choices; a number with a decimal comma to some."""
    with pytest.raises(DataError, match="'1,2'"):
        read_responses(write(put(clean, 1, "col1", "1,2")), instrument)


def test_the_mask_of_limesurvey_is_taken_off_and_counted(clean, write, instrument):
    for row, cells in zip(
        clean, [["id", "submitdate", "lastpage", "startlanguage"], *[["1", "", "1", "en"]] * 8], strict=True
    ):
        row.extend(cells)
    with_column(clean, "department_other", ["'=SUM(1)", *["x"] * 7])
    answers = read_responses(write(clean), instrument)
    assert answers.source.tool == "LimeSurvey"
    assert answers.respondents["department_other"].tolist()[0] == "=SUM(1)"
    assert any("apostrophe" in note and "1 cells" in note for note in answers.source.notes)


def test_html_in_the_headings_of_surveymonkey_is_taken_off():
    header = 'Respondent ID,"How <b>far</b>&nbsp;is it?",,\n,Near,Far,Open\n11111111111,1,2,3\n'
    table = read_table("a.csv", header.encode())
    assert table.tool == "SurveyMonkey"
    assert table.columns == (
        "Respondent ID",
        "How far is it? [Near]",
        "How far is it? [Far]",
        "How far is it? [Open]",
    )
    assert table.aliases[1] == ("Near",)


def test_text_garbled_before_is_told_and_kept():
    table = read_table("a.csv", "a,b\nâ€™tis,1\n".encode())
    assert table.cells[0] == ("â€™tis",)
    assert "garbled" in table.notes[0]
    assert read_table("a.csv", "a,b\nünïcode’,1\n".encode()).notes == ()


def test_an_answer_that_a_sheet_turned_into_a_date_is_refused(clean, tmp_path, instrument):
    import openpyxl

    book = openpyxl.Workbook()
    for row in clean:
        book.active.append(row)
    book.active["A2"] = pd.Timestamp("2024-02-01").to_pydatetime()
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match="item col1, row 2: '2024-02-01'"):
        read_responses(tmp_path / "a.xlsx", instrument)
