"""Pairs fitted case by case: maxima, scores against differences, and agreement with tables."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import ndtr

from sopsem.sem.sample.casewise_pairs import casewise_correlation, casewise_scores, common_cases
from sopsem.sem.sample.polychoric import contingency_tables, polychoric_correlations, table_scores
from sopsem.sem.sample.thresholds import normal_regression, ordered_probit, univariate_scores

N = 300
NONE = np.empty((N, 0))


@pytest.fixture
def draws():
    rng = np.random.default_rng(8)
    z = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], N)
    return z, rng.normal(size=(N, 1))


def ordered(z, cuts=(-0.6, 0.7), x=NONE, rows=None):
    rows = np.arange(N) if rows is None else rows
    return ordered_probit("o", np.digitize(z[rows], cuts), rows, len(cuts) + 1, x[rows])


def continuous(z, x=NONE, rows=None):
    rows = np.arange(N) if rows is None else rows
    return normal_regression("c", z[rows], rows, x[rows])


def polyserial_log_likelihood(rho, c, o):
    root = np.sqrt(1 - rho**2)
    upper, lower = ((limit - rho * c.upper) / root for limit in (o.upper, o.lower))
    return np.log(ndtr(upper) - ndtr(lower))


def test_without_covariates_cases_and_tables_agree(draws):
    """Polychoric correlation, scores and crossed sums are the same both ways."""
    z, _ = draws
    a, b = ordered(z[:, 0]), ordered(z[:, 1], (-1.0, 0.0, 1.0))
    table = contingency_tables(np.column_stack([a.codes, b.codes]), (3, 4), np.array([[0, 1]]))
    first = np.concatenate([a.location, [40.0]])[None]
    rho = polychoric_correlations(first, b.location[None], table)
    assert casewise_correlation(a, b) == pytest.approx(rho[0], abs=1e-11)
    by_case, by_table = casewise_scores(a, b, rho[0]), table_scores(first, b.location[None], table, rho)
    np.testing.assert_allclose(by_case.correlation, by_table.correlation[0, a.codes, b.codes], atol=1e-10)
    np.testing.assert_allclose(by_case.first.location, by_table.first[0, :2], atol=1e-8)
    np.testing.assert_allclose(by_case.second.location, by_table.second[0], atol=1e-8)


def test_polyserial_is_the_maximum(draws):
    """A scalar optimiser agrees, whichever of the two comes first."""
    z, x = draws
    c, o = continuous(z[:, 0], x), ordered(z[:, 1], x=x)
    found = minimize_scalar(
        lambda r: -polyserial_log_likelihood(r, c, o).sum(), bounds=(0, 0.95), options={"xatol": 1e-10}
    ).x
    assert casewise_correlation(c, o) == pytest.approx(found, abs=1e-7)
    assert casewise_correlation(o, c) == casewise_correlation(c, o)


@pytest.mark.parametrize("kinds", ["oo", "co", "oc", "cc"])
def test_scores_sum_to_zero_at_the_maximum(draws, kinds):
    """With covariates and different missing cases."""
    z, x = draws
    make = {"o": ordered, "c": continuous}
    one = make[kinds[0]](z[:, 0], x=x, rows=np.arange(250))
    two = make[kinds[1]](z[:, 1], x=x, rows=np.arange(40, 300))
    rho = casewise_correlation(one, two)
    scores = casewise_scores(one, two, rho)
    assert len(scores.correlation) == 210
    assert scores.correlation.sum() == pytest.approx(0.0, abs=1e-8)


def moved(one, kind, j, step):
    """Return limits after moving one parameter of a first stage."""
    size = len(one.location)
    location, slopes, variance = one.location.copy(), one.slopes.copy(), one.variance
    if kind == "location":
        location[j] += step
    elif kind == "slopes":
        slopes[j] += step
    else:
        variance += step
    shift = one.covariates @ slopes
    if one.ordered:
        ends = np.concatenate([[-40.0], location, [40.0]])
        lower, upper = ends[one.codes], ends[one.codes + 1]
        lower = np.where(one.codes > 0, lower - shift, lower)
        return lower, np.where(one.codes < size, upper - shift, upper), 0.0
    value = one.location[0] + one.covariates @ one.slopes + one.upper * np.sqrt(one.variance)
    z = (value - location[0] - shift) / np.sqrt(variance)
    return z, z, -0.5 * np.log(variance)


def pair_log_likelihood(a, b, rho):
    (_, upper_1, unit_1), (lower_2, upper_2, unit_2) = a, b
    root = np.sqrt(1 - rho**2)
    if lower_2 is upper_2:  # both continuous
        q = upper_1**2 - 2 * rho * upper_1 * upper_2 + upper_2**2
        return unit_1 + unit_2 - np.log(root) - q / (2 * root**2)
    inside = ndtr((upper_2 - rho * upper_1) / root) - ndtr((lower_2 - rho * upper_1) / root)
    return unit_1 - upper_1**2 / 2 + np.log(inside)


@pytest.mark.parametrize("second", ["o", "c"])
def test_crossed_scores_are_products_of_derivatives(draws, second):
    """A continuous variable with another of each kind, all parameters by central differences."""
    z, x = draws
    pair = [continuous(z[:, 0], x), ordered(z[:, 1], x=x) if second == "o" else continuous(z[:, 1], x)]
    rho, step = 0.4, 1e-6
    found = casewise_scores(*pair, rho)
    here = [moved(one, "location", 0, 0.0) for one in pair]
    by_rho = (pair_log_likelihood(*here, rho + step) - pair_log_likelihood(*here, rho - step)) / (2 * step)
    np.testing.assert_allclose(found.correlation, by_rho, atol=1e-6)
    for side, crossed in ((0, found.first), (1, found.second)):
        for kind in ("location", "slopes", "variance"):
            for j, value in enumerate(getattr(crossed, kind)):
                above, below = (
                    pair_log_likelihood(
                        *[moved(pair[side], kind, j, s) if k == side else here[k] for k in (0, 1)], rho
                    )
                    for s in (step, -step)
                )
                assert value == pytest.approx((by_rho * (above - below)).sum() / (2 * step), abs=1e-4)


def test_crossed_slopes_of_two_ordered_variables_follow_from_thresholds(draws):
    """A constant covariate would act as all thresholds with the other sign."""
    z, _ = draws
    ones = np.ones((N, 1))
    a, b = ordered(z[:, 0]), ordered(z[:, 1])
    with_ones = [type(one)(**{**one.__dict__, "covariates": ones, "slopes": np.zeros(1)}) for one in (a, b)]
    found = casewise_scores(*with_ones, 0.5)
    for side in (found.first, found.second):
        assert side.slopes[0] == pytest.approx(-side.location.sum(), abs=1e-9)


def test_product_moment_of_complete_pairs_is_pearsons(draws):
    """Of residuals when there are covariates; with gaps the margins stay those of all their cases."""
    z, x = draws
    one, two = continuous(z[:, 0], x), continuous(z[:, 1], x)
    wanted = np.corrcoef(one.upper, two.upper)[0, 1]
    assert casewise_correlation(one, two) == pytest.approx(wanted, abs=1e-14)
    part = continuous(z[:, 1], x, rows=np.arange(200))
    rho = casewise_correlation(one, part)
    assert casewise_scores(one, part, rho).correlation.sum() == pytest.approx(0.0, abs=1e-8)
    assert rho != pytest.approx(np.corrcoef(one.upper[:200], part.upper)[0, 1], abs=1e-6)


def test_common_cases_are_matched_by_row(draws):
    """Positions in both variables point to the same rows."""
    z, _ = draws
    one, two = continuous(z[:, 0], rows=np.arange(0, 300, 2)), continuous(z[:, 1], rows=np.arange(0, 300, 3))
    at_one, at_two = common_cases(one, two)
    np.testing.assert_array_equal(one.rows[at_one], np.arange(0, 300, 6))
    np.testing.assert_array_equal(two.rows[at_two], np.arange(0, 300, 6))
    assert len(univariate_scores(one)[0]) == 150
