"""The graph of effects: paths from direct and total effects, path tracing, sums of products."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_editing import raw_study

from sopsem.study.audit import audit
from sopsem.study.effect_graph import effect_graph
from sopsem.study.published import PublishedStudy, load_study

PATHS = {
    ("m", "x"): 0.5,
    ("n", "x"): -0.3,
    ("n", "m"): 0.2,
    ("y", "x"): 0.1,
    ("y", "m"): 0.4,
    ("y", "n"): 0.3,
}
ORDER = ["x", "m", "n", "y"]


def matrix(paths):
    """B of the structural equations, in the order x, m, n, y."""
    b = np.zeros((4, 4))
    for (outcome, predictor), value in paths.items():
        b[ORDER.index(outcome), ORDER.index(predictor)] = value
    return b


def study_of(values, kind, standardized=True, extra=()):
    """A study that prints these effects."""
    rows = [{"outcome": o, "predictor": p, "kind": kind, "est": f"{v:.4f}"} for (o, p), v in values.items()]
    effects = {"standardized": standardized, "rows": [*rows, *extra]}
    return PublishedStudy(name="s", title="t", source="s", n=90, analysis={"program": "x"}, effects=effects)


def totals(paths):
    """Total effects by matrix inversion."""
    t = np.linalg.inv(np.eye(4) - matrix(paths)) - np.eye(4)
    return {pair: t[ORDER.index(pair[0]), ORDER.index(pair[1])] for pair in paths}


@given(st.lists(st.floats(-0.9, 0.9), min_size=6, max_size=6))
def test_total_effects_are_turned_back_into_paths(values):
    """From a table of total effects the direct paths are recovered exactly."""
    paths = dict(zip(PATHS, values, strict=True))
    graph = effect_graph(study_of(PATHS, "total"))
    assert graph.coefficients(totals(paths)) == pytest.approx(paths, abs=1e-12)


def test_direct_effects_are_the_paths():
    """Rows of kind direct are taken as they are."""
    graph = effect_graph(study_of(PATHS, "direct"))
    assert graph.coefficients(PATHS) == PATHS
    assert graph.exogenous == ["x"]
    assert graph.total("y", "x", PATHS) == pytest.approx(totals(PATHS)["y", "x"])


def test_path_tracing_equals_the_matrix_formula():
    """Correlations and R2 equal those of (I - B)^-1 Psi (I - B)^-T with unit variances."""
    graph = effect_graph(study_of(PATHS, "direct"))
    r = graph.correlations(PATHS)
    b = matrix(PATHS)
    psi = np.diag(np.diag((np.eye(4) - b) @ r @ (np.eye(4) - b).T))
    inverse = np.linalg.inv(np.eye(4) - b)
    np.testing.assert_allclose(inverse @ psi @ inverse.T, r, atol=1e-12)
    np.testing.assert_allclose((np.eye(4) - b) @ r @ (np.eye(4) - b).T, psi, atol=1e-12)
    assert graph.r_squared("y", PATHS) == pytest.approx(1 - psi[3, 3])


def test_routes_are_all_ways_from_cause_to_outcome():
    """Every route is listed once, the direct path included."""
    graph = effect_graph(study_of(PATHS, "direct"))
    assert set(graph.routes("y", "x")) == {("x", "y"), ("x", "m", "y"), ("x", "n", "y"), ("x", "m", "n", "y")}


def test_the_path_fixed_to_zero_is_no_path():
    """A total effect of the pair that the printed model closes is not an arrow."""
    graph = effect_graph(load_study())
    assert ("performance", "coordination") not in graph.paths
    assert graph.variables[0] == "coordination"


def test_feedback_has_no_graph():
    """Paths in a circle have no causal order."""
    assert effect_graph(study_of({("a", "b"): 0.1, ("b", "a"): 0.2}, "direct")) is None


@pytest.mark.parametrize("standardized", [True, False])
@pytest.mark.parametrize(
    ("kind", "value"), [("total", 0.1 + 0.2 - 0.09 + 0.03), ("indirect", 0.2 - 0.09 + 0.03)]
)
def test_totals_and_indirect_effects_are_sums_of_products(kind, value, standardized):
    """Beside direct paths a total and an indirect effect are checked; .01 more is refused."""
    for shift, verdict in ((0.0, "consistent"), (0.01, "inconsistent")):
        row = {"outcome": "y", "predictor": "x", "kind": kind, "est": f"{value + shift:.3f}"}
        checks = audit(study_of(PATHS, "direct", standardized, [row])).checks.set_index("check")
        assert checks.loc["product:y~x", "verdict"] == verdict


@pytest.mark.parametrize("change", ["residual", "two causes"])
def test_path_tracing_is_left_out_where_it_does_not_hold(change):
    """With a residual covariance or a second exogenous variable nothing is traced."""
    data = raw_study("political_democracy")
    if change == "residual":
        data["structure"]["residual_covariances"] = ["dem60 ~~ dem65"]
    else:
        row = {"outcome": "dem65", "predictor": "trade", "est": "0.1", "std": "0.1"}
        data["effects"]["rows"].append(row)
    checks = audit(PublishedStudy.model_validate({"name": "x"} | data)).checks["check"]
    assert not checks.str.startswith(("r_squared", "correlation")).any()
