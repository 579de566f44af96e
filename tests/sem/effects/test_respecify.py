"""Models changed by one idea: the table, its text, and what cannot be changed alone."""

import pytest

from sopsem.errors import ModelError
from sopsem.sem.effects.respecify import (
    first_order_outcomes,
    fix_at_zero,
    free_row,
    is_second_order,
    model_text,
)
from sopsem.sem.model.spec import model_spec

SECOND = """
x =~ x1 + x2 + x3
m =~ m1 + m2 + m3
n =~ n1 + n2 + n3
d =~ d1 + d2 + d3
e =~ e1 + e2 + e3
f =~ d + e
m ~ x
n ~ x
f ~ m + n
"""


def essence(spec):
    """The rows of a table as a set: names, free or value, label."""
    return {
        (
            frozenset((p.lhs, p.rhs)) if p.op == "~~" else (p.lhs, p.rhs),
            p.op,
            p.value if not p.free else "free",
            p.label,
        )
        for p in spec
    }


def test_a_freed_path_is_the_only_change_and_stands_in_the_text():
    before = model_spec("m ~ x; y ~ m")
    after = free_row(before, "y", "~", "x")
    assert essence(after) - essence(before) == {(("y", "x"), "~", "free", "")}
    assert essence(before) < essence(after)
    assert essence(model_spec(after.text)) == essence(after)


def test_fixing_and_freeing_undo_each_other():
    given = model_spec("m ~ x; y ~ m + x")
    fixed = fix_at_zero(given, "y", "~", "x")
    assert (("y", "x"), "~", 0.0, "") in essence(fixed)
    assert essence(model_spec(fixed.text)) == essence(fixed)
    assert essence(free_row(fixed, "y", "~", "x")) == essence(given)
    assert essence(model_spec(free_row(fixed, "y", "~", "x").text)) == essence(given)


def test_a_freed_path_brings_no_automatic_covariance():
    """Written as text, d ~ x would make d and m dependent outcomes whose residuals covary."""
    given = model_spec("x =~ x1 + x2 + d; d =~ d1 + d2 + d3; m ~ x; x1 ~~ x2")
    after = free_row(given, "d", "~", "m")
    assert len(essence(after) - essence(given)) == 1


def test_a_covariance_is_found_in_either_order():
    given = model_spec("m ~ x; n ~ x; y ~ m + n; n ~~ 0*m")
    assert free_row(given, "m", "~~", "n").find("n", "~~", "m").free
    assert len(free_row(given, "m", "~~", "n").parameters) == len(given.parameters)


def test_a_path_tied_to_others_is_not_fixed_alone():
    with pytest.raises(ModelError, match=r"tied to a; give it a label of its own"):
        fix_at_zero(model_spec("m ~ a*x; y ~ m + a*x"), "y", "~", "x")
    with pytest.raises(ModelError, match=r"tied to c == a"):
        fix_at_zero(model_spec("m ~ a*x; y ~ m + c*x; c == a"), "y", "~", "x")


def test_rows_that_cannot_change_are_refused():
    given = model_spec("m ~ x; y ~ m")
    with pytest.raises(ModelError, match="free already"):
        free_row(given, "y", "~", "m")
    with pytest.raises(ModelError, match="not a free row"):
        fix_at_zero(given, "y", "~", "x")
    with pytest.raises(ModelError, match=r"'z' is no variable of the model; its variables are m, y, x"):
        free_row(given, "y", "~", "z")


def test_dimensions_take_the_place_of_their_factor():
    after = first_order_outcomes(model_spec(SECOND), "f")
    paths = [p.name for p in after if p.op == "~"]
    assert paths == ["m~x", "n~x", "d~m", "e~m", "d~n", "e~n"]
    assert after.find("e", "~~", "d").free
    assert "f" not in after.latent
    assert not [p for p in after if "f" in (p.lhs, p.rhs)]
    assert essence(model_spec(after.text)) == essence(after)


def test_definitions_of_the_lost_factor_go_with_a_note():
    text = (
        SECOND.replace("f ~ m + n", "f ~ b*m + n").replace("m ~ x", "m ~ a*x")
        + "ab := a*b\ntwice := 2*ab\naa := a*a"
    )
    after = first_order_outcomes(model_spec(text), "f")
    assert [d.lhs for d in after.definitions] == ["aa"]
    assert "left out: ab, twice" in after.notes[-1]


@pytest.mark.parametrize(
    ("change", "factor", "message"),
    [
        ("", "m", "not a second-order factor"),
        ("", "nowhere", "not a second-order factor"),
        ("m ~ f", "f", r"more than an outcome \(m~f\)"),
        ("g =~ f + m", "f", "more than an outcome"),
        ("b == 1", "f", "constraint b == 1 uses a parameter of f"),
    ],
)
def test_factors_that_are_no_plain_second_order_outcome_are_refused(change, factor, message):
    text = SECOND.replace("f ~ m + n", "f ~ b*m + n") + change
    with pytest.raises(ModelError, match=message):
        first_order_outcomes(model_spec(text), factor)


def test_a_second_order_factor_that_nothing_predicts_has_no_outcomes():
    text = "d =~ a + b + c; e =~ g + h + i; k =~ l + m + n; f =~ d + e + k"
    assert is_second_order(model_spec(text), "f")
    assert not is_second_order(model_spec(text), "d")
    with pytest.raises(ModelError, match="f is no outcome"):
        first_order_outcomes(model_spec(text), "f")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (SECOND, {}),
        (SECOND, {"std_lv": True}),
        (SECOND, {"meanstructure": True}),
        ("f =~ NA*a + l*b + start(0.5)*c; g =~ d + -0.5*e + h; f ~~ 1*f; q := l^2", {}),
        ("m ~ a*x + z; y ~ b*m; ab := a*b; a == b", {}),
        ("m ~ x; y ~ m", {"fixed_x": False}),
        ("f =~ a + b + c; g =~ d + e + h", {"orthogonal": True}),
        ("f =~ a + b + c; a ~~ lower(0.01)*a", {}),
    ],
)
def test_model_text_read_back_gives_the_same_table(text, options):
    spec = model_spec(text, **options)
    back = model_spec(model_text(spec))
    assert essence(back) == essence(spec)
    assert [(d.lhs, d.op, d.rhs) for d in (*back.definitions, *back.constraints)] == [
        (d.lhs, d.op, d.rhs) for d in (*spec.definitions, *spec.constraints)
    ]
    bounds = [{(p.name, p.lower, p.upper, str(p.start)) for p in s if p.free} for s in (back, spec)]
    assert bounds[0] == bounds[1]
