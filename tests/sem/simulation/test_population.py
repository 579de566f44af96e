"""Populations of tables and of fits."""

import numpy as np
import pytest

from sopsem.errors import ModelError, UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.model.spec import model_spec
from sopsem.sem.simulation.population import population_of_fit, population_of_table

TEXT = "f =~ 0.8*a + 0.7*b + 0.6*c; f ~~ 1*f; a ~~ 0.36*a; b ~~ 0.51*b; c ~~ 0.64*c"


def test_moments_of_a_factor_model():
    """Correlations are products of the loadings."""
    found = population_of_table(model_spec(TEXT), {})[0]
    assert found.covariance == pytest.approx(np.array([[1, 0.56, 0.48], [0.56, 1, 0.42], [0.48, 0.42, 1]]))
    assert found.mean == pytest.approx(np.zeros(3))


def test_values_go_before_the_text_and_by_label_too():
    """A label sets all its rows."""
    spec = model_spec("y ~ b*x; x ~~ 2*x; y ~~ 1*y; x ~ 3*1", fixed_x=False)
    found = population_of_table(spec, {"b": 0.5, "x~~x": 4.0})[0]
    assert found.covariance == pytest.approx(np.array([[2.0, 2.0], [2.0, 4.0]]))
    assert found.mean == pytest.approx([1.5, 3.0])
    with pytest.raises(UsageError, match="'q'"):
        population_of_table(spec, {"q": 1.0})


def test_delta_scales_make_the_variances_of_responses():
    """Without scales they are 1; a model that explains more is refused."""
    spec = model_spec("f =~ 0.8*u + 0.7*v + 0.6*w; f ~~ 1*f; u | 0*t1 + 1*t2; v | 0*t1; w | 0*t1")
    found = population_of_table(spec, {})[0]
    assert np.diag(found.covariance) == pytest.approx(np.ones(3))
    assert found.thresholds == {"u": (0.0, 1.0), "v": (0.0,), "w": (0.0,)}
    with pytest.raises(ModelError, match=r"explains 1\.44"):
        population_of_table(spec, {"f=~u": 1.2})
    with pytest.raises(ModelError, match="they must rise"):
        population_of_table(spec, {"u|t2": -1.0})


@pytest.mark.parametrize("parameterization", ["delta", "theta"])
def test_answers_of_a_fit_have_its_shares(skewed_items, parameterization):
    """Thresholds over the standard deviation of the response are those of the sample."""
    items = ["x1", "x2", "x3", "y1", "y2", "y3"]
    data = skewed_items.assign(**{v: np.digitize(skewed_items[v], [-0.5, 0.5]) for v in items})
    model = "f =~ x1 + x2 + x3; g =~ y1 + y2 + y3"
    fitted = fit(model, data, ordered=True, parameterization=parameterization)
    found = population_of_fit(fitted)[0]
    ordinal = fitted.data_moments[0].ordinal
    standard = [
        t / np.sqrt(found.covariance[i, i]) for i, v in enumerate(found.names) for t in found.thresholds[v]
    ]
    assert standard == pytest.approx(ordinal.thresholds.tolist(), abs=1e-6)


def test_a_fit_without_intercepts_has_the_means_of_its_sample(skewed_items):
    """Covariances are the implied ones."""
    fitted = fit("f =~ x1 + x2 + x3", skewed_items)
    found = population_of_fit(fitted)[0]
    assert found.covariance == pytest.approx(fitted.sigma)
    assert found.mean == pytest.approx(skewed_items[["x1", "x2", "x3"]].mean().to_numpy())
