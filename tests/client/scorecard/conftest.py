"""A scorecard of the shipped synthetic survey."""

import pytest

from sopsem.client.scorecard.making import make_scorecard
from sopsem.survey import load_instrument, read_responses
from sopsem.survey.shipped import find_survey


@pytest.fixture(scope="session")
def norm_sample():
    return read_responses(find_survey(), load_instrument())


@pytest.fixture(scope="session")
def card(norm_sample):
    return make_scorecard(norm_sample)
