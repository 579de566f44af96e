"""Columns as numbers, and what makes them unfit for a covariance matrix."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, ModelError, UsageError
from sopsem.sem.sample.data_values import (
    check_positive_definite,
    check_rows,
    missing_columns,
    numeric_values,
)


def test_columns_come_in_the_order_asked_for_with_gaps_as_nan():
    """Of integers, booleans, nullable and object columns alike."""
    data = pd.DataFrame(
        {
            "i": [1, 2],
            "b": [True, False],
            "n": pd.array([3, pd.NA], dtype="Int64"),
            "o": pd.Series([4.5, None], dtype=object),
            "unused": ["x", "y"],
        }
    )
    found = numeric_values(data, ["o", "n", "b", "i"])
    np.testing.assert_array_equal(found, [[4.5, 3.0, 1.0, 1.0], [np.nan, np.nan, 0.0, 2.0]])
    assert found.dtype == np.float64


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pd.Series([1.0, np.inf]), r"1 infinite value\(s\), the first in column 'v', row 2"),
        (pd.Series(["1", "x"]), "column 'v' is not numeric: row 2 holds 'x'"),
        (pd.Series(["1", "2"]), "column 'v' is not numeric: row 1 holds '1'"),
        (pd.Series([1.0, "agree"], dtype=object), "row 2 holds 'agree'"),
        (pd.Series(pd.Categorical([1, 2])), "column 'v' is categorical"),
        (pd.Series([1j, 2.0]), "column 'v' holds complex numbers"),
        (pd.Series([[1], [2]]), "column 'v' is not numeric: row 1"),
        (pd.Series([10**400, 1], dtype=object), "column 'v' is not numeric"),
    ],
)
def test_a_column_that_is_no_numbers_is_named_with_the_cell(column, message):
    """And with what to do about it."""
    with pytest.raises(DataError, match=message):
        numeric_values(pd.DataFrame({"v": column}), ["v"])


def test_what_is_no_frame_or_not_in_it_is_refused():
    """An array; a missing column; one that stands twice."""
    data = pd.DataFrame({"v": [1.0]})
    with pytest.raises(UsageError, match="data is a ndarray; give a DataFrame"):
        numeric_values(data.to_numpy(), ["v"])
    with pytest.raises(ModelError, match=r"the data frame does not have: 'V' .did you mean 'v'"):
        numeric_values(data, ["V"])
    with pytest.raises(DataError, match="'v' stands more than once"):
        numeric_values(pd.concat([data, data], axis=1), ["v"])


def test_unknown_names_are_listed_with_the_nearest_and_odd_letters():
    """Twenty at most; a look-alike of another alphabet with its code."""
    text = str(missing_columns(["trast", "zzz", "tr\u0443st"], ["trust", "pay"], "the file"))
    assert "uses 3 variable(s) that the file does not have: 'trast' (did you mean 'trust'?), 'zzz'," in text
    assert "U+0443" in text
    many = str(missing_columns([f"q{i}" for i in range(25)], [], "the file"))
    assert "'q19' and 5 more" in many
    assert "'q20'" not in many


ROWS = np.arange(12.0).reshape(4, 3) ** 2


@pytest.mark.parametrize(
    ("used", "values", "message"),
    [
        (ROWS[:0], ROWS[:0], "the data have 0 rows"),
        (ROWS[:0], ROWS * [1.0, np.nan, 1.0], r"column\(s\) 'b' hold no value at all"),
        (ROWS[:3], ROWS, r"3 complete row\(s\) of 4 for 3 variables"),
        (ROWS * [1e200, 1.0, 1.0], ROWS, r"column 'a' holds numbers beyond 1e\+150"),
        (ROWS * [1.0, 0.0, 1.0] + 5.0, ROWS, r"variable\(s\) 'b' are constant"),
        (ROWS * [1.0, 1.0, 1e-12] + 5.0, ROWS, r"variable\(s\) 'c' vary by less than 1e-10 of their size"),
    ],
)
def test_rows_that_carry_no_covariance_matrix_are_refused(used, values, message):
    """None, too few, too large, constant."""
    with pytest.raises(DataError, match=message):
        check_rows(used, values, list("abc"))


def test_the_item_with_most_gaps_is_named_when_rows_run_out():
    """With its count."""
    values = ROWS.copy()
    values[1:, 2] = np.nan
    with pytest.raises(DataError, match=r"1 complete row.*; 'c' is missing in 3 rows"):
        check_rows(ROWS[:1], values, list("abc"))
    check_rows(ROWS, ROWS, list("abc"))


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1.0, 0.0], [0.0, 0.0]], r"variable\(s\) 'b' have no positive variance"),
        ([[1.0, 2.0], [2.0, 4.0]], "'a' and 'b' are the same up to scale"),
        ([[1.0, -2.0], [-2.0, 4.0]], "'a' and 'b' are the same up to scale"),
        ([[1.0, 1.5], [1.5, 1.0]], "the correlation of 'a' and 'b' would be 1.500000"),
        (
            [[2.0, 1.0, 1.0, 0.0], [1.0, 2.0, -1.0, 0.0], [1.0, -1.0, 2.0, 0.0], [0.0, 0.0, 0.0, 1.0]],
            "a linear combination of 'a', 'b', 'c' is constant",
        ),
    ],
)
def test_a_singular_matrix_is_explained(matrix, message):
    """Which items and why."""
    with pytest.raises(DataError, match=message):
        check_positive_definite(np.array(matrix), list("abcd")[: len(matrix)])


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_definite_is_judged_on_correlations(unit):
    """A strong correlation is not a singular matrix in any unit."""
    sd = np.array([1.0, unit])
    check_positive_definite(np.array([[1.0, 0.999], [0.999, 1.0]]) * np.outer(sd, sd), list("ab"))
