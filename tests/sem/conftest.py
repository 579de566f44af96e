"""Stored results of lavaan and semTools for construct validation; the file says where they come from."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from sopsem.sem.estimation.fit import fit

GOLDEN = Path(__file__).parents[1] / "golden" / "construct_validation.json"


class ConstructCases:
    """The stored cases by name: a covariance matrix with divisor N, a model, and what it should give."""

    def __init__(self):
        self.cases = json.loads(GOLDEN.read_text("utf-8"))["cases"]

    def __getitem__(self, name):
        return self.cases[name]

    def covariance(self, name):
        """Return the stored covariance matrix as a frame."""
        case = self.cases[name]
        lower = np.zeros((len(case["items"]), len(case["items"])))
        for i, row in enumerate(case["covariance"]):
            lower[i, : i + 1] = row
        full = lower + np.tril(lower, -1).T
        return pd.DataFrame(full, index=case["items"], columns=case["items"])

    def fitted(self, name, model="model"):
        """Fit a stored model to its stored covariance matrix."""
        case = self.cases[name]
        return fit(case[model], sample_cov=self.covariance(name), n_obs=case["n"], sample_cov_rescale=False)

    def pairs(self, name, table):
        """Return {(factor, factor): value} of a stored matrix."""
        stored = self.cases[name][table]
        names = stored["factors"]
        return {
            (names[j], names[i + 1]): v for i, row in enumerate(stored["lower"]) for j, v in enumerate(row)
        }


@pytest.fixture(scope="session")
def construct_cases():
    """The stored cases."""
    return ConstructCases()


@pytest.fixture(scope="session")
def skewed_items():
    """120 rows of six skewed items of two factors, in two schools and 24 firms; stored results were made of them."""
    rng, n = np.random.default_rng(7), 120
    f = rng.standard_exponential(n) - 1
    g = 0.5 * f + 0.8 * (rng.standard_exponential(n) - 1)
    columns = {}
    for name, v in (("x", f), ("y", g)):
        for i in (1, 2, 3):
            columns[f"{name}{i}"] = np.round(
                0.8 * v + 0.6 * rng.standard_normal(n) * (1 + 0.3 * np.abs(v)), 3
            )
    data = pd.DataFrame(columns)
    data["school"] = np.where(np.arange(n) % 2, "north", "south")
    data["firm"] = np.arange(n) // 5
    return data


@pytest.fixture(scope="session")
def lattice():
    """240 rows of two factors with three items each, a covariate and two groups, without random numbers.

    Normal quantiles of the fractional parts of multiples of square roots: the same on every machine, so that
    results of other programs can be stored as numbers.
    """
    roots = np.sqrt([2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0, 23.0])
    z = norm.ppf(np.modf(np.arange(1, 241)[:, None] * roots)[0])
    f, g = z[:, 0], 0.5 * z[:, 0] + 0.8 * z[:, 1]
    items = np.column_stack([f, f, f, g, g, g]) * [0.9, 0.7, 0.8, 0.8, 0.9, 0.6] + 0.7 * z[:, 2:8]
    items[:, 1] += 0.3 * z[:, 6]
    frame = pd.DataFrame(items, columns=list("abcdeh"))
    return frame.assign(x=0.6 * f + z[:, 8], group=np.where(np.arange(240) % 5 < 2, "u", "v"))


@pytest.fixture(scope="session")
def lattice_gaps(lattice):
    """The same with every eleventh value of an item missing."""
    gaps = lattice.copy()
    for j, item in enumerate("abcdeh"):
        gaps.loc[(7 * np.arange(len(gaps)) + 3 * j) % 11 == 0, item] = np.nan
    return gaps


@pytest.fixture(scope="session")
def lattice_answers(lattice):
    """The same with items in three categories."""
    return lattice.assign(**{v: 1.0 + (lattice[v] > -0.6) + (lattice[v] > 0.7) for v in "abcdeh"})
