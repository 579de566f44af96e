"""The baseline model: its rows, its closed form, and the estimator of the model."""

import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.baseline import baseline_fit, baseline_spec, normal_baseline


def test_the_closed_form_is_the_fit(skewed_items, two_factor_model):
    """Maximum likelihood of the independence model, for one group and several, with and without predictors."""
    for model, options in (
        (two_factor_model, {}),
        (two_factor_model, {"group": "school"}),
        ("y1 ~ x1 + x2\ny2 ~ x1", {"meanstructure": True}),
        ("y1 ~ x1 + x2\ny2 ~ x1", {"fixed_x": False}),
    ):
        result = fit(model, skewed_items, **options)
        alone = baseline_fit(result)
        assert normal_baseline(result) == pytest.approx((alone.chisq, alone.df))


def test_only_predictors_covary(skewed_items):
    """Fixed predictors stay fixed, random ones keep their covariances."""
    rows = baseline_spec(fit("y1 ~ x1 + x2", skewed_items).spec)
    assert [(p.name, p.exo) for p in rows if p.lhs != p.rhs] == [("x1~~x2", True)]


@pytest.mark.parametrize("estimator", ["WLS", "DWLS", "ULS", "GLS"])
def test_the_baseline_has_the_estimator_of_the_model(estimator, skewed_items, two_factor_model):
    """Covariances of 0 and free variances, minimised in the same discrepancy."""
    alone = baseline_fit(fit(two_factor_model, skewed_items, estimator=estimator))
    written = fit("\n".join(f"{v} ~~ {v}" for v in alone.spec.observed), skewed_items, estimator=estimator)
    assert (alone.chisq, alone.df) == pytest.approx((written.chisq, written.df))
