"""Bootstrap: each draw accounted for, made again alone, the same for any workers."""

from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.sem.estimation.fit import Status, fit
from sopsem.sem.resampling.bootstrap import DrawStatus, bootstrap, jackknife, redo
from sopsem.sem.resampling.resampling import resample_indices

WEAK = "f =~ x1 + x2 + x3\ng =~ y1 + y2"


@pytest.fixture(scope="module")
def weak(two_factors):
    """A small sample with weak items: many improper draws."""
    data = two_factors(3, 45)[["x1", "x2", "x3", "y1", "y2"]]
    data = data + 0.8 * np.random.default_rng(9).normal(size=data.shape)
    return fit(WEAK, data), data


@pytest.fixture(scope="module")
def draws(weak):
    return bootstrap(*weak, draws=120, seed=42)


def test_the_classes_add_up_to_the_draws_asked_for(draws):
    counts = draws.counts()
    assert counts["count"].sum() == len(draws) == 120
    assert counts["share"].sum() == pytest.approx(1.0)
    assert set(draws.status.tolist()) <= set(DrawStatus)
    assert (draws.status == DrawStatus.IMPROPER).sum() > 10
    assert (draws.status == DrawStatus.PROPER).sum() > 10


def test_every_improper_draw_names_what_is_improper(draws):
    rows = draws.rows
    names = [p.name for p in draws.fit.spec]
    for b, (status, reason) in enumerate(zip(draws.status, draws.reason, strict=True)):
        if status == DrawStatus.PROPER:
            assert reason == ""
            variances = [rows[b, i] for i, p in enumerate(draws.fit.spec) if p.op == "~~" and p.lhs == p.rhs]
            assert min(variances) >= 0.0
        elif status == DrawStatus.IMPROPER and "~~" in reason:
            assert all(rows[b, names.index(one)] < 0.0 for one in reason.split(", "))
        else:
            assert reason
    assert draws.improper_counts().sum() >= (draws.status == DrawStatus.IMPROPER).sum()


def test_draws_without_a_solution_have_no_estimates(draws):
    unusable = np.isin(draws.status, [DrawStatus.NOT_CONVERGED, DrawStatus.SINGULAR])
    np.testing.assert_array_equal(draws.used, ~unusable)
    assert np.isnan(draws.chisq[unusable]).all()
    assert np.isfinite(draws.estimates[~unusable]).all()


@pytest.mark.parametrize("kind", ["case", "bollen_stine", "parametric"])
def test_any_draw_can_be_made_again_alone_bit_for_bit(weak, kind):
    found = bootstrap(*weak, draws=40, seed=7, kind=kind)
    for b in (0, 17, 39):
        again = redo(found, b)
        np.testing.assert_array_equal(again.kernel_theta[0], found.kernel_theta[b])
        assert (again.status[0], again.reason[0]) == (found.status[b], found.reason[b])
        np.testing.assert_array_equal(again.chisq, found.chisq[[b]])


def test_workers_and_blocks_do_not_change_a_bit(weak, draws):
    with ProcessPoolExecutor(2) as executor:
        spread = bootstrap(*weak, draws=120, seed=42, executor=executor)
    blocks = bootstrap(*weak, draws=120, seed=42, chunk=50)
    for other in (spread, blocks):
        np.testing.assert_array_equal(other.kernel_theta, draws.kernel_theta)
        np.testing.assert_array_equal(other.status, draws.status)
        assert other.reason == draws.reason


def test_a_draw_is_the_fit_to_its_rows(weak):
    result, data = weak
    found = bootstrap(result, data, draws=12, seed=3)
    for b in range(12):
        rows = found.resampler.rows_of(b)
        np.testing.assert_array_equal(rows, resample_indices(3, b, len(data)))
        alone = fit(WEAK, data.iloc[rows])
        if found.used[b] and alone.status.converged:
            assert found.chisq[b] == pytest.approx(alone.chisq, abs=1e-6)
            np.testing.assert_allclose(found.estimates[b], alone.theta, atol=1e-4)


def test_given_rows_are_used_as_they_are(weak):
    result, data = weak
    indices = np.random.default_rng(0).integers(0, 45, size=(8, 45))
    found = bootstrap(result, data, indices=indices)
    assert len(found) == 8
    alone = fit(WEAK, data.iloc[indices[3]])
    assert found.chisq[3] == pytest.approx(alone.chisq, abs=1e-6)
    np.testing.assert_array_equal(redo(found, 3).kernel_theta[0], found.kernel_theta[3])
    with pytest.raises(UsageError, match="index is 8"):
        redo(found, 8)


@pytest.mark.parametrize(
    "indices",
    [
        np.zeros((2, 44), int),
        np.full((2, 45), 45),
        np.full((2, 45), -1),
        np.full((2, 45), 0.5),
        np.zeros(45, int),
        np.zeros((0, 45), int),
    ],
)
def test_impossible_rows_are_refused(weak, indices):
    with pytest.raises(UsageError, match=r"indices must be \(B, 45\)"):
        bootstrap(*weak, indices=indices)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"draws": 0}, "draws is 0"),
        ({"draws": 2.5}, "draws is 2.5"),
        ({"draws": True}, "draws is True"),
        ({"kind": "wild"}, "choose one of case"),
        ({"seed": -1}, "seed is -1"),
        ({"kind": "parametric", "indices": np.zeros((1, 45), int)}, "have no rows"),
    ],
)
def test_wrong_requests_are_refused(weak, options, message):
    with pytest.raises(UsageError, match=message):
        bootstrap(*weak, **({"draws": 5} | options))


@pytest.mark.parametrize("index", [-1, 1.5, True, "3", 2**63])
def test_a_draw_that_does_not_exist_cannot_be_made_again(draws, index):
    with pytest.raises(UsageError, match="index is"):
        redo(draws, index)


def test_other_rows_than_those_of_the_fit_are_refused(weak, two_factors):
    result, data = weak
    with pytest.raises(DataError, match="not those of the fit"):
        bootstrap(result, data + 1.0, draws=5)
    with pytest.raises(DataError, match="not those of the fit"):
        bootstrap(result, data.iloc[:40], draws=5)
    by_matrix = fit(WEAK, sample_cov=data.cov(), n_obs=45)
    with pytest.raises(DataError, match="needs the raw data"):
        bootstrap(by_matrix, draws=5)
    with pytest.raises(DataError, match="40 complete rows, the fit used 45"):
        bootstrap(fit(WEAK, sample_cov=data.iloc[:40].cov(), n_obs=45), data.iloc[:40], draws=5)
    with pytest.raises(DataError, match="do not have the covariances of the fit"):
        bootstrap(by_matrix, two_factors(8, 45), draws=5)


def test_rows_may_come_with_a_fit_of_their_matrix(weak, draws):
    _, data = weak
    by_matrix = fit(WEAK, sample_cov=data.cov().round(3), n_obs=45)
    found = bootstrap(by_matrix, data, draws=20, seed=42)
    usable = found.used & draws.used[:20]
    np.testing.assert_allclose(found.estimates[usable], draws.estimates[:20][usable], atol=1e-3)


def test_a_fit_that_did_not_converge_is_not_resampled(weak):
    class Broken:
        status = Status.NOT_CONVERGED

    with pytest.raises(UsageError, match="did not converge"):
        bootstrap(Broken(), weak[1], draws=5)


def test_tiny_samples_end_in_classes_too(two_factors):
    """Eight rows for five variables: many resamples are singular."""
    data = two_factors(5, 8)[["x1", "x2", "x3", "y1", "y2"]]
    result = fit("x1 ~~ x2\nx3 ~~ x3\ny1 ~~ y1\ny2 ~~ y2", data)
    found = bootstrap(result, data, draws=200, seed=1)
    singular = found.status == DrawStatus.SINGULAR
    distinct = np.array([len(set(found.resampler.rows_of(b))) for b in range(200)])
    assert found.counts()["count"].sum() == 200
    np.testing.assert_array_equal(singular, distinct <= 5)
    assert all("singular" in r for r, s in zip(found.reason, singular, strict=True) if s)


def test_draws_of_a_bounded_fit_that_sit_on_a_bound_are_classed_so(weak):
    _, data = weak
    bounded = fit(WEAK, data, bounds="pos.var")
    found = bootstrap(bounded, data, draws=100, seed=42)
    on_bound = found.status == DrawStatus.ON_BOUND
    assert on_bound.sum() > 5
    assert found.share_lost == pytest.approx(on_bound.mean())
    lowest = found.rows[:, [i for i, p in enumerate(bounded.spec) if p.op == "~~" and p.lhs == p.rhs]].min(
        axis=1
    )
    assert (lowest[found.used] >= 0.0).all()
    assert (lowest[on_bound] == 0.0).all()
    assert all("~~" in r for r, s in zip(found.reason, on_bound, strict=True) if s)


def test_progress_is_told(two_factors, two_factor_model):
    told, data = [], two_factors()

    def tell(done, whole):
        told.append((done, whole))

    bootstrap(fit(two_factor_model, data), data, draws=20, chunk=8, progress=tell)
    assert told == [(8, 20), (16, 20), (20, 20)]


def test_the_repr_shows_the_accounting(draws):
    assert repr(draws).startswith("Draws: 120 case draws, seed 42, policy keep: converged, proper")


def test_draws_are_frozen(draws):
    for name in ("kernel_theta", "estimates", "status", "chisq"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(draws, name)[0] = 0


def test_the_jackknife_leaves_every_row_out_once(two_factors, two_factor_model):
    data = two_factors(2, 40)
    result = fit(two_factor_model, data)
    found = jackknife(bootstrap(result, data, draws=2))
    alone = fit(two_factor_model, data.drop(index=7))
    np.testing.assert_allclose(result.model.rows(found[[7]])[0], alone.rows, atol=1e-6)
    with pytest.raises(UsageError, match="jackknife needs rows"):
        jackknife(bootstrap(result, data, draws=2, kind="parametric"))


def test_the_jackknife_keeps_the_bounds_of_the_fit(weak):
    _, data = weak
    bounded = fit(WEAK, data, bounds="pos.var")
    rows = bounded.model.rows(jackknife(bootstrap(bounded, data, draws=2)))
    own = [i for i, p in enumerate(bounded.spec) if p.op == "~~" and p.lhs == p.rhs]
    assert rows[:, own].min() >= 0.0


def test_parametric_draws_have_the_divisor_of_the_likelihood():
    """Under the Wishart likelihood a mean variance is the fitted one, not (N - 1)/N of it."""
    rng = np.random.default_rng(2)
    data = pd.DataFrame(rng.normal(size=(30, 3)), columns=list("abc"))
    for likelihood, expected in (("normal", 29.0 / 30.0), ("wishart", 1.0)):
        fitted = fit("a ~~ b\nb ~~ c\na ~~ c", data, likelihood=likelihood)
        made = bootstrap(fitted, draws=3000, seed=1, kind="parametric").estimates
        at = [i for i, name in enumerate(fitted.names) if name in ("a~~a", "b~~b", "c~~c")]
        ratio = (made.mean(axis=0) / fitted.theta)[at].mean()
        assert ratio == pytest.approx(expected, abs=0.012)
