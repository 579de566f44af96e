"""Targeted statistics: values against the full analysis, gradients against finite differences."""

import numpy as np
import pytest

from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.study.published import load_study
from sopsem.study.replication_cells import effect_numbers
from sopsem.study.twin import HIGHER_LOADINGS, LOADINGS
from sopsem.study.twin_maker import TwinMaker
from sopsem.study.twin_targets import twin_targets

STUDY = load_study()
TARGETS = twin_targets(STUDY)


def maker(seed=0):
    return TwinMaker.of(STUDY, TARGETS, LOADINGS, HIGHER_LOADINGS, 0.3, seed)


@pytest.fixture(scope="module")
def made():
    return maker()


@pytest.fixture(scope="module")
def sample(made):
    draws = np.random.default_rng(1).multivariate_normal(np.zeros(18), made.population, size=92)
    return np.cov(draws.T, bias=True)


def test_values_are_those_of_the_full_analysis(made, sample):
    """chi2, difference, baseline, SRMR and effects equal what fit, fit_indices and effects give."""
    found = dict(zip(made.statistics.names, made.statistics.values(sample[None])[0], strict=True))
    given = {"sample_cov": sample, "n_obs": 92, "mimic": "amos"}
    main = fit(STUDY.model.text, **given)
    wide = fit(f"{STUDY.model.text}\n{STUDY.nested.freed}", **given)
    indices = fit_indices(main)
    for name in ("chisq", "baseline_chisq", "srmr"):
        assert found[name] == pytest.approx(indices[name], rel=1e-7)
    assert found["dchisq"] == pytest.approx(main.chisq - wide.chisq, abs=1e-7)
    for name, value in effect_numbers(STUDY, effects(main)).items():
        if name.startswith("effect:"):
            assert found[name] == pytest.approx(value, abs=1e-5)


def test_gradients_are_finite_differences(made, sample):
    """Every statistic's derivative by S, in a random direction."""
    half = np.random.default_rng(2).normal(size=(18, 18))
    direction, step = half + half.T, 1e-5
    here = made.statistics.expand(sample)
    ends = made.statistics.values(np.array([sample + step * direction, sample - step * direction]), here)
    numeric = (ends[0] - ends[1]) / (2 * step)
    assert (here.gradients * direction).sum(axis=(1, 2)) == pytest.approx(numeric, rel=1e-5, abs=1e-6)
    assert made.statistics.values(sample[None], here)[0] == pytest.approx(here.values, abs=1e-6)


def test_a_singular_matrix_has_no_statistics(made, sample):
    """NaN, and its neighbour in the batch is not touched."""
    singular = sample.copy()
    singular[0] = singular[1]
    singular[:, 0] = singular[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        values = made.statistics.values(np.array([singular, sample]))
    assert np.isnan(values[0]).all()
    assert np.isfinite(values[1]).all()
