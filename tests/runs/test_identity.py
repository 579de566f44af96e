"""Digests tell apart what goes into a run."""

import numpy as np

from sopsem.runs.identity import digest, platform_identity


def test_type_shape_content_and_place_count():
    one = np.arange(4.0)
    others = [one.astype(np.float32), one.reshape(2, 2), one + 1e-12, np.arange(3.0)]
    assert len({digest(part) for part in [one, *others]}) == 5
    assert digest("ab", "c") != digest("a", "bc")
    assert digest(None, one) != digest(one, None)
    assert digest(one, "x") == digest(one.copy(), "x")


def test_an_array_that_is_not_contiguous_is_its_values():
    square = np.arange(9.0).reshape(3, 3)
    assert digest(square.T) == digest(square.T.copy())


def test_versions_and_arithmetic_are_named():
    found = platform_identity()
    assert {"sopsem", "numpy", "scipy", "python", "machine", "blas"} == set(found)
    assert found["numpy"] == np.__version__
