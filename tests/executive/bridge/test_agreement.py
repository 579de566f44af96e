"""r_wg(J), ICC(1), ICC(2): the known answer, a published example, hand-computed unequal groups, edges."""

import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from sopsem.executive.bridge.agreement import (
    SKEWED_VARIANCE,
    intraclass,
    uniform_variance,
    within_group_agreement,
)

# Shrout & Fleiss 1979, table 2: six targets, four judges
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)


def answers(variance, raters=4, items=4):
    """Answers whose every item has this variance."""
    deviations = np.array([-1.0, -1.0, 1.0, 1.0])[:raters]
    deviations = deviations / deviations.std(ddof=1) * math.sqrt(variance)
    return np.tile(3 + deviations[:, None], items)


def test_four_raters_four_items_mean_variance_a_quarter():
    assert within_group_agreement(answers(0.25), uniform_variance(5)) == pytest.approx(0.966, abs=5e-4)
    assert within_group_agreement(answers(0.25), uniform_variance(5)) == pytest.approx(
        4 * 0.875 / (4 * 0.875 + 0.125)
    )


def test_agreement_of_one_item_is_one_less_the_share_of_the_null():
    assert within_group_agreement(answers(0.5, items=1), 2.0) == pytest.approx(0.75)


@pytest.mark.parametrize(("variance", "expected"), [(0.0, 1.0), (2.0, 0.0), (3.5, 0.0)])
def test_no_spread_is_full_agreement_and_more_than_random_is_none(variance, expected):
    assert within_group_agreement(answers(variance), uniform_variance(5)) == expected


def test_one_rater_agrees_with_nobody():
    assert math.isnan(within_group_agreement([[3, 4, 4, 3]], 2.0))


def test_the_skewed_null_is_that_of_its_shares_and_asks_for_more():
    shares, points = np.array([0.05, 0.15, 0.20, 0.35, 0.25]), np.arange(1, 6)
    variance = shares @ points**2 - (shares @ points) ** 2
    assert SKEWED_VARIANCE[5] == pytest.approx(variance)
    assert all(SKEWED_VARIANCE[a] < uniform_variance(a) for a in SKEWED_VARIANCE)


def test_the_published_example():
    found = intraclass(SHROUT_FLEISS.ravel(), np.repeat(range(6), 4))
    assert (round(found.icc1, 2), round(found.icc2, 2)) == (0.17, 0.44)
    assert (found.size, found.units, found.respondents) == (4, 6, 24)


def test_unequal_units_by_hand():
    """Units 1 2 / 4 5 6 / 9: means 1.5, 5, 9; MSB 51/2 x ... computed from the sums of squares."""
    scores, units = [1, 2, 4, 5, 6, 9], list("AABBBC")
    grand = 27 / 6
    between = (2 * (1.5 - grand) ** 2 + 3 * (5 - grand) ** 2 + (9 - grand) ** 2) / 2
    within = (0.5 + 2.0) / 3
    k = (6 - 14 / 6) / 2
    found = intraclass(scores, units)
    assert found.size == pytest.approx(k)
    assert found.icc1 == pytest.approx((between - within) / (between + (k - 1) * within))
    assert found.icc2 == pytest.approx((between - within) / between)
    table = anova_lm(ols("y ~ C(u)", pd.DataFrame({"y": scores, "u": units})).fit())
    assert (found.f, found.p) == pytest.approx((table["F"].iloc[0], table["PR(>F)"].iloc[0]))


def test_raters_who_differ_more_than_units_give_a_negative_icc():
    found = intraclass([1, 5, 2, 5, 2, 4], list("AABBCC"))
    assert found.icc1 < 0
    assert found.icc2 < found.icc1
    # units that are all alike: the reliability of their means would be a division by nothing
    assert math.isnan(intraclass([1, 5, 1, 5, 2, 4], list("AABBCC")).icc2)


@pytest.mark.parametrize("units", [list("AAAA"), list("ABCD")])
def test_one_unit_or_one_rater_each_has_no_icc(units):
    assert math.isnan(intraclass([1, 2, 3, 4], units).icc1)
