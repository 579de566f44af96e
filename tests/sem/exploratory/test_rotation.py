"""Rotations against R, a published example, another optimiser, and the laws of rotation."""

import numpy as np
import pytest
from scipy.optimize import minimize

from sopsem.errors import UsageError
from sopsem.sem.exploratory.extraction import extract_factors
from sopsem.sem.exploratory.rotation import EPS, rotate

HARMAN = np.array(
    [
        [0.830, -0.396], [0.818, -0.469], [0.777, -0.470], [0.798, -0.401],
        [0.786, 0.500], [0.672, 0.458], [0.594, 0.444], [0.647, 0.333],
    ]
)  # fmt: skip
QUARTIMIN = np.array(  # as the tests of the R package GPArotation have it (Bernaards & Jennrich, 2005)
    [
        [0.8918217697, 0.0560146457], [0.9536799986, -0.0232460005], [0.9291498623, -0.0465027397],
        [0.8766828511, 0.0336582451], [0.0136988313, 0.9250013826], [-0.0172668088, 0.8212535445],
        [-0.0524468998, 0.7649536381], [0.0858880630, 0.6831160953],
    ]
)  # fmt: skip


@pytest.fixture(scope="module")
def unrotated(answers):
    r = np.corrcoef(answers.to_numpy().T)
    return {k: extract_factors(r, k).loadings for k in (3, 4)}


def matched(found, wanted):
    """Put factors in the order and with the signs of another solution."""
    order = [int(np.abs(found.loadings.T @ wanted[:, j]).argmax()) for j in range(wanted.shape[1])]
    sign = np.sign([(found.loadings[:, o] @ wanted[:, j]) for j, o in enumerate(order)])
    return found.loadings[:, order] * sign, found.correlations[np.ix_(order, order)] * np.outer(sign, sign)


def test_quartimin_of_harmans_physical_variables():
    found, phi = matched(rotate(HARMAN, "oblimin"), QUARTIMIN)
    np.testing.assert_allclose(found, QUARTIMIN, atol=1e-6)
    assert phi[0, 1] == pytest.approx(0.472747617, abs=1e-6)


@pytest.mark.parametrize("k", [3, 4])
def test_varimax_and_promax_are_those_of_r(unrotated, r_numbers, k):
    golden = {
        name: np.array(v) for name, v in r_numbers[str(k)].items() if name in ("varimax", "promax", "phi")
    }
    found, phi = matched(rotate(unrotated[k], "varimax"), golden["varimax"])
    np.testing.assert_allclose(found, golden["varimax"], atol=1e-5)
    np.testing.assert_allclose(phi, np.eye(k), atol=1e-12)
    found, phi = matched(rotate(unrotated[k], "promax"), golden["promax"])
    np.testing.assert_allclose(found, golden["promax"], atol=1e-5)
    np.testing.assert_allclose(phi, golden["phi"], atol=1e-5)


def criterion(name, lam):
    square = lam**2
    if name == "geomin":
        return np.exp(np.log(square + EPS).mean(axis=1)).sum()
    return sum(
        square[:, i] @ square[:, j] for i in range(lam.shape[1]) for j in range(lam.shape[1]) if i != j
    )


@pytest.mark.parametrize("name", ["oblimin", "geomin"])
def test_another_optimiser_finds_nothing_lower(unrotated, name):
    """Nelder-Mead-free: BFGS over free directions of the factors, from the end and from random ones."""
    a = unrotated[3]

    def value(x):
        turn = x.reshape(3, 3)
        turn = turn / np.sqrt((turn**2).sum(axis=0))
        if abs(np.linalg.det(turn)) < 1e-6:
            return 1e6
        return criterion(name, a @ np.linalg.inv(turn).T)

    found = rotate(a, name)
    own = criterion(name, found.loadings)
    rng = np.random.default_rng(1)
    others = [minimize(value, rng.normal(size=9), method="BFGS").fun for _ in range(6)]
    assert min(others) == pytest.approx(own, abs=1e-5)
    assert own <= min(others) + 1e-8


@pytest.mark.parametrize("name", ["varimax", "promax", "oblimin", "geomin"])
def test_the_reproduced_correlations_stay(unrotated, name):
    found = rotate(unrotated[4], name)
    product = found.loadings @ found.correlations @ found.loadings.T
    np.testing.assert_allclose(product, unrotated[4] @ unrotated[4].T, atol=1e-10)
    np.testing.assert_allclose(np.diag(found.correlations), 1.0, atol=1e-10)
    carried = np.diag(found.correlations @ found.loadings.T @ found.loadings)
    assert (np.diff(carried) <= 1e-12).all()
    assert (found.loadings.sum(axis=0) > 0).all()


@pytest.mark.parametrize("name", ["varimax", "promax", "oblimin", "geomin"])
def test_the_start_does_not_matter_nor_the_order_of_items(unrotated, name):
    rng = np.random.default_rng(8)
    q = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    order = rng.permutation(18)
    first, second = rotate(unrotated[3], name), rotate(unrotated[3][order] @ q, name)
    np.testing.assert_allclose(second.loadings, first.loadings[order], atol=2e-5)
    np.testing.assert_allclose(second.correlations, first.correlations, atol=2e-5)


def test_several_minima_are_counted():
    """Loadings without structure: geomin has many ends, and says so."""
    found = rotate(np.random.default_rng(3).uniform(-1, 1, size=(12, 4)) / 2, "geomin", starts=20)
    assert found.minima > 1
    assert found.starts == 20
    fewer = rotate(np.random.default_rng(3).uniform(-1, 1, size=(12, 4)) / 2, "geomin", starts=1)
    assert found.value <= fewer.value + 1e-9


def test_one_factor_and_no_rotation():
    one = np.array([[-0.8], [-0.6], [-0.5]])
    np.testing.assert_allclose(rotate(one, "geomin").loadings, -one)
    assert rotate(HARMAN, "none").loadings.shape == (8, 2)
    with pytest.raises(UsageError, match="varimax"):
        rotate(HARMAN, "equamax")
    with pytest.raises(UsageError, match="starts"):
        rotate(HARMAN, "oblimin", starts=0)
