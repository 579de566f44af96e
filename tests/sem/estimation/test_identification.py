"""The certificate of an optimum and the rank of a model at generic points."""

import numpy as np
import pytest

from sopsem.errors import ModelError
from sopsem.kernel import evaluate
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.identification import certify, check_identified, unit_scale
from sopsem.sem.estimation.moments import moments_from_data
from sopsem.sem.estimation.scaling import scale_model
from sopsem.sem.estimation.start import start_values
from sopsem.sem.model.spec import model_spec


def prepared(model, data):
    spec = model_spec(model)
    moments = moments_from_data(data, spec.observed)
    return spec, scale_model(spec, moments), moments


def test_the_remaining_chi2_predicts_what_a_point_still_has_to_gain(two_factors, two_factor_model):
    """A small step away from the optimum: N g'H^-1 g / 2 is the difference of chi2, nearly."""
    result = fit(two_factor_model, two_factors())
    target = result.model.scaled_moments(result.sample_cov[None], None)
    away = result.kernel_theta + 0.002 * np.random.default_rng(0).normal(size=len(result.kernel_theta))
    certificate, _ = certify(result.spec, result.model, away, target, result.multiplier, "expected")
    there = evaluate(result.model.layout, away[None], target, np.linalg.slogdet(target)[1]).objective[0]
    assert certificate.remaining_chisq == pytest.approx(result.multiplier * there - result.chisq, rel=0.1)
    assert not certificate.holds
    assert result.certificate.holds
    assert str(result.certificate).startswith("certificate: remaining chi2")


def test_a_parameter_without_information_has_scale_zero():
    assert unit_scale(np.diag([4.0, 1e-20, 0.0])).tolist() == [0.5, 0.0, 0.0]


def test_identified_at_one_generic_point_is_enough(two_factors):
    """A point where a loading is 0 is not generic."""
    spec, model, moments = prepared("f =~ x1 + x2\ng =~ y1 + y2", two_factors())
    good = start_values(spec, model, moments, 2)
    flat = good.copy()
    flat[np.flatnonzero(model.row_basis[[p.name for p in spec].index("f~~g")])] = 0.0
    with pytest.raises(ModelError, match="not identified"):
        check_identified(spec, model, [flat])
    check_identified(spec, model, [flat, good])


def test_the_number_of_free_directions_is_said(two_factors):
    spec, model, moments = prepared("f =~ NA*x1+x2+x3\ng =~ NA*y1+y2+y3", two_factors())
    with pytest.raises(ModelError, match=r"2 direction\(s\)"):
        check_identified(spec, model, [start_values(spec, model, moments, s) for s in (2, 3)])
