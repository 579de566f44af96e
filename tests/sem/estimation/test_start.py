"""Starts are near the solution and repeatable."""

import numpy as np
import pytest

from sopsem.kernel import minimise
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.problem import make_problem
from sopsem.sem.estimation.settings import Settings
from sopsem.sem.estimation.start import start_values
from sopsem.sem.model.spec import model_spec
from sopsem.sem.sample.moments import moments_from_data


def prepared(model, data):
    spec = model_spec(model)
    return make_problem(spec, (moments_from_data(data, spec.observed),), Settings())


@pytest.mark.parametrize("strategy", range(6))
def test_every_strategy_starts_at_positive_definite_moments_and_converges(
    mediation, mediation_model, strategy
):
    problem = prepared(mediation_model, mediation(1))
    objective, start = problem.objective(), start_values(problem, strategy)
    np.testing.assert_array_equal(start, start_values(problem, strategy))
    assert np.isfinite(objective.evaluate(start[None], np.zeros(1, dtype=np.intp))[0][0])
    found = minimise(objective, start)
    np.testing.assert_allclose(found.theta[0], fit(mediation_model, mediation(1)).kernel_theta, atol=1e-5)


def test_the_users_start_is_taken_first_and_left_aside_by_the_plain_one(two_factors):
    problem = prepared("f =~ x1 + start(1.7)*x2 + x3", two_factors())
    row = [p.name for p in problem.spec].index("f=~x2")
    first, plain = (problem.parameters.rows(start_values(problem, s)[None])[0, row] for s in (0, 1))
    assert first == pytest.approx(1.7, rel=1e-12)
    assert plain != pytest.approx(1.7, rel=0.1)
