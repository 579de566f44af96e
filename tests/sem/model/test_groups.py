"""Several groups: modifiers, blocks, equal parameters and what they free (tables as lavaan 0.7-2 makes them)."""

import pytest

from sopsem.errors import ModelError, ModelSyntaxError, UsageError
from sopsem.sem.model.spec import model_spec

TWO = ("a", "b")
FACTOR = "f =~ x1 + x2 + x3"


def rows(spec, op, group=2):
    """Return the rows of an operator in a group by path."""
    return {p.path(1): p for p in spec if p.op == op and p.group == group}


def test_each_group_has_the_rows_of_the_model():
    """Group 2 follows group 1, and its names end in .g2."""
    spec = model_spec(FACTOR, groups=TWO)
    assert [p.name for p in spec if p.free][5:7] == ["f~~f", "f=~x2.g2"]
    assert spec.n_groups == 2
    assert len(spec.of_group(2).parameters) == len(spec.parameters) // 2
    assert spec.find("f", "=~", "x2", group=2).group == 2


def test_a_modifier_may_have_a_value_per_group():
    """Labels, numbers with NA, starts."""
    spec = model_spec("f =~ c(NA,1)*x1 + c(a,b)*x2 + start(c(.4,.6))*x3\nf ~~ c(1,NA)*f", groups=TWO)
    one, two = rows(spec, "=~", 1), rows(spec, "=~")
    assert (one["f=~x1"].free, two["f=~x1"].free, two["f=~x1"].value) == (True, False, 1.0)
    assert (one["f=~x2"].label, two["f=~x2"].label) == ("a", "b")
    assert (one["f=~x3"].start, two["f=~x3"].start) == (0.4, 0.6)
    assert [rows(spec, "~~", g)["f~~f"].free for g in (1, 2)] == [False, True]


def test_one_label_holds_in_all_groups_and_a_note_says_so():
    """As lavaan warns; not where group_equal asks for equal parameters anyway."""
    spec = model_spec("f =~ x1 + a*x2 + x3", groups=TWO)
    assert rows(spec, "=~")["f=~x2"].label == "a"
    assert "over all 2 groups" in spec.notes[0]
    assert not model_spec("f =~ x1 + a*x2", groups=TWO, group_equal="loadings").notes


@pytest.mark.parametrize(
    "model", ["f =~ x1 + c(a,b,d)*x2", "f =~ x1 + start(c(1,2,3))*x2", "y ~ x + c(1,2,NA)*1"]
)
def test_a_wrong_number_of_values_is_refused(model):
    """Line, found and expected."""
    with pytest.raises(
        ModelError, match=r"model line 1: .* with 3 values .* expected are 2 values, one per group"
    ):
        model_spec(model, groups=TWO)


def test_equal_names_a_parameter_of_a_group():
    """equal() with a target per group."""
    spec = model_spec('f =~ x1 + x2 + equal(c("f=~x2", "f=~x2.g2"))*x3', groups=TWO)
    assert [(d.lhs, d.rhs) for d in spec.constraints] == [("f=~x2", "f=~x3"), ("f=~x2.g2", "f=~x3.g2")]


def test_blocks_give_groups_their_own_formulas():
    """By label or by number; a group without block is an error."""
    spec = model_spec("group: b\nf =~ x1 + x2 + x3\ngroup: 1\nf =~ x1 + x2 + 0.5*x3", groups=TWO)
    assert [rows(spec, "=~", g)["f=~x3"].free for g in (1, 2)] == [False, True]
    for text, words in {
        f"group: c\n{FACTOR}": "model line 2: group: c names no group",
        f"group: a\n{FACTOR}": "no formula for group 2 \\(b\\)",
        f"{FACTOR}\ngroup: a\n{FACTOR}": "stands before the first group: line",
        f"group: a\n{FACTOR}\ngroup: b\nf =~ x1 + x2": "x3 is among the observed variables",
        f"group: a\n{FACTOR}\ngroup: b\nf =~ c(1,2)*x1 + x2 + x3": "holds in 1 group",
    }.items():
        with pytest.raises(ModelError, match=words):
            model_spec(text, groups=TWO)


@pytest.mark.parametrize(
    ("text", "words"),
    [("level: 1\ny ~ x", "several levels"), ("group:\ny ~ x", "names no group"), ("x: y", "no block 'x'")],
)
def test_other_blocks_are_refused(text, words):
    """Levels, and lines with a lonely colon."""
    with pytest.raises(ModelSyntaxError, match=words) as caught:
        model_spec(text)
    assert "model line 1" in str(caught.value)


def test_equal_loadings_and_intercepts_share_labels_and_free_factor_means():
    """lavaan's .p2. labels; the marker stays fixed; factor means are free in group 2 only."""
    spec = model_spec(FACTOR, groups=TWO, group_equal=["loadings", "intercepts"])
    assert [p.label for p in spec if p.op == "=~"] == ["", ".p2.", ".p3."] * 2
    assert [p.label for p in spec if p.op == "~1"] == [".p8.", ".p9.", ".p10.", ""] * 2
    assert [rows(spec, "~1", g)["f~1"].free for g in (1, 2)] == [False, True]
    with_means = model_spec(FACTOR, groups=TWO, group_equal=["loadings", "intercepts", "means"])
    assert not rows(with_means, "~1")["f~1"].free


def test_partial_parameters_stay_free_even_a_marker():
    """group_partial, either order of a covariance; the freed marker has its scale from the equal loadings."""
    model = f"{FACTOR}\nx1 ~~ x2"
    partial = ["f =~ x1", "x2~~x1"]
    spec = model_spec(
        model, groups=TWO, group_equal=["loadings", "residual_covariances"], group_partial=partial
    )
    assert [rows(spec, "=~", g)["f=~x1"].free for g in (1, 2)] == [False, True]
    assert rows(spec, "~~")["x1~~x2"].label == ""
    with pytest.raises(ModelError, match="'f~x9', which is no parameter"):
        model_spec(model, groups=TWO, group_equal="loadings", group_partial="f~x9")


def test_standardized_factors_free_their_variance_when_loadings_are_equal():
    """lavaan since 0.6-4; not when the variances are to be equal."""
    spec = model_spec(FACTOR, groups=TWO, std_lv=True, group_equal="loadings")
    assert [rows(spec, "~~", g)["f~~f"].free for g in (1, 2)] == [False, True]
    both = model_spec(FACTOR, groups=TWO, std_lv=True, group_equal=["loadings", "lv.variances"])
    assert not rows(both, "~~")["f~~f"].free


def test_a_value_fixed_in_one_group_holds_in_all_equal_ones():
    """Equal to a fixed parameter is fixed."""
    spec = model_spec("f =~ x1 + c(.5,NA)*x2 + x3", groups=TWO, group_equal="loadings")
    assert (rows(spec, "=~")["f=~x2"].free, rows(spec, "=~")["f=~x2"].value) == (False, 0.5)


def test_given_variables_are_not_held_equal():
    """Moments of exogenous variables belong to their group."""
    for fixed_x in (True, False):
        spec = model_spec(
            "y ~ x", groups=TWO, meanstructure=True, fixed_x=fixed_x, group_equal=["intercepts", "residuals"]
        )
        assert [p.label for p in spec if p.lhs == "x"] == [""] * 4
        assert rows(spec, "~1")["y~1"].label


def test_effect_coding_constrains_each_group_unless_loadings_are_equal():
    """Names of group 2 in the constraint."""
    spec = model_spec(FACTOR, groups=TWO, effect_coding="loadings")
    assert [c.lhs for c in spec.constraints] == ["f=~x1+f=~x2+f=~x3", "f=~x1.g2+f=~x2.g2+f=~x3.g2"]
    assert (
        len(model_spec(FACTOR, groups=TWO, effect_coding="loadings", group_equal="loadings").constraints) == 1
    )


def test_labels_shared_with_a_fixed_row_are_fixed():
    """The value and a note; two different values contradict each other."""
    spec = model_spec("f =~ a*x1 + a*x2 + x3")
    assert (spec.find("f", "=~", "x2").free, spec.find("f", "=~", "x2").value) == (False, 1.0)
    assert "fixed to its value 1" in spec.notes[0]
    with pytest.raises(ModelError, match="share the label 'a' but are fixed to"):
        model_spec("f =~ x1 + a*0.5*x2 + a*1*x3")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"groups": ("a", "a")}, "label of every group once"),
        ({"groups": ()}, "label of every group once"),
        ({"groups": TWO, "group_equal": "loading"}, "'loading'; choose among loadings"),
        ({"group_equal": "loadings"}, "there is one group"),
        ({"groups": TWO, "group_partial": "f=~x2"}, "give group_equal too"),
        ({"parameterization": "gamma"}, "'delta' or 'theta'"),
        ({"conditional_x": True, "fixed_x": False}, "leave fixed_x"),
        ({"ordered": {"x1": -1}}, "x1: -1"),
    ],
)
def test_options_outside_their_values_are_refused(options, words):
    """By name, with what to write."""
    with pytest.raises(UsageError, match=words):
        model_spec(FACTOR, **options)
