"""The correlation metric: an exact reparameterization, there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limited
from hypothesis import strategies as st

from sopsem.kernel import implied
from sopsem.sem.estimation.problem import make_problem
from sopsem.sem.estimation.scaling import scale_model
from sopsem.sem.estimation.settings import Settings
from sopsem.sem.estimation.start import start_values
from sopsem.sem.model.spec import model_spec
from sopsem.sem.sample.moments import moments_from_data

MODELS = [
    ("f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\ng ~ f", {}),
    ("f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3", {"std_lv": True, "meanstructure": True}),
    ("f =~ x1 + a*x2 + a*x3\ng =~ 2*y1 + y2 + y3\ny1 ~ 0*1\ng ~ 1", {}),
    ("y1 ~ x1 + x2\ny2 ~ y1 + x3\ny1 ~ 1", {}),
    ("f =~ x1 + x2 + x3\nf ~ y1\ny2 ~ f", {"meanstructure": True, "fixed_x": False}),
    ("f =~ x1 + x2 + x3", {"effect_coding": True}),
]


def textbook(spec, rows, names):
    """Implied covariances and means straight from the table, in the metric of the data."""
    order = [*spec.observed, *spec.latent]
    place = {v: i for i, v in enumerate(order)}
    a, s, m = np.zeros((len(order),) * 2), np.zeros((len(order),) * 2), np.zeros(len(order))
    for p, value in zip(spec, rows, strict=True):
        if p.op == "=~":
            a[place[p.rhs], place[p.lhs]] = value
        elif p.op == "~":
            a[place[p.lhs], place[p.rhs]] = value
        elif p.op == "~1":
            m[place[p.lhs]] = value
        else:
            s[place[p.lhs], place[p.rhs]] = s[place[p.rhs], place[p.lhs]] = value
    spread = np.linalg.inv(np.eye(len(order)) - a)
    k = len(names)
    return (spread @ s @ spread.T)[:k, :k], (spread @ m)[:k]


@limited(max_examples=10)
@given(st.sampled_from(MODELS), st.integers(0, 1000), st.integers(2, 9))
def test_kernel_moments_are_those_of_the_table(two_factors, model, seed, strategy):
    text, options = model
    spec = model_spec(text, **options)
    data = two_factors(seed) * 10.0 ** np.arange(-3.0, 3.0) + 5.0
    moments = moments_from_data(data, spec.observed)
    problem = make_problem(spec, (moments,), Settings())
    scaled = problem.groups[0].model
    y = start_values(problem, strategy)[None]
    covariance, mean = scaled.implied_moments(implied(scaled.layout, y))
    wanted, wanted_mean = textbook(spec, scaled.rows(y)[0], spec.observed)
    unit = np.outer(scaled.sd, scaled.sd)
    np.testing.assert_allclose(covariance[0] / unit, wanted / unit, atol=1e-9)
    if spec.meanstructure:
        np.testing.assert_allclose(mean[0] / scaled.sd, wanted_mean / scaled.sd, atol=1e-7)


def test_data_on_the_kernels_metric_are_correlations(two_factors):
    spec = model_spec("f =~ x1 + x2 + x3")
    data = two_factors() * 1000.0
    moments = moments_from_data(data, spec.observed)
    scaled = scale_model(spec, moments).scaled_moments(moments.covariance[None], None)[0]
    np.testing.assert_allclose(scaled, data[["x1", "x2", "x3"]].corr(), atol=1e-12)


def test_constraints_take_a_parameter_each_and_hold_everywhere(two_factors):
    spec = model_spec("f =~ x1 + a*x2 + b*x3\na + b == 3\na == 2*b\na == 2*b")
    moments = moments_from_data(two_factors(), spec.observed)
    model = scale_model(spec, moments)
    assert model.layout.n_parameters == 4
    rows = model.rows(np.random.default_rng(0).normal(size=(5, 4)))
    names = [p.name for p in spec]
    np.testing.assert_allclose(rows[:, names.index("a")], 2.0, rtol=1e-12)
    np.testing.assert_allclose(rows[:, names.index("b")], 1.0, rtol=1e-12)


INEQUALITIES = [("a > 0.5", 0.5, np.inf), ("2*a < 3", -np.inf, 1.5), ("a > 1\na < 2", 1, 2)]


@pytest.mark.parametrize(("text", "low", "high"), INEQUALITIES)
def test_inequalities_become_bounds_of_one_parameter(two_factors, text, low, high):
    spec = model_spec(f"f =~ x1 + a*x2 + x3\n{text}")
    model = scale_model(spec, moments_from_data(two_factors(), spec.observed))
    row = [p.name for p in spec].index("a")
    at = int(np.flatnonzero(model.row_basis[row])[0])
    lower, upper = (model.row_basis[row, at] * bound[at] for bound in model.bounds)
    assert (lower, upper) == pytest.approx((low, high))
