"""What every test decides, and what theory says of it, against closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2, ncx2

from sopsem.sem.fit_measures.noncentrality import rmsea_power
from sopsem.sem.power.decisions import equivalence_power, questions, unit_errors, wald_power
from sopsem.sem.power.design import Distribution, make_design
from sopsem.sem.power.find_n import theoretical_n
from sopsem.sem.power.quantities import quantities_of
from sopsem.sem.power.replicates import Block, Plan, joined_replicates, run_block


def asked_of(design, bound=None):
    made = questions(design, quantities_of(design.full), alpha=0.05, bound=bound, intervals=False)
    return {q.name: q for q in made}


def test_z_test_of_a_slope_has_its_closed_form(regression):
    """Var(b) = residual variance / (N Var(x))."""
    q = asked_of(regression)["wald:raw:direct:y~x"]
    assert q.theory(84) == pytest.approx(wald_power(0.3, np.sqrt(0.91 / 84), 0.05), rel=1e-6)
    assert unit_errors(quantities_of(regression.full))[0] == pytest.approx(np.sqrt(0.91), rel=1e-6)


def test_difference_test_has_its_closed_form(mediation):
    """Leaving x out of y ~ m + x costs N log(1 + c^2 Var(x given m)/residual variance)."""
    q = asked_of(mediation)["difference:y~x"]
    ncp = 150 * np.log1p(0.2**2 * (1.0 - 0.4**2) / 1.0)
    assert q.theory(150) == pytest.approx(ncx2.sf(chi2.ppf(0.95, 1), 1, ncp), abs=1e-6)
    assert q.both
    assert q.true == pytest.approx(0.2 / np.sqrt(mediation.population.loc["y", "y"]))


def test_fit_tests_in_theory_are_those_of_rmsea_power():
    values = {"f=~b": 0.8, "f=~c": 0.9, "f=~d": 0.7}
    for misfit, name in ((0.08, "close:full"), (0.01, "not_close:full")):
        design = make_design("f =~ a + b + c + d", values, shape=Distribution(misfit=misfit))
        expected = rmsea_power(2, 300, null=0.05, alternative=misfit)
        assert asked_of(design)[name].theory(300) == pytest.approx(expected, abs=1e-5)
        assert asked_of(design)[name].true == pytest.approx(misfit, rel=1e-4)


def test_equivalence_needs_the_sizes_that_its_formula_gives():
    """With a standard error of .1683 at N = 92 and a true value of 0: 248, 558, 992 and 2,230 respondents."""
    unit = 0.1683 * np.sqrt(92)
    for bound, n in ((0.30, 248), (0.20, 558), (0.15, 992), (0.10, 2230)):
        needed = theoretical_n(
            lambda k, bound=bound: equivalence_power(0.0, unit / np.sqrt(k), bound, 0.05) >= 0.8, 20
        )
        assert needed == pytest.approx(n, rel=0.003)
    assert equivalence_power(0.3, 0.1, 0.2, 0.05) < 0.05
    assert equivalence_power(0.0, 1.0, 0.2, 0.05) == 0.0


def test_decisions_are_those_of_single_tests(mediation):
    quantities = quantities_of(mediation.full)
    plan = Plan(design=mediation, quantities=quantities, seed=1, level=0.95, interval_draws=0)
    found = joined_replicates([run_block(plan, Block(70, 0, 40))])
    asked = asked_of(mediation, bound=0.5)
    drop = found.chisq_restricted - found.chisq
    assert asked["difference:y~x"].decide(found, 70).tolist() == (drop > chi2.ppf(0.95, 1)).tolist()
    at = quantities.labels.index(("total:y~x", "std"))
    est, se = found.est[:, at], found.se[:, at]
    z = np.abs(est / se) > 1.959964
    assert asked["wald:std:total:y~x"].decide(found, 70).tolist() == z.tolist()
    inside = (est - 1.644854 * se > -0.5) & (est + 1.644854 * se < 0.5)
    assert asked["equivalence:std:total:y~x"].decide(found, 70).tolist() == inside.tolist()
    exact = found.chisq_restricted > chi2.ppf(0.95, 1)
    assert asked["exact:restricted"].decide(found, 70).tolist() == exact.tolist()
    close = found.chisq_restricted < ncx2.ppf(0.05, 1, 70 * 0.05**2)
    assert asked["not_close:restricted"].decide(found, 70).tolist() == close.tolist()


def test_a_difference_below_zero_is_no_decision(mediation):
    plan = Plan(
        design=mediation, quantities=quantities_of(mediation.full), seed=1, level=0.95, interval_draws=0
    )
    found = joined_replicates([run_block(plan, Block(70, 0, 3))])
    wrong = replace(found, chisq_restricted=found.chisq - np.array([1.0, -9.0, np.nan]))
    decided = asked_of(mediation)["difference:y~x"].decide(wrong, 70)
    assert np.isnan(decided[[0, 2]]).all()
    assert decided[1] == 1.0
