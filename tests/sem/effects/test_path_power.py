"""Power of the test of one path: a closed form, its laws, and what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import ModelError, UsageError
from sopsem.kernel import implied
from sopsem.sem.effects.effects import effects
from sopsem.sem.effects.path_power import path_power
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.compare import compare
from sopsem.sem.fit_measures.fit_formulas import lr_power
from sopsem.sem.fit_measures.fit_indices import fit_indices

S = pd.DataFrame([[4.0, 1.0, 2.4], [1.0, 1.0, 0.9], [2.4, 0.9, 9.0]], index=list("xmy"), columns=list("xmy"))


def three_variables(**options):
    """x -> m -> y without and with x -> y, on unequal scales."""
    given = {"sample_cov": S, "n_obs": 150} | options
    return compare(fit("m ~ x; y ~ m", **given), fit("m ~ x; y ~ m + x", **given))


@pytest.fixture(scope="module")
def latent():
    """Three factors with three items each."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=120)
    m = 0.5 * x + rng.normal(size=120)
    y = 0.5 * m + 0.1 * x + rng.normal(size=120)
    rows = pd.DataFrame(
        {
            f"{n}{i}": v + 0.7 * rng.normal(size=120)
            for n, v in zip("xmy", (x, m, y), strict=True)
            for i in (1, 2, 3)
        }
    )
    text = "X =~ x1 + x2 + x3; M =~ m1 + m2 + m3; Y =~ y1 + y2 + y3; M ~ X; Y ~ M"
    return compare(fit(text, rows, mimic="amos"), fit(f"{text} + X", rows, mimic="amos"))


@pytest.mark.parametrize("size", [0.1, 0.35, -0.2, -0.5])
def test_noncentrality_of_a_regression_has_a_closed_form(size):
    """Leaving x out of y ~ m + x costs N log(1 + c^2 Var(x given m)/residual variance)."""
    comparison = three_variables()
    slopes = np.linalg.solve(S.loc[["m", "x"], ["m", "x"]], S.loc[["m", "x"], "y"])
    scale = 149 / 150
    residual = scale * (S.loc["y", "y"] - slopes @ S.loc[["m", "x"], "y"])
    v, k = scale * 4.0, scale * slopes[0] * 1.0
    v0 = residual + scale * slopes[0] ** 2
    roots = np.roots([v * (1 - size**2), -2 * size**2 * k, -(size**2) * v0])
    c = roots[np.sign(roots) == np.sign(size)][0]
    expected = 150 * np.log1p(c**2 * scale * (4.0 - 1.0) / residual)
    assert path_power(comparison, "y", "x").noncentrality(np.array([size]))[0] == pytest.approx(
        expected, rel=1e-8
    )


def test_populations_have_the_standardized_effect_asked_for(latent):
    power = path_power(latent, "Y", "X")
    sizes = np.array([-0.4, -0.1, 0.2, 0.6])
    for size, theta in zip(sizes, power.populations(sizes), strict=True):
        there = effects(replace(latent.full, kernel_theta=theta)).set_index("effect")
        assert there.loc["direct:Y~X", "est_std"] == pytest.approx(size, abs=1e-10)


def test_power_is_alpha_at_zero_and_grows_with_the_effect(latent):
    table = path_power(latent, "Y", "X").table([0.0, 0.1, 0.2, 0.3, 0.4, 0.6])
    assert table[["power_positive", "power_negative", "power"]].iloc[0].tolist() == pytest.approx(
        [0.05] * 3, abs=1e-6
    )
    assert (np.diff(table["power_positive"]) > 0).all()
    assert (np.diff(table["power_negative"]) > 0).all()
    assert (table["power"] == table[["power_positive", "power_negative"]].min(axis=1)).all()


def test_alpha_and_n_move_power_as_they_should():
    small, large = (path_power(three_variables(n_obs=n), "y", "x") for n in (60, 240))
    assert small.table([0.2])["power"][0] < large.table([0.2])["power"][0]
    assert large.table([0.0], alpha=0.01)["power"][0] == pytest.approx(0.01)
    ratio = large.noncentrality(np.array([0.2])) / small.noncentrality(np.array([0.2]))
    assert ratio[0] == pytest.approx(4.0, rel=0.02)


@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.95])
def test_the_detectable_effect_has_the_power_it_is_named_for(latent, wanted):
    power = path_power(latent, "Y", "X")
    size = power.detectable(power=wanted)
    assert power.table([size])["power"][0] == pytest.approx(wanted, abs=2e-3)
    assert power.table([size - 0.002])["power"][0] < wanted


def test_an_effect_that_cannot_be_seen_is_nan():
    assert np.isnan(path_power(three_variables(n_obs=5), "y", "x").detectable(power=0.9999))


def test_power_matches_the_difference_test_of_the_population_itself():
    """Fitted to the population's own moments the difference is the noncentrality."""
    power = path_power(three_variables(), "y", "x")
    theta = power.populations(np.array([0.3]))
    model = power.comparison.full.model
    sigma = model.implied_moments(implied(model.layout, theta))[0][0]
    names = list(power.comparison.full.spec.observed)
    there = {
        "sample_cov": pd.DataFrame(sigma, index=names, columns=names),
        "n_obs": 150,
        "sample_cov_rescale": False,
    }
    restricted = fit("m ~ x; y ~ m", **there)
    ncp = power.noncentrality(np.array([0.3]))[0]
    assert fit_indices(restricted)["chisq"] == pytest.approx(ncp, rel=1e-6)
    assert power.table([0.3])["power_positive"][0] == pytest.approx(lr_power(ncp, 1))


def test_paths_that_have_no_power_of_their_own_are_refused():
    with pytest.raises(ModelError, match="not a free path of its own"):
        path_power(three_variables(), "m", "y")
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(rng.normal(size=(90, 1)) + rng.normal(size=(90, 4)), columns=list("xmyz"))
    tied = compare(fit("m ~ x; y + z ~ m", rows), fit("m ~ x; y + z ~ m + c*x", rows))
    with pytest.raises(ModelError, match="tie it to no other parameter"):
        path_power(tied, "y", "x")
    with pytest.raises(UsageError, match="from 0 to below 1"):
        path_power(three_variables(), "y", "x").table([1.0])


def test_an_outcome_that_feeds_back_is_refused():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(rng.normal(size=(90, 1)) + rng.normal(size=(90, 5)), columns=list("xywvu"))
    text = "x ~ w + y; y ~ v + u; x ~~ 0*y"
    feedback = compare(fit(text, rows), fit(text.replace("v + u", "v + u + x"), rows))
    with pytest.raises(ModelError, match="without feedback"):
        path_power(feedback, "y", "x")
