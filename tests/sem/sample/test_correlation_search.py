"""The safe one-parameter search: roots, ends, and likelihoods that are zero somewhere."""

import numpy as np
import pytest

from sopsem.sem.sample.correlation_search import END, maximise_correlations

PEAKS = np.array([-0.99, -0.5, 0.0, 0.3, 0.95, 0.9995])


def test_all_maxima_are_found_from_a_bad_start():
    """Quadratics with different peaks, all started at the wrong end."""

    def slopes(rho, problems):
        return PEAKS[problems] - rho, np.full(len(rho), -1.0)

    np.testing.assert_allclose(maximise_correlations(slopes, np.full(6, -0.9)), PEAKS, atol=1e-10)


def test_a_misleading_curvature_only_costs_steps():
    """With a wrong second derivative, even of the wrong sign, brackets still close in on the root."""

    def slopes(rho, problems):
        return np.cbrt(PEAKS[problems] - rho), np.full(len(rho), 0.5)

    np.testing.assert_allclose(maximise_correlations(slopes, np.zeros(6)), PEAKS, atol=1e-10)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_likelihood_that_rises_to_the_end_is_told_by_its_end(sign):
    """No interior maximum: the magnitude is END."""

    def slopes(rho, _problems):
        return np.full(len(rho), sign), np.zeros(len(rho))

    assert maximise_correlations(slopes, np.zeros(1))[0] == pytest.approx(sign * END, abs=1e-12)


def test_impossible_places_are_left():
    """An infinite slope says where the likelihood is zero; the maximum lies elsewhere."""

    def slopes(rho, _problems):
        return np.where(rho > 0.2, -np.inf, 0.1 - rho), np.full(len(rho), -1.0)

    assert maximise_correlations(slopes, np.array([0.9]))[0] == pytest.approx(0.1, abs=1e-10)
