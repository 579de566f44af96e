"""Algorithm A: exact targets, theta0 stays the optimum, and every step keeps it so."""

import numpy as np
import pytest

from sopsem.errors import ConvergenceError
from sopsem.study.exact_covariance import data_with_covariance, exact_covariance, scaled_to_baseline
from sopsem.study.published import load_study
from sopsem.study.twin import HIGHER_LOADINGS, LOADINGS
from sopsem.study.twin_maker import TwinMaker
from sopsem.study.twin_targets import twin_targets

STUDY = load_study()
TARGETS = twin_targets(STUDY)


def maker(seed=0):
    return TwinMaker.of(STUDY, TARGETS, LOADINGS, HIGHER_LOADINGS, 0.3, seed)


@pytest.fixture(scope="module", params=[0, 1, 5])
def found(request):
    made = maker(request.param)
    return made, exact_covariance(made.statistics, TARGETS, made.population, made.rng("covariance"))


def test_targets_are_exact(found):
    """chi2, its difference, SRMR and all effects to 1e-8."""
    made, exact = found
    reached = dict(zip(made.statistics.names, exact.expansion.values, strict=True))
    for name, aim in TARGETS.aims.items():
        if name != "baseline_chisq":
            assert reached[name] == pytest.approx(aim.value, abs=1e-8), name
    assert (
        TARGETS.aims["baseline_chisq"].lower
        < reached["baseline_chisq"]
        < TARGETS.aims["baseline_chisq"].upper
    )


def test_the_population_is_the_estimate(found):
    """A fit from other starts returns theta0: Sigma is the population, not S."""
    made, exact = found
    rng = np.random.default_rng(0)
    starts = made.statistics.main.theta * rng.uniform(0.8, 1.2, size=(6, len(made.statistics.main.theta)))
    copies = np.repeat(exact.covariance[None], 6, axis=0)
    refit = made.statistics.main.refit(copies, starts)
    arrived = refit.outcome == 0
    assert arrived.sum() >= 4
    implied = made.statistics.main.implied(refit.theta[arrived])
    assert np.abs(implied - made.population).max() < 1e-5
    assert np.abs(exact.covariance - made.population).max() > 0.02


def test_it_is_a_covariance_matrix_with_variances_near_one(found):
    """Positive definite with room, and nobody's variance moved by more than 2 percent."""
    _, exact = found
    assert np.linalg.eigvalsh(exact.covariance)[0] > 0.05
    assert np.abs(np.diag(exact.covariance) - 1.0).max() < 0.02


def test_data_have_the_covariance_to_machine_precision(found):
    """np.cov of the data is S, and means are 0."""
    _, exact = found
    data = data_with_covariance(exact.covariance, 92, np.random.default_rng(3))
    assert np.abs(np.cov(data.T, bias=True) - exact.covariance).max() < 1e-13
    assert np.abs(data.mean(axis=0)).max() < 1e-14


def test_a_baseline_out_of_reach_is_refused():
    """Loadings bounded at .3 to .4 of a population cannot give the printed baseline chi2."""
    made = maker()

    def population(factor):
        return np.eye(18) + 0.1 * factor * (made.population - np.eye(18))

    with pytest.raises(ConvergenceError, match="no common size of the loadings"):
        scaled_to_baseline(population, TARGETS, highest=1.2)
