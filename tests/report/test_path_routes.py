"""Arrows run from border to border; labels stand on their arrows and off everything else."""

import numpy as np
import pytest
from figure_checks import frame_of

from sopsem.report.path_layout import Sizes, arrange
from sopsem.report.path_model import read_paths
from sopsem.report.path_routes import place_labels, route_arrow

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


def test_labels_stand_on_their_arrows_and_apart():
    """No label covers another or a box when there is room."""
    layout, routes = routed(TEXTS["factors"])
    labels = place_labels(routes, [(0.4, 0.15)] * len(routes), layout)
    for number, (label, route) in enumerate(zip(labels, routes, strict=True)):
        assert np.hypot(route.points[:, 0] - label.x, route.points[:, 1] - label.y).min() <= 0.24
        assert all(label.overlap(other) == 0.0 for other in labels[number + 1 :])
        assert all(label.overlap(box) == 0.0 for box in layout.boxes.values())


def test_crowded_labels_are_staggered():
    """Labels wider than the arrows' distance move along their arrows until they are apart."""
    layout, routes = routed("x ~~ x2\nm =~ a + b + c + d\nm ~ x\ny ~ m")
    labels = place_labels(routes, [(0.5, 0.13)] * len(routes), layout)
    pairs = [(one, other) for number, one in enumerate(labels) for other in labels[number + 1 :]]
    assert all(one.overlap(other) == 0.0 for one, other in pairs)
