"""The shipped survey's answers, and what R's stats package gives for them."""

import json
from pathlib import Path

import pytest

import sopsem


@pytest.fixture(scope="session")
def answers():
    """92 x 18."""
    return sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument()).items


@pytest.fixture(scope="session")
def r_numbers():
    """Of factanal (uniquenesses, criterion), varimax and promax with eps = 1e-15; and Fisher's 50 setosa."""
    golden = Path(__file__).parents[2] / "golden" / "factor_analysis_r.json"
    return json.loads(golden.read_text("utf-8"))
