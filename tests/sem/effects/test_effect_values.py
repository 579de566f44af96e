"""Slopes of effects against complex differences, where cells are affine, and refused where they are not."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.effects.effect_values import effect_slopes, effect_values
from sopsem.sem.effects.effects import effects
from sopsem.sem.effects.routes import find_effects
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap

STEP = 1e-5
MODELS = {
    "latent": "A =~ a1 + a2 + a3\nM =~ m1 + m2 + m3\nY =~ y1 + y2 + y3\nM ~ A\nY ~ M + A",
    "second order": "A =~ a1 + a2 + a3\nM =~ m1 + m2 + m3\nH =~ A + M + y1\ny2 ~ H\ny3 ~ y2 + H",
    "tied paths": "A =~ a1 + a2 + a3\nM =~ m1 + m2 + m3\nM ~ b*A + y1\ny2 ~ b*M + A\ny1 ~~ A",
    "fixed path": "m1 ~ a1\ny1 ~ 0.5*m1 + a1\na1 ~~ a1",
    "loop": "m1 ~ y1 + a1\ny1 ~ m1 + a2",
}


def differences(result, wanted, standardized):
    """Return central differences of the effects, (1, n_effects, k)."""
    theta = result.kernel_theta
    steps = STEP * np.eye(len(theta))
    up, down = (
        effect_values(result.spec, result.model, theta + s, wanted, standardized=standardized)
        for s in (steps, -steps)
    )
    return ((up - down) / (2.0 * STEP)).T[None]


@pytest.mark.parametrize("standardized", [False, True])
@pytest.mark.parametrize("means", [False, True], ids=["covariances", "means"])
@pytest.mark.parametrize("name", MODELS)
def test_slopes_are_those_of_the_values(mediation, name, means, standardized):
    """Of direct, indirect and total effects, raw and standardized, with and without intercepts."""
    result = fit(MODELS[name], mediation(2, 200), meanstructure=means, fixed_x=False)
    wanted = find_effects(result.spec)
    assert wanted
    found = effect_slopes(result.model, result.kernel_theta[None], wanted, standardized=standardized)
    np.testing.assert_allclose(found, differences(result, wanted, standardized), atol=2e-8)


def test_slopes_of_many_solutions_are_those_of_each(mediation, mediation_model):
    data = mediation(5)
    result = fit(mediation_model, data)
    theta = bootstrap(result, data, draws=5, seed=1).kernel_theta
    wanted = find_effects(result.spec)
    together = effect_slopes(result.model, theta, wanted, standardized=True)
    alone = [effect_slopes(result.model, one[None], wanted, standardized=True)[0] for one in theta]
    np.testing.assert_array_equal(together, alone)
    assert effect_slopes(result.model, theta, [], standardized=True).shape == (5, 0, theta.shape[1])


def test_an_effect_without_a_value_has_no_slope(mediation, mediation_model):
    """A negative implied variance of the outcome takes the standardized effects on it, and no other."""
    result = fit(mediation_model, mediation(5))
    wanted = find_effects(result.spec)
    rows = result.model.row_basis[next(i for i, p in enumerate(result.spec) if p.name == "Y~~Y")]
    theta = result.kernel_theta - 100.0 * rows
    lost = np.isnan(effect_slopes(result.model, theta[None], wanted, standardized=True)[0]).any(axis=1)
    np.testing.assert_array_equal(lost, [e.outcome == "Y" for e in wanted])
    assert np.isfinite(effect_slopes(result.model, theta[None], wanted, standardized=False)).all()


def test_an_outcome_without_variance_has_no_standardized_effect(mediation):
    """A draw on a bound may end there: 0/0 is no number, and no warning either."""
    result = fit("y1 ~ a1", mediation(5))
    wanted = find_effects(result.spec)
    theta = np.zeros((1, len(result.kernel_theta)))
    assert not np.isfinite(effect_values(result.spec, result.model, theta, wanted, standardized=True)).any()
    assert np.isfinite(effect_values(result.spec, result.model, theta, wanted, standardized=False)).all()


def test_slopes_of_latent_responses_are_refused(mediation):
    """Their residual variances follow from all else."""
    data = mediation(6, 300)[["a1", "m1"]]
    ordered = data.assign(m1=pd.cut(data.m1, 3, labels=False))
    result = fit("m1 ~ a1", ordered, ordered=["m1"])
    with pytest.raises(UsageError, match="ordered"):
        effect_slopes(result.model, result.kernel_theta[None], find_effects(result.spec), standardized=True)
    assert effects(result).se.notna().all()


def test_the_size_of_a_piece_does_not_change_a_byte(monkeypatch, two_factors, two_factor_model):
    """Also of no solutions at all."""
    result = fit(two_factor_model + "\ng ~ f", two_factors())
    theta = result.kernel_theta + 0.01 * np.random.default_rng(0).normal(size=(7, len(result.kernel_theta)))
    wanted = find_effects(result.spec)

    def values(some):
        return effect_values(result.spec, result.model, some, wanted, standardized=True)

    whole = values(theta)
    monkeypatch.setattr("sopsem.sem.effects.effect_values.PIECE", 3)
    assert values(theta).tobytes() == whole.tobytes()
    assert values(theta[:0]).shape == (0, len(wanted))
