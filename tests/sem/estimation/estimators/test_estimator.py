"""Every registered estimator by itself, and one that only a test knows."""

import numpy as np
import pytest

from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.estimators.estimator import ESTIMATORS, least_squares
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.fit_measures.scaled_tests import fit_tests

MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\ng ~ f"
STEP = 1e-3
every_estimator = pytest.mark.parametrize("name", [e.name for e in ESTIMATORS])
SAMPLES = {
    "covariances": {},
    "means": {"meanstructure": True},
    "groups": {"group": "group"},
    "equal groups": {"group": "group", "group_equal": ["loadings", "intercepts"]},
    "ordered": {"ordered": True},
    "ordered groups, theta": {"ordered": True, "group": "group", "parameterization": "theta"},
}


@pytest.fixture(scope="module")
def rows(two_factors):
    """Rows of two groups that differ in their means and spreads."""
    data = two_factors(3, 400)
    data["group"] = np.repeat(["a", "b"], [180, 220])
    data.loc[data.group == "b", ["x1", "y2"]] *= 1.3
    data.loc[data.group == "b", ["x2", "y1"]] += 0.2
    return data


def answers(data):
    """Return the rows in three categories."""
    items = [c for c in data if c != "group"]
    return data.assign(**{c: np.digitize(data[c], [-0.6, 0.5]) for c in items})


def differences(function, theta):
    """Differentiate a function of one point (1, q), on a new last axis (fourth order)."""
    columns = []
    for e in STEP * np.eye(theta.shape[1]):
        near, far = (function(theta + k * e) - function(theta - k * e) for k in (1, 2))
        columns.append((8.0 * near - far) / (12.0 * STEP))
    return np.stack(columns, axis=-1)


@every_estimator
@pytest.mark.parametrize("sample", SAMPLES)
def test_gradient_and_hessian_are_differences(rows, name, sample):
    """Of every estimator that is registered, away from its solution: 1e-7 and 1e-5."""
    options = SAMPLES[sample]
    if "ordered" in options and name in ("ML", "GLS"):
        return
    data = answers(rows) if "ordered" in options else rows
    result = fit(MODEL, data, estimator=name, **options)
    objective, at = result.problem.objective(), np.zeros(1, dtype=int)
    theta = result.kernel_theta[None] + 0.05 * np.random.default_rng(1).normal(size=result.kernel_theta.shape)
    point = objective.evaluate(theta, at)
    wanted = differences(lambda t: objective.evaluate(t, at)[0], theta)
    np.testing.assert_allclose(objective.gradient(point), wanted, atol=1e-7 * np.abs(wanted).max())
    wanted = differences(lambda t: objective.gradient(objective.evaluate(t, at)), theta)
    np.testing.assert_allclose(objective.observed_hessian(point), wanted, atol=1e-5 * np.abs(wanted).max())


@every_estimator
@pytest.mark.parametrize("sample", ["covariances", "means", "groups"])
def test_the_solution_is_certified(rows, name, sample):
    """The certificate of the engine holds for every estimator."""
    result = fit(MODEL, rows, estimator=name, **SAMPLES[sample])
    assert result.status.converged
    assert result.certificate.holds
    assert result.settings.estimator == name


@every_estimator
def test_a_model_that_holds_exactly_is_found_by_every_estimator(rows, name):
    """With the implied matrix of one fit as data, all find its parameters and F = 0."""
    if name in ("WLS", "DWLS"):
        return  # these need rows
    one = fit(MODEL, rows)
    again = fit(
        MODEL,
        sample_cov=one.sigma,
        n_obs=400,
        sample_cov_rescale=False,
        estimator=name,
        se="none",
        test="standard",
    )
    np.testing.assert_allclose(again.theta, one.theta, atol=1e-6)
    assert again.minimum == pytest.approx(0.0, abs=1e-10)


@pytest.fixture
def toy():
    """Unweighted least squares once more, under a name that nothing in the package knows."""
    least_squares("TOY_OF_A_TEST", label="all moments count alike")(lambda group: np.diag(group.metric**2))
    yield "toy_of_a_test"
    del ESTIMATORS._entries["TOY_OF_A_TEST"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_new_estimator_is_one_weight_function(rows, toy, sample):
    """Registered in the test, it gives ULS: estimates, standard errors, tests and fit measures."""
    options = SAMPLES[sample]
    data = answers(rows) if "ordered" in options else rows
    own, uls = (fit(MODEL, data, estimator=name, **options) for name in (toy, "ULS"))
    np.testing.assert_array_equal(own.theta, uls.theta)
    np.testing.assert_allclose(estimates(own).se, estimates(uls).se, rtol=1e-10)
    one, other = fit_tests(own), fit_tests(uls)
    assert own.settings.estimator == "TOY_OF_A_TEST"
    np.testing.assert_allclose(one.stat, other.stat, rtol=1e-9)
    np.testing.assert_allclose(one.pvalue, other.pvalue, rtol=1e-9)
    if "ordered" not in options:
        np.testing.assert_allclose(fit_indices(own), fit_indices(uls), rtol=1e-9)


def test_a_name_taken_twice_is_a_bug():
    """The registry refuses it, and keeps the first."""
    with pytest.raises(ValueError, match="'ULS' is registered twice"):
        least_squares("ULS", label="again")(lambda group: np.eye(len(group.statistics)))
