"""Rows as draws see them: moments of counted rows, and the reasons for having none."""

import numpy as np
import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.draw_status import DrawStatus
from sopsem.sem.resampling.samples import CompleteSample, PatternSample

ONE = "f =~ y1 + y2 + y3 + y4 + y5"


def test_counted_rows_have_the_moments_of_copies():
    """Means and covariances of rows taken several times, with another divisor where there is one."""
    rng = np.random.default_rng(2)
    plain = rng.normal(size=(8, 3))
    counts = rng.integers(0, 3, size=(1, 8)).astype(float)
    copies = np.repeat(plain, counts[0].astype(int), axis=0)
    covariance, mean = np.cov(copies.T, bias=True), copies.mean(axis=0)
    found = CompleteSample(rows=plain, scale=1.5, meanstructure=False).moments(counts)[0]
    np.testing.assert_allclose(found, 1.5 * covariance, atol=1e-12)
    rows = np.column_stack([plain, np.ones(8)])
    both = CompleteSample(rows=rows, scale=1.5, meanstructure=True).moments(counts)[0]
    np.testing.assert_allclose(both[:3, :3], 1.5 * covariance + np.outer(mean, mean), atol=1e-12)
    np.testing.assert_allclose(both[3], [*mean, 1.0], atol=1e-12)


def test_a_resample_without_values_of_a_variable_says_so():
    """Incomplete rows: no value, or one value only, of a variable is a loss with its name."""
    rows = np.array([[1.0, 0.5, 1.0], [2.0, 0.1, 1.0], [0.0, -0.4, 1.0], [0.0, 0.9, 1.0]])
    masks = np.array([[True, True, True], [False, True, True]])
    sample = PatternSample(names=("a", "b"), rows=rows, pattern=np.array([0, 0, 1, 1]), masks=masks)
    counts = np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 2.0, 2.0], [2.0, 0.0, 1.0, 1.0]])
    objective, losses = sample.objective(None, counts)  # the losses need no model
    assert losses[0] is None
    assert losses[1].reason == "no value of a in the resample"
    assert losses[2].reason == "one value only of a in the resample"
    assert {loss.status for loss in losses[1:]} == {DrawStatus.SINGULAR}
    np.testing.assert_array_equal(objective.usable(np.arange(3)), [True, False, False])


def test_an_empty_category_is_a_class_of_its_own(whole_sample):
    """Every draw that misses a category names item and category, and is counted."""
    data = whole_sample.iloc[:90].copy()
    data.loc[17, "y1"] = 5
    data.loc[[30, 31], "y3"] = 5
    whole = fit(ONE, data, ordered=True)
    draws = bootstrap(whole, draws=40, seed=1)
    empty = draws.status == DrawStatus.EMPTY_CATEGORY
    answers = dict(zip(whole.moments.ordinal.names, whole.moments.ordinal.categories, strict=True))
    for b in range(40):
        rows = data.iloc[draws.resampler.rows_of(b)]
        missing = [
            f"{v} has no answer {a:g} in the resample"
            for v in answers
            for a in answers[v]
            if a not in set(rows[v])
        ]
        assert bool(missing) == empty[b]
        if missing:
            assert draws.reason[b] == "; ".join(missing)
            assert np.isnan(draws.estimates[b]).all()
    assert 0 < empty.sum() < 40
    counts = draws.counts().set_index("draw_class")["count"]
    assert counts["empty category in the resample"] == empty.sum()
    assert counts.sum() == 40


def test_a_singular_resample_of_least_squares_gives_its_reason(whole_sample):
    """Weights or moments that a resample does not have are a singular resample with the message."""
    few = whole_sample.iloc[:14]
    draws = bootstrap(fit("f =~ x1 + x2 + x3", few, estimator="WLS"), draws=60, seed=2)
    lost = np.flatnonzero(draws.status == DrawStatus.SINGULAR)
    assert len(lost)
    assert all("singular" in draws.reason[b] for b in lost)


def test_columns_of_an_exogenous_variable_are_held_at_those_of_the_draw(whole_sample):
    """Slopes on a fixed exogenous variable by GLS follow the draw's variance of it, not the sample's."""
    whole = fit("x2 ~ z", whole_sample, estimator="GLS")
    draws = bootstrap(whole, draws=3, seed=9)
    at = whole.names.index("x2~z")
    for b in range(3):
        rows = whole_sample.iloc[draws.resampler.rows_of(b)]
        slope = np.cov(rows["x2"], rows["z"])[0, 1] / rows["z"].var()
        assert draws.estimates[b, at] == pytest.approx(slope, abs=1e-8)
    held = [i for i, p in enumerate(whole.spec) if p.exo]
    np.testing.assert_array_equal(draws.rows[:, held], np.tile(whole.rows[held], (3, 1)))


def test_auxiliary_variables_are_drawn_too(sample_with_gaps):
    """Two-stage draws keep auxiliary variables that stand outside the model."""
    with_z = fit("f =~ x1 + x2 + x3", sample_with_gaps, missing="two_stage", auxiliary=["z"])
    without = fit("f =~ x1 + x2 + x3", sample_with_gaps, missing="two_stage")
    pair = [bootstrap(f, draws=2, seed=1).estimates for f in (with_z, without)]
    assert not np.allclose(*pair)
