"""Model text written from a table gives the same table when it is read again."""

from dataclasses import replace

import pytest

from sopsem.sem.export.lavaan_model import lavaan_model
from sopsem.sem.model.spec import model_spec

CFA = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\n"
CASES = {
    "cfa": (CFA, {}),
    "means": (CFA, {"meanstructure": True}),
    "std_lv": (CFA, {"std_lv": True, "orthogonal": True}),
    "start and bounds": ("f =~ x1 + start(0.7)*x2 + lower(0)*x3 + upper(1/3)*x4", {}),
    "fixed": ("f =~ 1*x1 + -0.123456789012345*x2 + NA*x3\nf ~~ 2*f", {}),
    "growth": ("i =~ 1*a + 1*b + 1*c\ns =~ 0*a + 1*b + 2*c\ni + s ~ x", {"growth": True}),
    "mediation": ("m ~ a*x\ny ~ b*m + c*x\nab := a*b\ntotal := c + a*b", {}),
    "constraints": ("y ~ a*x + b*z\na == b^2\nb > 0.1", {}),
    "random x": ("y ~ x + z", {"fixed_x": False}),
    "groups": (CFA, {"groups": ["north", "far south"], "group_equal": ["loadings", "intercepts"]}),
    "group labels": ("y ~ c(a1, a2)*x\nd := a1 - a2", {"groups": ["1", "2"], "meanstructure": True}),
    "group blocks": ("group: 1\ny ~ x\ngroup: 2\ny ~ 0*x", {"groups": ["1", "2"], "meanstructure": True}),
    "ordered": (CFA, {"ordered": {"x1": 2, "x2": 2, "x3": 1}, "parameterization": "theta"}),
    "ordered groups": (
        CFA,
        {"ordered": dict.fromkeys(["x1", "x2", "x3", "y1", "y2", "y3"], 3), "groups": ["1", "2"],
         "group_equal": ["thresholds", "loadings"]},
    ),
    "effect coding": (CFA, {"effect_coding": True, "meanstructure": True}),
    "phantom": ("f =~ x1 + x2 + x3\np =~ 0\np ~ f\np ~~ 0*p", {}),
    "second order": ("a =~ x1 + x2 + x3\nb =~ y1 + y2 + y3\nc =~ z1 + z2 + z3\ng =~ a + b + c", {}),
}  # fmt: skip
SHAPING = ("groups", "ordered", "parameterization", "fixed_x")


def rows(spec):
    """Return the table without labels, and which rows share one."""
    table, ties = set(), {}
    for p in spec:
        ends = tuple(sorted((p.lhs, p.rhs))) if p.op == "~~" else (p.lhs, p.rhs)
        key = (p.op, *ends, p.group)
        value = "free" if p.free else f"{p.value!r}"
        table.add((*key, value, repr(p.start if p.free else 0.0), p.lower, p.upper, p.exo))
        if p.label and p.free:
            ties.setdefault(p.label, set()).add(key)
    return table, {frozenset(t) for t in ties.values() if len(t) > 1}


@pytest.mark.parametrize("name", CASES)
def test_the_text_gives_the_same_table(name):
    """Read back with what the data decide only: groups, ordered variables, fixed exogenous ones."""
    text, options = CASES[name]
    spec = model_spec(text, **options)
    again = model_spec(lavaan_model(spec), **{k: v for k, v in options.items() if k in SHAPING})
    assert rows(again) == rows(spec)
    assert len(again.constraints) == len(spec.constraints)
    assert [d.lhs for d in again.definitions] == [d.lhs for d in spec.definitions]
    assert again.meanstructure == spec.meanstructure


def test_every_row_is_spelt_out():
    """No automatic row is left to a program, but for the moments of fixed exogenous variables."""
    spec = model_spec(lavaan_model(model_spec("f =~ x1 + x2 + x3\nf ~ z", meanstructure=True)))
    assert [p.path() for p in spec if not p.user and not p.exo] == []


def test_names_that_need_quotes_are_renamed():
    """R gets a plain name."""
    spec = model_spec('f =~ "my item" + b + c')
    assert '"' not in lavaan_model(spec)
    assert "my_item" in lavaan_model(spec)
    assert lavaan_model(replace(spec, text="")) == lavaan_model(spec)
