"""Covariance matrices with a method factor in them, exactly."""

import numpy as np
import pandas as pd
import pytest

LOADINGS = (0.8, 0.7, 0.6, 0.5, 0.55, 0.65, 0.75, 0.85)
ITEMS = ["a", "b", "c", "d", "x", "y", "z", "w"]


@pytest.fixture(scope="session")
def with_method():
    """A function (share, phi, loading, signs): the matrix of two factors of four items and a method factor.

    Loadings differ: where they are all alike, an equal method factor cannot be told from the correlation.
    """

    def make(share=0.09, phi=0.4, loading=LOADINGS, signs=(1.0,) * 8):
        lam = np.kron(np.eye(2), np.ones((4, 1))) * np.broadcast_to(loading, (8,))[:, None]
        method = np.sqrt(share) * np.asarray(signs)
        sigma = lam @ np.array([[1.0, phi], [phi, 1.0]]) @ lam.T + np.outer(method, method)
        np.fill_diagonal(sigma, 1.0)
        return pd.DataFrame(sigma, index=ITEMS, columns=ITEMS)

    return make


@pytest.fixture(scope="session")
def structural():
    """The model of these items."""
    return "f =~ a + b + c + d\ng =~ x + y + z + w\ng ~ f"
