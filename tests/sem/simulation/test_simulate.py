"""Simulated rows: the same for the same seed, with the moments asked for."""

import numpy as np
import pytest
from scipy import stats

from sopsem.errors import ModelError, ResourceLimitError, UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.simulation.simulate import simulate

TEXT = "f =~ 0.8*a + 0.7*b + 0.6*c; f ~~ 1*f; a ~~ 0.36*a; b ~~ 0.51*b; c ~~ 0.64*c"


def test_the_same_seed_gives_the_same_bytes():
    """And another seed others."""
    first, again, other = (simulate(TEXT, 50, seed=s).to_csv() for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_groups_do_not_change_each_other():
    """The rows of the first group are the same however many the second has."""
    few, many = (simulate(TEXT, [20, n], seed=3, groups=["x", "y"]) for n in (10, 30))
    assert few["group"].tolist() == ["x"] * 20 + ["y"] * 10
    assert few.iloc[:20].equals(many.iloc[:20])


def test_empirical_moments_are_exact():
    """A model fitted to such rows returns its parameters."""
    rows = simulate(TEXT, 100, seed=1, empirical=True, skewness={"a": 1.0}, kurtosis={"a": 2.0})
    wanted = [[1, 0.56, 0.48], [0.56, 1, 0.42], [0.48, 0.42, 1]]
    assert rows.cov().to_numpy() == pytest.approx(np.array(wanted), abs=1e-12)
    fitted = fit("f =~ a + b + c", rows, std_lv=True, likelihood="wishart")
    assert fitted.rows[:3] == pytest.approx([0.8, 0.7, 0.6], abs=1e-8)


def test_large_samples_have_the_skewness_and_kurtosis():
    """Within four standard errors of 200,000 rows; the covariances too."""
    rows = simulate(
        TEXT, 200_000, seed=5, skewness={"a": 1.0, "b": -0.5}, kurtosis={"a": 1.5, "b": 0.5, "c": 1.0}
    )
    assert stats.skew(rows) == pytest.approx([1.0, -0.5, 0.0], abs=0.05)
    assert stats.kurtosis(rows) == pytest.approx([1.5, 0.5, 1.0], abs=0.2)
    assert rows.cov().to_numpy()[0, 1:] == pytest.approx([0.56, 0.48], abs=0.02)


def test_ordered_variables_are_cut():
    """By thresholds of the model or given ones, into answers from 1 on."""
    rows = simulate(TEXT, 20_000, seed=1, thresholds={"a": [-1.0, 0.0]})
    shares = rows["a"].value_counts(normalize=True).sort_index()
    assert shares.index.tolist() == [1, 2, 3]
    assert shares.to_numpy() == pytest.approx([0.1587, 0.3413, 0.5], abs=0.02)


def test_a_fit_is_a_population(skewed_items):
    """Fitted again to exact rows of its population the model fits perfectly and returns the estimates."""
    model = "f =~ x1 + x2 + x3; g =~ y1 + y2 + y3"
    fitted = fit(model, skewed_items, group="school", group_equal=["loadings", "intercepts"])
    rows = simulate(fitted, [80, 90], seed=1, empirical=True, group="where")
    again = fit(model, rows, group="where")
    assert again.chisq == pytest.approx(0.0, abs=1e-8)
    assert set(rows["where"]) == {"south", "north"}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"n": 0}, UsageError, "whole number above 0"),
        ({"n": [5, 6]}, UsageError, "each of the 1 group"),
        ({"seed": -1}, UsageError, "seed is -1"),
        ({"skewness": {"q": 1.0}}, UsageError, "q, which the model does not observe"),
        ({"kurtosis": [1.0]}, UsageError, "1 values for 3 variables"),
        ({"skewness": 3.0}, UsageError, "a cannot have skewness 3"),
        ({"thresholds": {"a": [1.0, 0.0]}}, UsageError, "rising"),
        ({"thresholds": {"q": [0.0]}}, UsageError, "q, which"),
        ({"values": {"a~~a": -1.0}}, ModelError, "not positive definite"),
        ({"n": 3, "empirical": True}, UsageError, "more rows"),
    ],
)
def test_what_cannot_be_drawn_is_refused(changes, error, message):
    """Sizes, seeds, names, moments and covariances that make no population."""
    with pytest.raises(error, match=message):
        simulate(**({"model": TEXT, "n": 10, "seed": 1} | changes))


def test_a_fit_takes_no_options(skewed_items):
    """It brings its own parameters."""
    with pytest.raises(UsageError, match="brings its own"):
        simulate(fit("f =~ x1 + x2 + x3", skewed_items), 10, seed=1, values={"f=~x2": 1.0})


def test_more_rows_than_memory_are_refused():
    """A slip in n ends in a message, not in the memory of the machine."""
    with pytest.raises(ResourceLimitError, match="at most 10,000,000"):
        simulate(TEXT, 10**12, seed=1)
