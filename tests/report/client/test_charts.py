"""The charts: what is drawn, what is not, and that all of it stays on the sheet in both widths."""

import re

import pytest
from briefings import briefing

from sopsem.errors import UsageError
from sopsem.report.canvas import figure_bytes
from sopsem.report.client.row_chart import NARROW, WIDE, gap_chart, score_chart
from sopsem.report.driver_map import driver_map

MADE = briefing()
CHARTS = {
    "scores": lambda width: score_chart(MADE.scores, width=width, source_label="synthetic data"),
    "gaps": lambda width: gap_chart(
        MADE.gaps, ("Sales", "Operations"), width=width, source_label="synthetic data"
    ),
    "drivers": lambda width: driver_map(
        MADE.drivers, outcome="Overall performance", width=width, source_label="synthetic data"
    ),
}


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("name", CHARTS)
def test_every_text_stays_on_the_sheet(name, width):
    """No letter is cut off, and the source of the data stands in the figure."""
    figure = CHARTS[name](width)
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    sheet = figure.bbox
    texts = [each for axes in figure.axes for each in (*axes.texts, axes.xaxis.label, axes.yaxis.label)]
    texts += figure.texts
    shown = [each for each in texts if each.get_text() and each.get_visible()]
    assert any(each.get_text() == "synthetic data" for each in shown)
    for each in shown:
        box = each.get_window_extent(renderer)
        inside = sheet.x0 <= box.x0 and box.x1 <= sheet.x1 and sheet.y0 <= box.y0 and box.y1 <= sheet.y1
        assert inside, each.get_text()


def test_a_hidden_score_is_not_drawn():
    """No dot, and the reason in words."""
    figure = CHARTS["scores"](WIDE)
    assert [each.get_text() for each in figure.axes[0].texts].count("hidden: too few answers") == 1
    dots = [
        line for line in figure.axes[0].lines if line.get_marker() == "o" and line.get_markersize() == 7.5
    ]
    assert len(dots) == 4


@pytest.mark.filterwarnings("ignore:Glyph")  # the font has no wide letters
def test_hostile_labels_are_only_text(hostile_texts):
    """Every text as a label; none of it reaches the SVG as markup."""
    text = " ".join(hostile_texts).replace("\ud800", "")  # no questionnaire takes half a character
    for chart in (
        score_chart(briefing(text[:300]).scores, source_label=text[:80]),
        driver_map(briefing(text[300:]).drivers, outcome=text[:60]),
    ):
        content = re.sub(rb"<!--.*?-->", b"", figure_bytes(chart, "svg"), flags=re.DOTALL)
        assert b"<script" not in content
        assert b"evil.example" not in content


def test_nothing_to_draw_is_refused():
    """An empty frame and a missing column are named."""
    with pytest.raises(UsageError, match="no rows"):
        score_chart(MADE.scores.iloc[:0])
    with pytest.raises(UsageError, match="gap"):
        gap_chart(MADE.gaps.drop(columns="gap"), ("a", "b"))
