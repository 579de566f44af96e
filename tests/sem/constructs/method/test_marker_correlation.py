"""Marker correlations by their formula, and the rules of what may stand for r_M."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sopsem.errors import DataError, UsageError
from sopsem.sem.constructs.method.marker_correlation import adjusted_correlation, marker_correlation

CONSTRUCTS = {"f": ["a", "b"], "g": ["c"], "h": ["d", "e"]}


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(4)
    return pd.DataFrame(rng.normal(size=(120, 7)) + 0.8 * rng.normal(size=(120, 1)), columns=list("abcdeuv"))


def test_the_formula():
    """r = .45, r_M = .15, N = 92 by hand."""
    r, t, p = adjusted_correlation(0.45, 0.15, 92)
    assert r == pytest.approx(0.30 / 0.85)
    assert t == pytest.approx((0.30 / 0.85) * np.sqrt(89 / (1 - (0.30 / 0.85) ** 2)))
    assert p == pytest.approx(2 * stats.t.sf(t, 89))
    assert adjusted_correlation(0.4, 0.0, 50)[0] == 0.4
    assert adjusted_correlation(0.2, 0.2, 50)[1] == 0.0


def test_every_choice_by_hand(rows):
    result = marker_correlation(rows, CONSTRUCTS, marker=["u", "v"])
    means = np.column_stack([rows[v].mean(axis=1) for v in (["a", "b"], ["c"], ["d", "e"], ["u", "v"])])
    r = np.corrcoef(means.T)
    table = result.markers.set_index("choice").r_marker
    assert table["smallest with the marker"] == pytest.approx(r[3, :3].min())
    assert table["mean with the marker"] == pytest.approx(r[3, :3].mean())
    assert table["largest with the marker"] == pytest.approx(r[3, :3].max())
    among = sorted([r[0, 1], r[0, 2], r[1, 2]])
    assert table["smallest among the constructs"] == pytest.approx(among[0])
    assert table["second smallest among the constructs"] == pytest.approx(among[1])
    own = result.adjusted.query(
        "construct1 == 'f' and construct2 == 'h' and choice == 'mean with the marker'"
    ).iloc[0]
    m = r[3, :3].mean()
    assert own.r_adjusted == pytest.approx((r[0, 2] - m) / (1 - m))
    assert own.pvalue_raw == pytest.approx(stats.pearsonr(means[:, 0], means[:, 2])[1])
    assert own.df == 117


def test_what_is_chosen_after_the_fact_is_labelled(rows):
    result = marker_correlation(rows, CONSTRUCTS)
    assert not result.markers.a_priori.any()
    assert result.markers.note.str.contains("capitalises on chance").all()
    assert "no marker" in result.sentences[-1]


def test_a_negative_marker_correlation_takes_nothing_off(rows):
    turned = rows.assign(u=-rows.u, v=-rows.v)
    result = marker_correlation(turned, CONSTRUCTS, marker=["u", "v"])
    row = result.markers.set_index("choice").loc["mean with the marker"]
    assert row.r_marker < 0.0
    assert row.applied == 0.0
    assert "nothing is taken off" in row.note
    own = result.adjusted[result.adjusted.choice == "mean with the marker"]
    np.testing.assert_allclose(own.r_adjusted, own.r)


def test_order_and_units_do_not_matter(rows):
    first = marker_correlation(rows, CONSTRUCTS, marker=["u", "v"]).adjusted
    other = marker_correlation((3 * rows + 2).iloc[::-1, ::-1], CONSTRUCTS, marker=["v", "u"]).adjusted
    np.testing.assert_allclose(other.r_adjusted, first.r_adjusted, atol=1e-12)


def test_missing_rows_are_counted_and_wrong_input_refused(rows):
    gaps = rows.copy()
    gaps.loc[[1, 5], "u"] = np.nan
    assert marker_correlation(gaps, CONSTRUCTS, marker=["u"]).rows_excluded == 2
    assert marker_correlation(gaps, CONSTRUCTS).rows_excluded == 0
    with pytest.raises(UsageError, match="cannot be the marker"):
        marker_correlation(rows, CONSTRUCTS, marker=["a"])
    with pytest.raises(UsageError, match="no column for q"):
        marker_correlation(rows, CONSTRUCTS, marker=["q"])
    with pytest.raises(UsageError, match="needs two"):
        marker_correlation(rows, {"f": ["a"]})
    with pytest.raises(DataError, match="marker does not vary"):
        marker_correlation(rows.assign(u=1.0), CONSTRUCTS, marker=["u"])
    with pytest.raises(UsageError, match="r_marker"):
        adjusted_correlation(0.3, 1.0, 50)


def test_what_lies_beyond_minus_one_is_no_correlation():
    assert np.isnan(adjusted_correlation(-0.4, 0.33, 93)).all()
    assert adjusted_correlation(-1.0, 0.0, 93)[0] == -1.0
