"""Two one-sided tests against values worked out by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from sopsem.errors import UsageError
from sopsem.sem.effects.equivalence import equivalence_from_draws, equivalence_test


def test_limits_and_p_are_those_of_two_z_tests():
    result = equivalence_test(0.05, 0.06, 0.20)
    assert (result.lower, result.upper) == pytest.approx(
        (0.05 - 1.644854 * 0.06, 0.05 + 1.644854 * 0.06), abs=1e-6
    )
    assert result.pvalue == pytest.approx(max(norm.sf((0.05 + 0.20) / 0.06), norm.cdf((0.05 - 0.20) / 0.06)))
    assert result.level == pytest.approx(0.90)


@pytest.mark.parametrize("estimate", [-0.15, -0.05, 0.0, 0.05, 0.12, 0.30])
@pytest.mark.parametrize("se", [0.02, 0.06, 0.10, 0.13])
@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.10])
def test_inside_the_bounds_is_p_below_alpha(estimate, se, alpha):
    result = equivalence_test(estimate, se, 0.20, alpha=alpha)
    assert result.equivalent == (result.pvalue < alpha)


def test_a_small_effect_with_a_wide_interval_is_not_equivalent():
    assert equivalence_test(0.0, 0.10, 0.20).equivalent
    assert not equivalence_test(0.0, 0.15, 0.20).equivalent


def test_draws_use_the_percentile_interval():
    draws = np.linspace(-0.10, 0.30, 4001)
    result = equivalence_from_draws(draws, 0.1, 0.20)
    assert (result.lower, result.upper) == pytest.approx((-0.08, 0.28), abs=1e-3)
    assert not result.equivalent
    assert equivalence_from_draws(draws, 0.1, 0.30).equivalent
    assert result.pvalue == pytest.approx(0.25, abs=1e-3)  # a quarter of the draws lies above .20


def test_draws_without_a_solution_are_not_counted():
    draws = np.array([0.0, 0.1, np.nan, -0.1] * 50)
    result = equivalence_from_draws(draws, 0.0, 0.20)
    assert result.pvalue == 1 / 151


@pytest.mark.parametrize(
    ("bound", "alpha", "message"), [(0.0, 0.05, "bound"), (-0.2, 0.05, "bound"), (0.2, 0.5, "alpha")]
)
def test_a_bound_or_alpha_without_meaning_is_refused(bound, alpha, message):
    with pytest.raises(UsageError, match=message):
        equivalence_test(0.0, 0.1, bound, alpha=alpha)
