"""The search for N: on curves whose answer is known, with noise whose size is known."""

import numpy as np
import pytest
from scipy.stats import norm

from sopsem.errors import UsageError
from sopsem.sem.power.decisions import wald_power
from sopsem.sem.power.find_n import find_n, power_scale, theoretical_n, width_scale


def noisy(curve, replications, seed):
    """Return a measure: the curve's power in that many replications."""

    def measure(n):
        share = np.random.default_rng([seed, n]).binomial(replications, curve(n)) / replications
        return share, float(np.sqrt(share * (1 - share) / replications))

    return measure


def test_power_is_found_and_its_error_is_honest():
    """Over 60 searches the found N scatters about the true one as its stated errors say."""

    def curve(n):
        return wald_power(0.2, 1 / np.sqrt(n), 0.05)

    true = theoretical_n(lambda n: curve(n) >= 0.8, 5)
    assert true == 197
    found = [
        find_n(noisy(curve, 1000, seed), {}, power_scale(), 0.8, start=150, least=5) for seed in range(60)
    ]
    z = np.array([(f.n - 0.5 - true) / f.mc_se for f in found])
    assert abs(z.mean()) < 0.5
    assert 0.7 < z.std() < 1.4
    assert np.mean([f.lower <= true <= f.upper for f in found]) > 0.85


@pytest.mark.parametrize("start", [20, 196, 3000])
def test_a_start_far_off_does_not_matter(start):
    def curve(n):
        return wald_power(0.2, 1 / np.sqrt(n), 0.05)

    found = find_n(noisy(curve, 4000, 1), {}, power_scale(), 0.8, start=start, least=5)
    assert found.n == pytest.approx(197, abs=4 * found.mc_se + 1)


def test_a_width_is_found():
    def measure(n):
        width = 2 * 1.96 / np.sqrt(n) * (1 + 0.001 * np.random.default_rng(n).standard_normal())
        return width, 0.001 * width

    found = find_n(measure, {}, width_scale(), 0.2, start=300, least=5)
    assert found.n == pytest.approx((2 * 1.96 / 0.2) ** 2, rel=0.01)


def test_sizes_that_were_measured_are_not_measured_again():
    def curve(n):
        return wald_power(0.2, 1 / np.sqrt(n), 0.05)

    asked = []

    def measure(n):
        asked.append(n)
        return noisy(curve, 1000, 3)(n)

    known = {n: noisy(curve, 1000, 3)(n) for n in (170, 200, 236)}
    found = find_n(measure, known, power_scale(), 0.8, start=200, least=5)
    assert asked == []
    assert set(found.sizes) == set(known)


def test_a_target_that_is_never_reached_is_refused_with_what_was_seen():
    with pytest.raises(UsageError, match=r"no N for 0.8 was found: 0\.05"):
        find_n(lambda _n: (0.05, 0.007), {}, power_scale(), 0.8, start=100, least=5)
    assert theoretical_n(lambda _n: False, 5) is None


def test_the_smallest_size_is_an_answer_where_it_is_enough():
    found = find_n(
        noisy(lambda n: norm.cdf(0.9 + 0.1 * np.sqrt(n)), 1000, 1), {}, power_scale(), 0.8, start=20, least=19
    )
    assert found.n == 19


def test_few_replications_give_an_answer_with_a_large_error():
    def curve(n):
        return wald_power(0.2, 1 / np.sqrt(n), 0.05)

    found = [find_n(noisy(curve, 60, s), {}, power_scale(), 0.8, start=197, least=5) for s in range(10)]
    assert all(abs(f.n - 197) < 5 * f.mc_se for f in found)
    assert min(f.mc_se for f in found) > 5.0
