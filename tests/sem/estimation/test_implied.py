"""Named moments, and the slopes of the implied moments."""

import numpy as np
import pandas as pd
import pytest

from sopsem.kernel import evaluate, expected_hessian, implied
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.implied import implied_moments, moment_slopes, sample_moments


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(8)
    return pd.DataFrame(rng.normal(size=(100, 1)) + rng.normal(size=(100, 4)) + 2.0, columns=list("abcd"))


def test_moments_carry_the_names_of_the_variables(data):
    """Covariances on both axes; means only with a mean structure."""
    plain, means = fit("f =~ b + a + d", data), fit("f =~ b + a + d", data, meanstructure=True)
    assert (
        list(implied_moments(plain).cov.columns) == list(sample_moments(plain).cov.index) == ["b", "a", "d"]
    )
    assert implied_moments(plain).mean is None
    assert sample_moments(means).mean["d"] == pytest.approx(data["d"].mean())
    assert sample_moments(plain).cov.loc["a", "b"] == pytest.approx(data[["a", "b"]].cov(ddof=0).iloc[0, 1])


@pytest.mark.parametrize("meanstructure", [False, True])
def test_slopes_are_the_derivatives_of_the_implied_moments(data, meanstructure):
    """Central differences of covariances and means."""
    model = fit("f =~ a + b + c + d\nb ~ 0.5*1", data) if meanstructure else fit("f =~ a + b + c + d", data)
    layout, theta, step = model.model.layout, model.kernel_theta, 1e-6
    slopes = moment_slopes(layout, theta, meanstructure=meanstructure)
    p = len(model.spec.observed)
    for k in range(len(theta)):
        ends = []
        for sign in (1.0, -1.0):
            second = implied(layout, (theta + sign * step * np.eye(len(theta))[k])[None])[0]
            mean = second[:p, p] if meanstructure else np.zeros(p)
            ends.append((second[:p, :p] - np.outer(mean, mean), mean))
        assert slopes.cov[:, :, k] == pytest.approx((ends[0][0] - ends[1][0]) / (2 * step), abs=1e-7)
        assert slopes.mean[:, k] == pytest.approx((ends[0][1] - ends[1][1]) / (2 * step), abs=1e-7)


@pytest.mark.parametrize("meanstructure", [False, True])
def test_information_is_half_the_expected_hessian_of_the_discrepancy(data, meanstructure):
    """The same number from the moments and from the kernel."""
    model = fit("f =~ a + b + c + d", data, meanstructure=meanstructure)
    layout, theta = model.model.layout, model.kernel_theta[None]
    sigma = implied(layout, theta)
    hessian = expected_hessian(layout, evaluate(layout, theta, sigma, np.linalg.slogdet(sigma)[1]))[0]
    slopes = moment_slopes(layout, theta[0], meanstructure=meanstructure)
    assert slopes.information() == pytest.approx(hessian / 2.0, abs=1e-10)


def test_moments_of_given_variables_carry_no_information(data):
    """Setting the slopes of one variable's own moments to 0 leaves those with the others."""
    model = fit("a ~ b + c", data, fixed_x=False)
    slopes = moment_slopes(model.model.layout, model.kernel_theta, meanstructure=False)
    given = slopes.without(np.array([False, True, True]))
    assert (given.cov[1:, 1:] == 0.0).all()
    assert given.cov[0] == pytest.approx(slopes.cov[0])
