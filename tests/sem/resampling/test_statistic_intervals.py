"""Intervals of the parameters themselves, from draws of any estimator and of groups."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.statistic_intervals import bootstrap_estimates

MODEL = "f =~ x1 + l2*x2 + l3*x3\nsum := l2 + l3"


@pytest.mark.parametrize(
    "options",
    [{}, {"group": "half"}, {"estimator": "GLS"}, {"missing": "ml"}],
    ids=["ML", "groups", "GLS", "FIML"],
)
def test_they_are_quantiles_of_the_draws(whole_sample, options):
    """Estimates are the fit's; limits and spread are those of the draws, definitions made in every draw."""
    rows = whole_sample.assign(half=np.arange(len(whole_sample)) % 2)
    labelled = MODEL if "group" not in options else "f =~ x1 + c(l2, l2b)*x2 + c(l3, l3b)*x3\nsum := l2 + l3"
    result = fit(labelled, rows, **options)
    draws = bootstrap(result, rows, draws=60, seed=2)
    table = bootstrap_estimates(result, draws)
    np.testing.assert_allclose(table.est[:-1], result.rows[result.free], rtol=1e-9)
    values = draws.estimates[draws.used]
    np.testing.assert_allclose(table.se[:-1], values.std(axis=0, ddof=1), rtol=1e-9)
    at = {label: i for i, label in enumerate(table.label) if label}
    total = values[:, at["l2"]] + values[:, at["l3"]]
    last = table.iloc[-1]
    assert (last.op, last.group, last.n_draws) == (":=", 0, len(values))
    assert last.ci_lower == pytest.approx(np.quantile(total, 0.025, method="weibull"), rel=1e-9)
    assert last.ci_upper == pytest.approx(np.quantile(total, 0.975, method="weibull"), rel=1e-9)


def test_every_kind_of_interval_is_given(whole_sample):
    """And the estimate lies inside all of them here."""
    result = fit(MODEL, whole_sample)
    draws = bootstrap(result, whole_sample, draws=99, seed=3)
    for kind in ("percentile", "bc", "bca", "normal", "basic", "studentized"):
        table = bootstrap_estimates(result, draws, kind=kind)
        assert (table.ci_lower < table.est).all()
        assert (table.est < table.ci_upper).all()


def test_draws_of_another_fit_are_refused(whole_sample):
    """Their columns would be other parameters."""
    one, other = fit(MODEL, whole_sample), fit("f =~ x1 + x2 + x3", whole_sample)
    with pytest.raises(UsageError, match="of another fit"):
        bootstrap_estimates(one, bootstrap(other, whole_sample, draws=5, seed=1))
    assert isinstance(bootstrap_estimates(other, bootstrap(other, draws=5, seed=1)), pd.DataFrame)
