"""Robust standard errors: stored numbers of lavaan, normal data as the limit, units, clusters, refusals."""

import numpy as np
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.moment_analysis import analyse_moments
from sopsem.sem.estimation.robust_errors import case_scores, first_order_information

# lavaan 0.6-14: cfa(model, data, estimator = ...), standard errors of f =~ x2 and f ~~ g
LAVAAN = {
    "MLM": (0.20479029, 0.080940971),
    "MLR": (0.2035016, 0.080586638),
    "MLMV": (0.20479029, 0.080940971),
    "ULSMV": (0.22017764, 0.078921552),
    "WLSM": (0.23539496, 0.078565412),
}


def standard_errors(result, group=1):
    table = estimates(result)
    table = table[table.group == group].set_index(["lhs", "op", "rhs"]).se
    return table["f", "=~", "x2"], table["f", "~~", "g"]


@pytest.mark.parametrize("estimator", LAVAAN)
def test_standard_errors_are_those_of_lavaan(estimator, skewed_items, two_factor_model):
    """Every preset gives lavaan's numbers, to what lavaan's stop leaves of them."""
    result = fit(two_factor_model, skewed_items, estimator=estimator)
    assert standard_errors(result) == pytest.approx(LAVAAN[estimator], rel=1e-4)


def test_groups_and_clusters_are_those_of_lavaan(skewed_items, two_factor_model):
    """Literals of lavaan 0.6-14: estimator = "MLR" with group = "school", and with cluster = "firm"."""
    by_school = fit(two_factor_model, skewed_items, estimator="MLR", group="school")
    assert standard_errors(by_school) == pytest.approx((0.17616416, 0.142500945), rel=1e-4)
    assert standard_errors(by_school, 2)[1] == pytest.approx(0.051784622, rel=1e-4)
    by_firm = fit(two_factor_model, skewed_items, cluster="firm")
    assert by_firm.settings.se == "robust_cluster"
    assert standard_errors(by_firm) == pytest.approx((0.1865845, 0.079520247), rel=1e-4)


def test_normal_data_make_them_the_usual_ones(two_factors, two_factor_model):
    """With many rows of normal data the sandwich is the inverse information."""
    data = two_factors(3, 20000)
    usual = estimates(fit(two_factor_model, data)).se
    for estimator in ("MLM", "MLR", "MLF"):
        np.testing.assert_allclose(
            estimates(fit(two_factor_model, data, estimator=estimator)).se, usual, rtol=0.05
        )


def test_every_row_its_own_cluster_is_no_cluster(skewed_items, two_factor_model):
    """The clustered sandwich of single rows is the casewise one but for n/(n - 1)."""
    data = skewed_items.assign(row=np.arange(120))
    one = fit(two_factor_model, data, cluster="row").vcov
    casewise = fit(two_factor_model, data, estimator="MLR", meanstructure=True).vcov
    np.testing.assert_allclose(one, casewise * 120 / 119, rtol=1e-8, atol=1e-14)


def test_scores_of_rows_add_up_to_the_gradient(skewed_items, two_factor_model):
    """At the optimum the scores sum to 0, elsewhere to -N/2 times the gradient of F."""
    result = fit(two_factor_model, skewed_items, estimator="MLR", meanstructure=True)
    theta = result.kernel_theta + 0.05
    objective = result.problem.objective()
    gradient = objective.gradient(objective.evaluate(theta[None], np.zeros(1, dtype=np.intp)))[0]
    (part,) = analyse_moments(result.problem, theta)
    total = (case_scores(result.problem, part) @ part.slopes).sum(axis=0)
    np.testing.assert_allclose(total, -60.0 * gradient, atol=1e-9)


def test_first_order_information_is_the_mean_product_of_the_scores(skewed_items, two_factor_model):
    """MLF inverts what the casewise scores, by finite differences of the density, make."""
    result = fit(two_factor_model, skewed_items, estimator="MLF", meanstructure=True)
    rows = skewed_items[list(result.spec.observed)].to_numpy()

    def density(theta):
        (part,) = analyse_moments(result.problem, theta)
        mean = part.implied[:6] * part.group.model.sd + part.group.model.center
        sigma = part.covariance * np.outer(part.group.model.sd, part.group.model.sd)
        away = rows - mean
        quadratic = np.einsum("ij,jk,ik->i", away, np.linalg.inv(sigma), away)
        return -0.5 * (np.linalg.slogdet(sigma)[1] + quadratic)

    step = 1e-5 * np.eye(len(result.kernel_theta))
    scores = np.array(
        [(density(result.kernel_theta + h) - density(result.kernel_theta - h)) / 2e-5 for h in step]
    )
    found = first_order_information(result.problem, analyse_moments(result.problem, result.kernel_theta))
    np.testing.assert_allclose(found, scores @ scores.T / 120, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("estimator", ["MLM", "MLR", "WLSM", "GLS", "WLS"])
def test_units_of_the_data_do_not_matter(estimator, skewed_items, two_factor_model):
    """z values stay what they are when items are measured in other units."""
    other = skewed_items.assign(x1=skewed_items.x1 * 1000, y2=skewed_items.y2 / 50 + 3)
    z = estimates(fit(two_factor_model, skewed_items, estimator=estimator)).z
    np.testing.assert_allclose(estimates(fit(two_factor_model, other, estimator=estimator)).z, z, rtol=1e-5)


def test_an_equality_written_twice_ways_gives_the_same_errors(skewed_items):
    """A label (eliminated) and a nonlinear form of it (kept) have the same standard errors."""
    label = fit("f =~ x1 + a*x2 + a*x3", skewed_items, estimator="MLR", meanstructure=True)
    kept = fit("f =~ x1 + a*x2 + b*x3\na^3 == b^3", skewed_items, estimator="MLR", meanstructure=True)
    wanted = estimates(label).set_index(["lhs", "op", "rhs"]).se
    np.testing.assert_allclose(estimates(kept).set_index(["lhs", "op", "rhs"]).se, wanted, rtol=1e-5)


def test_fixed_exogenous_variables_are_given(skewed_items):
    """The slopes of a regression have the errors of White (1980), exogenous variables being numbers."""
    data = skewed_items
    result = fit("y1 ~ x1 + x2", data, estimator="MLR", meanstructure=True, information="expected")
    design = np.column_stack([np.ones(120), data.x1, data.x2])
    bread = np.linalg.inv(design.T @ design)
    residual = data.y1.to_numpy() - design @ bread @ design.T @ data.y1.to_numpy()
    white = bread @ (design * residual[:, None] ** 2).T @ design @ bread
    table = estimates(result)
    slopes = table[table.op == "~"].se.to_numpy()
    np.testing.assert_allclose(slopes, np.sqrt(np.diag(white))[1:], rtol=1e-6)


def test_what_needs_rows_says_so(two_factor_model, skewed_items):
    """A covariance matrix has no fourth moments and no clusters; least squares have no likelihood."""
    cov = skewed_items.drop(columns=["school", "firm"]).cov()
    with pytest.raises(DataError, match="need the rows"):
        fit(two_factor_model, sample_cov=cov, n_obs=120, estimator="MLM")
    with pytest.raises(UsageError, match="cluster is a column of data"):
        fit(two_factor_model, sample_cov=cov, n_obs=120, cluster="firm")
    with pytest.raises(UsageError, match="likelihood of every row"):
        fit(two_factor_model, skewed_items, estimator="WLS", se="robust_huber_white")


def test_clusters_that_cannot_be_used_are_refused(two_factor_model, skewed_items):
    """A column that does not exist, rows without a cluster, and one cluster only."""
    with pytest.raises(UsageError, match="cluster is 'team'"):
        fit(two_factor_model, skewed_items, cluster="team")
    with pytest.raises(DataError, match="no cluster in 1 row"):
        fit(two_factor_model, skewed_items.assign(firm=[np.nan, *range(119)]), cluster="firm")
    with pytest.raises(DataError, match="one cluster"):
        fit(two_factor_model, skewed_items.assign(firm="a"), cluster="firm")


def test_se_none_gives_none(skewed_items, two_factor_model):
    """Without standard errors the free parameters have none."""
    table = estimates(fit(two_factor_model, skewed_items, se="none"))
    assert np.isnan(table.se[1])
