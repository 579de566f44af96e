"""Draws of several groups: the whole table, one group of it, policies and the jackknife."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bollen_stine import bollen_stine
from sopsem.sem.resampling.bootstrap import bootstrap, jackknife, redo
from sopsem.sem.resampling.draw_errors import draw_standard_errors
from sopsem.sem.resampling.draws import DrawStatus
from sopsem.sem.resampling.policies import apply_policy

PATH = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\ng ~ f"


@pytest.fixture(scope="module")
def grouped(whole_sample):
    return fit(PATH, whole_sample, group="group", group_equal="loadings")


@pytest.fixture(scope="module")
def draws(grouped):
    return bootstrap(grouped, draws=40, seed=6)


def test_estimates_are_those_of_all_groups(draws, grouped):
    """Every row of the table of every group, equal where a constraint ties them."""
    assert draws.estimates.shape == (40, len(grouped.names))
    assert draws.rows.shape == (40, len(grouped.spec.parameters))
    rows = {(p.lhs, p.op, p.rhs, p.group): i for i, p in enumerate(grouped.spec)}
    first, second = rows["f", "=~", "x2", 1], rows["f", "=~", "x2", 2]
    np.testing.assert_array_equal(draws.rows[:, first], draws.rows[:, second])
    assert not np.allclose(draws.rows[:, rows["g", "~", "f", 1]], draws.rows[:, rows["g", "~", "f", 2]])


def test_derived_rows_of_latent_responses_are_those_of_the_draw(whole_sample):
    """Residual variances that follow from the loadings do so in every draw."""
    draws = bootstrap(fit("f =~ y1 + y2 + y3 + y4", whole_sample, ordered=True), draws=3, seed=2)
    rows = {(p.lhs, p.op, p.rhs): i for i, p in enumerate(draws.fit.spec)}
    loading, variance = draws.rows[:, rows["f", "=~", "y2"]], draws.rows[:, rows["f", "~~", "f"]]
    np.testing.assert_allclose(draws.rows[:, rows["y2", "~~", "y2"]], 1.0 - loading**2 * variance, atol=1e-10)


def test_one_group_of_the_draws_belongs_to_its_fit(draws, grouped):
    """Draws of a group serve its fit; what needs all groups says so."""
    own = draws.of_group(2)
    assert own.belong_to(grouped.of_group(2))
    assert not own.belong_to(grouped.of_group(1))
    at = list(grouped.spec.rows_of(2))
    np.testing.assert_array_equal(own.rows, draws.rows[:, at])
    for call in (lambda: redo(own, 0), lambda: apply_policy(own, "drop")):
        with pytest.raises(UsageError, match="draws of all groups"):
            call()
    with pytest.raises(UsageError, match=r"take draws.of_group\(1\)"):
        bootstrap(grouped.of_group(1), draws=2)


@pytest.mark.parametrize("kind", ["percentile", "bc", "bca", "basic", "normal", "studentized"])
def test_effects_of_groups_have_intervals(draws, grouped, kind):
    """Every interval exists in every group and holds the estimate of a strong path."""
    table = effects(grouped, draws, kind=kind)
    assert table["group"].tolist() == [g for g in grouped.spec.groups for _ in range(len(table) // 2)]
    assert (table["ci_lower_std"] < table["est_std"]).all()
    assert (table["est_std"] < table["ci_upper_std"]).all()
    one = effects(grouped.of_group(1), draws.of_group(1), kind=kind)
    np.testing.assert_array_equal(one["ci_lower"], table["ci_lower"][: len(one)])


def test_effects_refuse_the_draws_of_another_fit(draws, whole_sample):
    """Draws belong to one fit."""
    other = fit(PATH, whole_sample, group="group")
    with pytest.raises(UsageError, match="another fit"):
        effects(other, draws)


def test_the_jackknife_leaves_out_every_row_of_every_group(draws, grouped, whole_sample):
    """A leave-one-out solution is the fit without that row; of clusters, without that cluster."""
    left = jackknife(draws)
    assert left.shape == (240, len(grouped.kernel_theta))
    positions = np.concatenate([m.positions for m in grouped.data_moments])
    without = whole_sample.drop(index=positions[200])
    alone = fit(PATH, without, group="group", group_equal="loadings", group_label=list(grouped.spec.groups))
    np.testing.assert_allclose(
        grouped.parameters.rows(left[200:201])[0, grouped.free], alone.theta, atol=1e-6
    )
    clustered = bootstrap(fit("f =~ x1 + x2 + x3", whole_sample, cluster="cluster"), draws=2)
    assert len(jackknife(clustered)) == 40


def test_the_jackknife_of_incomplete_and_ordered_rows(sample_with_gaps):
    """Leave-one-out fits of FIML and of latent responses are fits without that row."""
    data = sample_with_gaps.iloc[:80].reset_index(drop=True)
    for model, options in (
        ("f =~ x1 + x2 + x3", {"missing": "ml"}),
        ("f =~ y1 + y2 + y3", {"ordered": True}),
    ):
        whole = fit(model, data, **options)
        left = jackknife(bootstrap(whole, draws=1))
        alone = fit(model, data.drop(index=5), **options)
        rows = whole.parameters.rows(left[5:6])[0, whole.free]
        np.testing.assert_allclose(rows, alone.theta, atol=1e-5)


def test_a_leave_one_out_fit_without_a_category_says_which(whole_sample):
    """BCa is refused with the row, the item and the category."""
    data = whole_sample.iloc[:60].copy()
    data["y1"] = np.where(np.arange(60) == 17, 5, np.minimum(data["y1"], 3))
    draws = bootstrap(fit("f =~ y1 + y2 + y3", data, ordered=True), draws=2)
    with pytest.raises(UsageError, match="without row 18: y1 has no answer 5"):
        jackknife(draws)


def test_improper_draws_name_parameter_and_group(whole_sample):
    """Policies work on groups: kept, dropped, bounded and replaced draws of two small groups."""
    data = whole_sample.iloc[:70]
    draws = bootstrap(fit("f =~ x1 + x2 + x3", data, group="group"), draws=60, seed=1)
    improper = np.flatnonzero(draws.status == DrawStatus.IMPROPER)
    assert len(improper)
    assert all("(group first)" in draws.reason[b] or "(group second)" in draws.reason[b] for b in improper)
    assert not apply_policy(draws, "drop").used[improper].any()
    bounded = apply_policy(draws, "bound")
    assert (bounded.status[improper] == DrawStatus.ON_BOUND).mean() > 0.5
    assert (apply_policy(draws, "redraw").status == DrawStatus.PROPER).all()


def test_policies_bound_draws_of_least_squares_and_incomplete_rows(sample_with_gaps):
    """Bounded refits keep variances at or above 0 whatever the estimator."""
    data = sample_with_gaps.iloc[:60][["x1", "x2", "x3"]]
    data = data + 0.9 * np.random.default_rng(4).normal(size=data.shape)
    for options in ({"estimator": "ULS"}, {"missing": "ml"}):
        whole = fit("f =~ x1 + x2 + x3", data, **options)
        draws = bootstrap(whole, draws=80, seed=3)
        improper = draws.status == DrawStatus.IMPROPER
        assert improper.any()
        bounded = apply_policy(draws, "bound")
        variances = [i for i, p in enumerate(whole.spec) if p.op == "~~" and p.lhs == p.rhs]
        on = bounded.status == DrawStatus.ON_BOUND
        assert on.any()
        assert (bounded.rows[on][:, variances] >= -1e-12).all()


def test_studentized_intervals_are_refused_where_their_errors_would_be_wrong(sample_with_gaps):
    """Errors of the expected information of complete rows are not those of FIML or clusters."""
    for options in ({"missing": "ml"}, {"cluster": "cluster"}, {"estimator": "GLS"}):
        draws = bootstrap(fit(PATH, sample_with_gaps, **options), draws=4)
        with pytest.raises(UsageError, match="studentized"):
            draw_standard_errors(draws, lambda theta: theta)


def test_the_bollen_stine_test_of_groups(grouped):
    """chi2 of all groups together is compared with its draws."""
    found = bollen_stine(bootstrap(grouped, draws=60, seed=2, kind="bollen_stine"))
    assert found.chisq == pytest.approx(grouped.chisq)
    assert found.mean_chisq == pytest.approx(grouped.df, rel=0.25)


def test_indices_stay_within_their_groups(grouped):
    """Given positions are of the rows of all groups, one group after another."""
    first, second = (m.n for m in grouped.data_moments)
    given = np.stack(
        [np.arange(first + second), np.append(np.full(first, 3), np.arange(first, first + second))]
    )
    draws = bootstrap(grouped, indices=given[:1])
    np.testing.assert_allclose(draws.estimates[0], grouped.theta, atol=1e-6)
    np.testing.assert_array_equal(draws.resampler.rows_of(0), given[0])
    assert bootstrap(grouped, indices=given).status[1] == DrawStatus.SINGULAR
    with pytest.raises(UsageError, match="group 1 and must stay"):
        bootstrap(grouped, indices=given[:1, ::-1])
