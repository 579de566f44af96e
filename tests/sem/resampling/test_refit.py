"""Refits of draws: the numbers of a fit to the same rows, of every estimator, in any company."""

from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from sopsem.kernel import Outcome
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling import refit
from sopsem.sem.resampling.bootstrap import bootstrap, redo
from sopsem.sem.resampling.draw_status import DrawStatus
from sopsem.sem.resampling.refit import Found, joined
from sopsem.sem.resampling.samples import Loss

TWO = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6"
ONE = "f =~ y1 + y2 + y3 + y4 + y5"
WITH_X = "f =~ x1 + x2 + x3\nf ~ z"
# name -> model, whether values are missing, options of fit
KINDS = {
    "groups": (TWO, False, {"group": "group", "group_equal": "loadings"}),
    "groups_wishart": (TWO, False, {"group": "group", "likelihood": "wishart"}),
    "fiml": (TWO, True, {"estimator": "MLR", "missing": "ml"}),
    "fiml_groups": (TWO, True, {"missing": "ml", "group": "group", "group_equal": "loadings"}),
    "fiml_x": ("f =~ x1 + x2 + x3\nf ~ x5 + z", True, {"missing": "ml_x"}),
    "two_stage": (TWO, True, {"missing": "two_stage"}),
    "two_stage_auxiliary": (TWO, True, {"missing": "robust_two_stage", "auxiliary": ["z"]}),
    "gls": (TWO, False, {"estimator": "GLS"}),
    "gls_x": (WITH_X, False, {"estimator": "GLS"}),
    "uls_groups": (TWO, False, {"estimator": "ULS", "group": "group"}),
    "dwls": (TWO, False, {"estimator": "DWLS"}),
    "wlsmv": (ONE, False, {"ordered": True}),
    "wlsmv_theta": (ONE, False, {"ordered": True, "parameterization": "theta"}),
    "wlsmv_groups": (
        ONE,
        False,
        {"ordered": True, "group": "group", "group_equal": ["thresholds", "loadings"]},
    ),
    "wlsmv_x": (ONE + "\nf ~ z", False, {"ordered": [f"y{i}" for i in range(1, 6)]}),
    "nonlinear": ("f =~ x1 + a*x2 + b*x3\na == b^2", False, {}),
    "bounded": (TWO, False, {"bounds": "pos.var"}),
}


@pytest.fixture(scope="module")
def made(whole_sample, sample_with_gaps):
    """A function from the name of a kind to its fit, data and options."""

    def make(name):
        model, gaps, options = KINDS[name]
        data = sample_with_gaps if gaps else whole_sample
        return fit(model, data, **options), data

    return make


def rows_of_draw(draws, data, b):
    """Return the rows of the data that a draw takes, in the order of the groups."""
    parts = [np.delete(m.positions, list(m.rows_excluded)) for m in draws.fit.data_moments]
    return data.iloc[np.concatenate(parts)[draws.resampler.rows_of(b)]]


@pytest.mark.parametrize("name", KINDS)
def test_a_draw_is_the_fit_to_its_rows(made, name):
    """Estimates, and chi2 where there is one, are those of ``fit`` with the rows of the draw."""
    whole, data = made(name)
    draws = bootstrap(whole, draws=3, seed=4)
    model, _, options = KINDS[name]
    labels = {"group_label": list(whole.spec.groups)} if whole.n_groups > 1 else {}
    for b in np.flatnonzero(draws.used):
        alone = fit(model, rows_of_draw(draws, data, b), **options, **labels)
        np.testing.assert_allclose(draws.estimates[b], alone.theta, atol=2e-6)
        if name.startswith("fiml") and name != "fiml_x":
            assert np.isnan(draws.chisq[b])
        else:
            assert draws.chisq[b] == pytest.approx(alone.chisq, abs=1e-6)
    assert draws.used.sum() >= 2


@pytest.mark.parametrize("name", KINDS)
def test_a_draw_depends_on_seed_and_number_alone(made, name):
    """A draw made alone, or among fewer others, has the same bits."""
    whole, _ = made(name)
    draws = bootstrap(whole, draws=4, seed=7)
    again = bootstrap(whole, draws=2, seed=7)
    np.testing.assert_array_equal(again.kernel_theta, draws.kernel_theta[:2])
    np.testing.assert_array_equal(redo(draws, 3).kernel_theta[0], draws.kernel_theta[3])
    assert not np.array_equal(bootstrap(whole, draws=2, seed=8).kernel_theta, draws.kernel_theta[:2])


def test_workers_do_not_change_draws(made, monkeypatch):
    """The same seed gives the same bytes with two workers, of draws made together and one by one."""
    monkeypatch.setattr("sopsem.sem.resampling.draw_runs.BLOCK", 3)
    with ProcessPoolExecutor(2) as pool:
        for name in ("groups", "fiml_groups", "wlsmv"):
            whole, _ = made(name)
            here = bootstrap(whole, draws=7, seed=5)
            there = bootstrap(whole, draws=7, seed=5, executor=pool)
            assert there.kernel_theta.tobytes() == here.kernel_theta.tobytes()
            assert there.chisq.tobytes() == here.chisq.tobytes()


def test_patterns_are_taken_in_pieces_that_fit_memory(made, monkeypatch):
    """Draws of incomplete rows are the same however few are held together."""
    whole, _ = made("fiml")
    together = bootstrap(whole, draws=5, seed=2)
    monkeypatch.setattr(refit, "NUMBERS", 1)
    np.testing.assert_array_equal(bootstrap(whole, draws=5, seed=2).kernel_theta, together.kernel_theta)


# Free loadings of three draws (seed 11) by lavaan 0.6-14: the rows of each draw were written to a file and
# fitted with cfa(model, data, ...) and the options of the kind.
LAVAAN = {
    "groups": [
        [1.15211, 1.05851, 1.72359, 1.2729, 1.15211, 1.05851, 1.72359, 1.2729],
        [1.17538, 1.07989, 1.19188, 1.18557, 1.17538, 1.07989, 1.19188, 1.18557],
        [1.0367, 0.97232, 1.20438, 1.00673, 1.0367, 0.97232, 1.20438, 1.00673],
    ],
    "fiml": [
        [1.2174, 1.23765, 0.87978, 0.9375],
        [1.28114, 0.98307, 1.07597, 1.05551],
        [1.14652, 1.12112, 1.07867, 1.15072],
    ],
    "two_stage": [
        [1.20386, 1.23886, 0.87754, 0.93704],
        [1.27617, 0.98595, 1.0745, 1.06365],
        [1.13721, 1.10056, 1.07302, 1.1626],
    ],
    "gls": [
        [1.16081, 1.14759, 0.90768, 0.8905],
        [1.33716, 1.16951, 1.10859, 0.99866],
        [1.11759, 1.12662, 1.07699, 1.14719],
    ],
    "wlsmv": [
        [1.08048, 1.12761, 1.22511, 1.05046],
        [0.97181, 1.21375, 1.27614, 1.09088],
        [1.17381, 1.10077, 1.20259, 1.11981],
    ],
}
LAVAAN_CHISQ = {
    "groups": [41.4885, 54.69692, 51.22562],
    "two_stage": [7.788531, 31.58947, 41.92491],
    "gls": [9.154877, 22.93432, 25.53312],
    "wlsmv": [1.29895, 0.7854878, 2.376399],
}


@pytest.mark.parametrize("name", LAVAAN)
def test_draws_are_those_of_lavaan(made, name):
    """The same resamples give lavaan's loadings and chi2."""
    draws = bootstrap(made(name)[0], draws=3, seed=11)
    free = [p.op == "=~" for p in draws.fit.spec if p.free]
    np.testing.assert_allclose(draws.estimates[:, free], LAVAAN[name], atol=1e-4)
    if name in LAVAAN_CHISQ:
        # lavaan's EM steps of the two-stage moments end early
        np.testing.assert_allclose(draws.chisq, LAVAAN_CHISQ[name], rtol=1e-4)


def test_clusters_are_drawn_whole(whole_sample):
    """A draw takes all rows of a cluster or none; N, and chi2 with it, is that of the draw."""
    whole = fit(TWO, whole_sample, cluster="cluster")
    draws = bootstrap(whole, draws=4, seed=3)
    for b in range(4):
        rows = rows_of_draw(draws, whole_sample, b)
        assert (rows.groupby("cluster").size() % 6 == 0).all()
    uneven = whole_sample.assign(cluster=np.sqrt(np.arange(240)).astype(int))
    whole = fit(TWO, uneven, cluster="cluster")
    draws = bootstrap(whole, draws=3, seed=3)
    for b in range(3):
        rows = rows_of_draw(draws, uneven, b)
        alone = fit(TWO, rows, meanstructure=True)
        assert draws.chisq[b] == pytest.approx(alone.chisq, abs=1e-6)
    assert len({len(rows_of_draw(draws, uneven, b)) for b in range(3)}) > 1


def test_blocks_are_joined_with_their_losses():
    """Losses and multipliers of blocks stay with their draws; chi2 takes them."""
    loss = Loss(DrawStatus.SINGULAR, "no value")
    first = Found(
        np.array([0]),
        np.ones((1, 2)),
        np.array([0.5]),
        np.array([0], dtype=np.int8),
        (None,),
        np.array([10.0]),
    )
    second = Found(
        np.array([1]),
        np.full((1, 2), np.nan),
        np.array([np.nan]),
        np.array([Outcome.SINGULAR_DATA], dtype=np.int8),
        (loss,),
        np.array([np.nan]),
    )
    both = joined([first, second])
    assert both.losses == (None, loss)
    np.testing.assert_array_equal(both.chisq(99), [5.0, np.nan])
    assert Found(first.draws, first.theta, first.minimum, first.outcome).chisq(99).tolist() == [49.5]
