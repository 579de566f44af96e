"""ICC(1) and ICC(2) against the analysis of variance, and where they cannot be."""

import math

import numpy as np
from scipy.stats import f_oneway

from sopsem.client.operations.between_units import intraclass


def test_equal_units_give_the_textbook_values():
    rng = np.random.default_rng(0)
    groups = [rng.normal(m, 1, 6) for m in (0.0, 1.0, 2.0)]
    ratio = f_oneway(*groups).statistic  # MSB / MSW
    one, two = intraclass(np.concatenate(groups), np.repeat([0, 1, 2], 6))
    assert math.isclose(two, 1 - 1 / ratio)
    assert math.isclose(one, (ratio - 1) / (ratio + 5))


def test_unequal_units_are_counted_by_their_corrected_size():
    values, units = np.array([1.0, 2, 3, 7, 8]), np.array([0, 0, 0, 1, 1])
    within, size = 2.5 / 3, 5 - 13 / 5
    between = 3 * (2 - 4.2) ** 2 + 2 * (7.5 - 4.2) ** 2
    one, _ = intraclass(values, units)
    assert math.isclose(one, (between - within) / (between + (size - 1) * within))


def test_where_there_is_nothing_to_compare_there_is_no_number():
    assert np.isnan(intraclass(np.array([1.0, 2]), np.array([0, 0]))).all()
    assert np.isnan(intraclass(np.array([1.0, 2]), np.array([0, 1]))).all()
    assert np.isnan(intraclass(np.ones(4), np.array([0, 0, 1, 1]))).all()
