"""Intervals against their formulas, p-values against a search over levels, errors against simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from sopsem.errors import UsageError
from sopsem.sem.resampling.intervals import (
    INTERVALS,
    bias_correction,
    bootstrap_pvalue,
    interval,
    monte_carlo_se,
    pvalue_monte_carlo_se,
)
from sopsem.sem.resampling.quantiles import quantile

seeds = st.integers(0, 10**6)


def draws(seed=0, size=999, shift=0.5):
    rng = np.random.default_rng(seed)
    return shift + rng.gamma(4.0, 0.25, size) - 1.0 + 0.1 * rng.normal(size=size)


def jackknife(seed=0):
    return np.random.default_rng(seed + 1).gamma(3.0, 0.02, 60)


def pivots(seed=0):
    return np.random.default_rng(seed + 2).uniform(0.2, 0.6, 999)


EXTRA = {"jackknife": jackknife(), "draw_se": pivots(), "se": np.array(0.4)}


def needed(kind):
    keys = {"bca": ["jackknife"], "studentized": ["draw_se", "se"]}.get(kind, [])
    return {k: EXTRA[k] for k in keys}


def test_the_share_below_counts_ties_half():
    values = np.array([1.0, 2.0, 2.0, 3.0])
    assert bias_correction(values, 2.0) == pytest.approx(norm.ppf(0.5))
    assert bias_correction(values, 2.5) == pytest.approx(norm.ppf(0.75))
    assert bias_correction(values, 9.0) == pytest.approx(norm.ppf(1 - 0.5 / 4))
    assert np.isnan(bias_correction(np.array([np.nan]), 0.0))


def test_percentile_and_basic_by_hand():
    values = np.arange(1.0, 20.0)  # B = 19: ranks 1 and 19 at 90 %
    assert interval(values, 10.0, level=0.9) == (1.0, 19.0)
    assert interval(values, 12.0, level=0.9, kind="basic") == (5.0, 23.0)


def test_normal_is_bias_corrected_with_divisor_b():
    values = np.array([1.0, 2.0, 3.0, 6.0])
    half = norm.ppf(0.95) * np.sqrt(3.5)
    assert interval(values, 2.0, kind="normal", level=0.9) == pytest.approx((1.0 - half, 1.0 + half))


def test_bc_and_bca_are_quantiles_at_shifted_levels():
    values, estimate = draws(), 0.45
    z0 = norm.ppf((values < estimate).mean())
    z = norm.ppf(np.array([0.025, 0.975]))
    wanted = quantile(values, norm.cdf(2 * z0 + z))
    assert interval(values, estimate, kind="bc") == pytest.approx(tuple(wanted), rel=1e-12)
    d = jackknife().mean() - jackknife()
    a = (d**3).sum() / (6 * (d**2).sum() ** 1.5)
    wanted = quantile(values, norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))))
    assert abs(a) > 0.01
    found = interval(values, estimate, kind="bca", jackknife=jackknife())
    assert found == pytest.approx(tuple(wanted), rel=1e-12)


def test_bca_without_skewness_is_bc():
    even = np.concatenate([np.linspace(-1, 1, 31)])
    assert interval(draws(), 0.4, kind="bca", jackknife=even) == pytest.approx(
        interval(draws(), 0.4, kind="bc")
    )
    same = interval(draws(), 0.4, kind="bca", jackknife=np.ones(9))
    assert same == pytest.approx(interval(draws(), 0.4, kind="bc"))


def test_studentized_turns_the_quantiles_of_pivots_back():
    values, estimate = draws(), 0.45
    t = quantile((values - estimate) / pivots(), np.array([0.025, 0.975]))
    found = interval(values, estimate, kind="studentized", draw_se=pivots(), se=np.array(0.4))
    assert found == pytest.approx((estimate - t[1] * 0.4, estimate - t[0] * 0.4), rel=1e-12)


def brute_p(values, estimate, kind, **extra):
    """Return 1 - level of the interval whose end is at 0, by bisection over levels."""
    low, high = 1e-9, 1.0 - 1e-9
    for _ in range(60):
        middle = (low + high) / 2
        lower, upper = interval(values, estimate, kind=kind, level=middle, **extra)
        low, high = (middle, high) if lower > 0.0 or upper < 0.0 else (low, middle)
    return 1.0 - (low + high) / 2


@settings(max_examples=15)
@given(
    seeds, st.sampled_from(["percentile", "bc", "basic", "normal", "bca", "studentized"]), st.floats(0.0, 1.2)
)
def test_p_is_that_of_the_interval_with_an_end_at_zero(seed, kind, shift):
    """Up to one draw in B, since a quantile lies between draws."""
    values = draws(seed, shift=shift)
    estimate = float(np.median(values)) + 0.05
    p = bootstrap_pvalue(values, estimate, kind=kind, **needed(kind))
    found = brute_p(values, estimate, kind, **needed(kind))
    spread = norm.pdf(norm.ppf(np.clip(p / 2, 1e-4, 1))) / norm.pdf(bias_correction(values, 0.0))
    assert p == pytest.approx(found, abs=(0.004 if kind == "normal" else 0.012) * max(1.0, spread))
    assert 0.0 <= p <= 1.0


@pytest.mark.parametrize("kind", ["percentile", "bc", "basic", "studentized", "bca", "normal"])
def test_a_p_below_five_percent_goes_with_an_interval_that_leaves_out_zero(kind):
    """Over estimates from clear to unclear; near .05 the two may differ by one draw."""
    for seed in range(40):
        values = draws(seed, shift=0.4 + 0.02 * seed)
        estimate = float(values.mean())
        lower, upper = interval(values, estimate, kind=kind, **needed(kind))
        p = bootstrap_pvalue(values, estimate, kind=kind, **needed(kind))
        if abs(p - 0.05) > 0.01:
            assert (p < 0.05) == (lower > 0.0 or upper < 0.0)


def test_p_on_the_lattice_of_few_draws():
    values = np.array([1.0] * 197 + [-1.0] * 3)
    assert bootstrap_pvalue(values, 0.9) == pytest.approx(2 * 3 / 200)
    assert bootstrap_pvalue(np.ones(200), 1.0) == pytest.approx(2 / 201)
    assert bootstrap_pvalue(np.array([-1.0, 1.0, 0.0, 0.0]), 0.5) == 1.0
    assert np.isnan(bootstrap_pvalue(np.array([1.0]), 1.0))
    assert np.isnan(bootstrap_pvalue(draws(), float("nan")))


@pytest.mark.parametrize("kind", ["percentile", "bc", "bca", "basic", "normal", "studentized"])
def test_monte_carlo_errors_are_those_of_repeated_bootstraps(kind):
    """300 bootstraps of 999 draws: the stated errors of limits and p lie near the SD between bootstraps."""
    rng = np.random.default_rng(5)
    extra, limits, ps, stated, stated_p = needed(kind), [], [], [], []
    for turn in range(300):
        values = 0.55 + rng.gamma(4.0, 0.25, 999) - 1.0
        if kind == "studentized":
            extra["draw_se"] = rng.uniform(0.2, 0.6, 999)
        limits.append(interval(values, 0.5, kind=kind, **extra))
        ps.append(bootstrap_pvalue(values, 0.5, kind=kind, **extra))
        if turn < 60:
            stated.append(monte_carlo_se(values, 0.5, kind=kind, level=0.95, **extra))
            stated_p.append(pvalue_monte_carlo_se(values, 0.5, kind=kind, **extra))
    ratio = np.mean(stated, axis=0) / np.std(limits, axis=0)
    assert ratio == pytest.approx(1.0, abs=0.3)
    assert np.mean(stated_p) / np.std(ps) == pytest.approx(1.0, abs=0.3)


def test_two_draws_are_the_least():
    assert np.isnan(interval(np.array([1.0, np.nan]), 1.0)).all()
    assert np.isnan(interval(draws(), float("nan"))).all()
    assert monte_carlo_se(np.array([1.0, 2.0, 4.0]), 2.0, kind="basic", level=0.9)[0] > 0.0


def test_every_registered_interval_is_tried_here():
    assert {e.name for e in INTERVALS} == {"percentile", "bc", "bca", "normal", "basic", "studentized"}
    assert all(e.source for e in INTERVALS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "hdi"}, "choose one of percentile"),
        ({"level": 95}, "level is 95"),
        ({"level": 0.0}, "level is 0.0"),
        ({"kind": "bca"}, "jackknife"),
        ({"kind": "studentized"}, "standard error in every draw"),
        ({"rule": "median"}, "choose one of weibull"),
    ],
)
def test_wrong_requests_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        interval(draws(), 0.5, **options)


def test_the_error_against_another_run_is_that_of_the_difference():
    """Both runs are random: the error of a limit's difference, against a simulation of 400 pairs of runs."""
    rng = np.random.default_rng(8)
    pairs = rng.normal(size=(400, 2, 200))
    for kind in ("percentile", "bc"):
        limits = np.array([[interval(v, 0.0, kind=kind, level=0.9) for v in pair] for pair in pairs])
        spread = (limits[:, 0] - limits[:, 1]).std(axis=0)
        found = [monte_carlo_se(pair[0], 0.0, kind=kind, level=0.9, against=200) for pair in pairs[:60]]
        assert np.mean(found, axis=0) == pytest.approx(spread, rel=0.2)


def test_a_limit_beyond_which_no_draw_is_expected_has_no_error():
    """Thirty draws do not reach a 95 % limit; four hundred do."""
    draws = np.random.default_rng(1).normal(size=400)
    assert np.isinf(monte_carlo_se(draws[:30], 0.0, kind="percentile", level=0.95)).all()
    assert np.isfinite(monte_carlo_se(draws, 0.0, kind="percentile", level=0.95)).all()
