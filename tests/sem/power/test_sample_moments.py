"""Moments of samples: their distribution, and that they depend on (seed, N, replication) alone."""

import numpy as np
import pytest
from scipy.stats import kstest

from sopsem.sem.power.sample_moments import NormalSampler, RowSampler, replication_rng
from sopsem.sem.simulation.population import Population
from sopsem.sem.simulation.rows import row_maker

SIGMA = np.array([[2.0, 0.6, 0.4], [0.6, 1.0, 0.3], [0.4, 0.3, 0.5]])
MEAN = np.array([1.0, -2.0, 0.5])
NORMAL = NormalSampler(mean=MEAN, root=np.linalg.cholesky(SIGMA))
POPULATION = Population(names=("a", "b", "c"), mean=MEAN, covariance=SIGMA, thresholds={})


def rows(**shape):
    return RowSampler(maker=row_maker(POPULATION, **shape), cuts={})


@pytest.mark.parametrize("sampler", [NORMAL, rows(), rows(skewness=1.0, kurtosis=2.0)])
def test_any_split_gives_the_same_bytes(sampler):
    whole = sampler.moments(7, 40, range(10))
    parts = [sampler.moments(7, 40, range(a, b)) for a, b in ((0, 1), (1, 7), (7, 10))]
    for at in (0, 1):
        assert whole[at].tobytes() == np.concatenate([p[at] for p in parts]).tobytes()


def test_seed_size_and_replication_each_change_the_numbers():
    first = replication_rng(1, 92, 0).standard_normal()
    others = [(2, 92, 0), (1, 93, 0), (1, 92, 1)]
    assert all(replication_rng(*place).standard_normal() != first for place in others)


def test_matrices_drawn_directly_are_distributed_as_those_of_rows():
    n = 25
    for seed, sampler in ((1, NORMAL), (2, rows())):
        covariance, mean = sampler.moments(seed, n, range(3000))
        scaled = n * covariance.mean(axis=0) / (n - 1)
        np.testing.assert_allclose(scaled, SIGMA, atol=0.04)
        np.testing.assert_allclose(n * np.cov(mean.T), SIGMA, atol=0.12)
        # v'(N S)v / v'Sigma v is chi-square with N - 1 degrees of freedom for every v
        v = np.array([1.0, -2.0, 0.5])
        values = n * (covariance @ v) @ v / (v @ SIGMA @ v)
        assert kstest(values, "chi2", args=(n - 1,)).pvalue > 0.001
        # and the generalised variance is a product of chi-squares: its mean log is known
        logs = np.linalg.slogdet(n * covariance)[1] - np.linalg.slogdet(SIGMA)[1]
        expected = sum(
            np.log(np.random.default_rng(5).chisquare(n - 1 - i, 100_000)).mean() for i in range(3)
        )
        assert logs.mean() == pytest.approx(expected, abs=0.05)


def test_answers_are_whole_numbers_and_their_population_is_known():
    sampler = RowSampler(maker=row_maker(POPULATION), cuts={0: np.array([0.0, 1.0, 2.0])})
    made = sampler.rows(500, np.random.default_rng(1))
    assert set(made[:, 0]) == {1.0, 2.0, 3.0, 4.0}
    covariance, mean = sampler.large_moments(1)
    np.testing.assert_allclose(covariance[1:, 1:], SIGMA[1:, 1:], atol=0.005)
    assert mean[0] == pytest.approx(2.5, abs=0.005)  # cut symmetrically about its mean


def test_the_numbers_behind_a_sampler_differ_when_its_samples_do():
    plain, skewed = rows(), rows(skewness=1.0, kurtosis=2.0)
    cut = RowSampler(maker=row_maker(POPULATION), cuts={0: np.array([0.0])})
    sizes = {len(s.numbers()) for s in (NORMAL, plain)} | {len(skewed.numbers())}
    assert sizes == {2, 3, 4}
    assert cut.numbers()[-1].tolist() == [0.0, 0.0]
