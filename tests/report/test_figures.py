"""Forest plot, bootstrap distributions and the panel of draws."""

import re

import numpy as np
import pandas as pd
import pytest
from figure_checks import all_words, drawn_texts, outside, overlapping

from sopsem.errors import UsageError
from sopsem.report.figures import bootstrap_distributions, draws_panel, figure_bytes, forest_plot

COLUMNS = ["label", "est", "ci_lower", "ci_upper", "printed_est", "printed_lower", "printed_upper"]
EFFECTS = pd.DataFrame(
    [
        ("Collaboration → conflict", -0.448, -0.644, -0.222, -0.448, -0.655, -0.202),
        ("Collaboration → sales-operations alignment", 0.504, 0.295, 0.686, 0.504, 0.261, 0.690),
        ("Alignment → performance", 0.894, 0.57, 1.352, 0.894, np.nan, np.nan),
    ],
    columns=COLUMNS,
)


def distributions(count=5, draws=200, **options):
    names = [f"e{number}" for number in range(count)]
    values = np.random.default_rng(7).normal(0.4, 0.1, (draws, count))
    values[0] = np.nan
    values[1, -1] = 50.0
    frame = pd.DataFrame(values, columns=names)
    limits = pd.DataFrame(
        [(n, kind, 0.2, 0.6) for n in names for kind in ("percentile", "BC")],
        columns=["effect", "kind", "lower", "upper"],
    )
    printed = pd.DataFrame({"lower": 0.15, "upper": 0.7}, index=names)
    options = {"printed": printed, "source_label": "Synthetic data", "caption": "Bars: draws."} | options
    return bootstrap_distributions(frame, pd.Series(0.4, index=names), limits, **options)


CLASSES = pd.Series({"converged, proper": 131, "converged, improper": 66, "not converged": 2, "singular": 1})
IMPROPER = pd.Series({"performance ~~ performance": 46, "market ~~ market": 22})
POLICIES = pd.DataFrame(
    [
        ("keep", 197, 0.57, 1.352),
        ("drop", 131, 0.56, 1.012),
        ("bound", 197, 0.55, 1.03),
        ("redraw", 200, 0.561, 1.015),
    ],
    columns=["policy", "n", "lower", "upper"],
)


def panel(classes=CLASSES, improper=IMPROPER, intervals=POLICIES, **options):
    options = {
        "n_draws": 200,
        "effect": "alignment → performance",
        "printed": (0.601, 1.354),
        "source_label": "Synthetic data",
    } | options
    return draws_panel(classes, improper, intervals, **options)


def forest(**options):
    return forest_plot(EFFECTS, **({"source_label": "Synthetic data", "caption": "Percentile."} | options))


LONG = (
    "A sentence that is far too long for one line, as those that tell why a draw did not converge often are "
    * 2
)
FIGURES = {
    "forest": forest,
    "forest, long label": lambda: forest_plot(EFFECTS.assign(label=LONG[:90])),
    "one distribution": lambda: distributions(1),
    "four distributions": lambda: distributions(4, printed=None),
    "five distributions": distributions,
    "long names": lambda: distributions(2, labels={"e0": LONG[:90], "e1": LONG[:40]}),
    "panel": panel,
    "panel, nothing improper": lambda: panel(
        pd.Series({"converged, proper": 200}), pd.Series(dtype=float), POLICIES[:1], printed=None
    ),
    "panel, long class": lambda: panel(pd.Series({"proper": 150, LONG: 50}), pd.Series({LONG: 50})),
}


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_cut_or_covers_another(name):
    """Every text lies on the sheet and apart from the others."""
    figure = FIGURES[name]()
    assert outside(figure) == []
    assert overlapping([(text.get_text(), box) for text, box in drawn_texts(figure)], slack=2.5) == []


@pytest.mark.parametrize("kind", ["png", "svg"])
@pytest.mark.parametrize("make", [forest, distributions, panel])
def test_the_same_bytes_each_time(make, kind):
    """Equal numbers, equal files."""
    assert figure_bytes(make(), kind) == figure_bytes(make(), kind)


@pytest.mark.parametrize("make", [forest, distributions, panel])
def test_the_source_is_shown(make):
    """A figure of synthetic data says so."""
    assert "Synthetic data" in all_words(make())
    assert "Synthetic" not in all_words(make(source_label=""))


def test_forest_numbers():
    """Estimates and intervals of both sources stand beside their marks; a missing interval is a dash."""
    words = all_words(forest())
    for text in (
        "−.448 [−.644, −.222]",
        "−.448 [−.655, −.202]",
        ".894 [.570, 1.352]",
        ".894 —",
        "this analysis",
        "printed",
        "[95% interval]",
    ):
        assert text in words


def test_forest_marks_stand_at_the_numbers():
    """What is drawn is what is printed."""
    lines = forest().axes[0].lines
    xs = [tuple(np.round(np.atleast_1d(line.get_xdata()), 3)) for line in lines]
    assert (-0.644, -0.222) in xs
    assert (0.504,) in xs
    low, high = forest().axes[0].get_xlim()
    assert low < -0.655
    assert high > 1.352


def test_distribution_counts():
    """A draw without a value and one beyond the axis are counted; bars add up to what is shown."""
    figure = distributions()
    words = all_words(figure)
    assert "199 of 200 draws, 1 beyond the axis" in words
    assert [sum(bar.get_height() for bar in axes.patches) for axes in figure.axes] == [
        199,
        199,
        199,
        199,
        198,
    ]
    for text in ("estimate", "percentile interval", "BC interval", "printed interval"):
        assert text in words


def test_distribution_intervals_are_drawn_at_their_limits():
    """Both kinds and the printed one, below the bars."""
    found = [tuple(line.get_xdata()) for line in distributions().axes[0].lines if line.get_ydata()[0] < 0]
    assert found.count((0.2, 0.6)) == 4
    assert found.count((0.15, 0.7)) == 2


def test_panel_adds_up():
    """The bar is as long as the number of draws; counts, shares and limits are printed."""
    figure = panel()
    assert [(bar.get_x(), bar.get_width()) for bar in figure.axes[0].patches] == [
        (0, 131),
        (131, 66),
        (197, 2),
        (199, 1),
    ]
    words = all_words(figure)
    for text in (
        "converged, improper: 66 (33.0%)",
        "singular: 1 (0.5%)",
        "46 (23.0%)",
        "keep (n = 197)",
        "[.570, 1.352]",
        "[.601, 1.354]",
        "together 200",
    ):
        assert text in words


def test_panel_says_that_nothing_was_improper():
    """An empty bar chart would leave the reader in doubt."""
    assert "No draw had an improper parameter." in all_words(FIGURES["panel, nothing improper"]())


def test_panel_refuses_classes_that_do_not_add_up():
    """Every draw is accounted for, or there is no figure."""
    with pytest.raises(UsageError, match="add up to 199 draws, but n_draws is 200"):
        panel(CLASSES - pd.Series({"converged, proper": 1}).reindex(CLASSES.index, fill_value=0))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: forest_plot(EFFECTS.drop(columns="est")), "missing est"),
        (lambda: forest_plot(EFFECTS[:0]), "no rows"),
        (lambda: panel(intervals=POLICIES.drop(columns="n")), "missing n"),
        (lambda: panel(pd.Series(dict.fromkeys("abcdefgh", 25))), "8 classes"),
        (lambda: bootstrap_distributions(pd.DataFrame(), pd.Series(dtype=float), POLICIES), "missing effect"),
        (
            lambda: bootstrap_distributions(
                pd.DataFrame({"a": [np.nan]}),
                pd.Series({"a": 1.0}),
                pd.DataFrame([("a", "k", 0, 1)], columns=["effect", "kind", "lower", "upper"]),
            ),
            "'a' has no finite draw",
        ),
        (
            lambda: bootstrap_distributions(
                pd.DataFrame({"a": [1.0]}),
                pd.Series({"b": 1.0}),
                pd.DataFrame([("a", "k", 0, 1)], columns=["effect", "kind", "lower", "upper"]),
            ),
            "'a' has draws but no estimate",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(make, message):
    """The message names what is missing."""
    with pytest.raises(UsageError, match=message):
        make()


@pytest.mark.filterwarnings("ignore:Glyph")  # the font has no wide letters
def test_hostile_labels_are_only_text(payloads):
    """Every label of every figure takes every payload, and none of it reaches the SVG as markup."""
    text = " ".join(payloads)
    names = pd.Index([text], dtype=object)
    figures = [
        forest_plot(
            EFFECTS[:1].assign(label=pd.Series([text], dtype=object)),
            title=text,
            source_label=text,
            caption=text,
            ours=text,
        ),
        distributions(1, labels={"e0": text}, title=text),
        panel(
            pd.Series([200], names),
            pd.Series([3], names),
            POLICIES[:1].assign(policy=pd.Series([text], dtype=object)),
            effect=text,
        ),
    ]
    for figure in figures:
        content = figure_bytes(figure, "svg")
        assert b"<script" not in content
        assert b"alert(1)" not in re.sub(rb"<!--.*?-->", b"", content, flags=re.DOTALL)
