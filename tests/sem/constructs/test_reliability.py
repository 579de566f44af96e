"""Reliability: values by hand, invariances, values of semTools, and what is said when there is none."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sopsem.sem.constructs.reliability import (
    COEFFICIENTS,
    alpha,
    alpha_std,
    ave,
    ave_std,
    coefficients,
    cr,
    cr_std,
    omega,
    omega_obs,
    reliability,
    reliability_intervals,
)
from sopsem.sem.constructs.solution import drawn_solution, solution
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap

STORED = ("holzinger", "wenchuan", "customers", "personality")


def frame(matrix, names):
    """Return a covariance matrix with names."""
    return pd.DataFrame(np.asarray(matrix, dtype=float), index=list(names), columns=list(names))


def one_factor(loadings, residuals, names="abcd", variance=1.0):
    """Return the fit of one factor to the covariance matrix it implies."""
    loadings = np.asarray(loadings)
    implied = variance * np.outer(loadings, loadings) + np.diag(residuals)
    text = "f =~ " + " + ".join(names[: len(loadings)])
    return fit(text, sample_cov=frame(implied, names[: len(loadings)]), n_obs=200, sample_cov_rescale=False)


@pytest.mark.parametrize(("k", "r"), [(2, 0.5), (4, 0.36), (8, 0.2)])
def test_parallel_items_follow_spearman_brown(k, r):
    """With k parallel items of correlation r, alpha = omega = CR = k r / (1 + (k - 1) r), and AVE = r."""
    sample = np.full((k, k), r) + (1 - r) * np.eye(k)
    loadings, variance, residual = np.full(k, np.sqrt(r)), np.array(1.0), (1 - r) * np.eye(k)
    expected = k * r / (1 + (k - 1) * r)
    assert alpha(sample) == pytest.approx(expected)
    assert alpha_std(sample) == pytest.approx(expected)
    assert omega(loadings, variance, residual) == pytest.approx(expected)
    assert omega_obs(loadings, variance, sample) == pytest.approx(expected)
    assert cr(loadings, variance, residual) == pytest.approx(expected)
    assert cr_std(loadings) == pytest.approx(expected)
    assert ave(loadings, variance, residual) == pytest.approx(r)
    assert ave_std(loadings) == pytest.approx(r)


def test_congeneric_items_by_hand():
    """Loadings .9 .8 .7 on a standardized factor: (2.4)^2 / ((2.4)^2 + 1.06) and a mean square of .64667."""
    table = reliability(one_factor([0.9, 0.8, 0.7], [0.19, 0.36, 0.51])).iloc[0]
    assert table["omega"] == pytest.approx(5.76 / 6.82, abs=1e-8)
    assert table["cr_std"] == pytest.approx(5.76 / 6.82, abs=1e-8)
    assert table["ave"] == pytest.approx(1.94 / 3, abs=1e-8)
    assert table["omega_obs"] == pytest.approx(5.76 / 6.82, abs=1e-8)
    assert table["alpha"] == pytest.approx(1.5 * (1 - 3 / 6.82), abs=1e-8)
    assert table["alpha"] < table["omega"]


def test_raw_and_standardized_coefficients_differ_when_variances_do():
    table = reliability(one_factor([1.0, 3.0, 2.0], [1.0, 1.0, 4.0])).iloc[0]
    assert table["ave"] == pytest.approx(14 / 20, abs=1e-8)
    assert table["ave_std"] == pytest.approx((1 / 2 + 9 / 10 + 4 / 8) / 3, abs=1e-8)


def test_a_residual_covariance_counts_in_omega_and_not_in_cr():
    residual = np.diag([0.36, 0.36, 0.36])
    residual[0, 1] = residual[1, 0] = 0.2
    loadings = np.full(3, 0.8)
    assert omega(loadings, np.array(1.0), residual) == pytest.approx(5.76 / (5.76 + 1.08 + 0.4))
    assert cr(loadings, np.array(1.0), residual) == pytest.approx(5.76 / (5.76 + 1.08))


@pytest.mark.parametrize("name", STORED)
def test_all_coefficients_equal_semtools(name, construct_cases):
    table = reliability(construct_cases.fitted(name)).set_index("factor")
    for factor, stored in construct_cases[name]["reliability"].items():
        for coefficient, value in stored.items():
            assert table.loc[factor, coefficient] == pytest.approx(value, abs=1e-6), (factor, coefficient)


answers = arrays(np.float64, (30, 4), elements=st.floats(1, 7)).filter(
    lambda x: np.linalg.eigvalsh(np.cov(x.T))[0] > 1e-3
)


@settings(max_examples=40, deadline=None)
@given(answers, st.permutations(range(4)), st.floats(-50, 50), st.integers(0, 3))
def test_alpha_does_not_change_with_a_constant_the_item_order_or_reversing_all(x, order, constant, item):
    shifted = x.copy()
    shifted[:, item] += constant
    for changed in (shifted, x[:, order], 8.0 - x):
        for coefficient in (alpha, alpha_std):
            expected = coefficient(np.cov(x.T))
            assert coefficient(np.cov(changed.T)) == pytest.approx(expected, rel=1e-8, abs=1e-8)


def test_reversing_one_item_does_change_alpha():
    sample = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    flip = np.diag([1.0, 1.0, -1.0])
    assert alpha(flip @ sample @ flip) < 0 < alpha(sample)


def test_no_coefficient_depends_on_the_unit_of_all_items(construct_cases):
    case = construct_cases.fitted("holzinger")
    names = list(case.spec.observed)
    scaled = fit(
        case.spec.text, sample_cov=frame(case.sample_cov * 1e6, names), n_obs=case.n, sample_cov_rescale=False
    )
    columns = [entry.name for entry in COEFFICIENTS]
    np.testing.assert_allclose(reliability(scaled)[columns], reliability(case)[columns], rtol=1e-8)


def test_one_item_has_no_reliability_and_the_note_says_so():
    text = "f =~ a + b + c; g =~ d"
    case = fit(text, sample_cov=frame(0.5 + 0.5 * np.eye(4), "abcd"), n_obs=100)
    table = reliability(case).set_index("factor")
    assert table.loc["g", [e.name for e in COEFFICIENTS]].isna().all()
    assert table.loc["g", "note"] == "g has the one item d: alpha, omega, CR and AVE need at least two"
    assert table.loc["f", "note"] == ""
    assert np.isfinite(table.loc["f", "omega"])


def test_an_item_of_two_factors_is_named():
    text = "f =~ a + b + c; g =~ d + e + h + a"
    rng = np.random.default_rng(5)
    data = pd.DataFrame(rng.normal(size=(90, 1)) + rng.normal(size=(90, 6)), columns=list("abcdeh"))
    data["a"] += data["d"]
    notes = reliability(fit(text, data)).set_index("factor")["note"]
    assert notes["f"].startswith("a also load on another factor")


def test_a_negative_residual_variance_is_named():
    """r_ab r_ac / r_bc above 1 forces a loading above 1 on a."""
    matrix = [[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]]
    note = reliability(fit("f =~ a + b + c", sample_cov=frame(matrix, "abc"), n_obs=100))["note"].item()
    assert "negative residual variance of a" in note


def test_items_keyed_both_ways_are_pointed_out(construct_cases):
    notes = reliability(construct_cases.fitted("personality")).set_index("factor")["note"]
    assert "reverse the items" in notes["C"]
    assert notes["N"] == ""


@pytest.fixture(scope="module")
def draws():
    """Draws of a three-item factor."""
    rng = np.random.default_rng(2)
    data = pd.DataFrame(rng.normal(size=(70, 1)) + 0.8 * rng.normal(size=(70, 3)), columns=list("abc"))
    return bootstrap(fit("f =~ a + b + c", data), data, draws=60, seed=4)


def test_draws_together_equal_draws_one_by_one(draws):
    """Each draw's coefficients are those of a fit to that resample."""
    block = drawn_solution(draws).block("f", ("a", "b", "c"))
    together = coefficients(block)
    for b in (0, 17, 59):
        sd = draws.fit.model.sd
        sample = draws.resampler.moments([b])[0] * np.outer(sd, sd)
        alone = reliability(
            fit("f =~ a + b + c", sample_cov=frame(sample, "abc"), n_obs=70, sample_cov_rescale=False)
        )
        for name, values in together.items():
            assert values[b] == pytest.approx(alone[name].item(), abs=1e-7), name


def test_intervals_hold_the_estimate_and_account_for_every_draw(draws):
    table = reliability_intervals(draws.fit, drawn=drawn_solution(draws))
    assert list(table["coefficient"]) == [entry.name for entry in COEFFICIENTS]
    assert (table["draws_used"] + table["draws_failed"] == 60).all()
    assert ((table["ci_lower"] < table["est"]) & (table["est"] < table["ci_upper"])).all()


def test_without_draws_there_are_no_limits(construct_cases):
    table = reliability_intervals(construct_cases.fitted("holzinger"))
    assert table["ci_lower"].isna().all()
    assert (table["draws_used"] == 0).all()


def test_a_draw_without_solution_counts_as_failed_for_what_needs_a_fit(draws):
    """Alpha needs no fit, so it keeps the draw; omega loses it."""
    theta = draws.kernel_theta.copy()
    theta[3] = np.nan
    kept = drawn_solution(draws)
    table = reliability_intervals(draws.fit, drawn=solution(draws.fit, theta, kept.sample)).set_index(
        "coefficient"
    )
    assert table.loc["omega", ["draws_used", "draws_failed"]].tolist() == [59, 1]
    assert table.loc["alpha", ["draws_used", "draws_failed"]].tolist() == [60, 0]
