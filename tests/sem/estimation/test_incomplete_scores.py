"""Scores and information of incomplete rows on the kernel's metric, by differences of the log-likelihood."""

import numpy as np
import pytest

from sopsem.errors import DataError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.incomplete_scores import incomplete_information, incomplete_scores
from sopsem.sem.sample.missing_likelihood import log_likelihood

MODEL = "f =~ a + b + c"
COLUMN, ROW = np.triu_indices(3)


@pytest.fixture(scope="module")
def fitted(lattice_gaps):
    """A fit in units that differ."""
    return fit(MODEL, lattice_gaps[list("abc")] * [10.0, 0.1, 1.0] + [5.0, -3.0, 0.0], missing="ml")


def likelihood(group, implied):
    """Return the log-likelihood of all rows at moments on the kernel's metric."""
    sd = group.model.sd
    covariance = np.zeros((3, 3))
    covariance[ROW, COLUMN] = covariance[COLUMN, ROW] = implied[3:]
    return log_likelihood(
        group.moments.patterns, group.model.center + sd * implied[:3], covariance * np.outer(sd, sd)
    )


def moments_of(fitted, kind):
    """Return implied or saturated moments on the kernel's metric."""
    group = fitted.groups[0]
    return group.structure.moments(fitted.kernel_theta) + 0.05 if kind == "implied" else group.statistics


@pytest.mark.parametrize("kind", ["implied", "saturated"])
def test_scores_sum_to_the_slope_of_the_log_likelihood(fitted, kind):
    """Fourth-order differences; at the saturated moments the sum is 0."""
    group, at = fitted.groups[0], moments_of(fitted, kind)
    scores = incomplete_scores(group, at if kind == "implied" else None)
    assert scores.shape == (fitted.n, 9)
    wanted = [
        (8 * (likelihood(group, at + e) - likelihood(group, at - e)) - likelihood(group, at + 2 * e)
         + likelihood(group, at - 2 * e)) / 12e-4
        for e in 1e-4 * np.eye(9)
    ]  # fmt: skip
    np.testing.assert_allclose(scores.sum(axis=0), wanted, atol=1e-6)
    assert (np.abs(wanted).max() < 1e-3) == (kind == "saturated")
    np.testing.assert_allclose(incomplete_scores(group, at), scores, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", ["implied", "saturated"])
def test_observed_information_is_the_slope_of_the_scores(fitted, kind):
    """Of one row: minus the differences of the mean score."""
    group, at = fitted.groups[0], moments_of(fitted, kind)
    found = incomplete_information(group, at if kind == "implied" else None, "observed")
    wanted = [
        (incomplete_scores(group, at - e) - incomplete_scores(group, at + e)).mean(axis=0) / 2e-5
        for e in 1e-5 * np.eye(9)
    ]
    np.testing.assert_allclose(found, wanted, atol=1e-7)


def test_expected_information_is_that_of_complete_rows_when_none_is_missing(lattice):
    """S^-1 for the means, D'(S^-1 x S^-1)D / 2 for vech S; where the moments fit, observed is the same."""
    group = fit(MODEL, lattice, missing="ml").groups[0]
    expected = incomplete_information(group, None, "expected")
    inverse = np.linalg.inv(group.scaled_covariance)
    np.testing.assert_allclose(expected[:3, :3], inverse, rtol=1e-6)
    duplication = np.zeros((9, 6))
    for column, (i, j) in enumerate(zip(ROW, COLUMN, strict=True)):
        duplication[[3 * i + j, 3 * j + i], column] = 1.0
    wanted = duplication.T @ np.kron(inverse, inverse) @ duplication / 2.0
    np.testing.assert_allclose(expected[3:, 3:], wanted, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(incomplete_information(group, None, "observed"), expected, atol=1e-6)


def test_gaps_take_information_away(fitted):
    """Every row tells less than a complete one would."""
    group = fitted.groups[0]
    inverse = np.linalg.inv(group.scaled_covariance)
    lost = inverse - incomplete_information(group, None, "expected")[:3, :3]
    assert np.linalg.eigvalsh(lost)[0] > 0.0


def test_complete_moments_have_no_patterns_to_score(lattice):
    """A bug of the caller, said as such."""
    group = fit(MODEL, lattice, meanstructure=True).groups[0]
    with pytest.raises(DataError, match="not those of incomplete rows"):
        incomplete_scores(group, None)
