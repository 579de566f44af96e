"""Population correlations by path tracing."""

import numpy as np
import pytest

from sopsem.errors import ModelError
from sopsem.sem.estimation.population import population_correlations
from sopsem.sem.model.spec import model_spec

MEASURED = {
    ("a", "f"): 0.8,
    ("b", "f"): 0.7,
    ("c", "f"): 0.6,
    ("d", "g"): 0.9,
    ("e", "g"): 0.5,
    ("h", "g"): 0.4,
}
TWO = "f =~ a + b + c\ng =~ d + e + h"


def test_path_tracing():
    """Items of different factors correlate by loading x path x loading."""
    r = population_correlations(model_spec(TWO + "\ng ~ f"), MEASURED | {("g", "f"): 0.5})
    assert r[0, 3] == pytest.approx(0.8 * 0.5 * 0.9)
    assert r[0, 1] == pytest.approx(0.56)
    assert np.diag(r).tolist() == [1.0] * 6


def test_exogenous_factors_correlate():
    """A free covariance of exogenous factors is the given correlation; a fixed one is 0."""
    free = population_correlations(model_spec(TWO), MEASURED, factor_correlation=0.3)
    fixed = population_correlations(model_spec(TWO + "\nf ~~ 0*g"), MEASURED, factor_correlation=0.3)
    assert free[0, 3] == pytest.approx(0.8 * 0.3 * 0.9)
    assert fixed[0, 3] == 0.0


def test_second_order():
    """Items under a second-order factor correlate through both loadings of each side."""
    arrows = MEASURED | {("f", "top"): 0.6, ("g", "top"): 0.75}
    r = population_correlations(model_spec(TWO + "\ntop =~ f + g"), arrows)
    assert r[1, 4] == pytest.approx(0.7 * 0.6 * 0.75 * 0.5)


@pytest.mark.parametrize(
    ("text", "arrows", "message"),
    [
        (TWO + "\ng ~ f", MEASURED, "g <- f"),
        (TWO + "\ng ~ f\nf ~ g", MEASURED | {("g", "f"): 0.2, ("f", "g"): 0.2}, "circle"),
        (TWO + "\ng ~ f", MEASURED | {("g", "f"): 1.0}, "explain 1.000"),
    ],
)
def test_impossible_populations_are_refused(text, arrows, message):
    """A missing value, feedback and more than all variance are named."""
    with pytest.raises(ModelError, match=message):
        population_correlations(model_spec(text), arrows)
