"""The ladder of invariance against lavaan, and its refusals."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.sem.invariance.ladder import invariance


def test_levels_and_scaled_differences_are_lavaans(easier, model):
    """lavaan 0.6-14: cfa(..., group = "school", estimator = "MLM", group.equal = ...) and lavTestLRT."""
    frame = invariance(model, easier, "school", estimator="MLM").frame.set_index("level").iloc[:4]
    assert frame["df"].tolist() == [16, 20, 24, 30]
    assert frame["chisq"].to_numpy() == pytest.approx([8.32086, 13.70176, 41.49322, 44.23196], abs=1e-3)
    assert frame["cfi"].to_numpy() == pytest.approx([1.0, 1.0, 0.905274, 0.922945], abs=1e-4)
    assert frame["rmsea"].to_numpy() == pytest.approx([0.0, 0.0, 0.112126, 0.0904517], abs=1e-4)
    assert frame["srmr"].to_numpy() == pytest.approx([0.0372777, 0.0690707, 0.0969415, 0.095643], abs=1e-4)
    assert frame["chisq_diff"].to_numpy()[1:] == pytest.approx([4.77848, 52.68539, 2.73427], abs=1e-3)
    assert frame["pvalue_diff"].to_numpy()[1:] == pytest.approx([0.310791, 9.9e-11, 0.841383], abs=1e-4)


def test_changes_are_against_the_level_below(easier, model):
    """Every delta is the difference of two rows."""
    frame = invariance(model, easier, "school").frame
    for name in ("cfi", "rmsea", "srmr"):
        assert frame[f"delta_{name}"].to_numpy()[1:] == pytest.approx(np.diff(frame[name]), abs=1e-12)
    assert np.isnan(frame["delta_cfi"].iloc[0])


def test_every_level_is_said_in_words(easier, model):
    """One sentence per level above the first, and the caution that no criterion is the answer."""
    ladder = invariance(model, easier, "school", levels=["configural", "metric", "scalar"])
    assert [s.split(" ")[0] for s in ladder.sentences[:2]] == ["metric", "scalar"]
    assert any("rules of thumb" in s for s in ladder.sentences)
    assert "not tenable by chi2 difference" in ladder.sentences[1]


def test_the_papers_groups_are_refused_before_anything_is_fitted():
    """86 Europeans, 5 Americans, 1 Latin American."""
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.normal(size=(92, 6)), columns=list("abcdef"))
    data["region"] = ["European"] * 86 + ["American"] * 5 + ["Latin American"]
    with pytest.raises(DataError, match=r"'American' has 5 row\(s\), 2 too few"):
        invariance("f =~ a + b + c; g =~ d + e + h", data.rename(columns={"f": "h"}), "region")


def test_rows_with_missing_values_do_not_count_as_usable(easier, model):
    """A group of 60 rows of which five are complete is a group of five."""
    data = easier.copy()
    data.loc[data.index[data["school"] == "north"][5:], "x1"] = np.nan
    with pytest.raises(DataError, match=r"'north' has 5 row\(s\)"):
        invariance(model, data, "school")


def test_covariance_matrices_of_groups_will_do(easier, model):
    """The same chi2 from rows and from their moments."""
    items = ["x1", "x2", "x3", "y1", "y2", "y3"]
    parts = {label: part[items] for label, part in easier.groupby("school", sort=False)}
    levels = ["configural", "scalar"]
    rows = invariance(model, easier, "school", levels=levels).frame["chisq"]
    moments = invariance(
        model,
        levels=levels,
        sample_cov={k: v.cov() for k, v in parts.items()},
        n_obs=[60, 60],
        sample_mean=[v.mean() for v in parts.values()],
    ).frame["chisq"]
    assert moments.to_numpy() == pytest.approx(rows.to_numpy(), abs=1e-6)


def test_ordered_items_go_by_thresholds_first(easier, model):
    """With four answers thresholds restrict, and the level strict is tested with theta."""
    data = easier.copy()
    for v in ("x1", "x2", "x3", "y1", "y2", "y3"):
        data[v] = np.digitize(data[v], [-0.7, 0.1, 0.9])
    ladder = invariance(model, data, "school", ordered=True, levels=["configural", "thresholds", "metric"])
    assert ladder.frame["df"].tolist() == [16, 22, 26]
    assert ladder.fits["metric"].spec.parameterization == "theta"
    assert ladder.variant == "_scaled"


def test_a_step_without_restriction_has_no_test(easier, model):
    """Two thresholds of three answers are as many as what they identify."""
    data = easier.copy()
    for v in ("x1", "x2", "x3", "y1", "y2", "y3"):
        data[v] = np.digitize(data[v], [-0.5, 0.5])
    ladder = invariance(model, data, "school", ordered=True, levels=["configural", "thresholds"])
    assert ladder.comparisons["thresholds"] is None
    assert ladder.frame["df_diff"].iloc[1] == 0
    assert any("restricts nothing" in note for note in ladder.notes)


@pytest.mark.parametrize(
    "options",
    [
        {"group": None},
        {"levels": ["configural", "thresholds"]},
        {"group_equal": ["loadings"]},
        {"ordered": True, "parameterization": "delta"},
        {"min_group_size": 3},
    ],
)
def test_what_makes_no_ladder_is_refused(easier, model, options):
    """No group; a level of ordered items; equalities of one's own; strict with delta; a minimum below p + 1."""
    with pytest.raises(UsageError):
        invariance(model, easier, **({"group": "school"} | options))
