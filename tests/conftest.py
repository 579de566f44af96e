"""Settings of every test: repeatable hypothesis examples, one BLAS thread, and small data sets to fit."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("repeatable")

GOLDEN = Path(__file__).parent / "golden"
LOADING = 0.75


@pytest.fixture(scope="session", autouse=True)
def one_blas_thread():
    """Small matrices are slower on several threads."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield


def _items(rng, factors):
    columns = {}
    for name, (values, count) in factors.items():
        for i in range(1, count + 1):
            noise = rng.normal(size=len(values)) * np.sqrt(1.0 - LOADING**2)
            columns[f"{name}{i}"] = LOADING * values + noise
    return pd.DataFrame(columns)


@pytest.fixture(scope="session")
def two_factors():
    """A function (seed, n, items): items x1.. and y1.. of two correlated factors."""

    def make(seed=0, n=150, items=3):
        rng = np.random.default_rng(seed)
        f = rng.normal(size=n)
        g = 0.5 * f + np.sqrt(0.75) * rng.normal(size=n)
        return _items(rng, {"x": (f, items), "y": (g, items)})

    return make


@pytest.fixture(scope="session")
def two_factor_model():
    """The model of ``two_factors``."""
    return "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3"


@pytest.fixture(scope="session")
def mediation():
    """A function (seed, n): items a1.., m1.., y1.. of a chain of three factors."""

    def make(seed=0, n=200):
        rng = np.random.default_rng(seed)
        a = rng.normal(size=n)
        m = 0.5 * a + np.sqrt(0.75) * rng.normal(size=n)
        y = 0.4 * m + 0.2 * a + 0.8 * rng.normal(size=n)
        return _items(rng, {"a": (a, 3), "m": (m, 3), "y": (y, 3)})

    return make


@pytest.fixture(scope="session")
def mediation_model():
    """The model of ``mediation``."""
    return "A =~ a1 + a2 + a3\nM =~ m1 + m2 + m3\nY =~ y1 + y2 + y3\nM ~ A\nY ~ M + A"


@pytest.fixture(scope="session")
def lavaan_fits():
    """Small published data sets and what lavaan gives for them."""
    return json.loads((GOLDEN / "lavaan_fits.json").read_text("utf-8"))
