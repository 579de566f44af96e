"""What fit indices are made of, from the matrices themselves."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.fit_ingredients import Ingredients, scaled_name

MODEL = "f =~ a + b + c\ng =~ d + e + h"


@pytest.mark.parametrize(
    ("options", "moments", "multiplier"),
    [
        ({}, 21, 240),
        ({"meanstructure": True}, 27, 240),
        ({"group": "group"}, 54, 240),
        ({"likelihood": "wishart"}, 21, 239),
        ({"mimic": "amos"}, 21, 239),
        ({"estimator": "GLS"}, 21, 239),
    ],
)
def test_sizes_are_counted(lattice, options, moments, multiplier):
    """Moments of all groups, variables, N and what F is multiplied with."""
    found = Ingredients.of(fit(MODEL, lattice, **options))
    assert (found.n_moments, found.multiplier, found.n_obs, found.n_variables) == (
        moments,
        multiplier,
        240,
        6,
    )
    assert found.n_groups == 1 + ("group" in options)
    np.testing.assert_allclose(found.shares.sum(), 1.0)
    assert len(found.residuals) == found.n_groups


def test_log_likelihoods_are_sums_over_the_rows(lattice):
    """Of the normal density at the implied and at the sample moments, in both groups."""
    fitted = fit(MODEL, lattice, group="group")
    found = Ingredients.of(fitted)
    logl = saturated = 0.0
    for one in fitted.by_group:
        rows = one.moments.data
        logl += multivariate_normal(one.mu, one.sigma).logpdf(rows).sum()
        saturated += multivariate_normal(rows.mean(axis=0), np.cov(rows.T, ddof=0)).logpdf(rows).sum()
    assert found.logl == pytest.approx(logl, rel=1e-10)
    assert found.unrestricted_logl == pytest.approx(saturated, rel=1e-10)


@pytest.mark.parametrize("missing", ["listwise", "ml"])
def test_the_likelihood_is_that_of_outcomes_given_fixed_predictors(lattice, missing):
    """That of a regression: N/2 (log 2 pi s^2 + 1) with s^2 the residual variance."""
    found = Ingredients.of(fit("a ~ x + b", lattice, meanstructure=True, missing=missing))
    design = np.column_stack([np.ones(240), lattice["x"], lattice["b"]])
    left = lattice["a"] - design @ np.linalg.lstsq(design, lattice["a"].to_numpy())[0]
    wanted = -120.0 * (np.log(2.0 * np.pi * (left**2).mean()) + 1.0)
    assert found.logl == pytest.approx(wanted, rel=1e-7)
    assert found.unrestricted_logl == pytest.approx(wanted, rel=1e-7)


def test_incomplete_rows_have_the_likelihood_of_what_they_hold(lattice_gaps):
    """Each row by the marginal density of its values."""
    fitted = fit(MODEL, lattice_gaps, missing="ml")
    found, wanted = Ingredients.of(fitted), 0.0
    for row in lattice_gaps[list(fitted.spec.observed)].to_numpy():
        at = np.flatnonzero(~np.isnan(row))
        wanted += multivariate_normal(fitted.mu[at], fitted.sigma[np.ix_(at, at)]).logpdf(row[at])
    assert found.logl == pytest.approx(wanted, rel=1e-8)
    assert 2.0 * (found.unrestricted_logl - found.logl) == pytest.approx(fitted.chisq, rel=1e-6)
    assert found.incomplete


def test_fmin_is_half_of_f_or_chi2_over_two_n(lattice):
    """As lavaan prints it, and no likelihood where none is maximised."""
    ml, gls = (fit(MODEL, lattice, estimator=e) for e in ("ML", "GLS"))
    one, other = Ingredients.of(ml), Ingredients.of(gls)
    assert one.fmin == ml.minimum / 2.0
    assert other.fmin == gls.chisq / 480.0
    assert one.logl is not None
    assert other.logl is None


def test_the_baseline_of_normal_data_needs_no_search(lattice):
    """chi2 is minus N times the log determinant of the correlations."""
    found = Ingredients.of(fit(MODEL, lattice))
    correlations = lattice[list("abcdeh")].corr().to_numpy()
    assert found.chisq0 == pytest.approx(-240.0 * np.linalg.slogdet(correlations)[1], rel=1e-9)
    assert found.df0 == 15


def test_scaled_and_robust_parts_go_with_the_test(lattice, lattice_gaps, lattice_answers):
    """None for the standard test; of incomplete rows a robust part without a scaled one."""
    plain = Ingredients.of(fit(MODEL, lattice))
    assert plain.scaled is None
    assert plain.robust is None
    incomplete = Ingredients.of(fit(MODEL, lattice_gaps, missing="ml"))
    assert incomplete.scaled is None
    assert incomplete.robust is not None
    mlmvs = Ingredients.of(fit(MODEL, lattice, estimator="MLMVS"))
    assert mlmvs.scaled is not None
    assert mlmvs.robust is None
    shifted = Ingredients.of(fit(MODEL, lattice, estimator="MLMV"))
    assert shifted.scaled.plain_df
    assert not Ingredients.of(fit(MODEL, lattice, estimator="MLM")).scaled.plain_df
    ordered = Ingredients.of(fit(MODEL, lattice_answers, ordered=True))
    assert ordered.ordered
    assert ordered.robust is not None
    assert [scaled_name(fit(MODEL, lattice, estimator=e)) for e in ("ML", "MLR")] == [
        None,
        "yuan_bentler_mplus",
    ]


def test_the_robust_statistic_takes_off_the_excess_of_the_mean(lattice):
    """chi2 - (c - 1) df with the scaling factor c."""
    fitted = fit(MODEL, lattice, estimator="MLM")
    found = Ingredients.of(fitted)
    c = found.scaled.model.scaling_factor
    assert abs(c - 1.0) > 0.001
    assert found.robust.chisq == pytest.approx(fitted.chisq - (c - 1.0) * fitted.df, rel=1e-12)
    assert found.robust.scaled == pytest.approx(fitted.chisq / c, rel=1e-12)


def test_means_over_groups_are_weighed_by_size(lattice):
    """Of any residual measure."""
    found = Ingredients.of(fit(MODEL, lattice, group="group"))
    sizes = lattice["group"].value_counts()[["u", "v"]].to_numpy()
    values = [r.srmr_bentler(means=True) for r in found.residuals]
    assert values[0] != pytest.approx(values[1], rel=0.01)
    mean = found.residual_mean(lambda r: r.srmr_bentler(means=True))
    assert mean == pytest.approx(sizes @ values / 240, rel=1e-12)
