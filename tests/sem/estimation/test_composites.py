"""Composites: against a covariance matrix written by hand, and what follows from the weights."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from sopsem.errors import UsageError
from sopsem.kernel import CovarianceStructure, evaluate, gradient, observed_hessian
from sopsem.sem.constructs.scores import factor_scores
from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.composites import component_blocks, components_of, is_derived
from sopsem.sem.estimation.estimates import estimates, r_squared, standardized
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.modification import modification_indices
from sopsem.sem.model.spec import Parameter, model_spec
from sopsem.sem.resampling.bootstrap import bootstrap

MEASURED = "f =~ y1 + y2 + y3\nc1 <~ a1 + a2 + a3\nc2 <~ b1 + b2\n"
EXOGENOUS = MEASURED + "f ~ c1 + c2"
CAUSED = MEASURED + "c2 ~ c1\nf ~ c2"
N = 400


def _data():
    rng = np.random.default_rng(5)
    first = rng.normal(size=(N, 3)) @ np.array([[1, 0.4, 0.3], [0, 0.9, 0.2], [0, 0, 0.8]]) + [1.0, 2.0, -1.0]
    second = rng.normal(size=(N, 2)) + 0.4 * first[:, [0]]
    f = 0.4 * first @ [1, 0.5, -0.3] + 0.5 * second @ [1, 0.8] + rng.normal(size=N)
    items = np.outer(f, [1, 0.8, 1.2]) + rng.normal(size=(N, 3))
    return pd.DataFrame(
        np.column_stack([first, second, items]), columns=["a1", "a2", "a3", "b1", "b2", "y1", "y2", "y3"]
    )


DATA = _data()
ORDER = list(DATA.columns)
SAMPLE = np.cov(DATA.to_numpy().T, bias=True)


def _implied(x, *, caused):
    """Sigma of two composites and a factor: Cov(x1, x2) = L1 phi L2' with L = T w / w'Tw."""
    t1, t2 = SAMPLE[:3, :3], SAMPLE[3:5, 3:5]
    w1, w2 = np.r_[1.0, x[2:4]], np.r_[1.0, x[4]]
    v1, v2 = w1 @ t1 @ w1, w2 @ t2 @ w2
    g1, g2, c12 = (0.0, x[6], x[5] * v1) if caused else (x[5], x[6], x[11])
    with1, with2 = g1 * v1 + g2 * c12, g1 * c12 + g2 * v2
    latent = np.array([[v1, c12, with1], [c12, v2, with2], [with1, with2, g1 * with1 + g2 * with2 + x[10]]])
    loadings = np.zeros((8, 3))
    loadings[:3, 0], loadings[3:5, 1], loadings[5:, 2] = t1 @ w1 / v1, t2 @ w2 / v2, np.r_[1.0, x[:2]]
    sigma = loadings @ latent @ loadings.T
    sigma[:3, :3], sigma[3:5, 3:5] = t1, t2
    sigma[5:, 5:] += np.diag(x[7:10])
    return sigma


def _discrepancy(x, *, caused):
    sigma = _implied(x, caused=caused)
    if np.linalg.eigvalsh(sigma)[0] <= 0.0:
        return 1e6
    logs = np.linalg.slogdet(sigma)[1] - np.linalg.slogdet(SAMPLE)[1]
    return logs + np.trace(np.linalg.solve(sigma, SAMPLE)) - 8


@pytest.mark.parametrize("caused", [False, True])
def test_the_minimum_is_that_of_the_covariance_matrix_written_by_hand(caused):
    """A general minimiser on a hand-written Sigma finds the same minimum at the same values."""
    start = np.array([0.8, 1.2, 0.5, -0.3, 0.8, 0.4, 0.5, 1.0, 1.0, 1.0, 1.0, 0.5])[: 11 if caused else 12]
    found = minimize(lambda x: _discrepancy(x, caused=caused), start, method="BFGS", options={"gtol": 1e-7})
    own = fit(CAUSED if caused else EXOGENOUS, DATA)
    assert own.minimum == pytest.approx(found.fun, abs=1e-10)
    np.testing.assert_allclose(own.theta, found.x, atol=2e-4)
    place = [list(own.spec.observed).index(v) for v in ORDER]
    exact = _implied(own.theta, caused=caused)
    np.testing.assert_allclose(own.sigma[np.ix_(place, place)], exact, atol=1e-12)


@pytest.mark.parametrize("model", [EXOGENOUS, CAUSED])
@pytest.mark.parametrize("means", [False, True])
def test_derivatives_are_those_of_differences(model, means):
    """Gradient, Hessian and slopes of the moments agree with central differences."""
    own = fit(model, DATA, meanstructure=means)
    layout, rng = own.model.layout, np.random.default_rng(1)
    mean = DATA[list(own.spec.observed)].to_numpy().mean(axis=0)[None] if means else None
    data = own.model.scaled_moments(own.sample_cov[None], mean)
    theta = own.kernel_theta + rng.normal(0.0, 0.05, size=len(own.kernel_theta))

    def at(x):
        return evaluate(layout, x[None], data, np.zeros(1))

    step = 1e-5 * np.eye(len(theta))
    slope = [(at(theta + s).objective[0] - at(theta - s).objective[0]) / 2e-5 for s in step]
    np.testing.assert_allclose(gradient(layout, at(theta))[0], slope, atol=1e-7)
    bend = [(gradient(layout, at(theta + s))[0] - gradient(layout, at(theta - s))[0]) / 2e-5 for s in step]
    np.testing.assert_allclose(observed_hessian(layout, at(theta))[0], bend, atol=1e-7)
    structure = CovarianceStructure(layout, meanstructure=means)
    slopes = [(structure.moments(theta + s) - structure.moments(theta - s)) / 2e-5 for s in step]
    np.testing.assert_allclose(structure.jacobian(theta), np.array(slopes).T, atol=1e-8)
    weights = rng.normal(size=len(structure.moments(theta)))
    bends = [weights @ (structure.jacobian(theta + s) - structure.jacobian(theta - s)) / 2e-5 for s in step]
    np.testing.assert_allclose(structure.curvature(theta, weights), bends, atol=1e-7)


def test_rows_that_follow_have_their_values_and_no_error():
    """Moments of components are the sample's, the variance of a composite is w'Tw, and all are given."""
    own = fit(EXOGENOUS, DATA)
    table = estimates(own).set_index(["lhs", "op", "rhs"])
    weights = np.array([table.est["c1", "<~", v] for v in ("a1", "a2", "a3")])
    variance = weights @ SAMPLE[:3, :3] @ weights
    assert table.est["c1", "~~", "c1"] == pytest.approx(variance, rel=1e-12)
    assert table.est["a1", "~~", "a2"] == pytest.approx(SAMPLE[0, 1], rel=1e-12)
    assert table.se["c1", "~~", "c1"] == table.se["a1", "~~", "a2"] == 0.0
    assert (own.npar, own.df) == (12, 36 - 6 - 3 - 12)


def test_standardized_values_are_weights_of_standardized_components():
    """A standardized weight is w sd(x) / sd(c); moments of components become correlations."""
    own = fit(EXOGENOUS, DATA)
    table = estimates(own).set_index(["lhs", "op", "rhs"])
    spread = np.sqrt(table.est["c1", "~~", "c1"])
    assert table.std_all["c1", "<~", "a2"] == pytest.approx(
        table.est["c1", "<~", "a2"] * np.sqrt(SAMPLE[1, 1]) / spread
    )
    assert table.std_lv["c1", "<~", "a2"] == pytest.approx(table.est["c1", "<~", "a2"] / spread)
    assert table.std_all["a1", "~~", "a2"] == pytest.approx(np.corrcoef(DATA.a1, DATA.a2)[0, 1])
    errors = standardized(own).set_index(["lhs", "op", "rhs"]).se
    assert errors["c1", "<~", "a1"] > 0.0
    assert errors["a1", "~~", "a2"] == 0.0
    assert list(r_squared(own).index) == ["y1", "y2", "y3", "f"]


def test_a_caused_composite_has_the_variance_that_its_causes_leave():
    """The table gives w'Tw less what the cause explains, so that R2 is the squared correlation."""
    own = fit(CAUSED, DATA)
    table = estimates(own).set_index(["lhs", "op", "rhs"])
    weights = np.array([1.0, table.est["c2", "<~", "b2"]])
    whole = weights @ SAMPLE[3:5, 3:5] @ weights
    explained = table.est["c2", "~", "c1"] ** 2 * table.est["c1", "~~", "c1"]
    assert table.est["c2", "~~", "c2"] == pytest.approx(whole - explained, rel=1e-10)
    assert r_squared(own)["c2"] == pytest.approx(explained / whole, rel=1e-10)


def test_units_do_not_matter():
    """A component in other units changes its weight alone."""
    own, other = fit(EXOGENOUS, DATA), fit(EXOGENOUS, DATA.assign(a2=1e4 * DATA.a2))
    assert other.minimum == pytest.approx(own.minimum, abs=1e-12)
    place = own.names.index("c1<~a2")
    assert other.theta[place] * 1e4 == pytest.approx(own.theta[place], rel=1e-6)


def test_saturated_means_leave_the_fit_and_name_the_mean_of_the_composite():
    """Free intercepts change nothing, and the mean of a composite is the weighted sum of its components'."""
    for model in (EXOGENOUS, CAUSED):
        plain, own = fit(model, DATA), fit(model, DATA, meanstructure=True)
        assert own.chisq == pytest.approx(plain.chisq, rel=1e-9)
        np.testing.assert_allclose(own.mu, DATA[list(own.spec.observed)].mean(), atol=1e-9)
    table = estimates(fit(EXOGENOUS, DATA, meanstructure=True)).set_index(["lhs", "op", "rhs"])
    weights = np.array([table.est["c1", "<~", v] for v in ("a1", "a2", "a3")])
    assert table.est["c1", "~1", ""] == pytest.approx(weights @ DATA[["a1", "a2", "a3"]].mean())


@pytest.mark.parametrize("paths", ["f ~ c1 + c2", "c2 ~ c1\nf ~ c2"])
def test_restricted_means_pass_through_the_composites(paths):
    """With intercepts of items at 0 their means are loadings times alpha + gamma' E(c)."""
    model = MEASURED + paths + "\ny1 ~ 0*1\ny2 ~ 0*1\ny3 ~ 0*1\nf ~ 1"
    own = fit(model, DATA)
    table = estimates(own).set_index(["lhs", "op", "rhs"]).est
    level = table["f", "~1", ""]
    for c, items in components_of(own.spec).items():
        if ("f", "~", c) in table.index:
            mean = sum(table[c, "<~", v] * table[v, "~1", ""] for v in items)
            level += table["f", "~", c] * mean
    loadings = np.array([table["f", "=~", v] for v in ("y1", "y2", "y3")])
    np.testing.assert_allclose(own.mu[:3], level * loadings, rtol=1e-9)
    assert own.df == fit(MEASURED + paths, DATA).df + 2


def test_groups_have_their_own_components():
    """Untied groups fit as each by itself; equal weights cost chi2."""
    data = DATA.assign(g=np.where(np.arange(N) % 2, "u", "v"))
    own = fit(EXOGENOUS, data, group="g")
    apart = sum(fit(EXOGENOUS, data[data.g == k]).chisq for k in "uv")
    assert own.chisq == pytest.approx(apart, rel=1e-9)
    tied = fit(EXOGENOUS, data, group="g", group_equal=["composite.weights"])
    assert tied.df == own.df + 3
    assert tied.chisq > own.chisq


def test_components_are_no_causes_among_the_effects():
    """Weights are not regressions: effects start at the composite."""
    listed = effects(fit(CAUSED, DATA))
    assert set(listed.predictor) == {"c1", "c2"}
    row = listed.set_index("effect").loc["indirect:c1>c2>f"]
    table = estimates(fit(CAUSED, DATA)).set_index(["lhs", "op", "rhs"]).est
    assert row.est == pytest.approx(table["c2", "~", "c1"] * table["f", "~", "c2"])


def test_modification_indices_leave_components_alone():
    """Nothing is offered for a component, and a released path falls about as far as its refit."""
    own = fit(CAUSED, DATA)
    offered = modification_indices(own)
    assert not {"a1", "a2", "a3", "b1", "b2"} & (set(offered.lhs) | set(offered.rhs))
    released = offered.set_index(["lhs", "op", "rhs"]).mi["f", "~", "c1"]
    assert released == pytest.approx(own.chisq - fit(CAUSED + " + c1", DATA).chisq, rel=0.2)


def test_which_rows_follow():
    """Moments inside one composite follow, and its variance and mean; covariances across do not."""
    spec = model_spec(EXOGENOUS)
    composites = components_of(spec)
    assert composites == {"c1": ("a1", "a2", "a3"), "c2": ("b1", "b2")}
    assert component_blocks(spec).tolist() == [-1, -1, -1, 0, 0, 0, 1, 1]
    rows = {("a1", "a2"): True, ("c1", "c1"): True, ("c1", "c2"): False, ("a1", "b1"): False}
    for (lhs, rhs), follows in rows.items():
        assert is_derived(Parameter(lhs=lhs, op="~~", rhs=rhs), composites) is follows
    assert is_derived(Parameter(lhs="c1", op="~1", rhs=""), composites)


def test_scores_of_a_composite_are_the_weighted_sum():
    """A composite is known from its components, so its score has no error."""
    own = fit(EXOGENOUS, DATA)
    table = estimates(own).set_index(["lhs", "op", "rhs"]).est
    weights = [table["c1", "<~", v] for v in ("a1", "a2", "a3")]
    components = DATA[["a1", "a2", "a3"]] - DATA[["a1", "a2", "a3"]].mean()
    found = factor_scores(own)
    np.testing.assert_allclose(found.scores.c1, components.to_numpy() @ weights, atol=1e-10)
    assert (found.se.c1 == 0.0).all()
    assert (found.se.f > 0.0).all()


def test_draws_are_refused():
    """Components bring their moments from the data, which draws would change."""
    with pytest.raises(UsageError, match="take the moments of their components"):
        bootstrap(fit(EXOGENOUS, DATA), DATA, draws=5, seed=1)
