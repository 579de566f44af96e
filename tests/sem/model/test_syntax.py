"""lavaan syntax: a table of behaviours, errors that point and suggest, and hostile text."""

import contextlib
import math
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sopsem.errors import ModelSyntaxError, ResourceLimitError
from sopsem.sem.model.syntax import Formula, Relation, parse_syntax

NAN = float("nan")


def terms(text):
    """Return every formula as (lhs, operator, [(variable, modifiers)])."""
    kinds = ("fixed", "start", "label", "equal", "lower", "upper")
    return [
        (
            f.lhs,
            f.operator,
            [(t.variable, {k: getattr(t, k) for k in kinds if getattr(t, k) is not None}) for t in f.terms],
        )
        for f in parse_syntax(text)
    ]


def one(text):
    ((_, _, listed),) = terms(text)
    return listed


BEHAVIOUR = {
    "f =~ x1 + x2": [("f", "=~", [("x1", {}), ("x2", {})])],
    "y ~ x": [("y", "~", [("x", {})])],
    "x ~~ y": [("x", "~~", [("y", {})])],
    "y ~ 1": [("y", "~", [("", {})])],
    "y ~ 0": [("y", "~", [("", {"fixed": (0.0,)})])],
    "y ~ 2*1": [("y", "~", [("", {"fixed": (2.0,)})])],
    "f =~ 0": [("f", "=~", [("", {})])],
    "f =~ 0.5*x": [("f", "=~", [("x", {"fixed": (0.5,)})])],
    "f =~ -0.5*x": [("f", "=~", [("x", {"fixed": (-0.5,)})])],
    "f =~ (1/4)*x": [("f", "=~", [("x", {"fixed": (0.25,)})])],
    "f =~ a*x": [("f", "=~", [("x", {"label": ("a",)})])],
    'f =~ "a b"*x': [("f", "=~", [("x", {"label": ("a b",)})])],
    'f =~ label("a")*x': [("f", "=~", [("x", {"label": ("a",)})])],
    'f =~ equal("f=~y")*x': [("f", "=~", [("x", {"equal": ("f=~y",)})])],
    "f =~ start(0.8)*x": [("f", "=~", [("x", {"start": (0.8,)})])],
    "f =~ 0.5?x": [("f", "=~", [("x", {"start": (0.5,)})])],
    "f =~ a*c(.5, .6)?x": [("f", "=~", [("x", {"label": ("a",), "start": (0.5, 0.6)})])],
    "f =~ sqrt(4)*x": [("f", "=~", [("x", {"fixed": (2.0,)})])],
    "f =~ c('', b)*x": [("f", "=~", [("x", {"label": ("", "b")})])],
    "f =~ c(a, NA)*x": [("f", "=~", [("x", {"label": ("a", "")})])],
    "f =~ label(c('a', NA))*x": [("f", "=~", [("x", {"label": ("a", "")})])],
    "f =~ fixed(1)*x": [("f", "=~", [("x", {"fixed": (1.0,)})])],
    "f =~ lower(0)*upper(2)*x": [("f", "=~", [("x", {"lower": (0.0,), "upper": (2.0,)})])],
    "f =~ a*start(.5)*x": [("f", "=~", [("x", {"label": ("a",), "start": (0.5,)})])],
    "f =~ c(1, 2)*x": [("f", "=~", [("x", {"fixed": (1.0, 2.0)})])],
    "f =~ c(a, b)*x": [("f", "=~", [("x", {"label": ("a", "b")})])],
    "f =~ start(c(.5, .6))*x": [("f", "=~", [("x", {"start": (0.5, 0.6)})])],
    "f + g =~ x": [("f", "=~", [("x", {})]), ("g", "=~", [("x", {})])],
    "f =~ x1 +\n  x2": [("f", "=~", [("x1", {}), ("x2", {})])],
    "f =~ x1\n  + x2": [("f", "=~", [("x1", {}), ("x2", {})])],
    "f =~\n\n# c\n x1": [("f", "=~", [("x1", {})])],
    "f =~ x1 +": [("f", "=~", [("x1", {})])],
    "f =~ x; y ~ f": [("f", "=~", [("x", {})]), ("y", "~", [("f", {})])],
    "f =~ x # c; d\ny ~ f ! e": [("f", "=~", [("x", {})]), ("y", "~", [("f", {})])],
    '"my item" ~ "an other"': [("my item", "~", [("an other", {})])],
    "u | t1 + t2": [("u", "|", [("t1", {}), ("t2", {})])],
    "u ~*~ u": [("u", "~*~", [("u", {})])],
    "c <~ x + y": [("c", "<~", [("x", {}), ("y", {})])],
    "": [],
    "\n;;\n# nothing": [],
}


@pytest.mark.parametrize("text", BEHAVIOUR)
def test_behaviour(text):
    assert terms(text) == BEHAVIOUR[text]


def test_na_is_a_free_value():
    ((_, modifiers),) = one("f =~ NA*x")
    assert math.isnan(modifiers["fixed"][0])


@pytest.mark.parametrize(
    ("text", "operator", "name", "sides"),
    [
        ("ab := a*b", ":=", "ab", ("ab", "a*b")),
        ("a == b", "==", "", ("a", "b")),
        ("a + b > 0", ">", "", ("a+b", "0")),
        ("a < 2*exp(b)", "<", "", ("a", "2*exp(b)")),
    ],
)
def test_relations(text, operator, name, sides):
    (relation,) = parse_syntax(text)
    assert isinstance(relation, Relation)
    assert (relation.operator, relation.name, relation.text) == (operator, name, sides)


ERRORS = {
    "x1 x2": (1, 1, "no operator", "=~ ~ ~~"),
    "f =~ x1\ny ~ x ~ z": (2, 7, "second operator '~'", "new line"),
    "f =~~ x1": (1, 5, "second operator '~'", "new line"),
    "=~ x1": (1, 1, "nothing stands left", "variable name"),
    "f =~": (1, 3, "nothing stands right", "at least one term"),
    "f =~ x1 x2": (1, 9, "'x2' where a", "Join terms with +"),
    "f =~ x1 + + x2": (1, 11, "a term is missing", "Remove the +"),
    "f =~ + x2": (1, 6, "a term is missing", "Remove the +"),
    "f =~ 2**x1": (1, 8, "a value is missing", "0.5*x1"),
    "f =~ a*b*.5**x1": (1, 13, "a value is missing", "0.5*x1"),
    "f =~ a*b*x1": (1, 8, "two modifiers of the same kind", "Keep one"),
    "f =~ 3": (1, 6, "the number 3", "value*variable"),
    "y ~ 3": (1, 5, "the number 3", "value*variable"),
    "x ~~ 1": (1, 6, "the number 1", "value*variable"),
    "1 ~ x": (1, 1, "'1' is not a variable name", "Start the formula"),
    "a b =~ x": (1, 3, "'b' after a variable name", "with +"),
    "a + =~ x": (1, 3, "a name is missing after this +", "Remove the +"),
    "f =~ strat(1)*x": (1, 6, "no modifier strat()", "Did you mean start()"),
    "f =~ zzz(1)*x": (1, 6, "no modifier zzz()", "Allowed are start()"),
    "f =~ start(1*x": (1, 11, "closing bracket ) is missing", "Write ) after"),
    "f =~ 1)*x": (1, 7, "nothing opens this bracket", "Remove it"),
    "x := (a + b": (1, 6, "closing bracket ) is missing", "Write ) after"),
    "f =~ start()*x": (1, 6, "empty argument", "Give one value"),
    "f =~ label(a)(b)*x": (1, 15, "takes one name", 'label("a")'),
    "f =~ label(a b)*x": (1, 14, "takes one name", 'label("a")'),
    "f =~ equal(1)*x": (1, 12, "takes one name", 'equal("a")'),
    "f =~ (a)*x": (1, 6, "label cannot stand inside", "a number, NA"),
    "f =~ -a*x": (1, 6, "label cannot stand inside", "a number, NA"),
    "f =~ 1e999*x": (1, 6, "not a finite number", "a number, NA"),
    "f =~ (0/0)*x": (1, 6, "not a finite number", "a number, NA"),
    "f =~ label('')*x": (1, 12, "an empty name", "between the quotes"),
    "f =~ a?x": (1, 6, "label cannot stand inside", "a number, NA"),
    "f =~ ?x": (1, 6, "a value is missing beside ?", "0.5*x1"),
    'f =~ ""': (1, 6, "an empty name", "between the quotes"),
    "f =~ '  ' + x": (1, 6, "an empty name", "between the quotes"),
    "a + b := c": (1, 1, "left of := is not one new name", "indirect := a*b"),
    "x := system('id')": (1, 6, "no function 'system'", "exp log sqrt abs"),
    "f =~ start(system('id'))*x": (1, 12, "no function 'system'", "a number, NA"),
    "f =~ system('id')*x": (1, 6, "no modifier system()", "Allowed are start()"),
    "f =~ start(1)x*y": (1, 14, "'x' after the bracket of start()", "Put * between"),
    "x := a b": (1, 8, "does not continue", "Use labels"),
    "x :=": (1, 3, "nothing stands right", "at least one term"),
    "a == ": (1, 3, "nothing stands right", "at least one term"),
}


@pytest.mark.parametrize("text", ERRORS)
def test_errors_show_the_line_a_caret_and_what_to_write(text):
    line, column, problem, fix = ERRORS[text]
    with pytest.raises(ModelSyntaxError) as caught:
        parse_syntax(text)
    where, shown, caret, *rest = str(caught.value).split("\n")
    assert where.startswith(f"model line {line}, column {column}: ")
    assert problem in where
    assert shown == "  " + text.split("\n")[line - 1]
    assert caret == " " * (column + 1) + "^"
    assert fix in "\n".join(rest)
    assert caught.value.exit_code == 5


PIECES = [
    *[
        "f",
        "x1",
        " ",
        "\n",
        ";",
        "#c\n",
        "=~",
        "~",
        "~~",
        ":=",
        "==",
        "<",
        "+",
        "*",
        "(",
        ")",
        ",",
        "NA",
        "0.5",
    ],
    *["start", "c", "'q'", '"', "1e5", "-", "^", "|", "label", "\t", "[", "é", "\0", "exp", "1", "0"],
]


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)))
@example("f =~ (((")
@example("x := -")
@example("a\n\n+\n\n")
def test_any_text_ends_in_statements_or_in_an_error_of_ours(text):
    try:
        parsed = parse_syntax(text)
    except (ModelSyntaxError, ResourceLimitError):
        return
    assert all(isinstance(p, (Formula, Relation)) for p in parsed)


def seconds(text):
    """Return the processor time that a text needs, whatever it ends in."""
    start = time.process_time()
    with contextlib.suppress(ModelSyntaxError, ResourceLimitError):
        parse_syntax(text)
    return time.process_time() - start


def test_the_time_for_a_model_grows_with_its_length_up_to_a_megabyte():
    """Half a second on an idle core; other tests run beside this one."""
    line = "construct_number_one =~ first_indicator + second_indicator + third_indicator\n"
    text = line * (1_000_000 // len(line))
    tenth = line * (100_000 // len(line))
    assert min(seconds(text), seconds(text)) < 30 * max(seconds(tenth), seconds(tenth)) < 30.0
    assert len(parse_syntax(text)) == 1_000_000 // len(line)


HOSTILE = {
    "backtracking START": "START " + "a" * 100_000 + "!",
    "backtracking commas": "a" + ",  " * 30_000 + "!",
    "blank lines before a plus": "f =~ x1" + "\n" * 100_000 + "+ x2",
    "blank lines after a plus": "f =~ x1 +" + "\n" * 100_000 + "x2",
    "plus signs": "f =~ " + "x + " * 50_000,
    "stars": "f =~ " + "a*" * 30_000 + "x",
    "open brackets": "f =~ " + "(" * 100_000,
    "closing brackets": "f =~ " + ")" * 100_000,
    "nested relation": "x := " + "(" * 50_000 + "a" + ")" * 50_000,
    "minus signs": "x := " + "-" * 100_000 + "a",
    "powers": "x := " + "a^" * 100_000 + "a",
    "sums": "x := " + "a+" * 100_000 + "a",
    "quotes": "f =~ " + "'a' + " * 30_000 + "x",
    "semicolons": ";" * 100_000,
    "commas in a call": "f =~ c(" + "1," * 30_000 + "1)*x",
    "names on the left": "a + " * 50_000 + "a =~ x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_models_take_linear_time(name):
    assert seconds(HOSTILE[name]) < 2.0


def test_twenty_thousand_terms_on_a_line():
    (formula,) = parse_syntax("f =~ " + " + ".join(f"x{i}" for i in range(20_000)))
    assert len(formula.terms) == 20_000


@pytest.mark.parametrize(
    "text", ["x := " + "(" * 10_000 + "a" + ")" * 10_000, "f =~ " + "(" * 10_000 + "1" + ")" * 10_000 + "*x"]
)
def test_ten_thousand_brackets_are_a_limit_not_a_crash(text):
    with pytest.raises(ResourceLimitError, match="nested deeper") as caught:
        parse_syntax(text)
    assert caught.value.exit_code == 8


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('efa("one")*f1 + efa("one")*f2 =~ a + b + c + d', "exploratory factors"),
        ("y ~ x + x:z", "interactions, a:b"),
        ("level: 1\nf =~ a + b + c", "several levels"),
    ],
)
def test_what_is_not_estimated_is_refused_by_name(text, words):
    """Not as a slip of the pen."""
    with pytest.raises(ModelSyntaxError, match=words):
        parse_syntax(text)
