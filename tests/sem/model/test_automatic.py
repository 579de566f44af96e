"""Automatic rows: markers, variances, covariances and intercepts under each option (as lavaan's table)."""

import pytest

from sopsem.sem.model.spec import model_spec


def free(spec):
    """Return the names of the free rows."""
    return {p.name for p in spec if p.free}


def test_a_start_on_the_marker_is_the_value_it_is_fixed_at():
    """As in lavaan, and said in a note; NA* frees it."""
    spec = model_spec("f =~ start(0.5)*x1 + x2")
    assert (spec.find("f", "=~", "x1").free, spec.find("f", "=~", "x1").value) == (False, 0.5)
    assert "fixed at its start value 0.5" in spec.notes[0]
    assert "f=~x1" in free(model_spec("f =~ NA*x1 + x2"))


def test_std_lv_fixes_a_variance_that_the_text_only_mentions():
    """`f ~~ f` alone is fixed, `f ~~ NA*f` is free."""
    assert "f~~f" not in free(model_spec("f =~ x1 + x2\nf ~~ f", std_lv=True))
    assert "f~~f" in free(model_spec("f =~ x1 + x2\nf ~~ NA*f", std_lv=True))


def test_without_auto_fix_first_no_loading_is_fixed():
    """The user scales the factors."""
    assert "f=~x1" in free(model_spec("f =~ x1 + x2", auto_fix_first=False))


def test_orthogonal_holds_for_dependent_factors_but_not_for_observed_outcomes():
    """Automatic covariances of factors are 0."""
    model = "f =~ x1 + x2\ng =~ x3 + x4\nf ~ z\ng ~ z\ny1 ~ z\ny2 ~ z"
    names = free(model_spec(model, orthogonal=True))
    assert "f~~g" not in names
    assert {"y1~~y2", "f~~y1"} <= names


@pytest.mark.parametrize(
    ("options", "intercepts"),
    [
        ({"meanstructure": True}, {"x1~1", "x2~1", "y~1"}),
        ({"growth": True}, {"f~1"}),
        ({"meanstructure": True, "int_ov_free": False}, set()),
        ({"meanstructure": True, "int_lv_free": True}, {"x1~1", "x2~1", "y~1", "f~1"}),
    ],
)
def test_which_intercepts_are_free(options, intercepts):
    """growth fixes those of all observed variables, outcomes included, and frees factor means."""
    spec = model_spec("f =~ x1 + x2\ny ~ f", **options)
    assert {n for n in free(spec) if n.endswith("~1")} == intercepts
