"""One small plant, assessed once for all tests of the panels."""

import sys
from pathlib import Path

import pytest

from sopsem.executive.assessment import assess
from sopsem.executive.bridge import link_survey, measure_units
from sopsem.executive.simulate import simulate_enterprise, simulate_manufacturer

sys.path.insert(0, str(Path(__file__).parents[1]))  # figure_checks


@pytest.fixture(scope="session")
def plant():
    """Synthetic tables of 15 months, with forecasts of three more."""
    return simulate_manufacturer(0.4, 15, seed=1, ahead=3)


@pytest.fixture(scope="session")
def found(plant):
    """What they say."""
    return assess(plant.tables(), replayed=1)


@pytest.fixture(scope="session")
def bridge():
    """Two other plants, too few for any correlation."""
    firm = simulate_enterprise(2, 4, seed=1, periods=13)
    return link_survey(firm.survey, measure_units(firm.tables(), halves=False), categories=7)
