"""A survey whose units differ and whose people agree, and measures of the same units."""

import numpy as np
import pandas as pd
import pytest

from sopsem.executive.schema.policy import make_policy

CONSTRUCTS = ("coordination", "conflict", "alignment", "internal_performance", "market_performance")
QUICK = make_policy(bridge={"permutations": 999, "draws": 200})


def people_of(units=12, respondents=8, seed=1, shift=0.0, spread=0.5, noise=0.4):
    """Units from low to high; every second respondent is of Sales."""
    rng = np.random.default_rng(seed)
    level = np.linspace(2.5, 5.5, units) if units > 1 else [4.0]
    rows = []
    for u in range(units):
        for k in range(respondents):
            sales = k % 2 == 0
            person = level[u] + rng.normal(0, spread) + shift * sales
            row = {"unit": f"U{u + 1:02d}", "role": "Sales" if sales else "Operations"}
            for name in CONSTRUCTS:
                place = 8 - person if name == "conflict" else person
                answers = np.clip(np.round(place + rng.normal(0, noise, 4)), 1, 7)
                row |= {f"{name}{j + 1}": int(a) for j, a in enumerate(answers)}
            rows.append(row)
    return pd.DataFrame(rows)


def ops_of(units=12, seed=2, noise=4.0):
    """Measures that follow the same order."""
    rng = np.random.default_rng(seed)
    level = np.linspace(30, 80, units) if units > 1 else np.array([50.0])
    return pd.DataFrame(
        {
            "unit": [f"U{u + 1:02d}" for u in range(units)],
            "index_s": level + rng.normal(0, noise, units),
            "commitment_discipline": level / 100 + rng.normal(0, 0.05, units),
            "cash": 60 - level / 3 + rng.normal(0, 2, units),
            "price_realisation": 0.9 + level / 1000 + rng.normal(0, 0.01, units),
        }
    )


@pytest.fixture
def people():
    """The maker of surveys."""
    return people_of


@pytest.fixture
def ops():
    """The maker of measures."""
    return ops_of


@pytest.fixture
def quick():
    """The default thresholds with few draws."""
    return QUICK
