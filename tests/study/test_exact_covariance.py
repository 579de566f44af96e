"""Algorithm A: exact targets, theta0 stays the optimum, and every step keeps it so."""

import numpy as np
import pytest

from sopsem.errors import ConvergenceError
from sopsem.study.exact_covariance import (
    baseline_of,
    data_with_covariance,
    exact_covariance,
    scaled_to_baseline,
)
from sopsem.study.published import PublishedStudy, load_study
from sopsem.study.twin import HIGHER_LOADINGS, LOADINGS, twin
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


def mediation(**fit):
    """A study with chi2 20.58 < 25 df: nine items of three factors, a path through the middle one."""
    return PublishedStudy(
        name="x",
        title="t",
        source="s",
        n=300,
        analysis={"program": "lavaan", "likelihood": "normal"},
        structure={"n_items": 9},
        model={"text": "f =~ a1 + a2 + a3\ng =~ b1 + b2 + b3\nh =~ c1 + c2 + c3\ng ~ f\nh ~ g"},
        fit={"chisq": "20.58", "df": "25"} | fit,
        effects={
            "source": "table",
            "standardized": True,
            "rows": [
                {"outcome": "g", "predictor": "f", "est": ".45"},
                {"outcome": "h", "predictor": "g", "est": ".52"},
            ],
        },
    )


@pytest.mark.parametrize(
    "printed",
    [
        {"cfi": "1.000", "tli": "1.006", "rmsea": "0.000", "srmr": "0.026"},
        {"cfi": "1.000", "tli": "1.006", "baseline_chisq": "1057.4"},
        {"tli": "1.006"},
        {"cfi": "1.000"},
        {"cfi": "1.000", "tli": "1.00"},
        {"cfi": "1.000", "tli": "1.00", "chisq": "25.10"},
        {"tli": "1.000", "chisq": "24.80"},
        {},
    ],
    ids=str,
)
def test_a_study_with_chi2_at_or_below_df_has_a_twin(printed):
    """Whatever it prints of CFI and TLI, every printed number returns from a fit from scratch."""
    study = mediation(**printed)
    made = twin(study, algorithm="exact", seed=0)
    assert made.targets["within"].all()
    assert set(made.targets["id"]) >= {*printed, "chisq", "df", "effect:g~f", "effect:h~g"}


@pytest.mark.parametrize(("tli", "changed"), [("1.00", False), ("1.000", True)])
def test_loadings_grow_only_when_the_baseline_is_too_small(tli, changed):
    """With chi2 24.80 a TLI of 1.00 takes any usual baseline; 1.000 takes more than weak loadings give."""
    study = mediation(chisq="24.80", tli=tli)
    made = TwinMaker.of(study, twin_targets(study), (0.6, 0.5), HIGHER_LOADINGS, 0.3, 0)
    aim = made.targets.aims["baseline_chisq"]
    assert (made.factor != 1.0) == changed
    assert aim.value == pytest.approx(baseline_of(made.population, made.targets))
    assert aim.center == pytest.approx(aim.value)


def test_a_baseline_out_of_reach_is_refused():
    """Loadings bounded at .3 to .4 of a population cannot give the printed baseline chi2."""
    made = maker()

    def population(factor):
        return np.eye(18) + 0.1 * factor * (made.population - np.eye(18))

    with pytest.raises(ConvergenceError, match="no common size of the loadings"):
        scaled_to_baseline(population, TARGETS, highest=1.2)
