"""What is resampled: rows, rows transformed to the model, rows from the model."""

import numpy as np
import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.resampler import make_resampler
from sopsem.sem.resampling.sample_makers import UNITS_APART, transformed


@pytest.mark.parametrize(
    "options", [{}, {"likelihood": "wishart"}, {"meanstructure": True}, {"mimic": "amos"}]
)
@pytest.mark.parametrize("unit", [1.0, 1e7])
def test_transformed_rows_have_exactly_the_implied_moments(two_factors, two_factor_model, options, unit):
    """Bollen and Stine: the model holds in the rows that are resampled; also with units far apart."""
    data = two_factors(1)
    data["x2"] *= unit
    result = fit(two_factor_model, data, **options)
    rows = transformed(result, result.moments.data)
    divisor = len(rows) - 1 if "likelihood" in options else len(rows)
    centred = rows - rows.mean(axis=0)
    sd = np.sqrt(np.diag(result.sigma))
    found = centred.T @ centred / divisor
    np.testing.assert_allclose(found / np.outer(sd, sd), result.sigma / np.outer(sd, sd), atol=1e-11)
    if result.mu is not None:
        np.testing.assert_allclose(rows.mean(axis=0) / sd, result.mu / sd, atol=1e-11)
    assert unit == 1.0 or result.model.sd.max() > UNITS_APART * result.model.sd.min()


def test_the_model_fits_the_transformed_rows_perfectly(two_factors, two_factor_model):
    data = two_factors(1)
    found = bootstrap(fit(two_factor_model, data), data, kind="bollen_stine", indices=np.arange(150)[None])
    assert found.chisq[0] == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize("options", [{}, {"likelihood": "wishart"}, {"meanstructure": True}])
def test_parametric_draws_have_the_implied_moments_on_average(two_factors, two_factor_model, options):
    data = two_factors(1)
    result = fit(two_factor_model, data, **options)
    resampler = make_resampler(result, None, "parametric", 5, None)
    mean = resampler.moments(range(600)).mean(axis=0)[:6, :6]
    wanted = result.sigma / np.outer(result.model.sd, result.model.sd)
    shrunk = 1.0 if options.get("meanstructure") else 149 / 150
    np.testing.assert_allclose(mean, wanted * shrunk, atol=0.025)
    assert resampler.rows_of(0) is None


def test_parametric_draws_need_no_rows(two_factors, two_factor_model):
    by_matrix = fit(two_factor_model, sample_cov=two_factors().cov(), n_obs=150)
    found = bootstrap(by_matrix, draws=60, seed=1, kind="parametric")
    assert found.used.all()
    assert found.chisq.mean() == pytest.approx(8.0, abs=2.0)  # the model is true: mean chi2 is about df


@pytest.mark.parametrize("likelihood", ["normal", "wishart"])
def test_moments_of_a_draw_are_those_of_its_rows(two_factors, two_factor_model, likelihood):
    data = two_factors(2, 70)
    result = fit(two_factor_model, data, likelihood=likelihood)
    resampler = make_resampler(result, data, "case", 3, None)
    picked = data[list(result.spec.observed)].iloc[resampler.rows_of(4)]
    wanted = picked.cov(ddof=1 if likelihood == "wishart" else 0) / np.outer(result.model.sd, result.model.sd)
    np.testing.assert_allclose(resampler.moments([4])[0], wanted, atol=1e-12)
