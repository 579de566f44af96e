"""The importance-performance map: labels apart, on the sheet, what is drawn where."""

import pandas as pd
import pytest
from figure_checks import drawn_texts, outside, overlapping

from sopsem.errors import UsageError
from sopsem.report.canvas import figure_bytes
from sopsem.report.driver_map import driver_map

COLUMNS = ["label", "importance", "ci_lower", "ci_upper", "performance"]
CROWDED = pd.DataFrame(
    [
        ("Sales-operations alignment", 0.31, 0.20, 0.42, 57.0),
        ("Organisational collaboration", 0.30, 0.18, 0.41, 56.5),
        ("Conflict", 0.32, 0.10, 0.50, 57.5),
        ("Trust between the teams", 0.29, 0.20, 0.40, 56.8),
        ("Forecast quality", 0.05, -0.10, 0.20, 80.0),
    ],
    columns=COLUMNS,
)


@pytest.mark.parametrize("turned", [False, True])
def test_no_label_covers_another_and_none_leaves_the_sheet(turned):
    frame = CROWDED.assign(importance=-CROWDED.importance) if turned else CROWDED
    figure = driver_map(
        frame,
        outcome="Performance",
        source_label="synthetic data",
        caption="Bars are intervals of importance. " * 6,
    )
    assert outside(figure) == []
    boxes = [(text.get_text(), box) for text, box in drawn_texts(figure)]
    labels = [(t, b) for t, b in boxes if t.replace("\n", " ") in set(CROWDED.label)]
    assert len(labels) == 5
    assert overlapping(labels) == []
    # labels also keep off the points
    axes = figure.axes[0]
    for row in frame.itertuples():
        x, y = axes.transData.transform((row.importance, row.performance))
        assert not [t for t, b in labels if b.x0 < x < b.x1 and b.y0 < y < b.y1]


def test_lowering_drivers_have_another_mark_and_no_corner_words():
    frame = CROWDED.assign(importance=[0.3, -0.2, 0.1, 0.2, 0.1])
    axes = driver_map(frame).axes[0]
    marks = [line.get_marker() for line in axes.lines if len(line.get_xdata()) == 1]
    assert marks.count("s") == 1
    assert marks.count("o") == 4
    assert "improve first" not in [t.get_text() for t in axes.texts]
    assert "improve first" in [t.get_text() for t in driver_map(CROWDED).axes[0].texts]


def test_one_driver_and_a_missing_interval():
    frame = CROWDED.head(1).assign(ci_lower=float("nan"), ci_upper=float("nan"))
    assert outside(driver_map(frame)) == []


def test_same_bytes_and_refusals():
    assert figure_bytes(driver_map(CROWDED), "svg") == figure_bytes(driver_map(CROWDED), "svg")
    with pytest.raises(UsageError, match="missing performance"):
        driver_map(CROWDED.drop(columns="performance"))
