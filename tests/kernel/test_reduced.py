"""The moments by way of the senders are those of the textbook: Sigma = [(I - A)^-1 S (I - A)^-T] observed."""

import numpy as np
import pytest

from sopsem.kernel.layout import Layout
from sopsem.kernel.reduced import each_or_nan, reduced


@pytest.mark.parametrize("loop", [False, True])
def test_a_long_chain_and_a_loop_of_senders(loop):
    """Variables 0 to 5, each sending to the next; with a loop also the last to the second."""
    paths = [(i + 1, i) for i in range(5)] + ([(1, 5)] if loop else [])
    n = len(paths)
    layout = Layout(
        n_observed=6,
        paths=np.array(paths),
        symmetric=np.array([(i, i) for i in range(6)]),
        fixed_paths=np.zeros((6, 6)),
        fixed_symmetric=np.zeros((6, 6)),
        offset=np.zeros(n + 6),
        basis=np.eye(n + 6),
    )
    theta = np.random.default_rng(1).uniform(0.3, 0.9, (3, n + 6))
    for one, sigma in zip(theta, reduced(layout, theta).sigma, strict=True):
        arrows = np.zeros((6, 6))
        arrows[tuple(np.array(paths).T)] = one[:n]
        spread = np.linalg.inv(np.eye(6) - arrows)
        np.testing.assert_allclose(sigma, spread @ np.diag(one[n:]) @ spread.T, rtol=1e-12)


def test_only_matrices_that_are_refused_are_nan():
    found = each_or_nan(np.linalg.inv, np.stack([np.eye(2), np.ones((2, 2))]))
    np.testing.assert_array_equal(found[0], np.eye(2))
    assert np.isnan(found[1]).all()
