"""Estimates and standard errors of effects and parameters, against those of a single fit."""

import numpy as np
import pytest

from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.power.quantities import quantities_of


def test_values_and_errors_are_those_of_the_fit(mediation):
    fit = mediation.full
    found = quantities_of(fit)
    theta, vcov = fit.kernel_theta[None], fit.kernel_vcov[None]
    table, own = effects(fit).set_index("effect"), estimates(fit)
    values, errors = found.values(theta)[0], found.errors(theta, vcov)[0]
    for (name, scale), value, error in zip(found.labels, values, errors, strict=True):
        if name in table.index:
            suffix = "_std" if scale == "std" else ""
            expected = table.loc[name, [f"est{suffix}", f"se{suffix}"]].to_numpy(float)
        else:
            row = own[(own["lhs"] + own["op"] + own["rhs"]) == name].iloc[0]
            expected = row[["est", "se"]].to_numpy(float)
        np.testing.assert_allclose([value, error], expected, rtol=1e-6)


def test_only_parameters_that_move_an_effect_are_moved(factors):
    found = quantities_of(factors.full)
    k = len(factors.full.kernel_theta)
    whole = np.concatenate([factors.full.kernel_theta + 0.02 * np.eye(k), factors.full.kernel_theta[None]])
    moved = np.abs(found.effect_values(whole[:-1]) - found.effect_values(whole[-1:])).max(axis=1) > 1e-9
    assert set(np.flatnonzero(moved)) <= set(found.moving)
    assert len(found.moving) < k


def test_a_model_without_paths_has_parameters_alone():
    from sopsem.sem.power.design import make_design

    found = quantities_of(make_design("f =~ a + b + c", {"f=~b": 0.9, "f=~c": 0.8}).full)
    assert [name for name, _ in found.labels] == ["f=~b", "f=~c", "a~~a", "b~~b", "c~~c", "f~~f"]
    theta = found.fit.kernel_theta[None]
    assert found.errors(theta, found.fit.kernel_vcov[None]).shape == (1, 6)
    assert found.values(theta)[0, 0] == pytest.approx(0.9)
