"""Model text to parameter table: lavaan's automatic rules as data, and what is refused."""

import pytest

from sopsem.errors import ModelError, UsageError
from sopsem.sem.model.spec import model_spec

# model, options -> free rows, fixed rows with their values (checked against lavaan's partable)
TABLES = [
    (
        "f =~ x1 + x2 + x3",
        {},
        ["f=~x2", "f=~x3", "x1~~x1", "x2~~x2", "x3~~x3", "f~~f"],
        {"f=~x1": 1.0},
    ),
    (
        "f =~ x1 + x2 + x3",
        {"std_lv": True},
        ["f=~x1", "f=~x2", "f=~x3", "x1~~x1", "x2~~x2", "x3~~x3"],
        {"f~~f": 1.0},
    ),
    ("f =~ NA*x1 + x2\nf ~~ 1*f", {}, ["f=~x1", "f=~x2", "x1~~x1", "x2~~x2"], {"f~~f": 1.0}),
    ("f =~ 0.7*x1 + x2", {}, ["f=~x2", "x1~~x1", "x2~~x2", "f~~f"], {"f=~x1": 0.7}),
    (
        "f =~ a + b\ng =~ c + d",
        {},
        ["f=~b", "g=~d", "a~~a", "b~~b", "c~~c", "d~~d", "f~~f", "g~~g", "f~~g"],
        {"f=~a": 1.0, "g=~c": 1.0},
    ),
    (
        "f =~ a + b\ng =~ c + d",
        {"orthogonal": True},
        ["f=~b", "g=~d", "a~~a", "b~~b", "c~~c", "d~~d", "f~~f", "g~~g"],
        {"f=~a": 1.0, "g=~c": 1.0, "f~~g": 0.0},
    ),
    ("y ~ x", {}, ["y~x", "y~~y"], {}),
    ("y ~ x", {"fixed_x": False}, ["y~x", "y~~y", "x~~x"], {}),
    ("y ~ x\nx ~~ x", {}, ["y~x", "x~~x", "y~~y"], {}),
    ("y ~ x", {"meanstructure": True}, ["y~x", "y~~y", "y~1"], {}),
    ("y ~ 0*1 + x", {}, ["y~x", "y~~y"], {"y~1": 0.0}),
    ("y1 ~ x\ny2 ~ x", {}, ["y1~x", "y2~x", "y1~~y1", "y2~~y2", "y1~~y2"], {}),
    ("m ~ x\ny ~ m", {}, ["m~x", "y~m", "m~~m", "y~~y"], {}),
    ("f =~ x1", {}, ["f~~f"], {"f=~x1": 1.0, "x1~~x1": 0.0}),
    ("f =~ x1\nx1 ~~ x1", {}, ["x1~~x1", "f~~f"], {"f=~x1": 1.0}),
    (
        "f =~ x1 + x2 + x3",
        {"growth": True},
        ["f=~x2", "f=~x3", "x1~~x1", "x2~~x2", "x3~~x3", "f~~f", "f~1"],
        {"f=~x1": 1.0, "x1~1": 0.0, "x2~1": 0.0, "x3~1": 0.0},
    ),
    (
        "f =~ x1 + x2",
        {"meanstructure": True},
        ["f=~x2", "x1~~x1", "x2~~x2", "f~~f", "x1~1", "x2~1"],
        {"f=~x1": 1.0, "f~1": 0.0},
    ),
    ("f =~ a + b\nh =~ f + g\ng =~ c + d", {"std_lv": True}, None, {"f~~f": 1.0, "h~~h": 1.0, "g~~g": 1.0}),
    ("x1 ~~ x2", {}, ["x1~~x2", "x1~~x1", "x2~~x2"], {}),
    ("f =~ 0\ny ~ f + x", {}, None, {"f=~f": 0.0}),
    ("f =~ x1 + x2 + x3", {"effect_coding": "loadings"}, None, {}),
]


@pytest.mark.parametrize(("model", "options", "free", "fixed"), TABLES)
def test_automatic_rules(model, options, free, fixed):
    spec = model_spec(model, **options)
    if free is not None:
        assert sorted(p.name for p in spec if p.free) == sorted(free)
    assert {p.name: p.value for p in spec if not p.free and not p.exo} == pytest.approx(fixed)


def test_exogenous_moments_are_given_not_estimated():
    spec = model_spec("y ~ x + z")
    assert {p.name for p in spec if p.exo} == {"x~~x", "x~~z", "z~~z"}
    assert spec.exogenous == ("x", "z")


def test_effect_coding_constrains_loadings_and_intercepts():
    assert len(model_spec("f =~ x1 + x2 + x3", effect_coding=True).constraints) == 1
    spec = model_spec("f =~ x1 + x2 + x3", effect_coding=True, meanstructure=True)
    assert [(d.lhs, d.rhs) for d in spec.constraints] == [("f=~x1+f=~x2+f=~x3", "3"), ("x1~1+x2~1+x3~1", "0")]
    assert spec.find("f", "~1", "").free


def test_labels_and_starts_and_bounds_reach_the_table():
    spec = model_spec("f =~ x1 + a*start(.8)*x2 + lower(0)*upper(2)*x3")
    x2, x3 = spec.find("f", "=~", "x2"), spec.find("f", "=~", "x3")
    assert (x2.name, x2.label, x2.start) == ("a", "a", 0.8)
    assert (x3.lower, x3.upper) == (0.0, 2.0)
    table = spec.table()
    assert table.loc[table.label.eq("a"), "ustart"].item() == 0.8
    assert table.free.max() == sum(p.free for p in spec)


def test_modifiers_of_different_kinds_add_up_over_lines():
    spec = model_spec("f =~ x1 + start(.5)*x2 + x3\nf =~ a*x2")
    assert (spec.find("f", "=~", "x2").label, spec.find("f", "=~", "x2").start) == ("a", 0.5)


def test_covariances_are_found_in_either_order():
    spec = model_spec("a ~~ b")
    assert spec.find("b", "~~", "a") is spec.find("a", "~~", "b")
    assert spec.find("a", "~", "b") is None


def test_equal_becomes_a_constraint_between_parameters():
    spec = model_spec('f =~ x1 + x2 + equal("f=~x2")*x3')
    assert [(d.lhs, d.op, d.rhs) for d in spec.constraints] == [("f=~x2", "==", "f=~x3")]


def test_the_notes_tell_what_was_added_silently():
    assert "one indicator" in model_spec("f =~ x1").notes[0]
    assert "random, not fixed" in model_spec("y ~ x\nx ~~ x").notes[0]


def test_a_table_is_returned_as_it_is_but_takes_no_options():
    spec = model_spec("f =~ x1 + x2 + x3")
    assert model_spec(spec) is spec
    for options in ({"std_lv": True}, {"fixed_x": False}, {"growth": True}, {"effect_coding": True}):
        with pytest.raises(UsageError, match="table already"):
            model_spec(spec, **options)


@pytest.mark.parametrize("model", [None, 3, ["f =~ x"], b"f =~ x"])
def test_a_model_that_is_no_text_is_refused(model):
    with pytest.raises(UsageError, match="lavaan model syntax as text"):
        model_spec(model)


REFUSED = {
    "": "no formula",
    "# nothing": "no formula",
    "a := b": "no formula",
    "y ~ x + x": "y ~ x stands twice",
    "f =~ x1 + x2 + x1": "f =~ x1 stands twice",
    "a ~~ b\nb ~~ a": "model line 2: a ~~ b stands twice",
    "y ~ 2*x + 3*x": "contradict each other",
    "y ~ a*x + b*x": "contradict each other",
    "f =~ NA*x1 + x2\nf =~ 1*x1": "contradict each other",
    "y ~ start(1)*x + start(2)*x": "contradict each other",
    "y ~ y": "from a variable to itself",
    "f =~ f + x": "from a variable to itself",
    "f =~ x1 + lower(2)*upper(1)*x2": "lower bound 2 above its upper bound 1",
    "u ~*~ u": "u is not ordered",
    "y ~ x\nx | t1": "x only predicts",
    "f =~ c(1,2)*x1 + x2": "line 1: f =~ x1 has a modifier with 2 values but the formula holds in 1 group",
    'f =~ x1 + equal("f=~x9")*x2': "names no parameter",
    'f =~ x1 + x2 + equal("f=~x22")*x3': "did you mean 'f=~x2'",
    "f =~ 0": "no observed variable",
    "f =~ g\ng =~ f": "no observed variable",
}


@pytest.mark.parametrize("model", REFUSED)
def test_models_that_contradict_themselves_are_refused(model):
    with pytest.raises(ModelError, match=REFUSED[model]) as caught:
        model_spec(model)
    assert caught.value.exit_code == 5


def test_an_unknown_effect_coding_is_refused():
    with pytest.raises(ModelError, match="effect_coding is 'means'"):
        model_spec("f =~ x1 + x2", effect_coding="means")


def test_a_table_of_twenty_thousand_terms_is_made_in_seconds():
    spec = model_spec("f =~ " + " + ".join(f"x{i}" for i in range(20_000)))
    assert len(spec.parameters) == 40_001
