"""Rows and cells of delimited text, and the lines that faults are told by."""

import pytest

from sopsem.errors import DataError, FileError
from sopsem.survey.csv_text import parse_csv
from sopsem.survey.encoding import Decoded


def parse(text, delimiter=None):
    return parse_csv(Decoded(text=text, encoding="utf-8"), "t.csv", delimiter)


def test_rows_know_the_line_they_begin_on():
    table = parse('a,b\n"two\nlines",1\n\n\nx,2\n')
    assert table.lines == (2, 6)
    assert table.cells == (("two\nlines", "x"), ("1", "2"))


def test_lines_are_counted_from_the_file_s_first_also_after_sep():
    table = parse("sep=;\na;b\n1;2\n")
    assert (table.delimiter, table.lines) == (";", (3,))
    with pytest.raises(DataError, match="line 3: too few"):
        parse("sep=;\na;b\n1\n")


@pytest.mark.parametrize(
    ("header", "mark"),
    [("a,b", ","), ("a;b", ";"), ("a\tb", "\t"), ('"x,y,z";b', ";"), ("a,b;c,d", ","), ("a", ",")],
)
def test_the_delimiter_is_what_the_header_has_most_of_outside_quotes(header, mark):
    width = len(parse(f"{header}\n" + mark.join("1" * (header.count(mark) + 1)), mark).columns)
    body = mark.join("1" * width)
    assert parse(f"{header}\n{body}\n").delimiter == mark


def test_a_delimiter_given_wins():
    assert parse("a|b\n1|2\n", "|").columns == ("a", "b")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n1,"2\n3,4\n', 2),
        ('a,b\n1,"x ""y"" \n3,4\n', 2),
        ('a,b\n"ok\nok",1\n1,"2\n', 4),
        ('a,b\n"x","y', 2),
        ('a,b\n6" x,1\n1,"open', 3),
        ('a,b\n"ok"",1\n2,2\n', 2),
    ],
)
def test_the_line_of_the_open_quote(text, line):
    with pytest.raises(FileError, match=f"opens on line {line} is never closed"):
        parse(text)


def test_a_quote_inside_an_unquoted_cell_is_text():
    assert parse('a,b\n6" pipe,1\n').cells[0] == ('6" pipe',)


def test_names_lose_their_outer_spaces_only():
    assert parse(" a b , c\n1,2\n").columns == ("a b", "c")


def test_two_duplicates_are_both_told():
    with pytest.raises(DataError, match="2 problems"):
        parse("a,b,a,b\n1,2,3,4\n")


def test_empty_columns_without_a_name_at_the_end_are_left_out():
    table = parse("a,b,,\n1,2,,\n3,4\n")
    assert table.columns == ("a", "b")
    assert table.cells == (("1", "3"), ("2", "4"))


def test_question_texts_of_the_second_header_row_are_kept():
    table = parse('a,b\nWhat?,Why?\n"{""ImportId"":""x""}","{""ImportId"":""y""}"\n1,2\n')
    assert table.headings == ("What?", "Why?")
    assert table.lines == (4,)
