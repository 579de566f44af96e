"""Method variance in one call, without a marker."""

import pytest

from sopsem.sem.constructs.method.method_check import method_check
from sopsem.sem.simulation.simulate import simulate

MODEL = "f =~ a + b + c + d; g =~ h + i + j + k; g ~ f"
TRUTH = "f =~ .85*a + .7*b + .6*c + .5*d; g =~ .5*h + .6*i + .7*j + .85*k; m =~ .7*u + .7*v + .7*w; g ~ .5*f"


@pytest.fixture(scope="module")
def data():
    return simulate(TRUTH, 300, seed=3)


def test_without_a_marker_the_rest_is_there(data):
    """With one, see tests/report/test_method_text.py."""
    plain = method_check(MODEL, data)
    assert plain.cfa_marker is None
    tips = (check.table.tip.iloc[0] for check in (plain.paths, plain.constructs))
    assert next(tips) == pytest.approx(next(tips), abs=1e-3, nan_ok=True)  # one path is one correlation
    assert not plain.marker_correlation.markers.a_priori.any()
    assert "Harman" in " ".join(plain.sentences)
    assert plain.n == 300
