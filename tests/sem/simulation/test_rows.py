"""Rows of a population made ready once."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.sem.simulation.population import Population
from sopsem.sem.simulation.rows import row_maker

POPULATION = Population(
    names=("a", "b"),
    mean=np.array([1.0, -1.0]),
    covariance=np.array([[4.0, 1.0], [1.0, 1.0]]),
    thresholds={},
)


def test_rows_have_the_moments_and_the_shape():
    rows = row_maker(POPULATION, {"a": 1.5}, {"a": 3.0}).rows(200_000, np.random.default_rng(1))
    np.testing.assert_allclose(np.cov(rows.T), POPULATION.covariance, rtol=0.03)
    np.testing.assert_allclose(rows.mean(axis=0), POPULATION.mean, atol=0.03)
    z = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    np.testing.assert_allclose((z**3).mean(axis=0), [1.5, 0.0], atol=0.1)


def test_a_maker_drawn_twice_is_drawn_from_the_same_population():
    maker = row_maker(POPULATION)
    first, second = (maker.rows(5, np.random.default_rng(seed)) for seed in (1, 1))
    assert first.tobytes() == second.tobytes()


def test_exact_moments_need_more_rows_than_variables():
    made = row_maker(POPULATION).rows(10, np.random.default_rng(1), empirical=True)
    np.testing.assert_allclose(np.cov(made.T), POPULATION.covariance)
    with pytest.raises(UsageError, match="needs more rows"):
        row_maker(POPULATION).rows(2, np.random.default_rng(1), empirical=True)


def test_unknown_names_are_refused():
    with pytest.raises(UsageError, match="skewness has c"):
        row_maker(POPULATION, {"c": 1.0})
