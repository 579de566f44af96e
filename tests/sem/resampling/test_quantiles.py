"""Four rules for the end of an interval, by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from sopsem.errors import UsageError
from sopsem.sem.resampling.quantiles import RULES, quantile, usable

NINE = np.arange(1.0, 10.0)


@pytest.mark.parametrize(
    ("rule", "a", "wanted"),
    [
        ("weibull", 0.1, 1.0),  # rank 10 * .1 = 1
        ("weibull", 0.25, 2.5),
        ("weibull", 0.05, 1.0),  # rank .5: no lower than the first
        ("weibull", 0.99, 9.0),
        ("floor", 0.25, 2.0),
        ("floor", 0.3, 3.0),  # 10 * .3 is 3 although floats say 2.9999999999999996 or so
        ("floor", 0.05, 1.0),
        ("inverse_cdf", 0.25, 3.0),  # 9 * .25 = 2.25 -> third
        ("inverse_cdf", 1 / 9, 1.0),
        ("inverse_cdf", 0.0, 1.0),
        ("inverse_cdf", 1.0, 9.0),
        ("normal_interp", 0.3, 3.0),
        ("normal_interp", 0.01, 1.0),
        ("normal_interp", 0.999, 9.0),
    ],
)
def test_rules_by_hand(rule, a, wanted):
    assert quantile(NINE, np.array([a]), rule=rule)[0] == pytest.approx(wanted, abs=1e-12)


def test_normal_interpolation_is_on_the_scale_of_normal_quantiles():
    """Between ranks 2 and 3 of B = 9: z runs from Phi^-1(.2) to Phi^-1(.3)."""
    share = (norm.ppf(0.25) - norm.ppf(0.2)) / (norm.ppf(0.3) - norm.ppf(0.2))
    assert quantile(NINE, np.array([0.25]), rule="normal_interp")[0] == pytest.approx(2 + share, rel=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_rules_agree_at_whole_ranks_and_rise_with_the_level(rule):
    levels = np.linspace(0.001, 0.999, 400)
    found = quantile(NINE**3, levels, rule=rule)
    assert (np.diff(found) >= -1e-9).all()
    assert found[0] == 1.0
    assert found[-1] == 729.0


def test_draws_without_a_value_are_not_used():
    spoiled = np.concatenate([[np.nan], NINE[::-1], [np.inf, np.nan]])
    assert usable(spoiled).tolist() == NINE.tolist()
    assert quantile(spoiled, np.array([0.5]))[0] == 5.0
    assert np.isnan(quantile(np.array([1.0, np.nan]), np.array([0.5]))[0])
    assert np.isnan(quantile(NINE, np.array([np.nan]))[0])


def test_an_unknown_rule_is_refused():
    with pytest.raises(UsageError, match="choose one of weibull, floor"):
        quantile(NINE, np.array([0.5]), rule="type7")
