"""Quadrants and profile: what is drawn where, and nothing that leaves the sheet."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.report.client.operations.profile_chart import profile_chart
from sopsem.report.client.operations.quadrant_chart import quadrant_chart

KINDS = ("misaligned and know it", "aligned and know it")


def units(n, seed=0):
    rng = np.random.default_rng(seed)
    index, perceived = rng.uniform(20, 90, n), rng.uniform(2, 6, n)
    names = [f"Plant {i} of a long name" for i in range(n)]
    kinds = [KINDS[int(x > 55)] for x in index]
    return pd.DataFrame({"unit": names, "index": index, "perceived": perceived, "quadrant": kinds})


@pytest.mark.parametrize("width", [7.2, 3.5])
def test_names_stay_on_the_sheet(width):
    figure = quadrant_chart(units(12), perceived="Sales-operations alignment", width=width)
    figure.draw_without_rendering()
    sheet = figure.bbox
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert box.x0 >= sheet.x0 - 1
        assert box.x1 <= sheet.x1 + 1
        assert box.y0 >= sheet.y0 - 1
        assert box.y1 <= sheet.y1 + 1


def test_every_unit_is_a_point_and_apart_ones_are_squares():
    frame = units(6)
    frame.loc[0, "quadrant"] = "aligned and doubt it"
    frame.loc[1, "perceived"] = np.nan
    axes = quadrant_chart(frame, perceived="Alignment", width=7.2).axes[0]
    points = [line for line in axes.lines if line.get_marker() in "os"]
    assert [line.get_marker() for line in points] == ["s", "o", "o", "o", "o"]
    assert points[0].get_xdata()[0] == frame.loc[0, "index"]
    assert points[0].get_ydata()[0] == frame.loc[0, "perceived"]
    with pytest.raises(UsageError, match="no rows"):
        quadrant_chart(frame.assign(perceived=np.nan), perceived="Alignment", width=7.2)


def test_a_profile_places_scores_and_says_what_is_not_there():
    frame = pd.DataFrame(
        [
            ("people", "Alignment", 0.0),
            ("people", "Conflict", np.nan),
            ("records", "cash", 100.0),
            ("records", "x", np.nan),
        ],
        columns=["side", "label", "score"],
    )
    axes = profile_chart(frame, width=7.2).axes[0]
    said = [text.get_text() for text in axes.texts]
    assert {"What people say", "What records say", "hidden", "not known", "100"} <= set(said)
    low, high = (line.get_xdata()[0] for line in axes.lines if line.get_marker() in "os")
    track = next(line for line in axes.lines if line.get_marker() == "None")
    assert (low, high) == pytest.approx(tuple(track.get_xdata()))
