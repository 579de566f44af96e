"""Single cells under scales and files of other kinds than the shipped one."""

import math

import pytest

from sopsem.survey.cells import CellRules, read_cell


def rules(codes=None, *, missing=None, decimal_comma=False):
    codes = codes or {}
    return CellRules(
        scale="s",
        codes=codes,
        labels={label: code for code, label in codes.items()},
        missing=missing or {},
        missing_labels={},
        decimal_comma=decimal_comma,
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [("3.25", 3.25), ("-0.5", -0.5), (".5", 0.5), ("5.", 5.0), ("1E5", 1e5), ("-2e-3", -0.002), ("007", 7.0)],
)
def test_a_scale_without_codes_takes_any_finite_number(text, value):
    assert read_cell(text, rules()).value == value


@pytest.mark.parametrize("text", ["1e-9999", "1e-400", "9007199254740993", "-1e17"])
def test_numbers_that_a_double_cannot_hold_are_refused(text):
    assert "is held exactly" in read_cell(text, rules()).problem


def test_a_true_zero_is_not_too_small():
    assert read_cell("0e5", rules()).problem == ""
    assert read_cell("0e5", rules()).value == 0.0


@pytest.mark.parametrize(
    ("text", "value"), [("3,25", 3.25), (",5", 0.5), ("-1,0", -1.0), ("3.5", 3.5), ("12", 12)]
)
def test_a_decimal_comma_where_the_file_has_one(text, value):
    assert read_cell(text, rules(decimal_comma=True)).value == value


@pytest.mark.parametrize("text", ["1.234", "-12.345", "999.000"])
def test_what_could_be_thousands_is_ambiguous(text):
    assert "ambiguous" in read_cell(text, rules(decimal_comma=True)).problem


@pytest.mark.parametrize("text", ["1.234,5", "1.234.567", "1 234", "1'234", "1,234,567"])
def test_thousands_marks_are_refused(text):
    assert "no thousands mark" in read_cell(text, rules(decimal_comma=True)).problem


def test_a_comma_number_in_a_point_file_is_refused():
    assert "decimal point" in read_cell("3,25", rules()).problem


def test_a_missing_code_is_one_number_however_it_is_written():
    declared = rules({1: "no", 2: "yes"}, missing={"-99": "don't know"})
    for text in ("-99", "-99.0", " -99 ", "-9.9e1"):
        reading = read_cell(text, declared)
        assert math.isnan(reading.value)
        assert reading.target == "missing: don't know"


def test_an_empty_cell_is_missing_only_when_declared():
    assert read_cell("  ", rules(missing={"": "no answer"})).rule == "missing code"
    assert "not declared" in read_cell("  ", rules()).problem


def test_codes_with_gaps_are_listed_one_by_one():
    assert read_cell("3", rules({1: "a", 2: "b", 5: "c"})).problem.endswith("(1, 2, 5)")
    assert read_cell("2", rules({1: "a", 2: "b", 5: "c"})).problem == ""


def test_a_label_that_reads_as_a_truth_value_is_a_label():
    assert read_cell("TRUE", rules({0: "false", 1: "true"})).value == 1.0


def test_a_long_wrong_number_is_quoted_short():
    assert len(read_cell("7" * 15, rules({1: "a"})).problem) < 80
    assert "..." in read_cell("0" * 50 + "9", rules({1: "a"})).problem
