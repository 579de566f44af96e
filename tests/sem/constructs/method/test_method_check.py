"""All of it in one call."""

import pytest

from sopsem.sem.constructs.method.method_check import method_check
from sopsem.sem.simulation.simulate import simulate

MODEL = "f =~ a + b + c + d; g =~ h + i + j + k; g ~ f"
TRUTH = "f =~ .85*a + .7*b + .6*c + .5*d; g =~ .5*h + .6*i + .7*j + .85*k; m =~ .7*u + .7*v + .7*w; g ~ .5*f"


@pytest.fixture(scope="module")
def data():
    return simulate(TRUTH, 300, seed=3)


def test_with_and_without_a_marker(data):
    plain = method_check(MODEL, data)
    assert plain.cfa_marker is None
    tips = (check.table.tip.iloc[0] for check in (plain.paths, plain.constructs))
    assert next(tips) == pytest.approx(next(tips), abs=1e-3, nan_ok=True)  # one path is one correlation
    assert not plain.marker_correlation.markers.a_priori.any()
    full = method_check(MODEL, data, marker=["u", "v", "w"])
    assert full.cfa_marker is not None
    assert full.marker_correlation.markers.a_priori.any()
    assert any("tried" in s or "explain it away" in s for s in full.sentences)
    assert "Harman" in " ".join(full.sentences)
