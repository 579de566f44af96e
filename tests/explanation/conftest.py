"""The shipped study's fit, the model with the direct path freed, and 60 draws."""

import pytest

import sopsem


@pytest.fixture(scope="session")
def items():
    return sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument()).items


@pytest.fixture(scope="session")
def fit(items):
    return sopsem.fit(sopsem.load_instrument().model, items, mimic="amos")


@pytest.fixture(scope="session")
def freed(items):
    return sopsem.fit(sopsem.load_instrument().model + "\nperformance ~ coordination", items, mimic="amos")


@pytest.fixture(scope="session")
def draws(fit, items):
    return sopsem.bootstrap(fit, items, draws=60, seed=1)
