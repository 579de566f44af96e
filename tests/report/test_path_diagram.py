"""The drawn diagram of the shipped model, and of others."""

import math

import pandas as pd
import pytest
from figure_checks import all_words, drawn_texts, frame_of, outside, overlapping
from matplotlib.patches import Ellipse, FancyArrowPatch, Rectangle

from sopsem.errors import UsageError
from sopsem.report.canvas import figure_bytes
from sopsem.report.path_diagram import path_diagram

DIRECT = "\nperformance ~ coordination\n"
COVARIANCE = "\nconflict ~~ alignment\nint1 ~~ int2\n"


def draw(shipped, extra="", **options):
    text, labels = shipped
    frame = frame_of(text + extra)
    r2 = pd.Series(
        dict.fromkeys(frame.loc[frame["op"] == "=~", "rhs"], 0.5) | {"conflict": 0.2, "alignment": 0.25}
    )
    return path_diagram(frame, r2, labels=labels, **options)


def boxes(figure, kind):
    return [(text.get_text(), box) for text, box in drawn_texts(figure) if text.get_gid() == kind]


@pytest.mark.parametrize("extra", ["", DIRECT, COVARIANCE], ids=["mediation", "direct", "covariances"])
@pytest.mark.parametrize(("items", "digits"), [(True, 3), (True, 2), (False, 3)])
def test_nothing_overlaps_and_nothing_is_cut(shipped, extra, items, digits):
    """Names, R² and estimates are apart, on the sheet, and the names within their shapes."""
    figure = draw(shipped, extra, items=items, digits=digits)
    names, estimates = boxes(figure, "name"), boxes(figure, "estimate")
    assert outside(figure) == []
    assert overlapping(names + estimates, slack=2.0) == []
    patches = [p.get_window_extent() for p in figure.axes[0].patches if isinstance(p, Ellipse | Rectangle)]
    assert overlapping(list(enumerate(patches))) == []
    for text, box in names:
        assert any(
            p.x0 <= box.x0 and box.x1 <= p.x1 and p.y0 <= box.y0 and box.y1 <= p.y1 for p in patches
        ), text


@pytest.mark.parametrize("items", [True, False])
def test_shapes(shipped, items):
    """Ellipses for factors, rectangles for items, one arrow per estimate."""
    figure = draw(shipped, items=items)
    kinds = [type(patch) for patch in figure.axes[0].patches]
    assert kinds.count(Ellipse) == 6
    assert kinds.count(Rectangle) == (18 if items else 0)
    assert kinds.count(FancyArrowPatch) == len(boxes(figure, "estimate")) == (24 if items else 6)


def test_texts(shipped):
    """Labels, R², title, source and the legend of lines and stars."""
    words = all_words(draw(shipped, source_label="Synthetic data: twin", title="My title"))
    for text in (
        "Organisational collaboration",
        "Sales-operations alignment",
        "R² = .25",
        "mkt3",
        "Synthetic data: twin",
        "My title",
        "Dashed: p ≥ .05",
        "*** p < .001",
    ):
        assert text in words


def frame(estimate, pvalue):
    return pd.DataFrame(
        [("y", "~", "x", estimate, pvalue)], columns=["lhs", "op", "rhs", "est_std", "pvalue"]
    )


@pytest.mark.parametrize(
    ("estimate", "pvalue", "text", "dashed"),
    [
        (-0.448, 0.0004, "−.45***", False),
        (0.106, 0.453, ".11", True),
        (0.5, 0.05, ".50", True),
        (0.5, 0.0499, ".50*", False),
        (1.354, 0.004, "1.35**", False),
        (0.7, math.nan, ".70", False),
        (math.nan, math.nan, "—", False),
    ],
)
def test_an_estimate_and_its_line(estimate, pvalue, text, dashed):
    """True minus, no leading zero, stars; dashed from p = .05; no claim without a p value."""
    figure = path_diagram(frame(estimate, pvalue))
    assert [shown for shown, _ in boxes(figure, "estimate")] == [text]
    (arrow,) = (patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch))
    assert (arrow.get_linestyle() != "-") is dashed


def test_letters_are_readable(shipped):
    """No text of a diagram is smaller than 8 points."""
    assert min(text.get_fontsize() for text, _ in drawn_texts(draw(shipped))) >= 8.0


def test_other_models_fit_too():
    """A loop, a confirmatory model, a second-order cause with covariates."""
    for text in (
        "f =~ a + b\ng =~ c + d\nf ~ g\ng ~ f",
        "f =~ a + b\ng =~ c + d\nh =~ e + i\nf ~~ g\nf ~~ h\ng ~~ h",
        "f =~ a + b\ng =~ c + d\nX =~ f + g\nY =~ p + q\nY ~ X + age\nX ~~ age",
    ):
        figure = path_diagram(frame_of(text))
        assert outside(figure) == []
        assert overlapping(boxes(figure, "name")) == []


@pytest.mark.filterwarnings("ignore:Glyph")  # the font has no wide letters
def test_hostile_names_are_only_text(payloads):
    """A label can neither break the drawing nor leave the sheet."""
    text = " ".join(payloads)
    figure = path_diagram(frame(0.5, 0.01), labels={"x": text, "y": text[:99]}, title=text, source_label=text)
    assert outside(figure) == []
    assert b"<script" not in figure_bytes(figure, "svg")


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_bytes_each_time(shipped, kind):
    """A figure changes only when its numbers do."""
    assert figure_bytes(draw(shipped), kind) == figure_bytes(draw(shipped), kind)


def test_nothing_to_draw_is_refused():
    """An empty frame gets a sentence, not a blank picture."""
    with pytest.raises(UsageError, match="no rows with the operators"):
        path_diagram(frame(0.5, 0.01).iloc[:0])
