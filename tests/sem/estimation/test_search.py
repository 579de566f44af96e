"""The search: the first start if it converges, else the others in turn, else the lowest point; two minima."""

import dataclasses

import numpy as np
import pandas as pd
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


# covariances of seven of the ratings of 43 judges (Hartigan, 1977, as in R's USJudgeRatings), to three decimals
RATINGS = pd.DataFrame(
    [
        [0.593, 0.850, 0.795, 0.605, 0.539, 0.496, -0.097],
        [0.850, 1.308, 1.188, 0.862, 0.800, 0.738, -0.165],
        [0.795, 1.188, 1.212, 0.922, 0.878, 0.818, -0.035],
        [0.605, 0.862, 0.922, 0.812, 0.743, 0.692, 0.011],
        [0.539, 0.800, 0.878, 0.743, 0.740, 0.678, 0.111],
        [0.496, 0.738, 0.818, 0.692, 0.678, 0.645, 0.065],
        [-0.097, -0.165, -0.035, 0.011, 0.111, 0.065, 0.885],
    ],
    *[["INTG", "DMNR", "RTEN", "DILG", "CFMG", "DECI", "CONT"]] * 2,
)
JUDGES = "f =~ INTG + DMNR + RTEN\ng =~ DILG + CFMG + DECI\nCONT ~ f + g"


def test_the_lower_of_two_minima_is_reported_and_the_other_named():
    """lavaan 0.6-14 ends in either, from its default start in this one."""
    result = fit(JUDGES, sample_cov=RATINGS, n_obs=43)
    assert (result.status, result.strategy) == (Status.IMPROPER, 1)
    assert result.chisq == pytest.approx(82.8908, abs=1e-3)
    assert any("chi2 is 83.853 from the default start and 82.891 from another" in n for n in result.notes)
    assert not any("failed" in note for note in result.notes)


def test_a_second_minimum_is_looked_for_only_far_from_the_data(scripted, two_factors):
    """Where the one factor of two leaves much unexplained, one more start is made."""
    calls = scripted(failing=())
    assert fit("f =~ x1 + x2 + x3 + y1 + y2 + y3", two_factors()).strategy == 0
    assert calls == [0, 1]
