"""Covariance matrices of residuals against numbers of lavaan and against simulation."""

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.residual_moments import residual_moments
from sopsem.sem.fit_measures.residuals import residuals

MODEL = "f =~ a + b + c\ng =~ d + e + h"
# lavaan 0.6-14, lavResiduals(fit)$cov.z of a, b, c (rows) with d, e, h, data as in the fixtures
FIML = [
    [0.3099504393, 0.539806228, 1.026539420],
    [-1.1943544440, 2.507512628, -0.668117253],
    [-0.0158778607, -1.536706841, -0.193526134],
]
FIML_MEANS = [-0.439529178, -0.355071830, -0.437743536, 3.75032190, -0.456176880]
# (of the mean of a, which is reproduced to 1e-4, lavaan prints the residual in the place of z)
# estimator = "MLM", type = "cor.bollen"
MLM = [
    [0.0560488434, 0.365019238, 1.108268970],
    [-1.2268524827, 2.904366389, -0.333670117],
    [0.2731227799, -1.996104223, -0.126767140],
]
# ordered = all
ORDERED = [
    [0.813500855, -0.237056297, 0.294996068],
    [-0.321947895, 1.082202955, -0.084960150],
    [0.994056533, -1.989893996, -0.869143462],
]
# sem(..., f ~ x): x with a, b, c, d, e, h
GIVEN_X = [1.333510639, 0.432202035, -1.828128424, 2.244036645, 2.376068246, 2.571837952]


def crossed(fitted, kind="cor_bentler"):
    """Return the z of the residuals between the items of the two factors."""
    table = residuals(fitted, kind).query("op == '~~'").set_index(["lhs", "rhs"])
    return np.array([[table.loc[(i, j), "z"] for j in "deh"] for i in "abc"])


def test_residuals_of_incomplete_rows_agree_with_lavaan(lattice_gaps):
    """z of covariances and of means, from the observed information of the saturated model."""
    fitted = fit(MODEL, lattice_gaps, missing="ml")
    assert crossed(fitted) == pytest.approx(np.array(FIML), rel=1e-3, abs=1e-3)
    means = residuals(fitted, "cor_bentler").query("op == '~1'").z
    assert means.to_numpy()[1:] == pytest.approx(FIML_MEANS, rel=1e-3)


def test_residuals_without_normality_agree_with_lavaan(lattice):
    """The sampling covariances are those of the data."""
    fitted = fit(MODEL, lattice, estimator="MLM")
    assert crossed(fitted, "cor_bollen") == pytest.approx(np.array(MLM), rel=1e-3, abs=1e-4)


def test_residuals_of_ordered_variables_agree_with_lavaan(lattice_answers):
    """Polychoric correlations; variances of latent responses leave nothing."""
    fitted = fit(MODEL, lattice_answers, ordered=list("abcdeh"))
    assert crossed(fitted) == pytest.approx(np.array(ORDERED), rel=1e-3, abs=1e-4)
    table = residuals(fitted, "cor_bentler")
    own = table[(table.op == "~~") & (table.lhs == table.rhs)]
    assert list(own.lhs) == list("abcdeh")
    assert (own.residual == 0.0).all()
    assert (own.se == 0.0).all()
    assert list(table[table.op == "|"].rhs) == ["t1", "t2"] * 6


def test_fixed_exogenous_variables_are_given(lattice):
    """z of x with the items as in lavaan; the variance of x has no error."""
    table = residuals(fit(MODEL + "\nf ~ x", lattice), "cor_bentler").set_index(["lhs", "rhs"])
    assert [table.loc[(v, "x"), "z"] for v in "abcdeh"] == pytest.approx(GIVEN_X, rel=1e-4)
    assert table.loc[("x", "x"), "se"] == 0.0


def test_groups_without_common_parameters_have_the_errors_of_separate_fits(lattice):
    """Two groups fitted together are two fits."""
    both = residuals(fit(MODEL, lattice, group="group"), "cor_bentler")
    for number, label in enumerate(("u", "v"), start=1):
        alone = residuals(fit(MODEL, lattice[lattice.group == label], meanstructure=True), "cor_bentler")
        mine = both[both.group == number]
        assert mine.se.to_numpy() == pytest.approx(alone.se.to_numpy(), rel=1e-5, abs=1e-9)


def test_errors_with_parameters_common_to_groups_are_those_of_a_simulation():
    """Standard deviation of residuals over samples of two groups with equal loadings."""
    loadings = np.array([0.8, 0.7, 0.6, 0.7])
    sigma = np.outer(loadings, loadings) + np.diag(1.0 - loadings**2)
    rng, drawn, table = np.random.default_rng(5), [], None
    for _ in range(150):
        data = pd.DataFrame(rng.multivariate_normal(np.zeros(4), sigma, size=400), columns=list("abcd"))
        data["g"] = np.where(np.arange(400) < 150, "s", "t")
        fitted = fit("f =~ a + b + c + d", data, group="g", group_equal="loadings")
        table = residuals(fitted)
        drawn.append(table.residual.to_numpy())
    off = ((table.lhs != table.rhs) & (table.op == "~~")).to_numpy()
    ratio = np.std(drawn, axis=0)[off] / table.se[off].to_numpy()
    assert ratio.mean() == pytest.approx(1.0, abs=0.06)


def test_a_continuous_item_among_ordered_ones_keeps_its_units(lattice_answers, lattice):
    """Its raw residuals are in the units of the data, and those of correlations are not."""
    mixed = lattice_answers.assign(h=100.0 * lattice["h"] + 50.0)
    fitted = fit(MODEL, mixed, ordered=list("abcde"))
    (moments,) = residual_moments(fitted)
    pair = (moments.rows.lhs == "a") & (moments.rows.rhs == "h")
    sd = mixed["h"].std(ddof=0)
    assert moments.unit[pair.to_numpy()] == pytest.approx([sd], rel=1e-3)
    raw = residuals(fitted).set_index(["lhs", "op", "rhs"]).loc[("a", "~~", "h"), "residual"]
    scaled = residuals(fitted, "cor").set_index(["lhs", "op", "rhs"]).loc[("a", "~~", "h"), "residual"]
    assert raw == pytest.approx(scaled * sd, rel=1e-3)
