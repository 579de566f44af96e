"""Small samples of every kind that is resampled: groups, gaps, ordered answers, clusters."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def whole_sample():
    """Six items of two factors, five ordered ones of one factor, groups, clusters and an exogenous variable."""
    rng, n = np.random.default_rng(20), 240
    f = rng.normal(size=n)
    g = 0.5 * f + np.sqrt(0.75) * rng.normal(size=n)
    items = np.column_stack([f, f, f, g, g, g]) + 0.8 * rng.normal(size=(n, 6))
    data = pd.DataFrame(items.round(3), columns=[f"x{i}" for i in range(1, 7)])
    latent = f[:, None] + 0.9 * rng.normal(size=(n, 5))
    for i in range(5):
        data[f"y{i + 1}"] = np.digitize(latent[:, i], [-1.2, -0.1 * i, 1.0]) + 1
    data["z"] = (0.4 * f + rng.normal(size=n)).round(3)
    data["group"] = np.where(np.arange(n) % 5 < 3, "first", "second")
    data["cluster"] = np.arange(n) // 6
    return data


@pytest.fixture(scope="session")
def sample_with_gaps(whole_sample):
    """The same sample with values missing at random in four items."""
    data, rng = whole_sample.copy(), np.random.default_rng(21)
    for name in ("x1", "x2", "x5", "x6"):
        data.loc[rng.random(len(data)) < 0.15, name] = np.nan
    return data
