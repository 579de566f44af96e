"""Moments: exact, read-only, and every way in which data can be wrong named."""

import decimal

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, ModelError, UsageError
from sopsem.sem.sample.moments import (
    CORRELATIONS,
    check_positive_definite,
    moments_from_covariance,
    moments_from_data,
)

NAMES = ("a", "b", "c")


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.normal(size=(40, 3)) + rng.normal(size=(40, 1)), columns=list(NAMES))


def test_moments_have_divisor_n_and_are_read_only(data):
    found = moments_from_data(data, NAMES)
    np.testing.assert_allclose(found.covariance, np.cov(data.T, ddof=0), rtol=1e-13)
    np.testing.assert_allclose(found.mean, data.mean(), rtol=1e-13)
    assert found.n == 40
    for array in (found.covariance, found.mean, found.data):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


def test_the_data_are_copied_at_the_door(data):
    found = moments_from_data(data, NAMES)
    before = found.data.copy()
    data.loc[:, "a"] = 0.0
    np.testing.assert_array_equal(found.data, before)


def test_large_means_cost_no_digits(data):
    """Two passes: a mean a million times the spread leaves the covariances right."""
    far = moments_from_data(data + 1e6, NAMES)
    np.testing.assert_allclose(far.covariance, moments_from_data(data, NAMES).covariance, rtol=1e-9)


def test_rows_with_a_gap_are_counted_and_listed(data):
    data.loc[[3, 17], "b"] = np.nan
    found = moments_from_data(data, NAMES)
    assert (found.n, found.rows_given, found.rows_excluded) == (38, 40, (3, 17))


def test_unused_columns_do_not_matter(data):
    other = data.assign(text="x", gap=np.nan)
    assert moments_from_data(other, NAMES).fingerprint == moments_from_data(data, NAMES).fingerprint


@pytest.mark.parametrize(
    "convert",
    [
        lambda d: d.astype("Int64"),
        lambda d: d.astype("int8"),
        lambda d: d.astype("Float64"),
        lambda d: d.astype(object),
        lambda d: d.map(int).astype(object),
        lambda d: d.map(lambda x: decimal.Decimal(int(x))),
    ],
)
def test_every_numeric_type_gives_the_same_moments(data, convert):
    data = data.round() + 0.0  # no -0.0, which integers do not have
    wanted = moments_from_data(data, NAMES)
    assert moments_from_data(convert(data), NAMES).fingerprint == wanted.fingerprint


def test_missing_values_of_nullable_types_are_missing(data):
    whole = data.round().astype("Int64")
    whole.loc[5, "c"] = pd.NA
    assert moments_from_data(whole, NAMES).rows_excluded == (5,)


def test_booleans_are_zero_and_one(data):
    flag = data.a > 0
    found = moments_from_data(data.assign(a=flag), NAMES)
    assert found.mean[0] == pytest.approx(flag.mean())


def spoiled(data, **columns):
    return data.assign(**{k: (v(data) if callable(v) else v) for k, v in columns.items()})


BAD = {
    "constant": ({"b": 3.0}, "'b' are constant"),
    "constant 0.1": ({"b": 0.1}, "'b' are constant"),
    "constant 1e9 with rounding": ({"b": lambda d: 1e9 + 1e-7 * (d.a > 0)}, "'b' vary by less than 1e-10 of"),
    "nearly the same": (
        {"b": lambda d: d.a + 5e-5 * (d.index % 2)},
        "'a' and 'b' are the same up to scale",
    ),
    "a number as text before a word": (
        {"b": lambda d: pd.Series(["5", "x", *["4"] * (len(d) - 2)], dtype=object)},
        "row 2 holds 'x'",
    ),
    "duplicate": ({"b": lambda d: d.a}, "'a' and 'b' are the same up to scale"),
    "mirrored": ({"b": lambda d: 5 - 2 * d.a}, "'a' and 'b' are the same up to scale"),
    "sum": ({"c": lambda d: d.a + d.b}, "linear combination of 'a', 'b', 'c'"),
    "infinite": ({"b": lambda d: d.b.where(d.index != 7, np.inf)}, "column 'b', row 8"),
    "minus infinite": ({"b": lambda d: d.b.where(d.index != 7, -np.inf)}, "column 'b', row 8"),
    "text": ({"b": lambda d: d.b.astype(object).where(d.index != 4, "agree")}, "row 5 holds 'agree'"),
    "numbers as text": ({"b": lambda d: d.b.astype(str)}, "'b' is not numeric"),
    "list cells": ({"b": lambda d: pd.Series([[1, 2]] * len(d))}, "'b' is not numeric"),
    "categorical": ({"b": lambda d: pd.Categorical(d.b > 0)}, "categorical"),
    "dates": ({"b": lambda d: pd.date_range("2020-01-01", periods=len(d))}, "'b' is not numeric"),
    "complex": ({"b": lambda d: d.b + 1j}, "complex numbers"),
    "beyond floats": (
        {"b": lambda d: pd.Series([10**400] + [1] * (len(d) - 1), dtype=object)},
        "'b' is not numeric",
    ),
    "huge": ({"b": lambda d: d.b * 1e200}, "'b' holds numbers beyond 1e[+]150"),
    "all missing": ({"b": np.nan}, "'b' hold no value at all"),
    "mostly missing": (
        {"b": lambda d: d.b.where(d.index < 3)},
        "3 complete row.s. of 40 for 3 variables.*'b' is missing in 37",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_columns_are_named_with_the_reason(data, name):
    columns, message = BAD[name]
    with pytest.raises(DataError, match=message) as caught:
        moments_from_data(spoiled(data, **columns), NAMES)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(("rows", "message"), [(0, "0 rows"), (1, "1 complete row"), (3, "3 complete row")])
def test_too_few_rows_are_refused(data, rows, message):
    with pytest.raises(DataError, match=message):
        moments_from_data(data.iloc[:rows], NAMES)
    assert moments_from_data(data.iloc[:4], NAMES).n == 4


def test_two_columns_of_one_name_are_refused(data):
    twice = pd.concat([data, data[["a"]] + 1], axis=1)
    with pytest.raises(DataError, match="'a' stands more than once"):
        moments_from_data(twice, NAMES)


@pytest.mark.parametrize("data", [np.eye(3), [[1.0]], {"a": [1]}, "data.csv"])
def test_what_is_no_frame_is_refused(data):
    with pytest.raises(UsageError, match="give a DataFrame"):
        moments_from_data(data, NAMES)


MISSPELT = [
    ("col1", "co1l"), ("col1", "COL1"), ("performance1", "perfomance1"), ("int1", "int_1"),
    ("mkt2", "mtk2"), ("conflict3", "conflct3"), ("alpha", "aplha"), ("item10", "item1O"), ("trust", "trast"),
    ("ali4", "ali 4"),
    ("region", "regoin"), ("department", "departmnt"), ("share", "shares"), ("score", "socre"),
    ("q1", "Q1"), ("c1", "\u04411"), ("value", "vaule"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong"), MISSPELT)
def test_a_misspelt_name_comes_with_the_nearest(right, wrong):
    """Wrong case, turned letters, a Cyrillic look-alike, a blank."""
    columns = [right, "zzz", "other_variable"]
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(9, 3)), columns=columns)
    with pytest.raises(ModelError, match=f"'{wrong}' .did you mean '{right}'") as caught:
        moments_from_data(frame, [wrong, "zzz"])
    assert ("U+0441" in str(caught.value)) == ("\u0441" in wrong)


def test_many_unknown_names_are_counted_not_all_listed():
    frame = pd.DataFrame(np.eye(3), columns=list(NAMES))
    with pytest.raises(ModelError, match=r"uses 500 variable.*and 480 more"):
        moments_from_data(frame, [f"x{i}" for i in range(500)])


@pytest.fixture
def cov(data):
    return data.cov()


def test_a_covariance_matrix_is_taken_with_divisor_n_minus_one(data, cov):
    found = moments_from_covariance(cov.loc[["c", "a", "b"], ["c", "a", "b"]], 40, NAMES)
    np.testing.assert_allclose(found.covariance, moments_from_data(data, NAMES).covariance, rtol=1e-12)
    kept = moments_from_covariance(cov, 40, NAMES, divisor_n=True)
    np.testing.assert_allclose(kept.covariance, cov, rtol=1e-12)
    assert found.notes == ()


def test_correlations_given_as_covariances_are_noted(data):
    assert moments_from_covariance(data.corr(), 40, NAMES).notes == (CORRELATIONS,)


def edit(frame, i, j, value):
    frame = frame.copy().astype(object)
    frame.iloc[i, j] = value
    return frame


BAD_COVARIANCE = {
    "no n": (lambda c: (c, None), "needs n_obs"),
    "n is text": (lambda c: (c, "40"), "n_obs is '40'"),
    "n is half": (lambda c: (c, 40.5), "n_obs is 40.5"),
    "n is nan": (lambda c: (c, float("nan")), "n_obs is nan"),
    "n is true": (lambda c: (c, True), "n_obs is True"),
    "n too small": (lambda c: (c, 3), "n_obs is 3 for 3 variables"),
    "n negative": (lambda c: (c, -40), "n_obs is -40"),
    "text entry": (lambda c: (edit(c, 0, 1, "a"), 40), "not a number"),
    "missing entry": (lambda c: (edit(c, 0, 1, np.nan), 40), "missing or infinite"),
    "lower triangle": (lambda c: (edit(c, 0, 1, 0.0), 40), "not symmetric at 'a', 'b'"),
    "negative variance": (lambda c: (edit(c, 1, 1, -1.0), 40), "'b' have no positive variance"),
    "zero variance": (lambda c: (edit(c, 1, 1, 0.0), 40), "'b' have no positive variance"),
    "not definite": (lambda c: (edit(edit(c, 0, 1, 9.0), 1, 0, 9.0), 40), "not positive definite"),
    "other order": (lambda c: (c.set_axis(list("bac"), axis=1), 40), "different names or orders"),
    "array shape": (lambda c: (c.to_numpy()[:2, :2], 40), r"shape \(2, 2\) for 3 variables"),
    "array of text": (lambda _: ([["x"] * 3] * 3, 40), "not a number"),
    "one name twice": (lambda c: (c.iloc[[0, 0, 1, 2], [0, 0, 1, 2]], 40), "'a' stands more than once"),
}


@pytest.mark.parametrize("name", BAD_COVARIANCE)
def test_bad_covariance_input_is_named(cov, name):
    change, message = BAD_COVARIANCE[name]
    with pytest.raises(DataError, match=message):
        moments_from_covariance(*change(cov), NAMES)


def test_an_array_is_taken_in_the_order_of_the_model(cov):
    found = moments_from_covariance(cov.to_numpy(), 40, NAMES)
    assert found.fingerprint == moments_from_covariance(cov, 40, NAMES).fingerprint


def test_a_variable_without_a_row_is_named(cov):
    with pytest.raises(ModelError, match=r"the covariance matrix does not have: 'bb' .did you mean 'b'"):
        moments_from_covariance(cov, 40, ["a", "bb"])


@pytest.mark.parametrize("mean", [[1.0, 2.0], [1.0, 2.0, np.nan], ["x", 1.0, 2.0], 3.0])
def test_bad_means_are_refused(cov, mean):
    with pytest.raises(DataError, match="sample_mean"):
        moments_from_covariance(cov, 40, NAMES, sample_mean=mean)


def test_means_with_names_are_put_in_order(cov):
    found = moments_from_covariance(cov, 40, NAMES, sample_mean=pd.Series({"c": 3.0, "a": 1.0, "b": 2.0}))
    assert found.mean.tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(ModelError, match="sample_mean does not have: 'c'"):
        moments_from_covariance(cov, 40, NAMES, sample_mean=pd.Series({"a": 1.0, "b": 2.0}))


def test_a_fingerprint_is_that_of_the_numbers(data):
    one = moments_from_data(data, NAMES)
    data.loc[0, "a"] += 1e-9
    assert moments_from_data(data, NAMES).fingerprint != one.fingerprint


def test_scale_does_not_decide_what_is_singular():
    scale = np.diag([1e-8, 1.0, 1e8])
    check_positive_definite(scale @ (np.eye(3) + 0.5) @ scale, NAMES)
    with pytest.raises(DataError, match="linear combination"):
        check_positive_definite(scale @ np.array([[2, 1, 1], [1, 2, -1], [1, -1, 2.0]]) @ scale, NAMES)
