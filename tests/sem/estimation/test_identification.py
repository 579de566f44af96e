"""The certificate of an optimum and the rank of a model at generic points."""

import numpy as np
import pytest

from sopsem.errors import ModelError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.identification import certify, check_identified, unit_scale
from sopsem.sem.estimation.problem import make_problem
from sopsem.sem.estimation.settings import Settings
from sopsem.sem.estimation.start import start_values
from sopsem.sem.model.spec import model_spec
from sopsem.sem.sample.moments import moments_from_data


def prepared(model, data):
    spec = model_spec(model)
    return make_problem(spec, (moments_from_data(data, spec.observed),), Settings())


def test_the_remaining_chi2_predicts_what_a_point_still_has_to_gain(two_factors, two_factor_model):
    """A small step away from the optimum: N g'H^-1 g / 2 is the difference of chi2, nearly."""
    result = fit(two_factor_model, two_factors())
    objective = result.problem.objective()
    away = result.kernel_theta + 0.002 * np.random.default_rng(0).normal(size=len(result.kernel_theta))
    certificate, _ = certify(result.parameters, objective, away, result.multiplier, "expected")
    there = objective.evaluate(away[None], np.zeros(1, dtype=np.intp))[0][0]
    assert certificate.remaining_chisq == pytest.approx(result.multiplier * there - result.chisq, rel=0.1)
    assert not certificate.holds
    assert result.certificate.holds
    assert str(result.certificate).startswith("certificate: remaining chi2")


def test_a_parameter_without_information_has_scale_zero():
    assert unit_scale(np.diag([4.0, 1e-20, 0.0])).tolist() == [0.5, 0.0, 0.0]


def test_identified_at_one_generic_point_is_enough(two_factors):
    """A point where a loading is 0 is not generic."""
    problem = prepared("f =~ x1 + x2\ng =~ y1 + y2", two_factors())
    parameters, objective = problem.parameters, problem.objective()
    good = start_values(problem, 2)
    flat = good.copy()
    flat[np.flatnonzero(parameters.row_basis[[p.name for p in problem.spec].index("f~~g")])] = 0.0
    with pytest.raises(ModelError, match="not identified"):
        check_identified(parameters, objective, [flat])
    check_identified(parameters, objective, [flat, good])


def test_the_number_of_free_directions_is_said(two_factors):
    problem = prepared("f =~ NA*x1+x2+x3\ng =~ NA*y1+y2+y3", two_factors())
    points = [start_values(problem, s) for s in (2, 3)]
    with pytest.raises(ModelError, match=r"2 direction\(s\)"):
        check_identified(problem.parameters, problem.objective(), points)
