"""Reliability of second-order constructs: by hand, values of semTools, invariances, improper solutions."""

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.constructs.second_order import SECOND_ORDER, second_order
from sopsem.sem.constructs.solution import solution
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap

MODEL = """
f =~ a1 + a2 + a3
g =~ b1 + b2 + b3
h =~ f + g
y =~ y1 + y2 + y3
y ~ h
"""
ITEMS = ["a1", "a2", "a3", "b1", "b2", "b3", "y1", "y2", "y3"]


def population(gamma=(0.8, 0.8), loading=0.7, path=0.5):
    """Return item correlations: two dimensions of h, and y = path h + rest; standardized factors."""
    latent = np.eye(3)
    latent[0, 1] = latent[1, 0] = gamma[0] * gamma[1]
    latent[2, :2] = latent[:2, 2] = np.array(gamma) * path
    matrix = loading**2 * np.repeat(np.repeat(latent, 3, axis=0), 3, axis=1)
    np.fill_diagonal(matrix, 1.0)
    return pd.DataFrame(matrix, index=ITEMS, columns=ITEMS)


def whole(table):
    """Return {coefficient: est} of the construct as a whole."""
    own = table[table["part"] == ""]
    return dict(zip(own["coefficient"], own["est"], strict=True))


@pytest.fixture(scope="module")
def table():
    """The coefficients at known population values."""
    return second_order(fit(MODEL, sample_cov=population(), n_obs=200, sample_cov_rescale=False))


def test_all_coefficients_by_hand(table):
    """gamma = .8, loading = .7: carried loading .56, six items, residual variance .51 each."""
    common = (6 * 0.56) ** 2
    dimensions = 2 * 9 * 0.49 + 2 * 9 * 0.49 * 0.64
    r = 0.64
    assert whole(table) == pytest.approx(
        {
            "omega_L1": common / (dimensions + 6 * 0.51),
            "omega_L2": 2 * r / (1 + r),
            "omega_partial": common / (common + 6 * 0.51),
            "ave_L2": 0.64,
            "cr_L2": 2 * r / (1 + r),
        },
        abs=1e-7,
    )


def test_a_dimension_by_hand(table):
    own = table[table["part"] == "f"]
    assert own["coefficient"].tolist() == ["omega_L1"]
    assert own["est"].item() == pytest.approx((3 * 0.56) ** 2 / (9 * 0.49 + 3 * 0.51), abs=1e-7)


def test_the_share_of_every_dimension_equals_semtools(construct_cases):
    table = second_order(construct_cases.fitted("wenchuan", "second_order_model")).set_index("part")
    for part, value in construct_cases["wenchuan"]["second_order_share"].items():
        assert table.loc[part, "est"] == pytest.approx(value, abs=1e-6)


def test_the_marker_moves_omega_l2_and_nothing_else():
    rng = np.random.default_rng(0)
    scale = rng.uniform(0.5, 2.0, size=9)
    sample = population() * np.outer(scale, scale)
    other = MODEL.replace("a1 + a2", "a2 + a1").replace("b1 + b2", "b2 + b1")
    found = [whole(second_order(fit(m, sample_cov=sample, n_obs=200))) for m in (MODEL, other)]
    for name in ("omega_L1", "omega_partial", "ave_L2", "cr_L2"):
        assert found[0][name] == pytest.approx(found[1][name], abs=1e-7)
    assert abs(found[0]["omega_L2"] - found[1]["omega_L2"]) > 1e-3


def test_a_negative_variance_of_the_construct_is_said():
    """Dimensions that correlate negatively, with loadings of 1, need a negative second-order variance."""
    text = "f =~ a1 + a2 + a3; g =~ b1 + b2 + b3; h =~ 1*f + 1*g"
    sample = population().loc[ITEMS[:6], ITEMS[:6]].copy()
    sample.iloc[:3, 3:] *= -1
    sample.iloc[3:, :3] *= -1
    table = second_order(fit(text, sample_cov=sample, n_obs=200))
    assert table["note"].str.contains("improper, the coefficients mean nothing").all()
    assert np.isnan(whole(table)["ave_L2"])


def test_a_loading_above_one_is_said():
    table = second_order(fit(MODEL, sample_cov=population(gamma=(1.05, 0.5)), n_obs=200))
    assert "the loading of f exceeds 1" in table["note"].iloc[0]


def test_a_model_without_second_order_factors_gives_an_empty_table(construct_cases):
    assert second_order(construct_cases.fitted("holzinger")).empty


def test_draws_give_intervals_and_are_accounted_for():
    rng = np.random.default_rng(3)
    data = pd.DataFrame(rng.normal(size=(120, 9)) @ np.linalg.cholesky(population()).T, columns=ITEMS)
    found = fit(MODEL, data)
    draws = bootstrap(found, data, draws=50, seed=1)
    table = second_order(found, drawn=solution(found, draws.kernel_theta))
    assert len(table) == len(SECOND_ORDER) + 2
    assert (table["draws_used"] + table["draws_failed"] == 50).all()
    assert (table["draws_used"] > 40).all()
    assert (table["ci_lower"] < table["est"]).all()
    assert (table["est"] < table["ci_upper"]).all()
