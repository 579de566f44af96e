"""Attempts: every failure is a verdict in words."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.constructs.method.method_models import (
    attempt,
    item_signs,
    standardized_moments,
    with_method_factor,
)
from sopsem.sem.estimation.fit import fit


def test_verdicts(with_method, structural):
    fitted = fit(structural, sample_cov=with_method(), n_obs=200)
    moments = standardized_moments(fitted)
    assert attempt("own", fitted.spec, moments, fitted).proper
    assert attempt("own", fitted.spec, moments, fitted).fit.chisq == pytest.approx(fitted.chisq, abs=1e-8)
    two = structural + "\nh =~ a + b\nk =~ a + b"
    lost = attempt("two", two, moments, fitted)
    assert not lost.proper
    assert "identified" in lost.verdict
    strong = with_method_factor(fitted.spec, dict.fromkeys("abcdxyzw", "0.95"), "1")
    assert attempt("strong", strong, moments, fitted).verdict.startswith(("improper", "not converged"))


def test_standardized_moments_are_correlations(with_method, structural):
    scale = np.arange(1.0, 9.0)
    s = with_method().mul(scale, axis=0).mul(scale, axis=1)
    moments = standardized_moments(fit(structural, sample_cov=s, n_obs=200))
    np.testing.assert_allclose(moments.covariance, with_method(), atol=1e-12)
    assert not moments.covariance.flags.writeable


def test_a_name_that_is_taken_and_signs():
    frame = pd.DataFrame(0.5 * np.eye(3) + 0.5, index=["method", "b", "c"], columns=["method", "b", "c"])
    fitted = fit("f =~ method + b + c", sample_cov=frame, n_obs=50)
    assert "method_ =~" in with_method_factor(fitted.spec, {"b": "1.0"}, "NA")
    assert item_signs(["a", "b"], ["b"]) == {"a": 1.0, "b": -1.0}
    with pytest.raises(UsageError):
        item_signs(["a"], ["c"])
