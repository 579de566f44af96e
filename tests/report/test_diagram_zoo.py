"""Every model of the zoo: nothing covers anything, everything is on the sheet."""

import pandas as pd
import pytest
from diagram_zoo import MODELS
from figure_checks import frame_of, outside, overlapping

from sopsem.report.path_diagram import path_diagram
from sopsem.report.path_drawing import Look, drawing, names_of
from sopsem.report.path_model import read_paths

CROWDED = {"large", "large_cfa"}


def drawn(name, look=None, **options):
    model = read_paths(frame_of(MODELS[name]), **options)
    explained = dict.fromkeys(model.structure, "R² = .40")
    return drawing(model, names_of([model], {}, [explained])[0], look or Look())


def rectangle(box):
    return pd.Interval(box.x - box.width / 2, box.x + box.width / 2), pd.Interval(
        box.y - box.height / 2, box.y + box.height / 2
    )


def apart(a, b):
    return (
        abs(a.x - b.x) >= (a.width + b.width) / 2 - 1e-9 or abs(a.y - b.y) >= (a.height + b.height) / 2 - 1e-9
    )


LOOKS = {"stars": Look(), "plain": Look(stars=False, digits=2), "three": Look(digits=3, stars=False)}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", MODELS)
def test_nothing_covers_anything(name, look):
    """Boxes are apart, numbers are off boxes and off each other, all of it is within the panel."""
    if name in CROWDED and look != "plain":
        pytest.skip("one look of the large ones is enough")
    panel = drawn(name, LOOKS[look])
    boxes = list(panel.layout.boxes.values())
    for number, box in enumerate(boxes):
        assert all(apart(box, other) for other in boxes[number + 1 :])
    for number, mark in enumerate(panel.marks):
        assert all(mark.overlap(box) == 0.0 for box in boxes), panel.texts[number]
        assert all(mark.overlap(other) == 0.0 for other in panel.marks[number + 1 :]), panel.texts[number]
    left, right, low, high = panel.bounds
    for box in (*boxes, *panel.marks):
        assert left <= box.x - box.width / 2
        assert box.x + box.width / 2 <= right
        assert low <= box.y - box.height / 2
        assert box.y + box.height / 2 <= high
    for route in panel.routes:
        assert (route.points >= (left, low)).all()
        assert (route.points <= (right, high)).all()


@pytest.mark.parametrize("name", MODELS)
def test_arrows_do_not_run_through_boxes(name):
    """Save a few of the densest models, no line crosses a variable that it does not join."""
    from sopsem.report.path_routes import inside

    panel = drawn(name, Look(stars=False))
    through = [
        (route.arrow.source, route.arrow.target, other)
        for route in panel.routes
        for other, box in panel.layout.boxes.items()
        if other not in {route.arrow.source, route.arrow.target} and inside(route.points, box).any()
    ]
    assert through == []


@pytest.mark.parametrize("name", ["shipped", "growth", "feedback", "composite", "cfa_six"])
def test_as_it_is_rendered(name):
    """The extents that matplotlib measures agree: no text covers another, none leaves the sheet."""
    from figure_checks import drawn_texts

    figure = path_diagram(frame_of(MODELS[name]))
    assert outside(figure) == []
    texts = [(t.get_text(), box) for t, box in drawn_texts(figure) if t.get_gid() in {"name", "estimate"}]
    assert overlapping(texts, slack=2.0) == []


def test_two_that_cause_each_other_stand_in_one_lane():
    """Feedback needs no circle; a loop of three does."""
    boxes = drawn("feedback").layout.boxes
    assert boxes["y1"].x == boxes["y2"].x
    assert boxes["x1"].x < boxes["y1"].x
    assert drawn("loop_latent").layout.circular


def test_specific_factors_stand_beyond_the_items():
    """General factor, items, specific factors from left to right."""
    boxes = drawn("bifactor").layout.boxes
    assert boxes["g"].x < boxes["x5"].x < boxes["s2"].x
    assert boxes["s1"].y > boxes["s2"].y > boxes["s3"].y


def test_the_items_of_a_growth_curve_stand_between_its_factors():
    """One column for both factors."""
    boxes = drawn("growth").layout.boxes
    assert boxes["t3"].y == pytest.approx((boxes["i"].y + boxes["s"].y) / 2)


def test_a_composite_is_a_hexagon_that_its_indicators_point_to():
    """The arrow of a weight leads to the composite."""
    panel = drawn("composite")
    assert panel.layout.boxes["ses"].hexagon
    assert {r.arrow.source for r in panel.routes if r.arrow.target == "ses"} == {
        "income",
        "education",
        "occupation",
    }


def test_without_items_only_the_structure_is_left():
    """The large model on a small sheet."""
    panel = drawn("large", items=False)
    assert set(panel.layout.boxes) == {f"K{n}" for n in range(1, 9)}
    assert panel.width < 0.75 * drawn("large").width
