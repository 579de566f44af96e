"""Each format prints the same cells and takes no orders from them."""

import csv
import io
import re

import pytest

from sopsem.errors import FileError, UsageError
from sopsem.report.render import formats, render, write_table
from sopsem.report.table import Table

NAMES = [entry.name for entry in formats]


@pytest.fixture
def table():
    return Table(
        title="Effects",
        columns=("Path", "β", "95% CI"),
        rows=(("a & b", "-.448", "[-.655, -.202]"), ("b_1", "1.354", "—")),
        notes=("N = 92.", "100% synthetic"),
        alignment="lrc",
        source_label="synthetic data",
    )


def hostile(text):
    return Table(title=text, columns=("a", text), rows=((text, "1"),), notes=(text,), source_label=text)


def test_the_formats():
    """The command line's choices; the label is the ending of the file."""
    assert {entry.name: entry.label for entry in formats} == {
        "csv": ".csv",
        "markdown": ".md",
        "latex": ".tex",
        "html": ".html",
        "text": ".txt",
        "docx": ".docx",
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_format_is_the_same_bytes_each_time(table, name):
    """Equal tables are equal files."""
    assert render(table, name) == render(table, name)


@pytest.mark.parametrize("name", NAMES)
def test_every_format_takes_hostile_text(payload, name):
    """No payload raises, and what is text is UTF-8 without control characters."""
    content = render(hostile(payload), name)
    if name != "docx":
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", content.decode("utf-8"))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "docx"])
def test_the_source_label_is_in_every_format(table, name):
    """Nobody can take synthetic data for real ones."""
    assert b"synthetic data" in render(table, name)


def test_csv_reads_back(table):
    """Headers, rows, an empty cell for a missing value, and the source as the last column."""
    rows = list(csv.reader(io.StringIO(render(table, "csv").decode())))
    assert rows == [
        ["Path", "β", "95% CI", "source"],
        ["a & b", "-.448", "[-.655, -.202]", "synthetic data"],
        ["b_1", "1.354", "", "synthetic data"],
    ]


def test_csv_payloads_start_no_formula(payload):
    """Read back, no cell starts with what a spreadsheet computes."""
    for row in csv.reader(io.StringIO(render(hostile(payload), "csv").decode("utf-8"), newline="")):
        for cell in row:
            assert not cell.lstrip(" \xa0\ufeff\u200b").startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))


def test_markdown(table):
    """Title, header, rule, rows, notes."""
    assert render(table, "markdown").decode().splitlines() == [
        "**Effects** (synthetic data)",
        "",
        "| Path | β | 95% CI |",
        "| :--- | ---: | :---: |",
        r"| a \& b | −.448 | \[−.655, −.202\] |",
        r"| b\_1 | 1.354 | — |",
        "",
        "*Note.* N = 92.",
        "",
        "100% synthetic",
    ]


@pytest.mark.parametrize(
    ("note", "start"),
    [
        ("- x", r"\- x"),
        ("1. x", r"1\. x"),
        ("+ x", r"\+ x"),
        ("# x", r"\# x"),
        ("2) x", r"2\) x"),
        ("92", "92"),
    ],
)
def test_markdown_notes_start_no_list(table, note, start):
    """A note stays a paragraph."""
    assert render(table.with_note(note), "markdown").decode().splitlines()[-1] == start


def test_markdown_payloads_keep_the_shape(payload):
    """Every table line has the same number of unescaped borders."""
    lines = [
        line for line in render(hostile(payload), "markdown").decode().splitlines() if line.startswith("|")
    ]
    assert [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines] == [3, 3, 3]


def test_latex(table):
    """Three rules, escaped cells, true minus."""
    text = render(table, "latex").decode()
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 1, 1]
    assert r"a \& b & $-$.448 & [$-$.655, $-$.202] \\" in text
    assert r"Path & $\beta$ & 95\% CI \\" in text
    assert r"\begin{tabular}{lrc}" in text


@pytest.mark.parametrize("start", ["[.2, .8]", "*"])
def test_latex_rows_are_no_argument_of_the_line_end(start):
    """A row that starts with [ or * would change the spacing, or fail."""
    text = render(Table(title="", columns=("a",), rows=(("x",), (start,))), "latex").decode()
    assert "\n{}" + start in text


def test_latex_payloads_run_no_command(payload):
    """The only commands are ours."""
    ours = {
        "begin",
        "caption",
        "toprule",
        "midrule",
        "bottomrule",
        "end",
        "par",
        "smallskip",
        "footnotesize",
        "emph",
        "textbackslash",
        "textasciicircum",
        "textasciitilde",
        "textless",
        "textgreater",
        "textbar",
        "symbol",
        "small",
        "scriptsize",
        "setlength",
        "tabcolsep",
        "parbox",
        "linewidth",
        "raggedright",
        "strut",
    }
    text = render(hostile(payload), "latex").decode()
    assert set(re.findall(r"\\([a-zA-Z]+)", text)) <= ours
    assert text.count("{") == text.count("}")


def test_text_is_aligned(table):
    """Columns are padded, numbers stand right."""
    assert render(table, "text").decode().splitlines() == [
        "Effects (synthetic data)",
        "─" * 28,
        "Path       β      95% CI",
        "─" * 28,
        "a & b  -.448  [-.655, -.202]",
        "b_1    1.354        —",
        "─" * 28,
        "Note. N = 92.",
        "100% synthetic",
    ]


def test_write_table_chooses_by_the_ending(table, tmp_path):
    """Upper case endings count too; the file is what render returns."""
    for entry in formats:
        path = tmp_path / f"table{entry.label.upper()}"
        write_table(table, path)
        assert path.read_bytes() == render(table, entry.name)


def test_unknown_formats_are_named(table, tmp_path):
    """The message lists the choices; nothing is written."""
    with pytest.raises(UsageError, match="csv, markdown"):
        render(table, "rtf")
    with pytest.raises(UsageError, match=r"'\.rtf'.*\.csv"):
        write_table(table, tmp_path / "table.rtf")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way_is_a_file_error(table, tmp_path):
    """The exit code is that of files."""
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(FileError, match=r"a\.csv"):
        write_table(table, tmp_path / "a.csv")
