"""Labels stand on their arrows and off everything else."""

import numpy as np
from figure_checks import frame_of

from sopsem.report.path_labels import Label, clashes, place_labels
from sopsem.report.path_layout import Box, Sizes, arrange
from sopsem.report.path_model import read_paths
from sopsem.report.path_routes import route_arrow

SIZES = Sizes(node=(1.7, 0.95), item=(0.65, 0.4))
FACTORS = "f =~ a + b + c\ng =~ d + e\ng ~ f\na ~~ d\nb ~~ c"


def routed(text):
    model = read_paths(frame_of(text))
    layout = arrange(model, SIZES)
    pairs = {(a.source, a.target) for a in model.arrows}
    return layout, [route_arrow(a, layout, answered=(a.target, a.source) in pairs) for a in model.arrows]


def test_labels_stand_on_their_arrows_and_apart():
    """No label covers another or a box when there is room."""
    layout, routes = routed(FACTORS)
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


def test_clashes_are_counted():
    """Labels on each other and on boxes, but not beside the curve of an ellipse."""
    layout, _ = routed("y ~ x")
    box = layout.boxes["x"]
    on_box = Label(x=box.x, y=box.y, width=0.2, height=0.1)
    free = Label(x=box.x, y=box.y + 5.0, width=0.2, height=0.1)
    assert clashes([free], layout) == 0
    assert clashes([on_box], layout) == 1
    assert clashes([free, free], layout) == 1
    ellipse = Box(x=0.0, y=0.0, width=2.0, height=1.0, round=True)
    assert Label(x=0.95, y=0.45, width=0.1, height=0.1).overlap(ellipse) == 0.0


def test_no_arrows_have_no_labels():
    """An empty model is no error here."""
    assert place_labels([], [], routed("y ~ x")[0]) == []
