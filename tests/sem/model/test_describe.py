"""A model in words: scale, automatic rows, equalities and the count."""

import pytest

from sopsem.sem.model.describe import describe_model, moment_count, parameter_count
from sopsem.sem.model.spec import model_spec

SAID = [
    ("f =~ x1 + x2", {}, "its scale is that of x1 (loading fixed to 1)"),
    ("f =~ x1 + x2", {"std_lv": True}, "its scale is set by its variance, fixed to 1"),
    ("f =~ x1 + x2", {"effect_coding": True}, "its scale is set by a constraint on its loadings"),
    ("f =~ NA*x1 + x2", {}, "constraints or equal labels must set its scale"),
    ("f =~ 0\ny ~ f", {}, "f is a phantom"),
    ("c <~ x1 + x2\ny ~ c", {}, "c is made of x1 (fixed to 1), x2"),
    ("u | t1 + t2\nu ~ x", {}, "u has 3 categories: thresholds t1, t2"),
    ("y ~ a*x + start(.5)*z", {}, "y is predicted by x (label a), z (start 0.5)"),
    ("y ~ lower(0)*upper(2)*x", {}, "x (at least 0; at most 2)"),
    ("a ~~ 0*b", {}, "covariance of a and b (fixed to 0)"),
    ("y ~ 1 + x", {}, "intercept of y"),
    ("f =~ x1", {}, "residual variance of x1, fixed to 0"),
    ("y ~ x", {}, "variance of exogenous x, taken from the data as given"),
    ("y1 ~ x\ny2 ~ x", {}, "free residual covariance of y1 with y2"),
    ("y ~ a*x + a*z", {}, "y~x = y~z"),
    ("m ~ a*x\ny ~ b*m\nab := a*b", {}, "ab = a*b"),
    ("y ~ a*x\na > 0", {}, "a > 0"),
    ("y ~ x", {"groups": ["men", "women"]}, "2 groups (men, women)"),
    ("f =~ x1 + x2", {}, "df = -1: more parameters than moments"),
    ("f =~ x1 + x2 + x3 + x4", {}, "df = 2: its fit can be tested"),
]


@pytest.mark.parametrize(("model", "options", "words"), SAID)
def test_the_words_tell_what_the_table_holds(model, options, words):
    """One statement of each kind."""
    assert words in describe_model(model_spec(model, **options))


def test_text_is_described_like_its_table():
    """Text is read with default options."""
    assert describe_model("y ~ x") == describe_model(model_spec("y ~ x"))


# degrees of freedom of lavaan 0.7-2 for the same models (holzinger, bfi and lsat6 data have these variables)
COUNTS = [
    ("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\nh =~ x7 + x8 + x9", {}, 24),
    (
        "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\nh =~ x7 + x8 + x9",
        {"groups": ["a", "b"], "group_equal": ["loadings", "intercepts"]},
        60,
    ),
    ("th =~ q1 + q2 + q3 + q4 + q5", {"ordered": dict.fromkeys(["q1", "q2", "q3", "q4", "q5"], 1)}, 5),
    ("n =~ n1 + n2 + n3\nn ~ x + z", {"ordered": {"n1": 5, "n2": 5, "n3": 5}, "conditional_x": True}, 4),
]


@pytest.mark.parametrize(("model", "options", "df"), COUNTS)
def test_moments_less_parameters_are_the_degrees_of_freedom(model, options, df):
    """Groups, equal parameters, thresholds and given variables are counted."""
    spec = model_spec(model, **options)
    assert moment_count(spec) - parameter_count(spec) == df
