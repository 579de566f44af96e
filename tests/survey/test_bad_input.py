"""One test per bad cell, row, column or encoding: the error class (the exit code), the place, the way out."""

import pandas as pd
import pytest

from sopsem.errors import DataError, FileError, ModelError
from sopsem.survey import read_responses, responses_from_frame


def put(table, row, column, value):
    """Set the cell of a data row (from 1, so on line row + 1)."""
    table[row][table[0].index(column)] = value
    return table


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_unreadable(refused, content, write, instrument):
    refused(FileError, write(content), instrument, "survey.csv", "empty")


def test_a_header_without_rows_has_no_respondents(refused, clean, write, instrument):
    refused(DataError, write(clean[:1]), instrument, "0 respondents")


def test_three_header_rows_of_qualtrics_are_recognised(clean, write, instrument):
    texts = [f'How far, "{name}",\nin full?' for name in clean[0]]
    ids = [f'{{"ImportId":"QID{j}"}}' for j in range(18)]
    answers = read_responses(write([clean[0], texts, ids, *clean[1:]]), instrument)
    assert len(answers) == 8
    assert "three header rows" in answers.source.notes[0]


def test_a_byte_order_mark_is_not_part_of_the_first_name(clean, write, instrument):
    answers = read_responses(write(clean, encoding="utf-8-sig"), instrument)
    assert answers.source.encoding == "utf-8-sig"
    assert answers.items.columns[0] == "col1"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_encodings_are_told_by_their_mark(encoding, clean, write, instrument):
    answers = read_responses(write(clean, encoding=encoding), instrument)
    assert answers.source.encoding == encoding
    assert answers.items.iloc[0, 0] == float(clean[1][0])


def test_utf16_without_a_mark_is_refused_with_the_way_out(refused, clean, write, instrument):
    path = write(clean, encoding="utf-16-le")
    refused(FileError, path, instrument, "NUL at byte 1", "encoding=utf-16-le")
    assert len(read_responses(path, instrument, encoding="utf-16-le")) == 8


def test_cp1252_is_read_and_named_as_a_guess(clean, write, instrument):
    clean[0].append("department_other")
    for row in clean[1:]:
        row.append("Qualité – d’usine")
    answers = read_responses(write(clean, encoding="cp1252"), instrument)
    assert answers.respondents["department_other"].unique().tolist() == ["Qualité – d’usine"]
    assert answers.source.encoding == "cp1252"
    assert "guess" in answers.source.notes[0]


def test_guesses_that_read_the_header_differently_are_refused(refused, clean, write, instrument):
    clean[0].append("регион")
    for row in clean[1:]:
        row.append("Европа, Россия и Турция")
    path = write(clean, encoding="cp1251")
    refused(FileError, path, instrument, "read the first line differently", "encoding=")
    assert "регион" in read_responses(path, instrument, encoding="cp1251").source.unused_columns


def test_semicolons_with_decimal_commas_are_read(clean, write, instrument):
    put(clean, 1, "col1", "4,0")
    answers = read_responses(write(clean, delimiter=";"), instrument)
    assert answers.items.loc[1, "col1"] == 4.0
    assert answers.source.delimiter == ";"
    assert (answers.log["rule"] == "decimal comma").sum() == 1


def test_decimal_comma_and_point_in_one_file_are_listed(refused, clean, write, instrument):
    put(put(clean, 1, "col1", "4,0"), 3, "int2", "5.0")
    refused(
        DataError, write(clean, delimiter=";"), instrument, "item int2, line 4: '5.0'", "item col1, line 2"
    )


def test_a_point_before_three_digits_in_a_semicolon_file_is_ambiguous(refused, clean, write, instrument):
    path = write(put(clean, 2, "mkt1", "1.234"), delimiter=";")
    refused(DataError, path, instrument, "item mkt1, line 3", "'1.234' is ambiguous")


def test_a_decimal_comma_in_a_comma_file_is_refused(refused, clean, write, instrument):
    refused(DataError, write(put(clean, 2, "mkt1", "3,0")), instrument, "line 3", "decimal point")


def test_all_rows_that_are_too_long_are_named(refused, clean, write, instrument):
    clean[2].append("7")
    clean[5].append("7")
    refused(DataError, write(clean), instrument, "lines 3, 6: too many cells: 19 where the header has 18")


def test_all_rows_that_are_too_short_are_named(refused, clean, write, instrument):
    del clean[2][3:], clean[4][-1]
    refused(DataError, write(clean), instrument, "line 3: too few cells: 3", "line 5: too few cells: 17")


def test_an_unclosed_quote_is_named_by_the_line_where_it_opened(refused, clean, write, instrument):
    lines = [",".join(row) for row in clean]
    lines[2] = '"a, ""b"",\n' + lines[2]
    lines.insert(0, "")
    refused(
        FileError, write("\n".join(lines).encode()), instrument, "the quote that opens on line 4 is never"
    )


def test_text_after_a_closing_quote_is_refused(refused, clean, write, instrument):
    lines = [",".join(row) for row in clean]
    lines[3] = '"4"5' + lines[3][1:]
    refused(FileError, write("\n".join(lines).encode()), instrument, "line 4: text follows a closing quote")


def test_a_nul_byte_is_named_by_its_offset(refused, clean, write, instrument):
    content = "\n".join(",".join(row) for row in clean).encode()
    refused(FileError, write(content[:90] + b"\0" + content[90:]), instrument, "NUL at byte 90")


def test_duplicate_columns_are_named_by_both_positions(refused, clean, write, instrument):
    clean[0][6] = "col2"
    refused(DataError, write(clean), instrument, "'col2' is used twice: columns 2 and 7")


def test_a_column_without_a_name_but_with_values_is_refused(refused, clean, write, instrument):
    for row in clean:
        row.append("3")
    clean[0][-1] = " "
    refused(DataError, write(clean), instrument, "column 19 has no name")


def test_a_trailing_comma_adds_no_column(clean, write, instrument):
    content = "".join(",".join(row) + ",\n" for row in clean).encode()
    assert len(read_responses(write(content), instrument)) == 8


def test_a_cyrillic_look_alike_is_named_by_its_code_point(refused, clean, write, instrument):
    clean[0][0] = "сol1"
    refused(ModelError, write(clean), instrument, "item col1", "U+0441 CYRILLIC SMALL LETTER ES")


def test_a_misspelt_column_is_suggested_not_used(refused, clean, write, instrument):
    clean[0][1] = "COL_2"
    refused(DataError, write(clean), instrument, "no column 'col2', did you mean 'COL_2'?")


def test_every_missing_column_is_named(refused, clean, write, instrument):
    text = refused(DataError, write([row[4:] for row in clean]), instrument, "4 problems")
    assert all(f"item col{k}: no column" in text for k in range(1, 5))


def test_a_region_called_na_stays_text(clean, write, instrument):
    regions = ["NA", "None", "null", "n/a", "europe", "", "-99", "nan"]
    for row, region in zip(clean, ["region", *regions], strict=True):
        row.append(region)
    found = read_responses(write(clean), instrument).respondents["region"].tolist()
    assert found == ["NA", "None", "null", "n/a", "europe", None, None, "nan"]


def test_an_item_that_says_na_is_not_missing_unless_declared(refused, clean, write, instrument):
    refused(DataError, write(put(clean, 4, "ali1", "NA")), instrument, "item ali1, line 5", "'NA' is neither")


def test_duplicate_ids_are_listed_and_can_be_kept(refused, clean, write, instrument):
    for row, name in zip(clean, ["respondent_id", "1", "2", "3", "2", "5", "6", "2", ""], strict=True):
        row.append(name)
    path = write(clean)
    told = "item respondent (column 'respondent_id'), lines 3, 5, 8: id '2' is used 3 times"
    refused(DataError, path, instrument, told)
    assert len(read_responses(path, instrument, duplicate_ids="keep")) == 8


def test_many_shared_ids_are_counted_after_the_first_twenty(refused, clean, write, instrument):
    table = [[*clean[0], "respondent_id"], *([*clean[1 + k % 8], str(k // 2)] for k in range(50))]
    text = refused(DataError, write(table), instrument, "21 problems")
    assert text.count("is used 2 times") == 20
    frame = pd.DataFrame(table[1:], columns=table[0])
    with pytest.raises(DataError, match="- and 1 more"):
        responses_from_frame(frame, instrument)


def test_twenty_shared_ids_are_shown_without_a_count_of_none(refused, clean, write, instrument):
    table = [[*clean[0], "respondent_id"], *([*clean[1 + k % 8], str(k // 2)] for k in range(40))]
    assert "more ids" not in refused(DataError, write(table), instrument, "20 problems")


def test_ids_stay_text(clean, write, instrument):
    ids = ["007", "1E5", "0x10", "1.0", "+5", "1e400", "٣", "-0"]
    for row, name in zip(clean, ["respondent_id", *ids], strict=True):
        row.append(name)
    assert read_responses(write(clean), instrument).respondents["respondent"].tolist() == ids


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("18446744073709551617", "too large"),
        ("9" * 5000, "too large"),
        ("1e400", "too large"),
        ("inf", "infinite"),
        ("-Infinity", "infinite"),
        ("nan", "neither a number nor a label"),
        ("TRUE", "truth value"),
        ("false", "truth value"),
        ("1_000", "underscore"),
        ("٣", "digits other than 0-9"),
        ("３", "digits other than 0-9"),
        ("0x5", "neither"),
        ("3.5", "3.5 is not a code"),
        ("8", "8 is not a code of the scale 'agreement' (1 to 7)"),
        ("'=1+1", "neither"),
        ("\u200b3", r"'\u200b3' is neither"),
        ("\x1b[2J", r"'\x1b[2J' is neither"),
    ],
)
def test_a_cell_that_is_no_answer_is_refused_by_name(refused, cell, why, clean, write, instrument):
    text = refused(DataError, write(put(clean, 6, "con1", cell)), instrument, "item con1, line 7", why)
    assert "\x1b" not in text
    assert len(text.splitlines()[0]) < 300
    assert len(text) < 700


@pytest.mark.parametrize("code", ["99", "999", "-1", "-9"])
def test_an_undeclared_missing_code_is_suggested_for_declaration(refused, code, clean, write, instrument):
    put(put(clean, 1, "int1", code), 7, "int1", code)
    refused(DataError, write(clean), instrument, "item int1, lines 2, 8 (2 cells)", f'declare "{code}"')


def test_many_wrong_cells_are_counted_after_the_first_twenty(refused, clean, write, instrument):
    table = [clean[0], *(clean[1 + k % 8][:] for k in range(60))]
    for row in table[1:51]:
        row[0] = "8"
    refused(DataError, write(table), instrument, "19, 20, 21 and 30 more (50 cells)")


def test_many_different_wrong_cells_are_counted_too(refused, clean, write, instrument):
    table = [clean[0], *(clean[1 + k % 8][:] for k in range(60))]
    for k, row in enumerate(table[1:51]):
        row[0] = str(100 + min(k, 48))
    refused(DataError, write(table), instrument, "item col1: 44 more values that cannot be read, in 45 cells")


def test_five_wrong_values_of_an_item_are_shown_without_a_count_of_none(refused, clean, write, instrument):
    for row, value in enumerate("89abc", start=1):
        put(clean, row, "col1", value)
    assert "more values" not in refused(DataError, write(clean), instrument, "5 problems")


def test_labels_and_missing_codes_are_listed_once_for_the_file(refused, clean, write, instrument):
    for row, item in ((1, "col1"), (2, "col1"), (3, "col2")):
        put(clean, row, item, f"word {row}")
    text = refused(DataError, write(clean), instrument, "3 problems", '"-99" (don\'t know)', "[missing]")
    assert text.count("'strongly disagree' (1)") == 1


@pytest.mark.parametrize("cell", ["3 - rather disagree", "3: rather disagree", "3 – Eher nicht"])
def test_cells_of_code_and_label_are_explained_once(cell, refused, clean, write, instrument):
    put(put(clean, 1, "col1", cell), 2, "col2", cell)
    text = refused(DataError, write(clean), instrument, "2 problems")
    assert text.count("look like 'code - label'") == 1
    assert "did you mean" not in text
    assert "has the labels" not in text


def test_an_unknown_label_is_suggested_never_applied(refused, clean, write, instrument):
    path = write(put(clean, 2, "col1", "strongly agre"))
    refused(DataError, path, instrument, "line 3", "did you mean 'strongly agree'?")


@pytest.mark.parametrize(
    "cell", ["Strongly agree", " strongly  AGREE ", "ｓtrongly agree", "strongly\u00a0agree"]
)
def test_a_label_in_any_case_and_spacing_is_its_code(cell, clean, write, instrument):
    assert read_responses(write(put(clean, 2, "col1", cell)), instrument).items.loc[2, "col1"] == 7.0


@pytest.mark.parametrize("cell", ["3 ", " 3", "3.0", "+3", "3e0", "\u00a03"])
def test_other_spellings_of_a_number_are_accepted(cell, clean, write, instrument):
    assert read_responses(write(put(clean, 2, "col1", cell)), instrument).items.loc[2, "col1"] == 3.0


def test_unused_columns_are_ignored_and_listed(clean, write, instrument):
    names = [f"x{k}" for k in range(500)]
    wide = [names + clean[0], *([["?"] * 500 + row for row in clean[1:]])]
    answers = read_responses(write(wide), instrument)
    assert answers.items.columns.tolist() == list(instrument.item_ids)
    assert answers.source.unused_columns == tuple(names)


def test_a_cell_far_down_that_is_no_number_is_named(refused, clean, write, instrument):
    table = [clean[0], *(clean[1 + k % 8] for k in range(20_000))]
    table[15_001] = ["text", *clean[1][1:]]
    refused(DataError, write(table), instrument, "item col1, line 15002: 'text'")


def test_a_constant_item_is_refused_and_can_be_kept(refused, clean, write, instrument):
    for row in range(1, 9):
        put(clean, row, "ali2", "4")
    path = write(clean)
    refused(DataError, path, instrument, "item ali2: all 8 answers are 4")
    assert read_responses(path, instrument, constant_items="keep").items["ali2"].unique().tolist() == [4.0]


def test_an_item_without_answers_is_refused_under_every_policy(refused, clean, write, instrument):
    for row in range(1, 9):
        put(clean, row, "ali2", "-99")
    refused(DataError, write(clean), instrument, "item ali2: all answers missing", constant_items="keep")


def test_a_single_respondent_cannot_vary(refused, clean, write, instrument):
    refused(DataError, write(clean[:2]), instrument, "18 problems", "item col1: only 1 answer")


def test_all_problems_are_told_in_one_pass(refused, clean, write, instrument):
    put(put(clean, 1, "con1", "9"), 2, "int1", "often")
    clean[0][0] = "kol1"
    for row, name in zip(clean, ["respondent_id", *"11345678"], strict=True):
        row.append(name)
    refused(
        DataError,
        write(clean),
        instrument,
        "4 problems",
        "'kol1'",
        "item con1",
        "item int1",
        "id '1' is used 2",
    )
