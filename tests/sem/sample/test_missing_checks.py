"""Each check refuses what it is there for, and nothing else."""

import numpy as np
import pytest

from sopsem.errors import DataError
from sopsem.sem.sample.missing_checks import (
    check_bounded,
    check_identified,
    check_spread,
    correlation_matrix,
)
from sopsem.sem.sample.patterns import patterns_from_values

NAN = np.nan


def test_every_pair_needs_a_row():
    """The pairs are named; the eleventh and more are counted."""
    check_identified(
        patterns_from_values(np.array([[1.0, 2.0, NAN], [NAN, 2.0, 1.0], [1.0, NAN, 3.0]]), "abc")
    )
    apart = np.where(np.eye(6) == 1.0, 1.0, NAN)
    with pytest.raises(DataError, match=r"both 'a' and 'b', nor of both 'a' and 'c'.* .5 more pairs."):
        check_identified(patterns_from_values(apart, "abcdef"))


def test_spread_is_judged_beside_the_size():
    """A millionth part of a large mean is enough, a tenth of a billionth is not."""
    patterns = patterns_from_values(np.ones((2, 2)), "ab")
    check_spread(patterns, np.array([1e6, 0.0]), np.array([1.0, 1e-200]))
    with pytest.raises(DataError, match="'b' are constant"):
        check_spread(patterns, np.array([1e6, 1e6]), np.array([1.0, 1e-10]))


def test_a_singular_matrix_is_refused_only_where_rows_observe_it():
    """Else the likelihood is bounded."""
    singular = np.array([[1.0, 1.0, -1.0], [1.0, 2.0, 0.0], [-1.0, 0.0, 2.0]])
    apart = [[1.0, 2.0, NAN], [NAN, 2.0, 1.0], [1.0, NAN, 3.0]]
    check_bounded(patterns_from_values(np.array(apart), "abc"), singular)
    with pytest.raises(DataError, match=r"1 row.s. observe all of 'a', 'b', 'c', too few"):
        check_bounded(patterns_from_values(np.array([*apart, [1.0, 2.0, 3.0]]), "abc"), singular)
    with pytest.raises(DataError, match="linear combination of 'a', 'b', 'c' is constant"):
        check_bounded(patterns_from_values(np.ones((9, 3)), "abc"), singular)


def test_a_correlation_matrix_has_ones():
    """Whatever the units."""
    found = correlation_matrix(np.array([[4.0, -3.0], [-3.0, 9.0]]))
    np.testing.assert_allclose(found, [[1.0, -0.5], [-0.5, 1.0]])
