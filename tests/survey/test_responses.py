"""Reading answers: values, reversal, the audit log, exclusions, and frames."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.survey import Scale, load_instrument, read_responses, responses_from_frame

INSTRUMENT = load_instrument()
ITEMS = list(INSTRUMENT.item_ids)


def numbers(clean):
    return np.array(clean[1:], dtype=float)


def test_answers_are_floats_in_the_order_of_the_questionnaire(clean, write, instrument):
    shuffled = [row[::-1] for row in clean]
    items = read_responses(write(shuffled), instrument).items
    assert items.columns.tolist() == ITEMS
    assert (items.dtypes == np.float64).all()
    assert items.index.tolist() == list(range(1, 9))
    assert items.index.name == "row"


def test_only_reversed_items_are_turned_by_the_scale(clean, write, instrument):
    items = read_responses(write(clean), instrument).items
    expected = numbers(clean)
    for name in ("con3", "con4"):
        expected[:, ITEMS.index(name)] = 8 - expected[:, ITEMS.index(name)]
    np.testing.assert_array_equal(items.to_numpy(), expected)


def test_reversal_uses_the_scale_and_not_the_observed_range(clean, write, instrument):
    for k, row in enumerate(clean[1:]):
        row[ITEMS.index("con3")] = str(2 + k % 3)
    assert set(read_responses(write(clean), instrument).items["con3"]) == {6.0, 5.0, 4.0}


def test_every_recode_is_in_the_log_with_its_cells(clean, write, instrument):
    clean[1][0], clean[2][0], clean[3][0] = "Agree", " agree", "-99"
    clean[4][1], clean[5][1], clean[6][1] = "", "Don't know", "4,0"
    clean[0].append("region")
    for row in clean[1:]:
        row.append(" europe")
    log = read_responses(write(clean, delimiter=";"), instrument).log
    assert log.columns.tolist() == ["item", "column", "rule", "from", "to", "n_cells", "rows"]
    found = {tuple(row) for row in log.drop(columns="column").itertuples(index=False)}
    assert found == {
        ("col1", "label", "agree", "6", 2, "lines 2, 3"),
        ("col1", "spaces stripped", "with spaces", "without", 1, "line 3"),
        ("col1", "missing code", "-99", "missing: don't know", 1, "line 4"),
        ("col2", "missing code", "", "missing: no answer", 1, "line 5"),
        ("col2", "missing label", "don't know", "missing: don't know", 1, "line 6"),
        ("col2", "decimal comma", ",", ".", 1, "line 7"),
        ("con3", "reversed", "x", "8 - x", 8, "lines 2, 3, 4, 5, 6, 7, 8, 9"),
        ("con4", "reversed", "x", "8 - x", 8, "lines 2, 3, 4, 5, 6, 7, 8, 9"),
        ("region", "spaces stripped", "with spaces", "without", 8, "lines 2, 3, 4, 5, 6, 7, 8, 9"),
    }


def test_a_background_cell_of_spaces_is_missing_and_counted_once(clean, write, instrument):
    for row, region in zip(clean, ["region", "  ", *["europe"] * 7], strict=True):
        row.append(region)
    answers = read_responses(write(clean), instrument)
    assert answers.respondents["region"].tolist()[0] is None
    assert answers.log[answers.log["item"] == "region"]["rule"].tolist() == ["missing code"]


def test_a_background_answer_outside_the_code_book_is_kept_and_logged(clean, write, instrument):
    for row, department in zip(clean, ["department", "Sales", "sales", "IT", "", *"abcd"], strict=True):
        row.append(department)
    answers = read_responses(write(clean), instrument)
    assert answers.respondents["department"].tolist()[:4] == ["Sales", "sales", "IT", None]
    entry = answers.log[answers.log["rule"] == "not in the code book"].iloc[0]
    assert (entry["item"], entry["n_cells"]) == ("department", 5)


def test_optional_items_are_coded_when_present_and_may_be_constant(clean, write, instrument):
    for row, via, check in zip(clean, ["via3", *"12345671"], ["chk1", *"33333333"], strict=True):
        row += [via, check]
    answers = read_responses(write(clean), instrument)
    assert answers.optional_items["via3"].tolist() == [7, 6, 5, 4, 3, 2, 1, 7]
    assert "via1" in answers.source.absent_columns
    assert answers.items.shape[1] == 18


def test_an_optional_item_out_of_range_is_refused_too(clean, write, instrument):
    for row, via in zip(clean, ["via3", *"12345679"], strict=True):
        row.append(via)
    with pytest.raises(DataError, match="item via3, line 9: 9 is not a code"):
        read_responses(write(clean), instrument)


def test_the_source_says_what_was_read(clean, write, instrument):
    path = write(clean, delimiter="\t", name="wave.tsv")
    source = read_responses(path, instrument).source
    assert (source.name, source.delimiter, source.encoding, source.n_rows) == ("wave.tsv", "\t", "utf-8", 8)
    assert len(source.sha256) == 64
    path.write_bytes(path.read_bytes() + b"\n")
    again = read_responses(path, instrument).source
    assert again.sha256 != source.sha256
    assert again.matrix_sha256 == source.matrix_sha256


def test_excel_s_first_line_names_the_delimiter(clean, write, instrument):
    body = "\r\n".join(";".join(row) for row in clean)
    answers = read_responses(write(f"sep=;\r\n{body}".encode()), instrument)
    assert len(answers) == 8
    assert answers.source.delimiter == ";"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_and_blank_lines_do_not_matter(newline, clean, write, instrument):
    body = newline.join(",".join(row) for row in clean[:5]) + newline * 3
    body += newline.join(",".join(row) for row in clean[5:]) + newline * 2
    assert len(read_responses(write(body.encode()), instrument)) == 8


def test_a_column_may_have_another_name_than_its_item(clean, write):
    item = INSTRUMENT.items["col1"].model_copy(update={"column": "Q1 [a]"})
    renamed = INSTRUMENT.model_copy(update={"items": {**INSTRUMENT.items, "col1": item}})
    clean[0][0] = "Q1 [a]"
    clean[2][0] = "9"
    with pytest.raises(DataError, match=r"item col1 \(column 'Q1 \[a\]'\), line 3"):
        read_responses(write(clean), renamed)


def test_complete_counts_and_lists_what_it_leaves_out(clean, write, instrument):
    clean[2][0], clean[5][0], clean[5][17] = "", "-99", ""
    answers = read_responses(write(clean), instrument)
    complete = answers.complete()
    assert (len(answers), len(complete)) == (8, 6)
    assert complete.excluded.to_numpy().tolist() == [[2, 3, "missing: col1"], [5, 6, "missing: col1, mkt3"]]
    assert complete.items.index.tolist() == [1, 3, 4, 6, 7, 8]
    assert complete.respondents.index.tolist() == complete.items.index.tolist()
    assert len(complete.items) + len(complete.excluded) == answers.source.n_rows
    assert answers.excluded.empty


def test_complete_twice_leaves_out_nothing_more(clean, write, instrument):
    clean[2][0] = ""
    once = read_responses(write(clean), instrument).complete()
    pd.testing.assert_frame_equal(once.complete().excluded, once.excluded)


def test_complete_refuses_to_leave_nobody(clean, write, instrument):
    for k, row in enumerate(clean[1:]):
        row[k] = ""
    with pytest.raises(DataError, match="no respondent answered every item"):
        read_responses(write(clean), instrument).complete()


def test_complete_refuses_items_that_no_longer_vary(clean, write, instrument):
    for k, row in enumerate(clean[1:]):
        row[0] = "4"
        row[1] = row[1] if k < 6 else ""
    clean[8][0] = "5"
    with pytest.raises(DataError, match=r"6 complete rows of 8: item col1: all 6 answers are 4"):
        read_responses(write(clean), instrument).complete()


def test_what_is_handed_out_cannot_change_the_responses(clean, write, instrument):
    answers = read_responses(write(clean), instrument)
    before = answers.items.copy()
    handed = answers.items
    handed["extra"] = 1.0
    handed.iloc[0, 0] = 99.0
    log = answers.log
    log["rule"] = "x"
    pd.testing.assert_frame_equal(answers.items, before)
    assert (answers.log["rule"] == "reversed").all()
    assert not answers.items.to_numpy().flags.writeable
    assert not answers.complete().items.to_numpy().flags.writeable
    with pytest.raises(AttributeError):
        answers.source = None
    with pytest.raises(AttributeError):
        answers.source.n_rows = 0


def test_the_repr_is_one_screen_without_answers(clean, write, instrument):
    clean[0].append("department_other")
    for row in clean[1:]:
        row.append("<b>canary</b>")
    answers = read_responses(write(clean), instrument)
    assert "8 respondents, 18 items" in repr(answers)
    assert "canary" not in repr(answers)
    assert answers._repr_html_().startswith("<pre>&lt;Responses")


def frame_of(clean, dtype=None):
    frame = pd.DataFrame(numbers(clean), columns=clean[0])
    return frame if dtype is None else frame.astype(dtype)


@pytest.mark.parametrize("dtype", [None, "Int64", "Float64", "int8", "uint16", "float32", "string", "object"])
def test_every_column_type_gives_the_same_numbers(dtype, clean, instrument):
    answers = responses_from_frame(frame_of(clean, dtype), instrument)
    plain = responses_from_frame(frame_of(clean), instrument)
    pd.testing.assert_frame_equal(answers.items, plain.items, check_exact=True)
    assert answers.source.matrix_sha256 == plain.source.matrix_sha256


def test_arrow_columns_give_the_same_numbers(clean, instrument):
    pytest.importorskip("pyarrow")
    frame = frame_of(clean)
    frame.iloc[2, 3] = np.nan
    arrow = frame.convert_dtypes(dtype_backend="pyarrow")
    pd.testing.assert_frame_equal(
        responses_from_frame(arrow, instrument).items, responses_from_frame(frame, instrument).items
    )


def test_polars_frames_are_taken(clean, instrument):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({name: list(column) for name, column in frame_of(clean).items()})
    expected = responses_from_frame(frame_of(clean), instrument).items
    pd.testing.assert_frame_equal(responses_from_frame(frame, instrument).items, expected)


def test_a_file_and_a_frame_agree(clean, write, instrument):
    clean[3][4] = ""
    read = read_responses(write(clean), instrument)
    frame = pd.DataFrame(clean[1:], columns=clean[0])
    taken = responses_from_frame(frame, instrument)
    pd.testing.assert_frame_equal(read.items, taken.items)
    assert read.source.matrix_sha256 == taken.source.matrix_sha256
    assert taken.source.sha256 is None


@pytest.mark.parametrize("gap", [np.nan, None, pd.NA])
def test_a_gap_in_a_frame_is_a_missing_answer(gap, clean, instrument):
    frame = frame_of(clean, "object")
    frame.iloc[3, 2] = gap
    answers = responses_from_frame(frame, instrument)
    assert np.isnan(answers.items.iloc[3, 2])
    assert answers.complete().excluded["line"].tolist() == [4]


def test_boolean_columns_count_as_zero_and_one(instrument):
    scale = Scale(codes={0: "no", 1: "yes"})
    yes_no = instrument.model_copy(update={"scales": dict.fromkeys(instrument.scales, scale)})
    frame = pd.DataFrame({name: [True, False, True] for name in ITEMS})
    frame["con1"] = frame["con1"].astype("boolean")
    items = responses_from_frame(frame, yes_no).items
    assert items["con1"].tolist() == [1.0, 0.0, 1.0]
    assert items["con3"].tolist() == [0.0, 1.0, 0.0]


def test_a_truth_value_among_numbers_is_refused(clean, instrument):
    frame = frame_of(clean, "object")
    frame.iloc[1, 0] = True
    with pytest.raises(DataError, match="item col1, row 2: 'True' is a truth value"):
        responses_from_frame(frame, instrument)


def test_an_unordered_categorical_is_refused_and_an_ordered_one_read_by_its_labels(clean, instrument):
    frame = frame_of(clean)
    labels = list(INSTRUMENT.scale_of("col1").codes.values())
    texts = [labels[int(x) - 1] for x in frame["col1"]]
    expected = responses_from_frame(frame, instrument).items["col1"].tolist()
    frame["col1"] = pd.Categorical(texts, categories=sorted(labels), ordered=True)
    assert responses_from_frame(frame, instrument).items["col1"].tolist() == expected
    frame["col1"] = pd.Categorical(texts)
    with pytest.raises(DataError, match="column 'col1' is an unordered categorical"):
        responses_from_frame(frame, instrument)


@pytest.mark.parametrize(
    "cell",
    [np.inf, 2**70, 10**5000, 1e300, 3 + 4j, b"3", object(), pd.Timestamp(0), (1,)],
    ids=lambda cell: type(cell).__name__,
)
def test_strange_objects_in_a_frame_are_refused_by_row(cell, clean, instrument):
    frame = frame_of(clean, "object")
    frame["ali2"] = pd.Series([*frame["ali2"][:4], cell, *frame["ali2"][5:]], dtype=object)
    with pytest.raises(DataError, match="item ali2, row 5: "):
        responses_from_frame(frame, instrument)


def test_frames_without_rows_with_doubled_columns_or_of_another_kind_are_refused(clean, instrument):
    frame = frame_of(clean)
    with pytest.raises(DataError, match="0 respondents"):
        responses_from_frame(frame.iloc[:0], instrument)
    with pytest.raises(DataError, match="column 'col1' is there 2 times"):
        responses_from_frame(pd.concat([frame, frame[["col1"]]], axis=1), instrument)
    with pytest.raises(UsageError, match="found ndarray"):
        responses_from_frame(frame.to_numpy(), instrument)
    with pytest.raises(UsageError, match="duplicate_ids is 'refuse' or 'keep'"):
        responses_from_frame(frame, instrument, duplicate_ids="drop")


def test_the_frame_given_is_not_changed(clean, instrument):
    frame = frame_of(clean)
    before = frame.copy()
    responses_from_frame(frame, instrument)
    pd.testing.assert_frame_equal(frame, before)


def test_rows_left_out_are_listed_with_their_reasons(clean, write, instrument):
    answers = read_responses(write(clean), instrument)
    kept = answers.without({2: "too fast", 5: "a preview"})
    assert list(kept.items.index) == [1, 3, 4, 6, 7, 8]
    assert kept.lines == (2, 4, 5, 7, 8, 9)
    assert kept.excluded.to_dict("list") == {
        "row": [2, 5],
        "line": [3, 6],
        "reason": ["too fast", "a preview"],
    }
    assert len(answers) == len(kept) + len(kept.excluded)
    assert list(kept.without({1: "again"}).excluded["row"]) == [2, 5, 1]


def test_rows_left_out_must_be_there_and_leave_some(clean, write, instrument):
    answers = read_responses(write(clean), instrument)
    with pytest.raises(UsageError, match="there is no row 99 to leave out"):
        answers.without({99: "x"})
    with pytest.raises(DataError, match="all 8 respondents are left out"):
        answers.without(dict.fromkeys(range(1, 9), "x"))
