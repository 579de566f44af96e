"""Polychoric correlations from tables: closed forms, maxima, scores, padding, and ends."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import ndtri

from sopsem.sem.sample.bivariate_normal import FAR, Rectangle, rectangle_probability
from sopsem.sem.sample.correlation_search import END
from sopsem.sem.sample.polychoric import (
    contingency_tables,
    filled_tables,
    polychoric_correlations,
    table_scores,
)

TABLE = np.array([[30.0, 12.0, 5.0], [14.0, 40.0, 22.0], [3.0, 16.0, 58.0]])


def margins(table):
    n = table.sum()
    return ndtri(np.cumsum(table.sum(axis=1))[:-1] / n), ndtri(np.cumsum(table.sum(axis=0))[:-1] / n)


def fit(table):
    first, second = margins(table)
    return polychoric_correlations(first[None], second[None], table[None])[0]


def log_cells(first, second, rho):
    """Return log cell probabilities, by the rectangle function."""
    a, b = (np.concatenate([[-FAR], t, [FAR]]) for t in (first, second))
    shape = (len(first) + 1, len(second) + 1)
    row, column = (each.ravel() for each in np.indices(shape))
    limits = Rectangle(a[row], a[row + 1], b[column], b[column + 1])
    return np.log(rectangle_probability(limits, np.array(rho))).reshape(shape)


def test_tables_count_the_common_cases():
    """Rows are the first variable; a missing answer leaves its case out."""
    codes = np.array([[0, 1, 2], [1, 1, 0], [1, -1, 2], [0, 1, 2]])
    tables = contingency_tables(codes, (2, 2, 3), np.array([[0, 1], [0, 2]]))
    np.testing.assert_array_equal(tables[0], [[0, 2, 0], [0, 1, 0], [0, 0, 0]])
    np.testing.assert_array_equal(tables[1], [[0, 0, 2], [1, 0, 1], [0, 0, 0]])


def test_tetrachoric_at_the_medians_is_sheppards_formula():
    """rho = sin(2 pi (p11 - 1/4))."""
    assert fit(np.array([[40.0, 10.0], [10.0, 40.0]])) == pytest.approx(np.sin(2 * np.pi * 0.15), abs=1e-12)


def test_polychoric_is_the_maximum_of_the_likelihood():
    """A scalar optimiser on the log-likelihood agrees."""
    first, second = margins(TABLE)
    found = minimize_scalar(
        lambda r: -(TABLE * log_cells(first, second, r)).sum(), bounds=(0, 0.95), options={"xatol": 1e-10}
    )
    assert fit(TABLE) == pytest.approx(found.x, abs=1e-7)


def test_independent_tables_have_no_correlation():
    """Products of margins give 0."""
    assert fit(np.outer([0.2, 0.3, 0.5], [0.6, 0.3, 0.1]) * 100) == pytest.approx(0.0, abs=1e-12)


def test_turning_and_transposing_tables():
    """Reversing one variable turns the sign; swapping the two changes nothing."""
    rho = fit(TABLE)
    assert fit(TABLE.T) == pytest.approx(rho, abs=1e-11)
    assert fit(TABLE[::-1]) == pytest.approx(-rho, abs=1e-11)
    assert fit(TABLE[::-1, ::-1]) == pytest.approx(rho, abs=1e-11)


def test_padding_changes_nothing():
    """A 3 x 2 table among 3 x 3 ones is fitted as alone."""
    small = TABLE[:, :2].copy()
    first, second = margins(small)
    alone = minimize_scalar(
        lambda r: -(small * log_cells(first, second, r)).sum(), bounds=(-0.9, 0.9), options={"xatol": 1e-10}
    ).x
    full = np.hstack([small, np.zeros((3, 1))])
    padded = np.concatenate([second, [FAR]])
    both = polychoric_correlations(
        np.array([first, margins(TABLE)[0]]), np.array([padded, margins(TABLE)[1]]), np.array([full, TABLE])
    )
    np.testing.assert_allclose(both, [alone, fit(TABLE)], atol=1e-7)


@pytest.mark.parametrize("turn", [1, -1])
def test_a_perfect_table_ends_at_one(turn):
    """The likelihood of a diagonal table rises to the end."""
    assert abs(fit(np.diag([10.0, 20.0, 30.0])[:, ::turn])) >= END - 1e-12


def test_one_stray_case_does_not_stop_a_high_correlation():
    """A case in an all but impossible cell pulls the maximum down, and the slope there is zero."""
    table = np.diag([500.0, 800.0, 500.0]) + 20.0 * (np.eye(3, k=1) + np.eye(3, k=-1))
    table[0, 2] = 1.0
    rho = fit(table)
    without = fit(table - np.array([[0, 0, 1.0], [0, 0, 0], [0, 0, 0]]))
    first, second = margins(table)
    scores = table_scores(first[None], second[None], table[None], np.array([rho]))
    assert rho < without < 1.0
    assert (table * scores.correlation[0]).sum() == pytest.approx(0.0, abs=1e-6)


def test_scores_are_derivatives_of_log_cells():
    """By the correlation cell by cell, and the crossed sums by each threshold."""
    first, second = margins(TABLE)
    rho, step = fit(TABLE), 1e-6
    found = table_scores(first[None], second[None], TABLE[None], np.array([rho]))
    by_rho = (log_cells(first, second, rho + step) - log_cells(first, second, rho - step)) / (2 * step)
    np.testing.assert_allclose(found.correlation[0], by_rho, atol=1e-7)
    for t in range(2):
        move = np.eye(2)[t] * step
        by_first = (log_cells(first + move, second, rho) - log_cells(first - move, second, rho)) / (2 * step)
        by_second = (log_cells(first, second + move, rho) - log_cells(first, second - move, rho)) / (2 * step)
        assert found.first[0, t] == pytest.approx((TABLE * by_rho * by_first).sum(), rel=1e-6)
        assert found.second[0, t] == pytest.approx((TABLE * by_rho * by_second).sum(), rel=1e-6)


def test_only_one_empty_cell_of_a_two_by_two_table_is_filled():
    """Margins stay; larger tables, full ones, and two empty cells are left alone."""
    one = np.array([[7.0, 0.0], [4.0, 9.0]])
    tables = np.zeros((4, 3, 3))
    tables[0, :2, :2] = one
    tables[1, :2, :2] = [[5, 1], [1, 5]]
    tables[2, :2, :2] = [[5, 0], [0, 5]]
    tables[3] = np.diag([1.0, 2.0, 3.0])
    out, filled = filled_tables(tables, np.array([[2, 2], [2, 2], [2, 2], [3, 3]]))
    assert filled.tolist() == [True, False, False, False]
    np.testing.assert_array_equal(out[0, :2, :2], [[6.5, 0.5], [4.5, 8.5]])
    np.testing.assert_array_equal(out[1:], tables[1:])
    np.testing.assert_array_equal(out[0].sum(axis=1)[:2], one.sum(axis=1))
