"""Ordered variables: thresholds, scales, variances, intercepts (tables as lavaan 0.7-2 makes them)."""

import pytest

from sopsem.errors import ModelError
from sopsem.sem.model.spec import model_spec

FACTOR = "f =~ u1 + u2 + x"
TWO = ("a", "b")


def row(spec, lhs, op, rhs, group=1):
    """Return (free, value) of a row."""
    found = spec.find(lhs, op, rhs, group=group)
    return found.free, found.value


def test_an_ordered_variable_gets_thresholds_scale_variance_and_intercept():
    """Thresholds free; the rest fixed; the mean structure comes with them."""
    spec = model_spec(FACTOR, ordered={"u1": 2, "u2": 1})
    assert [p.rhs for p in spec if p.op == "|"] == ["t1", "t2", "t1"]
    assert row(spec, "u1", "~*~", "u1") == (False, 1.0)
    assert row(spec, "u1", "~~", "u1") == (False, 1.0)
    assert row(spec, "u1", "~1", "") == (False, 0.0)
    assert row(spec, "x", "~1", "")[0]
    assert (spec.ordered, spec.meanstructure) == (("u1", "u2"), True)


def test_thresholds_of_the_text_are_kept_and_completed():
    """A fixed first threshold, a label, and what the data have more."""
    spec = model_spec(f"{FACTOR}\nu1 | 0*t1 + a*t2", ordered={"u1": 3})
    assert [(p.rhs, p.free, p.label, p.user) for p in spec if p.op == "|"] == [
        ("t1", False, "", True),
        ("t2", True, "a", True),
        ("t3", True, "", False),
    ]
    assert model_spec("u | t1\nu ~ x").ordered == ("u",)


def test_the_text_may_name_some_of_the_thresholds():
    """Those below the highest are there too, free, whether or not the data are known."""
    for ordered in ({}, {"u1": 2}):
        spec = model_spec(f"{FACTOR}\nu1 | 1*t2", ordered=ordered)
        assert [(p.rhs, p.free) for p in spec if p.op == "|"] == [("t2", False), ("t1", True)]


def test_an_exogenous_variable_enters_as_a_number():
    """lavaan drops it from the ordered ones; a note says so, as for a name that is not in the model."""
    spec = model_spec("y ~ u", ordered={"u": 2, "q": 2})
    assert spec.ordered == ()
    assert "enters as a number" in spec.notes[0]
    assert "q is declared ordered but is no variable" in spec.notes[1]


@pytest.mark.parametrize(
    ("model", "ordered", "words"),
    [
        (f"{FACTOR}\nu1 | t3", {"u1": 2}, "u1 has 3 categories in the data and so 2"),
        (f"{FACTOR}\nu1 | low", {}, "named t1, t2"),
        (f"{FACTOR}\nf | t1", {}, "f is a factor"),
        ("y ~ u\nu | t1", {}, "u only predicts"),
        (f"{FACTOR}\nu1 ~*~ u1", {}, "u1 is not ordered"),
        (f"{FACTOR}\nu1 ~*~ u2", {}, "joins two variables"),
    ],
)
def test_thresholds_that_cannot_be_are_refused(model, ordered, words):
    """More than the data have, other names, factors, predictors, scales of continuous variables."""
    with pytest.raises(ModelError, match=words):
        model_spec(model, ordered=ordered)


@pytest.mark.parametrize(("parameterization", "op"), [("delta", "~*~"), ("theta", "~~")])
def test_equal_thresholds_free_intercepts_and_scales_of_later_groups(parameterization, op):
    """Wu & Estabrook (2016); a variable with one threshold keeps its scale."""
    spec = model_spec(
        FACTOR,
        groups=TWO,
        ordered={"u1": 2, "u2": 1},
        group_equal=["thresholds", "loadings"],
        parameterization=parameterization,
    )
    assert [row(spec, "u1", op, "u1", g)[0] for g in (1, 2)] == [False, True]
    assert [row(spec, "u2", op, "u2", g)[0] for g in (1, 2)] == [False, False]
    assert [row(spec, "u2", "~1", "", g)[0] for g in (1, 2)] == [False, True]
    assert [row(spec, "f", "~1", "", g)[0] for g in (1, 2)] == [False, False]
    assert spec.find("u1", "|", "t1", group=2).label == spec.find("u1", "|", "t1").label != ""


def test_equal_intercepts_too_fix_them_and_free_the_factor_mean():
    """Equal to the fixed intercepts of the first group."""
    spec = model_spec(
        FACTOR, groups=TWO, ordered={"u1": 2, "u2": 2}, group_equal=["thresholds", "loadings", "intercepts"]
    )
    assert row(spec, "u1", "~1", "", 2) == (False, 0.0)
    assert row(spec, "f", "~1", "", 2)[0]


def test_slopes_are_marked_given_where_moments_are_conditional():
    """The exo column of the table, as in lavaan; the parameters stay free."""
    spec = model_spec("u ~ x", ordered={"u": 1}, conditional_x=True)
    table = spec.table().set_index(["lhs", "op", "rhs"])
    assert tuple(table.loc["u", "~", "x"][["free", "exo"]]) == (1, 1)
    assert not spec.find("u", "~", "x").exo


def test_a_composite_has_weights_and_given_moments():
    """First weight 1; variances and covariances of its parts follow from the data."""
    spec = model_spec("c <~ x1 + x2\ny ~ c")
    assert (spec.composites, spec.latent) == (("c",), ("c",))
    assert row(spec, "c", "<~", "x1") == (False, 1.0)
    assert [p.name for p in spec if p.free] == ["c<~x2", "y~c", "y~~y"]
