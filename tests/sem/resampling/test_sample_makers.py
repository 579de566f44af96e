"""What is resampled of which fit: refusals, the right data, Bollen-Stine and parametric rows by group."""

import numpy as np
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.sample_makers import make_samples

TWO = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6"
ONE = "f =~ y1 + y2 + y3 + y4 + y5"


@pytest.mark.parametrize(
    ("options", "gaps", "kind", "what"),
    [
        ({"missing": "ml"}, True, "bollen_stine", "missing values"),
        ({"missing": "two_stage"}, True, "parametric", "missing values"),
        ({"cluster": "cluster"}, False, "bollen_stine", "clustered rows"),
        ({"estimator": "GLS"}, False, "bollen_stine", "use kind='case' or 'parametric'"),
    ],
)
def test_kinds_that_do_not_exist_are_refused(whole_sample, sample_with_gaps, options, gaps, kind, what):
    """The message says with what, and which kinds there are."""
    result = fit(TWO, sample_with_gaps if gaps else whole_sample, **options)
    with pytest.raises(UsageError, match=what):
        bootstrap(result, draws=2, kind=kind)


def test_ordered_variables_have_case_draws_only(whole_sample):
    """Latent responses are not drawn from a normal distribution."""
    with pytest.raises(UsageError, match="ordered variables; use kind='case'"):
        bootstrap(fit(ONE, whole_sample, ordered=True), draws=2, kind="parametric")


@pytest.mark.parametrize(
    ("model", "options"),
    [(TWO, {"group": "group"}), (TWO, {"missing": "ml"}), (ONE, {"ordered": True})],
)
def test_data_must_be_those_of_the_fit(sample_with_gaps, model, options):
    """The fit's own data are accepted, other data are not."""
    result = fit(model, sample_with_gaps, **options)
    own = bootstrap(result, sample_with_gaps, draws=1, seed=1)
    np.testing.assert_array_equal(own.kernel_theta, bootstrap(result, draws=1, seed=1).kernel_theta)
    with pytest.raises(DataError, match="not those of the fit"):
        bootstrap(result, sample_with_gaps.iloc[::-1], draws=1)
    with pytest.raises(DataError, match="not those of the fit"):
        bootstrap(result, sample_with_gaps.iloc[:50], draws=1)


def test_groups_of_matrices_have_parametric_draws(whole_sample):
    """Without rows only the fitted distribution can be drawn from."""
    columns = [f"x{i}" for i in range(1, 7)]
    parts = [d[columns] for _, d in whole_sample.groupby("group")]
    result = fit(
        TWO,
        sample_cov=[d.cov() for d in parts],
        n_obs=[len(d) for d in parts],
        sample_mean=[d.mean() for d in parts],
    )
    assert bootstrap(result, draws=3, kind="parametric").used.all()
    with pytest.raises(DataError, match="kind='parametric'"):
        bootstrap(result, draws=3)


@pytest.mark.parametrize("likelihood", ["normal", "wishart"])
def test_transformed_rows_fit_exactly_in_every_group(whole_sample, likelihood):
    """Taken once each, Bollen-Stine rows have chi2 0 and the estimates of the fit."""
    result = fit(TWO, whole_sample, group="group", group_equal="loadings", likelihood=likelihood)
    n = result.n
    draws = bootstrap(result, kind="bollen_stine", indices=np.arange(n)[None])
    assert draws.chisq[0] == pytest.approx(0.0, abs=1e-8)
    np.testing.assert_allclose(draws.estimates[0], result.theta, atol=1e-8)


@pytest.mark.parametrize("options", [{}, {"estimator": "GLS"}, {"estimator": "ULS"}])
def test_parametric_draws_are_centred_on_the_fit(whole_sample, options):
    """Estimates of normal rows scatter about those of the fit, chi2 about its df."""
    result = fit(TWO, whole_sample, group="group", **options)
    draws = bootstrap(result, draws=60, seed=3, kind="parametric")
    assert draws.resampler.rows_of(0) is None
    used = draws.estimates[draws.used]
    away = np.abs(used.mean(axis=0) - result.theta) / (used.std(axis=0) / np.sqrt(len(used)))
    assert np.median(away) < 1.5
    if not options:
        assert np.nanmean(draws.chisq) == pytest.approx(result.df, rel=0.25)


def test_samples_are_the_rows_that_the_fit_used(sample_with_gaps):
    """Rows left out by the fit are no rows of its draws."""
    listwise = fit(TWO, sample_with_gaps, group="group")
    sizes = [s.n for s in make_samples(listwise, None, "case")]
    assert sizes == [m.n for m in listwise.data_moments]
    assert sum(sizes) == len(sample_with_gaps.dropna())
