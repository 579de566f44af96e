"""Rows, codes and scales of ordered and mixed data, and every way in which they can be wrong."""

import numpy as np
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.sem.sample.ordinal_data import LARGEST_CATEGORIES, ordinal_data

TABLE = np.array([[1, 2.5], [3, np.nan], [2, 1.0], [np.nan, np.nan], [1, 4.0], [3, -1.0]])
NAMES, ORDERED = ["item", "score"], [True, False]


def test_listwise_keeps_complete_rows():
    """Left-out rows are listed."""
    found = ordinal_data(TABLE, NAMES, ORDERED, None)
    assert (found.rows_used, found.rows_excluded) == ((0, 2, 4, 5), (1, 3))
    assert found.codes[:, 0].tolist() == [0, 1, 0, 2]
    assert found.counts == ((2, 1, 1), ())


def test_pairwise_leaves_out_only_empty_rows_and_gaps_in_covariates():
    """As lavaan does with missing = 'pairwise'."""
    x = np.array([[1.0], [2.0], [3.0], [4.0], [np.nan], [7.0]])
    found = ordinal_data(TABLE, NAMES, ORDERED, x, missing="pairwise")
    assert found.rows_used == (0, 1, 2, 5)
    assert found.codes[:, 0].tolist() == [0, 2, 1, 2]
    assert np.isnan(found.values[1, 1])


def test_continuous_columns_and_covariates_are_standardized():
    """With what takes them back."""
    x = np.array([[10.0], [20.0], [31.0], [44.0], [5.0], [7.0]])
    found = ordinal_data(TABLE, NAMES, ORDERED, x)
    used = list(found.rows_used)
    back = found.values[:, 1] * found.scale[1] + found.centre[1]
    np.testing.assert_allclose(back, TABLE[used, 1], rtol=1e-14)
    np.testing.assert_allclose(
        found.covariates * found.covariate_scale + found.covariate_centre, x[used], rtol=1e-14
    )
    assert (found.centre[0], found.scale[0]) == (0.0, 1.0)


def test_any_increasing_numbers_are_categories():
    """Codes need not be whole, and a gap in whole ones is noted."""
    halves = ordinal_data(np.array([[0.5], [1.0], [0.5]]), ["a"], [True], None)
    assert (halves.categories, halves.notes) == (((0.5, 1.0),), ())
    gap = ordinal_data(np.array([[1.0], [4.0], [2.0]]), ["a"], [True], None)
    assert gap.codes[:, 0].tolist() == [0, 2, 1]
    assert "'a' has no answer 3" in gap.notes[0]


def test_given_categories_rule():
    """They are kept when all occur; an empty or a strange one is refused by name."""
    column = np.array([[1.0], [3.0], [2.0]])
    assert ordinal_data(column, ["a"], [True], None, categories=[(1, 2, 3)]).categories == ((1.0, 2.0, 3.0),)
    with pytest.raises(DataError, match="'a' has no answer in its category 4"):
        ordinal_data(column, ["a"], [True], None, categories=[(1, 2, 3, 4)])
    with pytest.raises(DataError, match="'a' holds 3, which is not one"):
        ordinal_data(column, ["a"], [True], None, categories=[(1, 2)])
    with pytest.raises(UsageError, match="increasing"):
        ordinal_data(column, ["a"], [True], None, categories=[(3, 2, 1)])
    with pytest.raises(UsageError, match="2 entries for 1"):
        ordinal_data(column, ["a"], [True], None, categories=[None, None])


@pytest.mark.parametrize(
    ("table", "ordered", "message"),
    [
        (np.ones((5, 1)), True, "'v' has fewer than two categories \\(1\\)"),
        (np.arange(LARGEST_CATEGORIES + 1.0)[:, None], True, "'v' has 31 distinct values"),
        (np.full((5, 1), 2.5), False, "'v' is constant"),
        (np.full((5, 1), np.nan), False, "no row of 5 is left"),
        (np.array([[1.0], [np.inf]]), True, "'v' holds infinite values"),
    ],
)
def test_bad_columns_are_named(table, ordered, message):
    """The message says which variable and what to do."""
    with pytest.raises(DataError, match=message):
        ordinal_data(table, ["v"], [ordered], None)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([[1.0], [1.0], [1.0], [1.0]], "'age' is constant"),
        ([[np.inf], [1.0], [2.0], [3.0]], "infinite"),
    ],
)
def test_bad_covariates_are_named(x, message):
    """By the names given."""
    with pytest.raises(DataError, match=message):
        ordinal_data(
            np.array([[1.0], [2.0], [1.0], [2.0]]), ["v"], [True], np.array(x), exogenous_names=["age"]
        )


def test_collinear_covariates_are_refused():
    """A linear combination is found whatever its units."""
    x = np.random.default_rng(0).normal(size=(20, 2))
    x = np.column_stack([x, 1e6 * (x[:, 0] - x[:, 1])])
    with pytest.raises(DataError, match="'x1', 'x2', 'x3' are collinear"):
        ordinal_data(np.arange(20.0)[:, None] % 3, ["v"], [True], x)


def test_arguments_must_fit_together():
    """Shapes and options are checked before anything is computed."""
    with pytest.raises(UsageError, match="shape"):
        ordinal_data(TABLE, ["item"], [True], None)
    with pytest.raises(UsageError, match="exogenous has shape"):
        ordinal_data(TABLE, NAMES, ORDERED, np.ones((2, 1)))
    with pytest.raises(UsageError, match="choose one of listwise, pairwise"):
        ordinal_data(TABLE, NAMES, ORDERED, None, missing="fiml")
    with pytest.raises(UsageError, match="2 names for 1"):
        ordinal_data(TABLE, NAMES, ORDERED, np.arange(6.0)[:, None], exogenous_names=["a", "b"])


def test_an_item_without_answers_is_named_in_pairwise():
    """Other items keep the rows, so the empty one must be caught by itself."""
    table = np.column_stack([np.full(4, np.nan), [1.0, 2.0, 1.0, 2.0]])
    with pytest.raises(DataError, match="'a' has fewer than two categories \\(no answer at all\\)"):
        ordinal_data(table, ["a", "b"], [True, True], None, missing="pairwise")
