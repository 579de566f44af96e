"""The CFA marker sequence: lavaan's numbers, a population that comes back, and refusals."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.constructs.method.cfa_marker import cfa_marker
from sopsem.sem.simulation.simulate import simulate

MODEL = "f =~ a + b + c; g =~ h + i + j"
TRUTH = (
    "f =~ .7*a + .7*b + .7*c; g =~ .7*h + .7*i + .7*j; "
    "m =~ .7*u + .7*v + .7*w + .3*a + .25*b + .35*c + .3*h + .4*i + .2*j; f ~~ .3*g"
)


@pytest.fixture(scope="module")
def data():
    return simulate(TRUTH, 300, seed=1)


@pytest.fixture(scope="module")
def result(data):
    return cfa_marker(MODEL, data, ["u", "v", "w"])


def test_the_sequence_of_lavaan(result):
    """chi2 and df of the same six texts on scale(x) in lavaan 0.6, likelihood normal."""
    found = result.models.set_index("model")
    wanted = {
        "CFA": (32.068924, 24),
        "Baseline": (49.655116, 32),
        "Method-C": (28.851749, 31),
        "Method-U": (20.304011, 26),
        "Method-R": (29.559533, 32),
    }
    for name, (chisq, df) in wanted.items():
        assert found.chisq[name] == pytest.approx(chisq, abs=1e-4)
        assert found.df[name] == df
    assert result.best == "Method-C"
    assert result.loadings.method.iloc[0] == pytest.approx(0.197, abs=1e-3)
    assert result.loadings.se.iloc[0] == pytest.approx(0.042, abs=5e-4)


def test_tests_are_differences_of_the_models(result):
    chisq = result.models.set_index("model").chisq
    assert result.tests.chisq_diff.tolist() == pytest.approx(
        [
            chisq["Baseline"] - chisq["Method-C"],
            chisq["Method-C"] - chisq["Method-U"],
            chisq["Method-R"] - chisq["Method-C"],
        ]
    )
    assert result.tests.df_diff.tolist() == [1, 5, 1]
    assert "the marker explains variance" in result.sentences[1]
    assert "no sign that it differs" in result.sentences[2]


def test_reliability_splits_into_the_factor_and_the_method(result):
    own = result.loadings[result.loadings.factor == "f"]
    row = result.reliability.set_index("factor").loc["f"]
    top = own.loading.sum() ** 2, own.method.sum() ** 2
    assert row.omega_method / row.omega_substantive == pytest.approx(top[1] / top[0])
    assert row.method_percent == pytest.approx(100 * top[1] / sum(top))
    assert row.omega_substantive + row.omega_method < 1.0
    table = result.correlations.iloc[0]
    assert abs(table["Method-C"]) < abs(table["Baseline"])
    assert abs(table["Method-S"]) < abs(table["Method-C"])


def test_a_population_comes_back():
    """Rows with exactly the moments of a model in which the marker loads equally, .3 on standardized items."""
    lam = np.zeros((9, 3))
    lam[:3, 0] = lam[3:6, 1] = lam[6:, 2] = 0.7
    lam[:6, 2] = 0.3
    phi = np.array([[1, 0.4, 0], [0.4, 1, 0], [0, 0, 1.0]])
    sigma = lam @ phi @ lam.T
    np.fill_diagonal(sigma, 1.0)
    z = np.random.default_rng(0).normal(size=(200, 9))
    z -= z.mean(0)
    z = z @ np.linalg.inv(np.linalg.cholesky(z.T @ z / 200)).T @ np.linalg.cholesky(sigma).T
    frame = pd.DataFrame(z * np.arange(1, 10), columns=list("abchijuvw"))  # units do not matter
    found = cfa_marker(MODEL, frame, ["u", "v", "w"])
    np.testing.assert_allclose(found.loadings.method, 0.3, atol=0.03)
    assert found.correlations["Method-C"].iloc[0] == pytest.approx(0.4, abs=0.03)
    assert found.models.set_index("model").chisq["Method-C"] < 1.0


def test_order_and_units_do_not_matter(data, result):
    other = cfa_marker(MODEL, (data * 7 + 1).iloc[::-1, ::-1], ["w", "u", "v"])
    np.testing.assert_allclose(other.models.chisq, result.models.chisq, atol=1e-4)


def test_refusals(data):
    with pytest.raises(UsageError, match="two or more"):
        cfa_marker(MODEL, data, ["u"])
    with pytest.raises(UsageError, match="part of the model"):
        cfa_marker(MODEL, data, ["a", "u"])
    with pytest.raises(UsageError, match="one factor"):
        cfa_marker("f =~ a + b + c", data, ["u", "v"])
    with pytest.raises(UsageError, match="level"):
        cfa_marker(MODEL, data, ["u", "v"], level=2.0)
