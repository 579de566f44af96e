"""Patterns hold what the rows say, in a documented order, also in a resample."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, ModelError, UsageError
from sopsem.sem.sample.patterns import (
    coverage,
    marginal_patterns,
    missing_patterns,
    patterns_from_data,
    patterns_from_values,
    resampled_patterns,
)

NAMES = ("a", "b", "c")


@pytest.fixture
def values():
    rng = np.random.default_rng(3)
    found = rng.normal(size=(60, 3)) @ rng.normal(size=(3, 3)) + 5.0
    found[rng.random(found.shape) < 0.3] = np.nan
    found[[7, 20]] = np.nan
    return found


def test_each_pattern_has_the_moments_of_its_rows(values):
    """Means and covariances with divisor n_p, zero where nothing is observed."""
    found = patterns_from_values(values, NAMES)
    for k, seen in enumerate(found.observed):
        rows = values[found.rows(k)]
        assert (~np.isnan(rows) == seen).all()
        np.testing.assert_allclose(found.mean[k][seen], rows[:, seen].mean(axis=0), rtol=1e-13)
        wanted = np.cov(rows[:, seen].T, bias=True) if len(rows) > 1 else 0.0
        np.testing.assert_allclose(found.covariance[k][np.ix_(seen, seen)], wanted, atol=1e-13)
        assert not found.mean[k][~seen].any()
        assert not found.covariance[k][~seen].any()


def test_rows_are_counted_once_and_empty_ones_are_listed(values):
    """Every row belongs to one pattern, or has no value at all."""
    found = patterns_from_values(values, NAMES)
    empty = tuple(np.flatnonzero(np.isnan(values).all(axis=1)))
    assert found.rows_empty == empty
    assert {7, 20} <= set(empty)
    assert found.n == len(values) - len(empty)
    assert (found.pattern[list(empty)] == -1).all()


def test_patterns_stand_by_size_and_then_by_the_first_variables(values):
    """The order does not depend on the order of the rows."""
    found = patterns_from_values(values, NAMES)
    keys = [(-n, *(~seen)) for n, seen in zip(found.count, found.observed, strict=True)]
    assert keys == sorted(keys)
    shuffled = patterns_from_values(values[::-1], NAMES)
    np.testing.assert_array_equal(shuffled.observed, found.observed)
    np.testing.assert_allclose(shuffled.covariance, found.covariance, atol=1e-13)


def test_a_large_mean_costs_no_digits(values):
    """Covariances are computed about a centre."""
    shifted = patterns_from_values(np.round(values * 64.0) / 64.0 + 2.0**30, NAMES)
    plain = patterns_from_values(np.round(values * 64.0) / 64.0, NAMES)
    np.testing.assert_allclose(shifted.covariance, plain.covariance, atol=1e-6)


def test_coverage_is_the_share_of_rows_with_both(values):
    """Of the rows with any value."""
    found = coverage(pd.DataFrame(values, columns=NAMES))
    seen = (~np.isnan(values)).astype(float)
    np.testing.assert_allclose(found, seen.T @ seen / seen.any(axis=1).sum(), rtol=1e-14)
    assert list(found.index) == list(NAMES)


def test_a_resample_by_counts_is_the_resample_by_rows(values):
    """Weighted statistics equal those of copied rows, up to the order of equally large patterns."""
    whole = patterns_from_values(values, NAMES)
    counts = np.bincount(np.random.default_rng(1).integers(0, 60, 60), minlength=60)
    light = resampled_patterns(whole, counts)
    copied = patterns_from_values(np.repeat(values, counts, axis=0), NAMES)
    by_seen = {tuple(o): k for k, o in enumerate(copied.observed)}
    order = [by_seen[tuple(o)] for o in light.observed]
    assert len(order) == len(copied.observed)
    np.testing.assert_allclose(light.count, copied.count[order])
    np.testing.assert_allclose(light.mean, copied.mean[order], atol=1e-13)
    np.testing.assert_allclose(light.covariance, copied.covariance[order], atol=1e-13)
    assert light.data is whole.data


def test_the_patterns_of_some_variables_are_those_of_their_columns(values):
    """Weights of a resample are kept."""
    whole = patterns_from_values(values, NAMES)
    part = marginal_patterns(whole, ("c", "a"))
    np.testing.assert_array_equal(part.mean, patterns_from_values(values[:, [2, 0]], "ca").mean)
    doubled = marginal_patterns(resampled_patterns(whole, np.full(60, 2)), ("c", "a"))
    np.testing.assert_allclose(doubled.count, 2.0 * part.count)
    with pytest.raises(ModelError, match="'d' is not one of the variables a, b, c"):
        marginal_patterns(whole, ("d",))


def test_the_table_accounts_for_every_row(values):
    """Shares sum to one; rows without a value are pattern 0, at the end."""
    table = missing_patterns(pd.DataFrame(values, columns=NAMES))
    assert table.index.get_level_values("count").to_numpy().sum() == 60
    assert table.index.get_level_values("share").to_numpy().sum() == pytest.approx(1.0)
    assert table.index.get_level_values("pattern")[-1] == 0
    assert (table.iloc[-1] == ".").all()
    assert (table.iloc[:-1] == "x").any(axis=1).all()


def test_statistics_cannot_be_written_to(values):
    """Arrays are read-only, and the data are a copy."""
    found = patterns_from_values(values, NAMES)
    with pytest.raises(ValueError, match="read-only"):
        found.mean[0, 0] = 1.0
    values[0, 0] = 99.0
    assert found.data[0, 0] != 99.0


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda v: v[:, :2], UsageError, r"shape .60, 2. for 3 name"),
        (lambda v: v[:0], DataError, "0 rows"),
        (lambda v: np.where(np.arange(3) == 1, np.nan, v), DataError, "'b' hold no value at all"),
        (lambda v: np.where(np.arange(60)[:, None] == 4, np.inf, v), DataError, "column 'a', row 5"),
    ],
)
def test_bad_values_are_named(values, change, error, message):
    """Each refusal says which column."""
    with pytest.raises(error, match=message):
        patterns_from_values(change(values), NAMES)


@pytest.mark.parametrize(
    ("counts", "error", "message"),
    [
        (np.ones(59), UsageError, "one for each of 60 rows"),
        (-np.ones(60), UsageError, "negative"),
        (np.full(60, np.nan), UsageError, "not finite"),
        (np.zeros(60), DataError, "no value of 'a', 'b', 'c'"),
    ],
)
def test_bad_counts_are_refused(values, counts, error, message):
    """A resample needs one count for each row and a value of each variable."""
    with pytest.raises(error, match=message):
        resampled_patterns(patterns_from_values(values, NAMES), counts)


def test_what_is_no_frame_is_refused():
    """The table, the coverage and the patterns are of a frame."""
    for function in (missing_patterns, coverage):
        with pytest.raises(UsageError, match="give a DataFrame"):
            function(np.eye(3))
    with pytest.raises(ModelError, match="did you mean 'a'"):
        patterns_from_data(pd.DataFrame(np.eye(3), columns=NAMES), ["A"])
