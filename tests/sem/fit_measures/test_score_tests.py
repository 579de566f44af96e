"""Score tests of equality constraints."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.score_tests import score_tests

NAMES = list("abcd")


def _covariance(loadings):
    sigma = np.outer(loadings, loadings) + np.diag(1.0 - np.square(loadings))
    return pd.DataFrame(sigma, index=NAMES, columns=NAMES)


def test_a_slightly_wrong_equality_costs_what_the_score_test_says():
    """Near the truth the score and the likelihood-ratio statistic agree."""
    covariance = _covariance(np.array([0.8, 0.72, 0.7, 0.6]))
    tied = fit("f =~ a + l*b + l*c + d", sample_cov=covariance, n_obs=500)
    free = fit("f =~ a + b + c + d", sample_cov=covariance, n_obs=500)
    tests = score_tests(tied)
    assert tests.df == 1
    assert tests.stat == pytest.approx(tied.chisq - free.chisq, rel=0.03)
    assert tests.univariate.stat[0] == pytest.approx(tests.stat)


def test_a_label_in_three_places_is_two_equalities():
    """Each alone, and both together with two degrees of freedom; the total is not less than either."""
    covariance = _covariance(np.array([0.8, 0.75, 0.6, 0.5]))
    tests = score_tests(fit("f =~ a + l*b + l*c + l*d", sample_cov=covariance, n_obs=400))
    assert tests.df == len(tests.univariate) == 2
    assert tests.stat >= tests.univariate.stat.max() - 1e-9


def test_equalities_stand_label_by_label(two_factors):
    """Of three groups the first loading is compared with both others before the second is, as in lavaan."""
    data = two_factors(4, 90).assign(g=["a", "b", "c"] * 30)
    tests = score_tests(fit("f =~ x1 + x2 + x3 + y1", data, group="g", group_equal="loadings"))
    assert tests.univariate.lhs.tolist() == [".p2."] * 2 + [".p3."] * 2 + [".p4."] * 2


def test_written_equalities_stand_before_labels_and_effect_coding_last(two_factors):
    """lavaan's order; the statistics go with the names, whichever comes first."""
    model = "f =~ x1 + k*x2 + k*x3 + p*y1\np == k"
    data = two_factors(4, 90)
    tests = score_tests(fit(model, data, effect_coding="loadings"))
    assert tests.univariate.lhs.tolist()[:2] == ["p", "k"]
    assert "=~" in tests.univariate.lhs[2]
    plain = score_tests(fit(model, data)).univariate.set_index("lhs").stat
    turned = score_tests(fit("f =~ x1 + k*x2 + m*x3 + p*y1\nk == m\np == k", data)).univariate
    assert plain["k"] == pytest.approx(turned.stat[0], rel=1e-6)


def test_a_written_equality_is_tested_like_a_label():
    """x == y on two labels gives the statistic of one shared label."""
    covariance = _covariance(np.array([0.8, 0.75, 0.6, 0.5]))
    shared = score_tests(fit("f =~ a + l*b + l*c + d", sample_cov=covariance, n_obs=400))
    written = score_tests(fit("f =~ a + l*b + m*c + d\nl == m", sample_cov=covariance, n_obs=400))
    assert written.stat == pytest.approx(shared.stat, rel=1e-6)
    assert written.univariate.loc[0, ["lhs", "op", "rhs"]].tolist() == ["l", "==", "m"]


def test_units_do_not_change_the_statistic():
    """All items times 1e4: the same test."""
    covariance = _covariance(np.array([0.8, 0.75, 0.6, 0.5]))
    model = "f =~ a + l*b + l*c + d"
    plain = score_tests(fit(model, sample_cov=covariance, n_obs=400)).stat
    assert score_tests(fit(model, sample_cov=covariance * 1e8, n_obs=400)).stat == pytest.approx(
        plain, rel=1e-7
    )


def test_a_model_without_equalities_is_refused():
    """There is nothing to release."""
    with pytest.raises(UsageError, match="no equality"):
        score_tests(
            fit("f =~ a + b + c + d", sample_cov=_covariance(np.array([0.8, 0.7, 0.6, 0.5])), n_obs=400)
        )
