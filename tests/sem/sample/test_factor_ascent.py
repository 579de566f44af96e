"""The ascent over a factor finds the maximum that EM and Newton find, and does not stop at singular matrices."""

import numpy as np
import pytest

from sopsem.sem.sample.em import em_moments
from sopsem.sem.sample.factor_ascent import climb_factor
from sopsem.sem.sample.missing_likelihood import log_likelihood
from sopsem.sem.sample.patterns import patterns_from_values

NAMES = ("a", "b", "c")


@pytest.fixture
def values():
    rng = np.random.default_rng(8)
    return rng.normal(size=(90, 3)) @ (np.eye(3) + 0.5)


def test_another_method_from_another_start_finds_the_same_maximum(values):
    """Interior maximum of data with values missing at random."""
    values[np.random.default_rng(1).random(values.shape) < 0.2] = np.nan
    patterns = patterns_from_values(values, NAMES)
    found = em_moments(patterns)
    mean, covariance, steps = climb_factor(patterns, np.zeros(3), 3.0 * np.eye(3), 2000)
    np.testing.assert_allclose(mean, found.mean, atol=1e-5)
    np.testing.assert_allclose(covariance, found.covariance, atol=1e-4)
    assert 0 < steps < 2000


def test_a_maximum_at_a_singular_matrix_is_reached(values):
    """No row observes all three, and the pairwise correlations contradict each other."""
    x, noise = values[:30, 0], 0.1 * values[:30, 1:]
    rows = np.full((90, 3), np.nan)
    rows[:30, :2] = np.column_stack([x, x + noise[:, 0]])
    rows[30:60, 1:] = np.column_stack([x, x + noise[:, 1]])
    rows[60:, ::2] = np.column_stack([x, -x + noise[:, 0]])
    patterns = patterns_from_values(rows, NAMES)
    found = em_moments(patterns)
    assert found.smallest_eigenvalue < 1e-6
    rng = np.random.default_rng(0)
    root = np.linalg.cholesky(found.covariance)
    for _ in range(50):
        nearby = root + 0.003 * np.tril(rng.normal(size=(3, 3)))
        assert log_likelihood(patterns, found.mean, nearby @ nearby.T) < found.log_likelihood + 1e-6
