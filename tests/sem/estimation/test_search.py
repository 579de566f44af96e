"""The search: the first start if it converges, else the others together, else the lowest point."""

import dataclasses

import numpy as np
import pytest

from sopsem.kernel import Outcome
from sopsem.sem.estimation import search as module
from sopsem.sem.estimation.fit import Status, fit


@pytest.fixture
def scripted(monkeypatch):
    """A function that lets chosen starting strategies fail, with given minima."""
    true, calls = module.fit_batch, []

    def script(failing, minima=None):
        def fit_batch(layout, theta0, moments, **options):
            found = true(layout, theta0, moments, **options)
            strategies = [0] if not calls else list(range(1, module.STRATEGIES))
            calls.append(len(found.outcome))
            outcome = found.outcome.copy()
            outcome[[i for i, s in enumerate(strategies) if s in failing]] = Outcome.ITERATION_LIMIT
            minimum = found.minimum if minima is None else np.array([minima[s] for s in strategies])
            return dataclasses.replace(found, outcome=outcome, minimum=minimum)

        monkeypatch.setattr(module, "fit_batch", fit_batch)
        return calls

    return script


def test_one_start_is_tried_when_it_converges(scripted, two_factors, two_factor_model):
    calls = scripted(failing=())
    assert fit(two_factor_model, two_factors()).strategy == 0
    assert calls == [1]


@pytest.mark.parametrize(("failing", "used"), [((0,), 1), ((0, 1), 2), ((0, 1, 2, 3), 4)])
def test_the_first_other_start_that_converges_is_taken(
    scripted, two_factors, two_factor_model, failing, used
):
    wanted = fit(two_factor_model, two_factors())
    calls = scripted(failing)
    result = fit(two_factor_model, two_factors())
    assert (result.strategy, calls) == (used, [1, 5])
    np.testing.assert_allclose(result.theta, wanted.theta, atol=1e-7)
    assert f"the default start failed; starting strategy {used} of 5 was used" in result.notes


def test_without_convergence_the_lowest_point_is_reported(scripted, two_factors, two_factor_model):
    """A start that was not even evaluated (NaN) is never the lowest."""
    scripted(range(6), minima=[0.9, np.nan, 0.7, 0.2, np.inf, 0.5])
    result = fit(two_factor_model, two_factors())
    assert (result.strategy, result.minimum) == (3, 0.2)
    assert result.status is Status.NOT_CONVERGED
    assert not any("start" in note for note in result.notes)
