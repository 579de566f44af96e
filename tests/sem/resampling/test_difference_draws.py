"""The Bollen-Stine bootstrap of a chi2 difference: accounting, reproducibility, distribution."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.kernel import Outcome
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.compare import compare
from sopsem.sem.resampling import difference_draws
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.difference_draws import PairStatus, bootstrap_difference
from sopsem.sem.resampling.refit import Found


def rows_of(seed=0, n=90, items="abcdef"):
    """Rows with one common factor."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(n, 1)) + 0.8 * rng.normal(size=(n, len(items))), columns=list(items))


ROWS = rows_of()
TAU = "t =~ 1*a + 1*b + 1*c + d + e + f"
FREE = "t =~ a + b + c + d + e + f"


@pytest.fixture(scope="module")
def pair():
    """Equal loadings of three items against free ones: two df."""
    return compare(fit(TAU, ROWS), fit(FREE, ROWS))


def test_classes_add_up_to_the_draws_asked_for(pair):
    result = bootstrap_difference(pair, ROWS, draws=300, seed=4)
    assert result.counts()["count"].sum() == len(result) == 300
    assert result.n_used == (result.status <= PairStatus.IMPROPER).sum()


def test_same_seed_same_draws_and_the_first_ones_are_the_shorter_run(pair):
    long = bootstrap_difference(pair, ROWS, draws=60, seed=7)
    short = bootstrap_difference(pair, ROWS, draws=25, seed=7)
    again = bootstrap_difference(pair, ROWS, draws=60, seed=7)
    other = bootstrap_difference(pair, ROWS, draws=60, seed=8)
    assert np.array_equal(long.difference, again.difference)
    np.testing.assert_allclose(long.difference[:25], short.difference, atol=1e-7)
    assert not np.allclose(long.difference, other.difference)


def test_p_counts_the_draws_at_or_above_the_observed_difference(pair):
    result = bootstrap_difference(pair, ROWS, draws=200, seed=1)
    k = sum(d >= pair.dchisq for d in result.difference)
    assert result.pvalue == (k + 1) / 201
    assert result.pvalue_range == (result.pvalue, result.pvalue)
    assert result.mc_pvalue == pytest.approx(np.sqrt(result.pvalue * (1 - result.pvalue) / 200))


@pytest.mark.parametrize("kind", ["bollen_stine", "parametric"])
def test_under_the_restricted_model_the_difference_is_chi2(pair, kind):
    """Mean 2 and 5 % above the 95 % point of chi2 with 2 df, within Monte-Carlo error."""
    used = bootstrap_difference(pair, ROWS, draws=600, seed=3, kind=kind).difference
    assert np.mean(used) == pytest.approx(2.0, abs=0.45)
    assert np.mean(used > 5.991) == pytest.approx(0.05, abs=0.035)


def test_against_a_saturated_model_the_difference_is_the_chi2_of_the_model():
    data = rows_of(items="xmy")
    restricted = fit("m ~ x; y ~ m", data)
    result = bootstrap_difference(compare(restricted, fit("m ~ x; y ~ m + x", data)), data, draws=40, seed=2)
    alone = bootstrap(restricted, data, draws=40, seed=2, kind="bollen_stine")
    np.testing.assert_allclose(result.difference, alone.chisq, atol=1e-7)


@pytest.mark.parametrize(
    "options", [{}, {"meanstructure": True}, {"likelihood": "wishart"}, {"mimic": "amos"}]
)
def test_items_in_another_order_and_metric_of_the_full_model_change_nothing(options):
    """The full model has equal loadings and one residual covariance: it is not the same when items change."""
    rows = ROWS * [1.0, 1.2, 0.9, 4.0, 0.3, 1.0] + [5.0, 4.0, 3.0, 2.0, 1.0, 0.0]
    restricted = fit(TAU, rows, **options)
    plain, mixed = (
        fit(f"t =~ {items}; a ~~ c", rows, **options)
        for items in ("1*a + 1*b + c + d + e + f", "f + d + NA*l*a + c + l*b + e")
    )
    assert mixed.chisq == pytest.approx(plain.chisq, abs=1e-6)
    for kind in ("bollen_stine", "parametric"):
        pair = [
            bootstrap_difference(compare(restricted, full), rows, draws=30, kind=kind)
            for full in (plain, mixed)
        ]
        np.testing.assert_allclose(pair[0].difference, pair[1].difference, atol=1e-5)


def test_draws_that_fail_are_counted_by_class_and_bound_the_p():
    data = rows_of(seed=5, n=9, items="abcdef")
    result = bootstrap_difference(compare(fit(TAU, data), fit(FREE, data)), data, draws=60, seed=1)
    counts = result.counts().set_index("draw_class")["count"]
    assert counts["singular resample"] > 0
    assert counts.sum() == 60
    assert np.isnan(result.difference).sum() == 60 - result.n_used > 0
    low, high = result.pvalue_range
    assert low <= result.pvalue <= high
    assert high - low == pytest.approx((60 - result.n_used) / 61)


def test_without_rows_bollen_stine_says_what_to_give():
    matrix = {"sample_cov": ROWS.cov(), "n_obs": len(ROWS)}
    result = compare(fit(TAU, **matrix), fit(FREE, **matrix))
    with pytest.raises(DataError, match="give data="):
        bootstrap_difference(result, draws=5)
    assert bootstrap_difference(result, ROWS, draws=5).n_used == 5


def test_case_resampling_does_not_obey_the_restricted_model_and_is_refused(pair):
    with pytest.raises(UsageError, match="obey the restricted model"):
        bootstrap_difference(pair, ROWS, draws=5, kind="case")


def test_every_kind_of_failure_has_its_class():
    """Fabricated draws: proper, improper, either model failed, both, singular, full above restricted."""
    nan = np.nan
    restricted = SimpleNamespace(
        chisq=np.array([9.0, 9.0, nan, 9.0, nan, nan, 9.0]), status=np.array([0, 1, 3, 0, 3, 4, 0])
    )
    full = SimpleNamespace(
        chisq=np.array([5.0, 5.0, 5.0, nan, nan, nan, 9.5]), status=np.array([0, 0, 0, 3, 3, 4, 0])
    )
    status = difference_draws._pair_status(restricted, full, restricted.chisq - full.chisq)
    assert [PairStatus(s) for s in status] == list(PairStatus)
    assert len({s.label for s in PairStatus}) == len(PairStatus)


def test_a_second_attempt_replaces_a_solution_only_when_it_is_lower():
    def found(minimum, outcome):
        minimum = np.array(minimum)
        return Found(
            np.arange(len(minimum)), minimum[:, None] * 10, minimum, np.array(outcome, dtype=np.int8)
        )

    first = found([1.0, 2.0, 3.0, 4.0], [Outcome.CONVERGED] * 4)
    again = found([1.5, 2.5, 1.0], [Outcome.CONVERGED, Outcome.CONVERGED, Outcome.NO_PROGRESS])
    best = difference_draws._lower_of(first, np.array([1, 2, 3]), again)
    assert best.minimum.tolist() == [1.0, 1.5, 2.5, 4.0]
    assert best.theta[:, 0].tolist() == [10.0, 15.0, 25.0, 40.0]


def test_differences_of_groups_are_bootstrapped(whole_sample):
    """Loadings equal in two groups, which they are: both models on the same resamples of both groups."""
    model = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6"
    equal = fit(model, whole_sample, group="group", group_equal="loadings")
    free = fit("g =~ x4 + x5 + x6\nf =~ x1 + x2 + x3", whole_sample, group="group")
    comparison = compare(equal, free)
    for kind in ("bollen_stine", "parametric"):
        found = bootstrap_difference(comparison, draws=60, seed=1, kind=kind)
        assert found.counts()["count"].sum() == 60
        assert found.n_used > 50
        assert np.nanmean(found.difference) == pytest.approx(comparison.ddf, abs=2.0)
        assert found.pvalue == pytest.approx(comparison.pvalue, abs=0.2)


@pytest.mark.parametrize(
    "options", [{"missing": "ml"}, {"estimator": "GLS"}, {"cluster": "cluster"}, {"missing": "two_stage"}]
)
def test_differences_of_other_fits_are_referred_to_compare(sample_with_gaps, options):
    """The message names the test that there is."""
    equal = fit("f =~ x1 + a*x2 + a*x3 + x4", sample_with_gaps, **options)
    comparison = SimpleNamespace(restricted=equal, full=equal)
    with pytest.raises(UsageError, match="difference test of compare"):
        bootstrap_difference(comparison, draws=2)
