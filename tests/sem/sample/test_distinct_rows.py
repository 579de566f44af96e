"""Distinct rows are those of np.unique, in its order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sopsem.sem.sample.distinct_rows import distinct_rows


@given(seed=st.integers(0, 1000), n=st.integers(1, 60), k=st.integers(0, 20), share=st.floats(0, 1))
def test_as_numpy_does(seed, n, k, share):
    table = np.random.default_rng(seed).random((n, k)) < share
    patterns, place = distinct_rows(table)
    assert np.array_equal(patterns[place], table)
    if k:
        assert np.array_equal(patterns, np.unique(table, axis=0))
