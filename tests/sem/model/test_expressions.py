"""Arithmetic on labels: values, gradients against differences, limits, and no way to run anything."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.errors import ModelSyntaxError, ResourceLimitError
from sopsem.sem.model.expressions import MAX_DEPTH, MAX_OPERATORS, differentiate, names_in, parse_expression
from sopsem.sem.model.scanner import scan


def fail(token, message):
    return ModelSyntaxError(f"{token.text if token else 'end'}: {message}")


def parse(text):
    return parse_expression(scan(text), fail)


def value_at(text, a, b):
    eye = np.eye(2)
    values = {"a": (np.array([a]), eye[:1]), "b": (np.array([b]), eye[1:])}
    value, slope = differentiate(parse(text), values)
    return float(value[0]), slope[0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a + b*2", 2.0 + 3.0 * 2.0),
        ("(a + b)*2", 10.0),
        ("a - b - 1", -2.0),
        ("a/b/2", 2.0 / 3.0 / 2.0),
        ("2^3^2", 2.0**9),
        ("-a^2", -4.0),
        ("-a*b", -6.0),
        ("2^-1", 0.5),
        ("a^-b", 2.0**-3),
        ("+a", 2.0),
        ("--a", 2.0),
        ("exp(log(a))", 2.0),
        ("sqrt(a*a)", 2.0),
        ("abs(-b)", 3.0),
        ("'a' + \"b\"", 5.0),
        ("1e-3*a", 0.002),
    ],
)
def test_values_follow_the_usual_precedence(text, wanted):
    assert value_at(text, 2.0, 3.0)[0] == pytest.approx(wanted, rel=1e-14)


EXPRESSIONS = [
    "a*b",
    "a/b",
    "a^b",
    "a^2*b - b",
    "exp(a)/b",
    "log(a)*sqrt(b)",
    "abs(a - b)",
    "-a^-b",
    "(a+b)^2",
]


@given(st.sampled_from(EXPRESSIONS), st.floats(0.3, 3.0), st.floats(0.3, 3.0).filter(lambda b: abs(b) > 0.1))
def test_gradients_are_differences(text, a, b):
    if abs(a - b) < 1e-3:  # the kink of abs
        a += 0.01
    h = 1e-6
    wanted = [
        (value_at(text, a + h, b)[0] - value_at(text, a - h, b)[0]) / (2 * h),
        (value_at(text, a, b + h)[0] - value_at(text, a, b - h)[0]) / (2 * h),
    ]
    np.testing.assert_allclose(value_at(text, a, b)[1], wanted, rtol=1e-5, atol=1e-6)


def test_a_negative_base_with_a_constant_power_has_a_gradient():
    value, slope = value_at("a^2", -2.0, 1.0)
    assert (value, slope.tolist()) == (4.0, [-4.0, 0.0])


@pytest.mark.parametrize("text", ["log(a)", "sqrt(a)", "1/(a - a)", "a^0.5"])
def test_undefined_values_are_not_finite_and_not_an_error(text):
    assert not np.isfinite(value_at(text, -1.0, 1.0)[0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a +", "ends too early"),
        ("(a", "closing bracket"),
        ("a b", "does not continue"),
        ("a)", "does not continue"),
        ("*a", "cannot start a value"),
        ("system('id')", "no function 'system'"),
        ("__import__('os')", "no function '__import__'"),
        ("eval(a)", "no function 'eval'"),
        ("exp(exp)", None),
        ("exp(a, b)", "closing bracket"),
        ("()", "cannot start a value"),
    ],
)
def test_wrong_expressions_are_refused_by_name(text, message):
    if message is None:
        assert names_in(parse(text)) == ("exp",)
        return
    with pytest.raises(ModelSyntaxError, match=message):
        parse(text)


@pytest.mark.parametrize("opening", ["(", "-", "exp(", "a^"])
def test_nesting_is_limited(opening):
    closing = ")" if "(" in opening else ""
    parse(opening * 50 + "a" + closing * 50)
    for depth in (MAX_DEPTH + 1, 10_000):
        with pytest.raises(ResourceLimitError, match="nested deeper than 100"):
            parse(opening * depth + "a" + closing * depth)


def test_the_number_of_operators_is_limited_and_the_longest_can_be_walked():
    text = "a" + "+a" * MAX_OPERATORS
    assert value_at(text, 1.0, 1.0) == (MAX_OPERATORS + 1.0, pytest.approx([MAX_OPERATORS + 1.0, 0.0]))
    with pytest.raises(ResourceLimitError, match="more than 400 operators"):
        parse(text + "+a")


def test_names_are_listed_once_in_order():
    assert names_in(parse("b*exp(a) + b - 'c d'")) == ("b", "a", "c d")
