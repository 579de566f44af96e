"""What weighs the groups, what turns F into chi2, and the same model for other data."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, ModelError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.problem import make_problem
from sopsem.sem.estimation.settings import resolve_settings
from sopsem.sem.model.spec import model_spec
from sopsem.sem.sample.moments import moments_from_data

MODEL = "f =~ a + b + c\ng =~ d + e + h"
SIZES = (96, 144)


@pytest.fixture(scope="module")
def by_group(lattice):
    """The moments of two groups of different size."""
    return tuple(moments_from_data(rows, list("abcdeh")) for _, rows in lattice.groupby("group"))


def problem(moments, **options):
    """Return the problem of as many groups as there are moments."""
    labels = ("u", "v")[: len(moments)] if len(moments) > 1 else ("",)
    spec = model_spec(MODEL, groups=labels, meanstructure=len(moments) > 1)
    return make_problem(spec, tuple(moments), resolve_settings(**options))


# options, what is taken off every group's size in the weights, multiplier, divisor that is analysed
CONVENTIONS = {
    "normal": ({}, 0, 240, 0),
    "wishart": ({"likelihood": "wishart"}, 1, 238, 1),
    "amos": ({"mimic": "amos"}, 0, 238, 0),
    "least squares": ({"estimator": "GLS"}, 1, 238, 1),
    "mplus": ({"mimic": "mplus", "missing": "listwise"}, 0, 240, 0),
}


@pytest.mark.parametrize("name", CONVENTIONS)
def test_weights_multiplier_and_divisor_go_with_the_convention(by_group, lattice, name):
    """N or N minus the number of groups, in chi2, in the weights and in the covariances."""
    options, less, multiplier, ddof = CONVENTIONS[name]
    found = problem(by_group, **options)
    sizes = np.array(SIZES, dtype=float)
    assert [m.n for m in by_group] == list(SIZES)
    np.testing.assert_allclose(found.weights, (sizes - less) / (sizes - less).sum(), rtol=1e-14)
    assert found.multiplier == multiplier
    for group, (_, rows) in zip(found.groups, lattice.groupby("group"), strict=True):
        np.testing.assert_allclose(group.moments.covariance, rows[list("abcdeh")].cov(ddof=ddof), rtol=1e-12)
    np.testing.assert_allclose(found.shares(np.array([sizes, sizes[::-1]]))[0], found.weights, rtol=1e-14)
    np.testing.assert_allclose(found.shares(sizes[::-1]), found.weights[::-1], rtol=1e-14)


def test_the_discrepancy_is_the_weighted_sum_of_the_groups(by_group):
    """F of both groups is the weights times F of each."""
    whole = problem(by_group, likelihood="wishart")
    at = np.zeros(1, dtype=np.intp)
    theta = fit_theta(whole)
    parts = [whole.estimator.objective(g).evaluate(theta, at)[0][0] for g in whole.groups]
    assert whole.objective().evaluate(theta, at)[0][0] == pytest.approx(whole.weights @ parts, rel=1e-12)
    assert min(parts) > 0.01


def fit_theta(whole):
    """Return a point (1, q) where all implied matrices are positive definite: loadings 0.8, variances 1."""
    rows = [1.0 if p.op == "~~" and p.lhs == p.rhs else 0.8 if p.op == "=~" else 0.1 for p in whole.spec]
    basis, offset = whole.parameters.row_basis, whole.parameters.row_offset
    return np.linalg.lstsq(basis, np.array(rows) - offset)[0][None]


def test_the_number_of_groups_must_be_that_of_the_table(by_group):
    """One group of data for a table of two."""
    spec = model_spec(MODEL, groups=("u", "v"), meanstructure=True)
    with pytest.raises(ModelError, match=r"2 group\(s\), the data 1"):
        make_problem(spec, by_group[:1], resolve_settings())


def test_other_moments_change_the_sample_and_nothing_else(by_group):
    """The metric, the parameters, the weights and the multiplier stay."""
    one = problem(by_group)
    other = one.with_moments(by_group[::-1])
    assert other.parameters is one.parameters
    assert other.multiplier == one.multiplier
    assert other.weights is one.weights
    for new, old, moments in zip(other.groups, one.groups, by_group[::-1], strict=True):
        assert new.model is old.model
        assert new.moments is moments


@pytest.mark.parametrize("options", [{}, {"likelihood": "wishart"}, {"estimator": "ULS"}])
def test_moments_as_other_data_give_them_are_weighed_anew(by_group, options):
    """Another size of a group: its weight, the multiplier and the divisor follow; the metric stays."""
    one = problem(by_group, **options)
    new = one.resampled((by_group[0], by_group[0]))
    np.testing.assert_allclose(new.weights, 0.5)
    assert new.multiplier == problem((by_group[0], by_group[0]), **options).multiplier
    np.testing.assert_array_equal(new.groups[1].moments.covariance, one.groups[0].moments.covariance)
    np.testing.assert_array_equal(new.groups[0].model.sd, one.groups[0].model.sd)


@pytest.mark.parametrize("bounds", ["none", "pos_var", "standard"])
def test_held_exogenous_moments_are_those_of_the_new_data_within_the_same_bounds(lattice, bounds):
    """Least squares hold them; a bound asked for is kept on the new data too."""
    result = fit(
        "f =~ a + b + c\nf ~ x", lattice, estimator="GLS", fixed_x=True, bounds=bounds, meanstructure=True
    )
    half = moments_from_data(lattice[:120], result.spec.observed)
    new = result.problem.resampled((half,))
    rows = new.parameters.rows(result.kernel_theta[None])[0]
    at = {p.path(): i for i, p in enumerate(result.spec)}
    assert rows[at["x~~x"]] == pytest.approx(lattice["x"][:120].var(), rel=1e-12)
    assert rows[at["x~1"]] == pytest.approx(lattice["x"][:120].mean(), rel=1e-12)
    assert rows[at["f=~b"]] == pytest.approx(result.rows[at["f=~b"]], rel=1e-12)
    for mine, wanted in zip(new.parameters.bounds, result.parameters.bounds, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-12)
    assert np.isfinite(result.parameters.bounds[0]).any() == (bounds != "none")


def test_what_is_wrong_with_the_data_of_a_group_comes_with_its_label(lattice):
    """WLS with fewer rows than moments in one of two groups."""
    rows = pd.concat([lattice[lattice.group == "u"], lattice[lattice.group == "v"][:20]])
    with pytest.raises(DataError, match="group 'v': estimator='WLS' needs the inverse"):
        fit(MODEL, rows, group="group", estimator="WLS")
