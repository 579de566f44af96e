"""Wald tests: stored numbers of lavaan, single constraints as squared z, refusals."""

import pytest

from sopsem.errors import ModelError, UsageError
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.wald import wald_test

MODEL = "f =~ x1 + a*x2 + b*x3\ng =~ y1 + c*y2 + y3"


def test_the_statistic_is_that_of_lavaan(skewed_items):
    """Literal of lavaan 0.6-14: lavTestWald(cfa(MODEL, estimator = "MLR"), "a == b \\n a*c == 1")."""
    test = wald_test(fit(MODEL, skewed_items, estimator="MLR"), "a == b; a*c == 1")
    assert (test.stat, test.pvalue) == pytest.approx((1.405853320, 0.495134092), rel=1e-3)
    assert (test.df, test.se) == (2, "robust_huber_white")


def test_one_parameter_alone_is_its_z(skewed_items):
    """The test that a parameter is 0 is the square of its z value."""
    result = fit(MODEL, skewed_items)
    z = estimates(result).set_index("label").z["a"]
    assert wald_test(result, "a == 0").stat == pytest.approx(z**2)


def test_the_way_a_constraint_is_written_hardly_matters_when_it_is_linear(skewed_items):
    """Linear forms of one hypothesis give one statistic."""
    result = fit(MODEL, skewed_items)
    forms = ["a == b", "b - a == 0", "2*a == 2*b"]
    wanted = wald_test(result, forms[0]).stat
    assert [wald_test(result, f).stat for f in forms] == pytest.approx([wanted] * 3)


@pytest.mark.parametrize("text", ["", "a < b", "f =~ x1", "a := b + 1"])
def test_only_equalities_are_tested(text, skewed_items):
    """Anything else than an equality is refused with an example."""
    with pytest.raises(UsageError, match="give equalities"):
        wald_test(fit(MODEL, skewed_items), text)


def test_constraints_that_say_the_same_are_refused(skewed_items):
    """Redundant constraints have no inverse covariance matrix; unknown labels are named."""
    result = fit(MODEL, skewed_items)
    with pytest.raises(ModelError, match="depend on each other"):
        wald_test(result, "a == b; b == a")
    with pytest.raises(ModelError, match="'q'"):
        wald_test(result, "q == 0")
    with pytest.raises(ModelError, match="no standard error"):
        wald_test(fit(MODEL, skewed_items, se="none"), "a == b")
