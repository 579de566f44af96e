"""The search: the first start if it converges, else the others in turn, else the lowest point."""

import dataclasses

import numpy as np
import pytest

from sopsem.kernel import Outcome
from sopsem.sem.estimation import search as module
from sopsem.sem.estimation.fit import Status, fit


@pytest.fixture
def scripted(monkeypatch):
    """A function that lets chosen starting strategies fail, with given minima; it returns the starts tried."""
    true = module.minimise

    def script(failing, minima=None):
        calls = []

        def minimise(objective, start, **options):
            found, strategy = true(objective, start, **options), len(calls)
            calls.append(strategy)
            outcome, minimum = found.outcome.copy(), found.minimum.copy()
            if strategy in failing:
                outcome[:] = Outcome.ITERATION_LIMIT
            if minima is not None:
                minimum[:] = minima[strategy]
            return dataclasses.replace(found, outcome=outcome, minimum=minimum)

        monkeypatch.setattr(module, "minimise", minimise)
        return calls

    return script


def test_one_start_is_tried_when_it_converges(scripted, two_factors, two_factor_model):
    calls = scripted(failing=())
    assert fit(two_factor_model, two_factors()).strategy == 0
    assert calls == [0]


@pytest.mark.parametrize(("failing", "used"), [((0,), 1), ((0, 1), 2), ((0, 1, 2, 3), 4)])
def test_the_first_other_start_that_converges_is_taken(
    scripted, two_factors, two_factor_model, failing, used
):
    wanted = fit(two_factor_model, two_factors())
    calls = scripted(failing)
    result = fit(two_factor_model, two_factors())
    assert (result.strategy, calls) == (used, list(range(used + 1)))
    np.testing.assert_allclose(result.theta, wanted.theta, atol=1e-7)
    assert f"the default start failed; starting strategy {used} of 5 was used" in result.notes


def test_without_convergence_the_lowest_point_is_reported(scripted, two_factors, two_factor_model):
    """A start that was not even evaluated (NaN) is never the lowest."""
    scripted(range(6), minima=[0.9, np.nan, 0.7, 0.2, np.inf, 0.5])
    result = fit(two_factor_model, two_factors())
    assert (result.strategy, result.minimum) == (3, 0.2)
    assert result.status is Status.NOT_CONVERGED
    assert not any("was used" in note for note in result.notes)
    assert any(note.startswith("no convergence; tried: ") for note in result.notes)
