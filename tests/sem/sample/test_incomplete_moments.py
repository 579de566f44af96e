"""Moments of incomplete rows: which rows count, closed forms of two variables, two stages, refusals."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import ConvergenceError, DataError, ModelError, UsageError
from sopsem.sem.sample import incomplete_moments as module
from sopsem.sem.sample.em import em_moments
from sopsem.sem.sample.incomplete_moments import available_moments, incomplete_moments, moments_of_patterns
from sopsem.sem.sample.moments import moments_from_data
from sopsem.sem.sample.patterns import patterns_from_values

NAMES = list("abc")


@pytest.fixture(scope="module")
def monotone(lattice):
    """Row i has b only below 150: the estimates have a closed form."""
    return lattice[["a", "b"]].assign(b=lattice["b"].where(lattice["a"].rank() <= 150))


@pytest.mark.parametrize("missing", ["ml", "two_stage", "robust_two_stage"])
def test_a_monotone_pattern_has_closed_estimates(monotone, missing):
    """The regression of b on a where b is seen, at the moments of a in all rows (Anderson, 1957)."""
    found = incomplete_moments(monotone, ["a", "b"], missing=missing)
    seen = monotone.dropna()
    slope, intercept = np.polyfit(seen["a"], seen["b"], 1)
    left = (seen["b"] - intercept - slope * seen["a"]).var(ddof=0)
    variance = monotone["a"].var(ddof=0)
    wanted = [[variance, slope * variance], [slope * variance, left + slope**2 * variance]]
    np.testing.assert_allclose(found.covariance, wanted, rtol=1e-6)
    np.testing.assert_allclose(
        found.mean, [monotone["a"].mean(), intercept + slope * monotone["a"].mean()], rtol=1e-6
    )
    assert found.n == 240
    assert found.full_information == (missing == "ml")


@pytest.mark.parametrize("missing", ["ml", "two_stage"])
def test_complete_rows_have_their_usual_moments(lattice, missing):
    """With divisor N; the covariance matrix of two-stage moments is then that of normal data."""
    found = incomplete_moments(lattice, NAMES, missing=missing)
    whole = moments_from_data(lattice, NAMES)
    np.testing.assert_allclose(found.covariance, whole.covariance, rtol=1e-8)
    np.testing.assert_allclose(found.mean, whole.mean, rtol=1e-8, atol=1e-10)
    assert found.rows_excluded == ()
    assert found.notes == ()
    if missing == "two_stage":
        np.testing.assert_allclose(found.gamma[:3, :3], whole.covariance, rtol=1e-5, atol=1e-8)


def test_rows_that_tell_nothing_are_left_out_counted_and_noted(lattice_gaps):
    """No value in the model, or no value of a given variable; other columns do not count."""
    data = lattice_gaps.copy()
    data.loc[[4, 9], NAMES] = np.nan
    data.loc[[9, 11], "x"] = np.nan
    plain = incomplete_moments(data, NAMES, missing="ml")
    assert (plain.rows_given, plain.n, plain.rows_excluded) == (240, 238, (4, 9))
    assert plain.notes == ("2 of 240 rows have no value at all in the model and were left out",)
    given = incomplete_moments(data, [*NAMES, "x"], missing="ml", exogenous=["x"])
    assert given.rows_excluded == (9, 11)
    assert "none of an exogenous variable" in given.notes[0]


def test_auxiliary_variables_change_the_moments_and_stay_outside(lattice_gaps):
    """The first p rows and columns of the saturated model of all; the sample keeps the others."""
    found = incomplete_moments(lattice_gaps, NAMES, missing="robust_two_stage", auxiliary=["d", "e"])
    wide = em_moments(patterns_from_values(lattice_gaps[[*NAMES, "d", "e"]].to_numpy(), tuple("abcde")))
    np.testing.assert_allclose(found.covariance, wide.covariance[:3, :3], rtol=1e-10)
    np.testing.assert_allclose(found.mean, wide.mean[:3], rtol=1e-10)
    assert found.names == tuple(NAMES)
    assert found.patterns.names == tuple(NAMES)
    assert found.data.shape == (240, 3)
    assert found.sample.shape == (240, 5)
    assert found.gamma.shape == (9, 9)


def test_moments_of_all_rows_that_a_pair_has(lattice_gaps):
    """Pairwise deletion with divisor n; without rows nothing changes."""
    found = available_moments(incomplete_moments(lattice_gaps, NAMES, missing="ml"))
    own = lattice_gaps[NAMES]
    np.testing.assert_allclose(found.mean, own.mean(), rtol=1e-12)
    pair = own[["a", "b"]].dropna()
    assert found.covariance[0, 1] == pytest.approx(pair.cov().iloc[0, 1] * 239 / 240, rel=1e-12)
    bare = pd.DataFrame(np.eye(3) + 1.0, index=NAMES, columns=NAMES)
    given = module.replace(found, data=None, covariance=bare.to_numpy())
    assert available_moments(given) is given


def test_a_variable_is_in_the_model_or_beside_it(lattice_gaps):
    """Not both; and each must be a column."""
    with pytest.raises(UsageError, match="auxiliary variable 'b' is in the model"):
        incomplete_moments(lattice_gaps, NAMES, missing="two_stage", auxiliary=["d", "b"])
    with pytest.raises(ModelError, match="'dd'"):
        incomplete_moments(lattice_gaps, NAMES, missing="two_stage", auxiliary=["dd"])


def test_too_few_rows_are_refused(lattice_gaps):
    """As many rows as variables carry no covariance matrix."""
    with pytest.raises(DataError, match=r"3 row\(s\) for 3 variables"):
        moments_of_patterns(patterns_from_values(lattice_gaps[NAMES].to_numpy()[:3], tuple(NAMES)), NAMES)


def test_a_saturated_model_that_is_not_found_is_an_error(lattice_gaps, monkeypatch):
    """With the steps taken and what to use instead."""

    def hasty(patterns):
        """Stop after one step."""
        return em_moments(patterns, max_iterations=1)

    monkeypatch.setattr(module, "em_moments", hasty)
    with pytest.raises(ConvergenceError, match=r"did not converge in 1 steps.*missing='listwise'"):
        incomplete_moments(lattice_gaps, NAMES, missing="ml")
