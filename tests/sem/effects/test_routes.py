"""Which effects a model has: routes, loops, and where there are too many."""

import pytest

from sopsem.errors import UsageError
from sopsem.sem.effects import routes
from sopsem.sem.effects.routes import find_effects
from sopsem.sem.model.spec import model_spec


def names(model):
    return [e.name for e in find_effects(model_spec(model))]


def test_a_chain_of_two_mediators_has_every_route():
    wanted = """
    direct:m1~x total:m1~x
    direct:m2~x indirect:x>m1>m2 total_indirect:m2~x total:m2~x direct:m2~m1 total:m2~m1
    direct:y~x indirect:x>m2>y indirect:x>m1>y indirect:x>m1>m2>y total_indirect:y~x total:y~x
    direct:y~m2 total:y~m2 direct:y~m1 indirect:m1>m2>y total_indirect:y~m1 total:y~m1
    """
    found = names("m1 ~ x\nm2 ~ m1 + x\ny ~ m2 + m1 + x")
    assert sorted(found) == sorted(wanted.split())
    assert found.index("direct:y~x") < found.index("indirect:x>m1>y") < found.index("indirect:x>m1>m2>y")


def test_a_path_fixed_at_zero_is_no_route():
    found = names("m ~ x\ny ~ m + 0*x")
    assert "direct:y~x" not in found
    assert {"indirect:x>m>y", "total_indirect:y~x", "total:y~x"} <= set(found)


def test_second_order_loadings_carry_effects():
    found = names("f =~ a1+a2\ng =~ b1+b2\nh =~ f+g\nh ~ x\nz ~ f + x")
    assert "indirect:x>h>f>z" in found


def test_variables_without_a_route_have_no_effect():
    assert not any("y2" in n and "x1" in n for n in names("y1 ~ x1\ny2 ~ x2"))


def test_too_many_routes_are_refused_by_name(monkeypatch):
    monkeypatch.setattr(routes, "MAX_ROUTES", 2)
    with pytest.raises(UsageError, match="more than 2 routes lead from x to y"):
        find_effects(model_spec("m1 ~ x\nm2 ~ x\nm3 ~ x\ny ~ m1 + m2 + m3"))


def test_a_dense_loop_and_a_long_chain_end_quickly():
    dense = "\n".join(f"v{i} ~ " + " + ".join(f"v{j}" for j in range(25) if j != i) for i in range(25))
    assert len(find_effects(model_spec(dense))) == 2 * 25 * 24
    ladder = "\n".join(f"v{i + 1} ~ v{i}" for i in range(60))
    assert len([e for e in find_effects(model_spec(ladder)) if e.kind == "total"]) == 60 * 61 // 2
