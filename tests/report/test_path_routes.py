"""Arrows run from border to border; loops and covariances bend."""

import numpy as np
import pytest
from figure_checks import frame_of

from sopsem.report.path_layout import Sizes, arrange
from sopsem.report.path_model import read_paths
from sopsem.report.path_routes import route_arrow

SIZES = Sizes(node=(1.7, 0.95), item=(0.65, 0.4))


def routed(text):
    model = read_paths(frame_of(text))
    layout = arrange(model, SIZES)
    pairs = {(a.source, a.target) for a in model.arrows}
    return layout, [route_arrow(a, layout, answered=(a.target, a.source) in pairs) for a in model.arrows]


def inside(points, box, scale=1.0):
    across, up = np.abs(points[:, 0] - box.x) / box.width * 2, np.abs(points[:, 1] - box.y) / box.height * 2
    return (np.hypot(across, up) if box.round else np.maximum(across, up)) < scale


TEXTS = {
    "mediation": "m ~ x\ny ~ m + x",
    "factors": "f =~ a + b + c\ng =~ d + e\ng ~ f\na ~~ d\nb ~~ c",
    "loop": "a ~ b\nb ~ a\nc ~ a",
    "cfa": "f =~ a + b\ng =~ c + d\nh =~ e + i\nf ~~ g\nf ~~ h\ng ~~ h",
}


@pytest.mark.parametrize("name", TEXTS)
def test_arrows_touch_their_boxes_and_do_not_enter_them(name):
    """Each line starts and ends at a border."""
    layout, routes = routed(TEXTS[name])
    for route in routes:
        for end, point in ((route.arrow.source, route.points[:1]), (route.arrow.target, route.points[-1:])):
            assert not inside(route.points, layout.boxes[end], 0.999).any()
            assert inside(point, layout.boxes[end], 1.1).all()


@pytest.mark.parametrize("name", ["mediation", "factors", "cfa"])
def test_arrows_run_through_no_other_box(name):
    """The direct effect goes around the mediator, a covariance around its neighbours."""
    layout, routes = routed(TEXTS[name])
    for route in routes:
        others = set(layout.boxes) - {route.arrow.source, route.arrow.target}
        assert not any(inside(route.points, layout.boxes[other]).any() for other in others)


def test_answered_arrows_stay_apart():
    """Two opposite paths are two lines."""
    _, routes = routed(TEXTS["loop"])
    there, back = (route.points for route in routes[:2])
    middle = there[len(there) // 2]
    assert np.hypot(*(back - middle).T).min() > 0.2


def test_an_item_is_met_in_the_middle_of_the_edge_that_faces_its_factor():
    """Arrows of a fan do not run over the neighbours' boxes, and stay straight."""
    layout, routes = routed("f =~ " + " + ".join(f"a{n}" for n in range(12)))
    for route in routes:
        box = layout.boxes[route.arrow.target]
        assert route.points[-1] == pytest.approx([box.x - box.width / 2, box.y], abs=0.02)
        chord = route.points[-1] - route.points[0]
        off = route.points - route.points[0]
        assert np.abs(chord[0] * off[:, 1] - chord[1] * off[:, 0]).max() < 1e-6


def test_arcs_of_a_column_stand_in_a_triangle():
    """The more factors an arc passes, the further out is its middle, so labels of one height are apart."""
    names = [f"F{n}" for n in range(5)]
    text = "\n".join(f"{n} =~ {n}a + {n}b" for n in names)
    text += "".join(f"\n{a} ~~ {b}" for i, a in enumerate(names) for b in names[i + 1 :])
    layout, routes = routed(text)
    arcs = {(r.arrow.source, r.arrow.target): r.points[:, 0].min() for r in routes if not r.measurement}
    assert arcs["F0", "F4"] < arcs["F1", "F4"] - 0.4 < arcs["F1", "F3"] - 0.8
    assert all(x < layout.boxes["F0"].x for x in arcs.values())


def test_a_path_goes_around_what_stands_in_its_way():
    """x, m and y in one line: the direct arrow bends."""
    layout, routes = routed("a ~ b\nb ~ a\nc ~ a")
    for route in routes:
        others = set(layout.boxes) - {route.arrow.source, route.arrow.target}
        assert not any(inside(route.points, layout.boxes[other]).any() for other in others)
