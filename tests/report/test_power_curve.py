"""The figure of power against N."""

import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.report.canvas import figure_bytes
from sopsem.report.power_curve import power_curve

COLUMNS = ["label", "n", "power", "lower", "upper", "analytic"]
ROWS = pd.DataFrame(
    [
        ("chi2 difference, y ~ x", 92, 0.44, 0.41, 0.47, 0.45),
        ("chi2 difference, y ~ x", 200, 0.76, 0.73, 0.79, 0.77),
        ("Monte Carlo interval, total y ~ x (std)", 92, 0.6, 0.57, 0.63, float("nan")),
        ("Monte Carlo interval, total y ~ x (std)", 200, 0.9, 0.88, 0.92, float("nan")),
    ],
    columns=COLUMNS,
)


def test_every_test_has_points_a_band_and_theory():
    axes = power_curve(ROWS).axes[0]
    assert len(axes.collections) == 2
    shown = [line for line in axes.lines if len(line.get_xdata())]
    assert sorted(line.get_xdata().tolist() for line in shown) == [[92, 200]] * 4
    assert sorted(line.get_ydata()[0] for line in shown)[:3] == [0.44, 0.45, 0.6]
    labels = [text.get_text().replace("\n", " ") for text in axes.get_legend().get_texts()]
    assert labels == [*dict.fromkeys(ROWS["label"]), "theory"]


def test_the_target_and_the_n_found_are_marked():
    axes = power_curve(ROWS, target=0.8, found=(217.0, 205.0, 230.0)).axes[0]
    assert "N = 217" in [text.get_text() for text in axes.texts]
    assert any(list(line.get_ydata()) == [0.8, 0.8] for line in axes.lines)


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_bytes_each_time(kind):
    first, second = (figure_bytes(power_curve(ROWS, target=0.8, caption="c"), kind) for _ in range(2))
    assert first == second


def test_nothing_is_cut_off():
    """All texts of the sheet lie on it."""
    figure = power_curve(ROWS, target=0.8, found=(217.0, 205.0, 230.0), title="T", caption="C " * 80)
    figure.canvas.draw()
    renderer, box = figure.canvas.get_renderer(), figure.bbox
    legend = figure.axes[0].get_legend().get_window_extent(renderer)
    texts = [t.get_window_extent(renderer) for t in (*figure.texts, *figure.axes[0].texts)]
    for extent in (legend, *texts):
        assert extent.x0 >= box.x0 - 1
        assert extent.x1 <= box.x1 + 1
        assert extent.y0 >= box.y0 - 1
        assert extent.y1 <= box.y1 + 1


def test_one_size_and_missing_columns():
    assert power_curve(ROWS[ROWS["n"] == 92]).axes[0].get_xticks().tolist() == [92]
    with pytest.raises(UsageError, match="missing analytic"):
        power_curve(ROWS.drop(columns="analytic"))
