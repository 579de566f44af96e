"""Starts are near the solution and repeatable."""

import numpy as np
import pytest

from sopsem.kernel import evaluate, fit_batch
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.moments import moments_from_data
from sopsem.sem.estimation.scaling import scale_model
from sopsem.sem.estimation.start import start_values
from sopsem.sem.model.spec import model_spec


@pytest.mark.parametrize("strategy", range(6))
def test_every_strategy_starts_at_positive_definite_moments_and_converges(
    mediation, mediation_model, strategy
):
    spec = model_spec(mediation_model)
    moments = moments_from_data(mediation(1), spec.observed)
    model = scale_model(spec, moments)
    target = model.scaled_moments(moments.covariance[None], None)
    start = start_values(spec, model, moments, strategy)
    np.testing.assert_array_equal(start, start_values(spec, model, moments, strategy))
    assert np.isfinite(evaluate(model.layout, start[None], target, np.zeros(1)).objective[0])
    found = fit_batch(model.layout, start, target)
    np.testing.assert_allclose(found.theta[0], fit(mediation_model, mediation(1)).kernel_theta, atol=1e-5)


def test_the_users_start_is_taken_first_and_left_aside_by_the_plain_one(two_factors):
    spec = model_spec("f =~ x1 + start(1.7)*x2 + x3")
    moments = moments_from_data(two_factors(), spec.observed)
    model = scale_model(spec, moments)
    row = [p.name for p in spec].index("f=~x2")
    first, plain = (model.rows(start_values(spec, model, moments, s)[None])[0, row] for s in (0, 1))
    assert first == pytest.approx(1.7, rel=1e-12)
    assert plain != pytest.approx(1.7, rel=0.1)
