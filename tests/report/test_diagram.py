"""The diagram of a fit, its looks and its formats."""

import numpy as np
import pandas as pd
import pytest
from figure_checks import all_words, drawn_texts, outside
from matplotlib.patches import FancyArrowPatch

import sopsem
from sopsem.errors import UsageError
from sopsem.report.diagram import DIAGRAM_FORMATS

MODEL = "f =~ a + b + c; g =~ d + e + h; g ~ f; g ~ x"


@pytest.fixture(scope="module")
def data():
    return sopsem.simulate(
        "f =~ 0.8*a + 0.7*b + 0.6*c; g =~ 0.8*d + 0.7*e + 0.6*h; g ~ 0.5*f + 0*x",
        150, seed=2, groups=("Süd", "nord"), group="where",
    )  # fmt: skip


@pytest.fixture(scope="module")
def fit(data):
    return sopsem.fit(MODEL, data)


def numbers(diagram):
    return [t.get_text() for t, _ in drawn_texts(diagram.figure) if t.get_gid() == "estimate"]


def arrows(diagram):
    return [p for axes in diagram.figure.axes for p in axes.patches if isinstance(p, FancyArrowPatch)]


def test_numbers_are_the_standardized_estimates(fit):
    """Without a leading zero, with a true minus; R² below the dependent factor."""
    own = sopsem.standardized(fit)
    own = own[own["op"].isin(["=~", "~"])]["est_std"]
    shown = [float(text.replace("−", "-")) for text in numbers(sopsem.path_diagram(fit, digits=3))]
    assert sorted(shown) == pytest.approx(sorted(own), abs=0.00051)
    assert not any(text.startswith(("0.", "−0.")) for text in numbers(sopsem.path_diagram(fit)))
    r2 = f"R² = {sopsem.r_squared(fit)['g']:.2f}".replace("0.", ".")
    assert r2 in all_words(sopsem.path_diagram(fit).figure)


def test_raw_numbers_and_intercepts(data):
    """A growth model shows its fixed loadings and its means."""
    model = "i =~ 1*a + 1*b + 1*c; s =~ 0*a + 1*b + 2*c"
    growth = sopsem.fit(model, data, growth=True)
    diagram = sopsem.path_diagram(growth, standardized=False, intercepts=True)
    assert numbers(diagram).count("2.00") == 1
    table = sopsem.estimates(growth)
    mean = table.loc[table["lhs"].eq("i") & table["op"].eq("~1"), "est"].iloc[0]
    assert f"M = {mean:.2f}".replace("-", "−") in all_words(diagram.figure)
    assert "unstandardized" in all_words(diagram.figure)


def test_what_is_not_significant_shows(fit):
    """Dashed, grey or plain; the caption says which."""
    assert sum(a.get_linestyle() != "-" for a in arrows(sopsem.path_diagram(fit))) == 1
    grey = sopsem.path_diagram(fit, insignificant="grey")
    assert len({a.get_edgecolor() for a in arrows(grey)}) == 2
    assert "Grey: p ≥ .05" in all_words(grey.figure)
    plain = sopsem.path_diagram(fit, insignificant="plain")
    assert {a.get_linestyle() for a in arrows(plain)} == {"-"}
    assert len({a.get_edgecolor() for a in arrows(plain)}) == 1
    with pytest.raises(UsageError, match="'dashed', 'grey' or 'plain'"):
        sopsem.path_diagram(fit, insignificant="dotted")


def test_stars_colours_and_hidden_loadings(fit):
    """Options, each with its word in the caption."""
    assert not any("*" in text for text in numbers(sopsem.path_diagram(fit)))
    assert any("***" in text for text in numbers(sopsem.path_diagram(fit, with_stars=True)))
    assert "Blue: positive" in all_words(sopsem.path_diagram(fit, colors=True).figure)
    assert len(numbers(sopsem.path_diagram(fit, loadings=False))) == 2
    assert len(arrows(sopsem.path_diagram(fit, loadings=False))) == 8
    assert len(arrows(sopsem.path_diagram(fit, items=False))) == 2


def test_every_group_has_a_panel(data):
    """Headings are the labels of the groups; nothing leaves the sheet."""
    groups = sopsem.fit(MODEL, data, group="where")
    diagram = sopsem.path_diagram(groups, title="Two schools", source_label="synthetic data")
    assert len(diagram.figure.axes) == 2
    words = all_words(diagram.figure)
    assert all(text in words for text in ("Süd", "nord", "Two schools", "synthetic data"))
    assert outside(diagram.figure) == []
    assert diagram.dot.count("subgraph") == 2
    assert "of Süd" in diagram.alt


def test_an_improper_solution_is_said():
    """The loading above 1 shows, and the caption names the parameter."""
    cov = pd.DataFrame([[1.0, 0.9, 0.3], [0.9, 1.0, 0.2], [0.3, 0.2, 1.0]], *[list("abc")] * 2)
    diagram = sopsem.path_diagram(sopsem.fit("f =~ a + b + c", sample_cov=cov, n_obs=80))
    assert max(float(text) for text in numbers(diagram)) > 1.0
    assert "Improper solution" in all_words(diagram.figure)


@pytest.mark.parametrize("kind", DIAGRAM_FORMATS)
def test_formats_are_the_same_bytes_each_time(fit, kind, tmp_path):
    """The ending chooses; a second drawing is the same file."""
    path = tmp_path / f"model.{kind.upper()}"
    sopsem.path_diagram(fit).save(path)
    assert path.read_bytes() == sopsem.path_diagram(fit).content(kind)
    start = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph"}[kind]
    assert path.read_bytes().startswith(start)


def test_other_endings_are_refused(fit, tmp_path):
    """Nothing is written."""
    with pytest.raises(UsageError, match="svg, png, pdf, dot"):
        sopsem.path_diagram(fit).save(tmp_path / "model.gif")
    assert list(tmp_path.iterdir()) == []


def test_hostile_names_are_only_text(fit, payloads):
    """In DOT no name ends its string; in HTML none leaves the picture."""
    for start in range(4):
        text = " ".join(payloads[start::4])
        diagram = sopsem.path_diagram(fit, labels={"f": text, "a": text})
        for line in diagram.dot.splitlines():
            assert line.replace("\\\\", "").replace('\\"', "").count('"') % 2 == 0
        assert "<script" not in diagram._repr_html_()


def test_letters_that_the_font_lacks_stay_text_in_svg(fit):
    """The reader's fonts show them; no warning reaches the caller."""
    diagram = sopsem.path_diagram(fit, labels={"f": "営業と業務の連携"})
    assert "営業" in diagram.content("svg").decode("utf-8")
    assert diagram.content("png").startswith(b"\x89PNG")


def test_the_words_for_those_who_cannot_see(fit):
    """Factors with their items, arrows with numbers and p."""
    alt = sopsem.path_diagram(fit, labels={"f": "Trust"}).alt
    assert "Trust (a, b, c)" in alt
    assert "Trust → g" in alt
    assert "(p < .001)" in alt


def test_ordered_answers_and_second_order_factors(data):
    """Any fit can be drawn."""
    answers = data.assign(**{v: pd.cut(data[v], 3, labels=False) for v in "abcdeh"})
    ordinal = sopsem.fit("f =~ a + b + c; g =~ d + e + h; k =~ f + g; k ~ x", answers, ordered=list("abcdeh"))
    diagram = sopsem.path_diagram(ordinal)
    assert outside(diagram.figure) == []
    assert np.isfinite([float(t.replace("−", "-")) for t in numbers(diagram) if t != "—"]).all()


def test_what_is_fixed_at_zero_is_no_arrow(data):
    """An orthogonal method factor stands beyond the items; its covariances of 0 are not drawn."""
    model = "f =~ a + b + c; g =~ d + e + h; m =~ l*a + l*b + l*c + l*d + l*e + l*h; m ~~ 0*f; m ~~ 0*g"
    diagram = sopsem.path_diagram(sopsem.fit(model, data, std_lv=True))
    assert len(arrows(diagram)) == 13
    assert diagram.dot.count("dir=both") == 1
