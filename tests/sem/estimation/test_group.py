"""The moments of one group as a vector: metric, what is given, and sampling covariances by their definition."""

import numpy as np
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.sem.estimation.fit import fit

MODEL = "f =~ a + b + c\ng =~ d + e + h\ng ~ f"
HALF = [(i, j) for j in range(3) for i in range(j, 3)]


def units(data):
    """Return a, b and c in units and about origins that differ."""
    return data[list("abc")] * [10.0, 0.1, 1.0] + [5.0, -3.0, 0.0]


@pytest.mark.parametrize("means", [False, True])
def test_statistics_times_metric_are_the_moments_of_the_data(lattice, means):
    """Means first, then the lower triangle by column; means from the centre."""
    data = units(lattice)
    group = fit("f =~ a + b + c", data, meanstructure=means).groups[0]
    values = group.statistics * group.metric
    covariance = data.cov(ddof=0).to_numpy()
    first = 3 if means else 0
    np.testing.assert_allclose(values[first:], [covariance[at] for at in HALF], rtol=1e-12)
    if means:
        np.testing.assert_allclose(values[:3] + group.model.center, data.mean(), rtol=1e-12)
    np.testing.assert_allclose(np.diag(group.scaled_covariance), 1.0, rtol=1e-12)
    assert not group.given.any()


def test_moments_of_fixed_exogenous_variables_are_given(lattice):
    """Means, variances and covariances among these; not their covariances with others."""
    group = fit("a ~ x + b", lattice, meanstructure=True).groups[0]
    names = group.spec.observed
    given = {v for v in names if v != "a"}
    assert [v in given for v in names] == group.fixed_variables.tolist()
    pairs = [(names[i], names[j]) for i, j in HALF]
    wanted = [v in given for v in names] + [{i, j} <= given for i, j in pairs]
    assert group.given.tolist() == wanted
    assert not fit("a ~ x + b", lattice, fixed_x=False).groups[0].given.any()


@pytest.mark.parametrize("means", [False, True])
def test_gamma_is_the_covariance_matrix_of_what_rows_contribute(lattice, means):
    """Without a distribution: products of deviations, on the metric of the data."""
    data = units(lattice)
    group = fit("f =~ a + b + c", data, meanstructure=means).groups[0]
    z = (data - data.mean()).to_numpy()
    parts = np.column_stack([z[:, i] * z[:, j] for i, j in HALF])
    parts = np.column_stack([z, parts]) if means else parts
    gamma = group.gamma("adf") * np.outer(group.metric, group.metric)
    np.testing.assert_allclose(gamma, np.cov(parts.T, ddof=0), rtol=1e-9, atol=1e-9)


def test_gamma_by_normal_theory_has_products_of_covariances(lattice):
    """N Cov(s_ij, s_kl) = s_ik s_jl + s_il s_jk, N Cov(means) = S, and nothing between the two."""
    data = units(lattice)
    group = fit("f =~ a + b + c", data, meanstructure=True).groups[0]
    gamma = group.gamma("normal") * np.outer(group.metric, group.metric)
    s = data.cov(ddof=0).to_numpy()
    wanted = [[s[i, k] * s[j, m] + s[i, m] * s[j, k] for k, m in HALF] for i, j in HALF]
    np.testing.assert_allclose(gamma[3:, 3:], wanted, rtol=1e-10)
    np.testing.assert_allclose(gamma[:3, :3], s, rtol=1e-10)
    assert not gamma[:3, 3:].any()


@pytest.mark.parametrize("kind", ["normal", "adf"])
def test_what_is_given_has_no_sampling_variance(lattice, kind):
    """Rows and columns of given moments are 0, and the others have what regression leaves."""
    group = fit("a ~ x", lattice, meanstructure=True).groups[0]
    gamma, given = group.gamma(kind), group.given
    np.testing.assert_allclose(gamma[given], 0.0, atol=1e-12)
    np.testing.assert_allclose(gamma[:, given], 0.0, atol=1e-12)
    slope, intercept = np.polyfit(lattice["x"], lattice["a"], 1)
    left = lattice["a"] - intercept - slope * lattice["x"]
    own = gamma[0, 0] * group.model.sd[0] ** 2
    assert own == pytest.approx((left**2).mean(), rel=1e-9)


def test_gamma_of_mplus_goes_with_unbiased_covariances(lattice):
    """The fourth moments less s s' n^2/(n-1)^2; third moments times (n-1)/n."""
    options = {"estimator": "WLSMV", "meanstructure": True}
    group = fit("f =~ a + b + c", lattice, mimic="mplus", **options).groups[0]
    plain = fit("f =~ a + b + c", lattice, **options).groups[0]
    n = 240.0
    biased = plain.statistics[3:] * (n - 1) / n
    mine, other = group.gamma("adf"), plain.gamma("adf")
    wanted = other[3:, 3:] + np.outer(biased, biased) * (1.0 - (n / (n - 1)) ** 2)
    np.testing.assert_allclose(mine[3:, 3:], wanted, rtol=1e-10)
    np.testing.assert_allclose(mine[:3, 3:], other[:3, 3:] * (n - 1) / n, rtol=1e-10)
    np.testing.assert_allclose(mine[:3, :3], other[:3, :3], rtol=1e-12)


def test_statistics_of_ordered_data_are_those_of_the_three_stages(lattice_answers):
    """Thresholds, means with their sign, slopes, variances, covariances: values and sampling covariances."""
    data = lattice_answers.assign(y=lattice_answers["x"] * 3.0 + np.cos(np.arange(240.0)) * 2.0 + 50.0)
    group = fit("f =~ a + b + c\ny ~ x + f\nf ~ x", data, ordered=list("abc")).groups[0]
    ordinal = group.moments.ordinal
    kinds = [s.kind for s in ordinal.index]
    assert set(kinds) == {"threshold", "mean", "slope", "variance", "covariance"}
    values = group.statistics * group.metric
    values[kinds.index("mean")] -= group.model.center[list(group.model.variables).index("y")]
    np.testing.assert_allclose(values, ordinal.statistics, rtol=1e-10, atol=1e-12)
    gamma = group.gamma("adf") * np.outer(group.metric, group.metric)
    np.testing.assert_allclose(gamma, ordinal.gamma, rtol=1e-10, atol=1e-12)
    assert not group.given.any()


def test_a_threshold_of_the_sample_is_found_by_its_row(lattice_answers, lattice):
    """The second of the second variable; there is none of a continuous variable."""
    fitted = fit("f =~ a + b + c", lattice_answers, ordered=list("abc"))
    group = fitted.groups[0]
    row = next(p for p in fitted.spec if p.path() == "b|t2")
    assert group.sample_threshold(row) == group.moments.ordinal.thresholds[3]
    with pytest.raises(UsageError, match=r"b\|t2 is a threshold, but b has no ordered answers"):
        fit("f =~ a + b + c", lattice).groups[0].sample_threshold(row)


@pytest.mark.parametrize("means", [False, True])
def test_the_implied_covariance_is_that_of_the_fit_on_another_metric(lattice, means):
    """Also when the kernel carries the means beside it."""
    fitted = fit(MODEL, lattice, meanstructure=means)
    group = fitted.groups[0]
    sd = group.model.sd
    found = group.implied_covariance(fitted.kernel_theta) * np.outer(sd, sd)
    np.testing.assert_allclose(found, fitted.sigma, rtol=1e-10)


def test_what_needs_rows_says_so_when_there_are_none(lattice):
    """A covariance matrix has no fourth moments."""
    cov = lattice[list("abc")].cov()
    group = fit("f =~ a + b + c", sample_cov=cov, n_obs=240).groups[0]
    assert group.gamma("normal").shape == (6, 6)
    with pytest.raises(DataError, match="need the rows, not only their covariances"):
        group.gamma("adf")
