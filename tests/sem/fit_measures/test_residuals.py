"""Residuals: reference numbers, definitions of the kinds, units."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.implied import implied_moments, sample_moments
from sopsem.sem.fit_measures.modification import modification_indices
from sopsem.sem.fit_measures.residuals import residuals

DATA = Path(__file__).parents[2] / "parity" / "small" / "data"
MODEL = """
alien67 =~ anomia67 + power67
alien71 =~ anomia71 + power71
ses =~ educ + sei
alien67 ~ ses
alien71 ~ alien67 + ses
anomia67 ~~ anomia71
power67 ~~ power71
"""
# lavaan 0.7-2, lavResiduals of the model above: residual on the correlation metric (bentler) and z
LAVAAN = {
    ("anomia67", "power67"): (0.00010243194, 0.092562111),
    ("anomia67", "educ"): (0.0069665989, 0.92314283),
    ("anomia67", "sei"): (-0.02018695, -1.4226137),
    ("power67", "educ"): (-0.0062123947, -0.99983593),
    ("power67", "sei"): (0.017864147, 1.5877198),
    ("power71", "educ"): (-0.0011793248, -0.15079189),
}


@pytest.fixture(scope="module")
def covariance():
    return pd.read_csv(DATA / "wheaton.csv").set_index("variable")


@pytest.fixture(scope="module")
def wheaton(covariance):
    return fit(MODEL, sample_cov=covariance, n_obs=932)


def test_residuals_and_z_agree_with_lavaan(wheaton):
    """Bentler's correlation residuals and their z."""
    table = residuals(wheaton, "cor_bentler").set_index(["lhs", "rhs"])
    for pair, (value, z) in LAVAAN.items():
        assert table.loc[pair, "residual"] == pytest.approx(value, abs=1e-7)
        assert table.loc[pair, "z"] == pytest.approx(z, rel=1e-4)


def test_z_does_not_depend_on_the_metric_of_the_residual(wheaton):
    """Raw, Bentler and standardized residuals tell the same z, unless the moment is reproduced."""
    raw, bentler = residuals(wheaton, "raw"), residuals(wheaton, "cor_bentler")
    apart = bentler.residual.abs() > 1e-5
    assert raw.z[apart].to_numpy() == pytest.approx(bentler.z[apart].to_numpy(), rel=1e-7)
    standardized = residuals(wheaton, "standardized")
    assert standardized.residual[apart].to_numpy() == pytest.approx(raw.z[apart].to_numpy())
    assert standardized.z.isna().all()


def test_raw_residuals_are_sample_minus_implied(wheaton):
    """The definition, in the metric of the data."""
    difference = sample_moments(wheaton).cov - implied_moments(wheaton).cov
    for r in residuals(wheaton).itertuples():
        assert r.residual == pytest.approx(difference.loc[r.lhs, r.rhs], abs=1e-9)


def test_bollen_residuals_are_a_difference_of_correlations(wheaton):
    """Each matrix is scaled by its own variances, so the diagonal is exactly 0 without an error."""
    sample, implied = sample_moments(wheaton).cov, implied_moments(wheaton).cov
    own = [m / np.sqrt(np.outer(np.diag(m), np.diag(m))) for m in (sample, implied)]
    table = residuals(wheaton, "cor")
    for r in table.itertuples():
        assert r.residual == pytest.approx((own[0] - own[1]).loc[r.lhs, r.rhs], abs=1e-12)
    assert (table.se[table.lhs == table.rhs] == 0.0).all()


def test_normalized_residuals_use_the_error_of_the_statistic(wheaton):
    """(s - sigma) / sqrt((s_ii s_jj + s_ij^2) / N)."""
    s = sample_moments(wheaton).cov
    raw, normalized = residuals(wheaton), residuals(wheaton, "normalized")
    for a, b in zip(raw.itertuples(), normalized.itertuples(), strict=True):
        error = np.sqrt((s.loc[a.lhs, a.lhs] * s.loc[a.rhs, a.rhs] + s.loc[a.lhs, a.rhs] ** 2) / 932)
        assert b.residual == pytest.approx(a.residual / error, abs=1e-12)


def test_units_do_not_change_z(covariance):
    """Items times 1e-6 to 1e6 give the same correlation residuals and z."""
    scale = pd.Series([1e-6, 1.0, 1e3, 1e6, 1.0, 1e-3], index=covariance.index)
    plain = residuals(fit(MODEL, sample_cov=covariance, n_obs=932), "cor_bentler")
    rescaled = covariance.mul(scale, axis=0).mul(scale, axis=1)
    other = residuals(fit(MODEL, sample_cov=rescaled, n_obs=932), "cor_bentler")
    apart = plain.residual.abs() > 1e-5
    assert other.residual.to_numpy() == pytest.approx(plain.residual.to_numpy(), abs=1e-8)
    assert other.z[apart].to_numpy() == pytest.approx(plain.z[apart].to_numpy(), rel=1e-6)


def test_a_single_restriction_has_one_z_for_all_it_moves():
    """One mean restriction: every mean residual has the same absolute z."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame(rng.normal([0.3, 0.2], 1.0, size=(120, 2)), columns=["a", "b"])
    fitted = fit("a ~~ b\na ~ m*1\nb ~ m*1", data)
    means = residuals(fitted).query("op == '~1'")
    assert list(means.lhs) == ["a", "b"]
    assert abs(means.z.iloc[0]) == pytest.approx(abs(means.z.iloc[1]))
    assert means.z.abs().iloc[0] > 0.1


def test_the_variance_of_a_residual_is_what_a_simulation_shows():
    """Standard deviation of the residual over 200 samples against its standard error at the population."""
    loadings = np.array([0.8, 0.7, 0.6, 0.7])
    sigma = np.outer(loadings, loadings) + np.diag(1.0 - loadings**2)
    rng, names = np.random.default_rng(11), list("abcd")
    drawn = []
    for _ in range(200):
        data = pd.DataFrame(rng.multivariate_normal(np.zeros(4), sigma, size=300), columns=names)
        drawn.append(residuals(fit("f =~ a + b + c + d", data)).residual.to_numpy())
    frame = pd.DataFrame(sigma * 300 / 299, index=names, columns=names)
    table = residuals(fit("f =~ a + b + c + d", sample_cov=frame, n_obs=300))
    off = (table.lhs != table.rhs).to_numpy()
    assert np.std(drawn, axis=0)[off] == pytest.approx(table.se[off].to_numpy(), rel=0.15)


def test_an_unknown_kind_is_refused_with_the_choices(wheaton):
    """The message lists the kinds."""
    with pytest.raises(UsageError, match="cor_bentler"):
        residuals(wheaton, "pearson")


def test_residuals_of_free_groups_are_those_of_each_alone(two_factors, two_factor_model):
    """Without equal parameters; moments and their names too."""
    data = two_factors(5, 240).assign(h=np.tile(["u", "v"], 120))
    both = fit(two_factor_model, data, group="h")
    for number, label in enumerate("uv", start=1):
        alone = fit(two_factor_model, data[data.h == label], meanstructure=True)
        for kind in ("raw", "cor_bollen", "standardized"):
            found, wanted = residuals(both, kind), residuals(alone, kind)
            own = found[found.group == number]
            np.testing.assert_allclose(own[["residual", "se"]], wanted[["residual", "se"]], atol=1e-6)
        np.testing.assert_allclose(implied_moments(both)[label].cov, implied_moments(alone).cov, atol=1e-6)
        np.testing.assert_allclose(sample_moments(both)[label].mean, sample_moments(alone).mean, atol=1e-12)


def test_what_equal_intercepts_leave_of_two_means_is_one_number(two_factors):
    """The means of an observed variable in two groups, held equal: both residuals tell the same, so one z."""
    data = two_factors(5, 240).assign(h=np.tile(["u", "v"], 120))
    both = fit("x1 ~~ x1 + 0*x2\nx2 ~~ x2\nx1 ~ c(m, m)*1\nx2 ~ 1", data, group="h")
    z = residuals(both).query("op == '~1'").set_index(["lhs", "group"]).z
    assert z["x1", 1] == pytest.approx(-z["x1", 2], rel=1e-6)


def test_indices_of_free_groups_are_those_of_each_alone(two_factors, two_factor_model):
    """Modification indices: each group's candidates, N cancels."""
    data = two_factors(5, 240).assign(h=np.tile(["u", "v"], 120))
    both = modification_indices(fit(two_factor_model, data, group="h"))
    for number, label in enumerate("uv", start=1):
        alone = modification_indices(fit(two_factor_model, data[data.h == label], meanstructure=True))
        keys, columns = ["lhs", "op", "rhs"], ["mi", "epc", "sepc_all"]
        own = both[both.group == number].set_index(keys)[columns].sort_index()
        np.testing.assert_allclose(own, alone.set_index(keys)[columns].sort_index(), rtol=1e-4, atol=1e-6)
