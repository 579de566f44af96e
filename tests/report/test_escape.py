"""Foreign text is plain text in every format."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.report.escape import (
    csv_cell,
    display_width,
    latex_text,
    markdown_text,
    plain,
    terminal_text,
    true_minus,
)

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.mark.parametrize(
    "number", ["5", "-5", "+5", "-.448", "1.354", "-1e-3", "+2.5E+10", "12%", "-.448***", " -5 "]
)
def test_csv_leaves_numbers_untouched(number):
    """A negative number is a number, not a formula."""
    assert csv_cell(number) == number


@pytest.mark.parametrize(
    "formula",
    [
        "=1",
        "+a",
        "-a",
        "@a",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\xa0=1",
        "\ufeff=1",
        "\u200b@a",
        "-1+1",
        "--1",
        "＝1",
        "+",
    ],
)
def test_csv_disarms_formulas(formula):
    """What a spreadsheet would compute starts with an apostrophe."""
    assert csv_cell(formula) == "'" + re.sub("[\t\r\n]", " ", formula)


@pytest.mark.parametrize("text", ["a=1", "Conflict", "[-.1, .2]", "< .001", "—", "", "x@y"])
def test_csv_leaves_ordinary_text_untouched(text):
    """Only a formula's first character matters."""
    assert csv_cell(text) == text


@given(st.text())
def test_plain_text_has_no_control_character(text):
    """The count is that of the replaced characters, line breaks aside."""
    clean, count = plain(text)
    assert not CONTROL.search(clean)
    assert clean.count("\ufffd") - text.count("\ufffd") == count


@given(st.text())
def test_the_terminal_gets_nothing_to_obey(text):
    """No control, override or invisible character reaches the terminal."""
    assert not re.search(
        "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", terminal_text(text)
    )


def test_terminal_shows_codes():
    """A reader sees what was there."""
    assert terminal_text("\x1b[31m\u202ex\x9b\ty") == "\\x1b[31m\\u202ex\\x9b y"


@given(st.text(alphabet='\\{}$&#^_~%<>|"`-ab', max_size=30))
def test_latex_leaves_no_special_character_alone(text):
    """After removal of our own commands nothing that LaTeX interprets is left."""
    rest = re.sub(
        r"\\(textbackslash|textasciicircum|textasciitilde|textless|textgreater|textbar)\{\}",
        "x",
        latex_text(text),
    )
    rest = re.sub(r"\\symbol\{\d+\}|\\[{}$&#%_]|-\{\}(?=-)", "x", rest)
    assert not re.search(r"[\\{}$&#^_~%<>|\"`]|--", rest)


def test_latex_letters():
    """Greek letters and signs become what pdfLaTeX can set."""
    assert latex_text("χ² λ Δ ≤ − —") == r"$\chi$\textsuperscript{2} $\lambda$ $\Delta$ $\leq$ $-$ ---"


@given(st.text(alphabet="\\`*_{}[]<>|#~$&!ab", max_size=30))
def test_markdown_escapes_every_mark(text):
    """Each mark has a backslash before it and the text is unchanged otherwise."""
    escaped = markdown_text(text)
    assert re.sub(r"\\([\\`*_{}\[\]<>|#~$&!])", r"\1", escaped) == text
    assert not re.search(r"[`*_{}\[\]<>|#~$&!]", re.sub(r"\\.", "", escaped))


def test_markdown_breaks_links():
    """Bare addresses are not made into links."""
    assert markdown_text("http://a.example www.b.example") == r"http\://a.example www\.b.example"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-.448", "−.448"),
        ("[-.655, -.202]", "[−.655, −.202]"),
        ("2020-21", "2020-21"),
        ("col-1", "col-1"),
        ("a - b", "a - b"),
        ("-∞", "−∞"),
        ("--1", "--1"),
    ],
)
def test_true_minus_before_numbers_only(text, shown):
    """Hyphens in words, ranges and dashes stay."""
    assert true_minus(text) == shown


def test_display_width():
    """Wide letters take two cells, combining marks none."""
    assert [display_width(text) for text in ("abc", "品質", "e\u0301", "−")] == [3, 4, 1, 1]
