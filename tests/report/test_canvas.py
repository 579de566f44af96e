"""The sheet: measured texts, equal bytes, nothing of the caller's changed."""

import subprocess
import sys
from itertools import pairwise

import matplotlib as mpl
import pytest
from figure_checks import drawn_texts, outside

from sopsem.errors import UsageError
from sopsem.report.canvas import (
    TickFormat,
    figure_bytes,
    fitted_foot,
    fitted_head,
    house_style,
    sheet,
    text_size,
    wrapped,
    write_lines,
)


def drawn():
    with house_style():
        figure = sheet(4.0, 3.0)
        axes = figure.add_axes((0.2, 0.2, 0.7, 0.6))
        axes.barh([0, 1], [1, 2], hatch="//")
        axes.set_title("$not$ math")
    return figure


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_equal_figures_are_equal_bytes(kind):
    """Drawn twice, whatever the caller's settings are, the bytes are the same."""
    first = figure_bytes(drawn(), kind)
    with mpl.rc_context(
        {"svg.hashsalt": "other", "font.size": 20.0, "axes.facecolor": "red", "svg.fonttype": "none"}
    ):
        assert figure_bytes(drawn(), kind) == first
        assert mpl.rcParams["font.size"] == 20.0


def test_svg_has_no_date_no_font_and_no_address():
    """Letters are paths; the file names neither a day nor a program."""
    text = figure_bytes(drawn(), "svg").decode()
    assert "<text" not in text
    assert "dc:date" not in text
    assert "Matplotlib" not in text


def test_png_has_no_program_name():
    """The PNG holds pixels only."""
    assert b"Software" not in figure_bytes(drawn(), "png")


def test_other_formats_are_refused():
    """The message names the choices."""
    with pytest.raises(UsageError, match="'svg' or 'pdf'"):
        figure_bytes(sheet(1, 1), "gif")


def test_figures_do_not_load_pyplot():
    """Drawing leaves the global state of matplotlib alone."""
    code = "import sys, sopsem.report.figures; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("text", ["Sales-operations alignment", "R² = .45", "−.448***", "WWWW\niii"])
def test_measured_texts_are_as_large_as_drawn(text, bold):
    """The layout rests on sizes measured without a canvas."""
    with house_style():
        figure = sheet(5.0, 5.0)
        figure.text(0.1, 0.5, text, size=12.0, weight="bold" if bold else "normal")
    ((_, box),) = drawn_texts(figure)
    width, height = text_size(text, 12.0, bold=bold)
    assert width == pytest.approx(box.width / figure.dpi, abs=0.06)
    assert height >= box.height / figure.dpi - 0.02


def test_wrapped_lines_fit():
    """Words move to the next line; a word that is too long is cut; no letter is lost."""
    text = "Organisational collaboration " + "x" * 80
    lines = wrapped(text, 1.2, 10.0).split("\n")
    assert all(text_size(line, 10.0)[0] <= 1.2 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_no_break_space_is_not_broken():
    """p < .05 stays on one line."""
    assert all("p\xa0<\xa0.05" in line for line in wrapped("p\xa0<\xa0.05 " * 6, 1.0, 10.0).split("\n"))


def test_head_and_foot_stay_on_the_sheet():
    """Long titles and captions wrap, and the room they ask for is the room they take."""
    title, caption = "A long title " * 12, "A long caption " * 30
    head, above = fitted_head(title, "synthetic data " * 9, 5.0, "subtitle " * 20)
    foot, below = fitted_foot(caption, 5.0)
    with house_style():
        figure = sheet(5.0, above + below)
        write_lines(figure, head, above + below - 0.1)
        write_lines(figure, foot, below - 0.02)
    assert outside(figure) == []
    boxes = [box for _, box in drawn_texts(figure)]
    assert all(upper.y0 > lower.y1 for upper, lower in pairwise(boxes))


def test_ticks_share_their_decimals():
    """An axis shows one precision, no leading zero and the true minus."""
    assert TickFormat().format_ticks([-0.5, 0.0, 0.25, 1.0]) == ["−.50", "0", ".25", "1.00"]
    assert TickFormat().format_ticks([0.0, 100.0]) == ["0", "100"]
