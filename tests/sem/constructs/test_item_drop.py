"""Dropping an item: the same numbers as a model written without it, refusals, and what must not matter."""

import numpy as np
import pytest

from sopsem.errors import ModelError
from sopsem.sem.constructs.item_drop import item_drop, without_item
from sopsem.sem.constructs.reliability import reliability
from sopsem.sem.estimation.estimates import standardized
from sopsem.sem.estimation.fit import fit
from sopsem.sem.model.spec import model_spec
from sopsem.sem.simulation.simulate import simulate

MODEL = "f =~ a + b + c + d\ng =~ x + y + z\ng ~ f"
TRUTH = "f =~ .8*a + .7*b + .6*c + .1*d; g =~ .8*x + .7*y + .6*z; g ~ .5*f"


@pytest.fixture(scope="module")
def data():
    return simulate(TRUTH, 300, seed=1)


@pytest.fixture(scope="module")
def result(data):
    return item_drop(MODEL, data)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("a", "f =~ b + c + d\ng =~ x + y + z\ng ~ f"),
        ("d", "f =~ a + b + c\ng =~ x + y + z\ng ~ f"),
        ("y", "f =~ a + b + c + d\ng =~ x + z\ng ~ f"),
    ],
)
def test_the_same_numbers_as_a_model_written_without_it(data, result, item, text):
    whole, less = fit(MODEL, data), fit(text, data)
    values = [standardized(f).query("op == '~'").est_std.iloc[0] for f in (whole, less)]
    row = result.paths[result.paths["item"] == item].iloc[0]
    assert row.est == pytest.approx(values[0], abs=1e-7)
    assert row.without == pytest.approx(values[1], abs=1e-7)
    assert row.change == pytest.approx(values[1] - values[0], abs=1e-7)
    factor = "g" if item == "y" else "f"
    cfa = fit(text.replace("g ~ f", ""), data)
    own = reliability(cfa).set_index("factor").loc[factor]
    found = result.reliability[result.reliability["item"] == item].set_index("coefficient")
    for name in ("alpha", "omega", "ave_std"):
        assert found.without[name] == pytest.approx(own[name], abs=1e-7)


def test_htmt_by_hand(data, result):
    r = data.corr().abs()
    between = r.loc[["a", "b", "c"], ["x", "y", "z"]].to_numpy().mean()
    within = [np.mean([r.loc[p, q] for p, q in pairs]) for pairs in (("ab", "ac", "bc"), ("xy", "xz", "yz"))]
    row = result.htmt[result.htmt["item"] == "d"].iloc[0]
    assert row.without == pytest.approx(between / np.sqrt(within[0] * within[1]))


def test_the_item_that_does_not_belong_is_named(result):
    assert any(s.startswith("Without d the omega of f rises") for s in result.sentences)
    assert any("look better in this sample" in s for s in result.sentences)


def test_refusals_name_the_reason(data):
    two = item_drop("f =~ a + b + c\ng =~ x + y\ng ~ f", data)
    assert two.refused["item"].tolist() == ["x", "y"]
    assert two.refused.reason.str.contains("left with 1 item").all()
    assert set(two.paths["item"]) == {"a", "b", "c"}
    spec = model_spec("f =~ a + k*b + k*c\ny ~ f + x")
    with pytest.raises(ModelError, match="every other loading has a label"):
        without_item(spec, "a")
    with pytest.raises(ModelError, match="part of the path"):
        without_item(spec, "x")
    with pytest.raises(ModelError, match="needs it"):
        without_item(model_spec("f =~ a + p*b + q*c + d\np == q"), "c")


def test_all_refits_use_the_same_rows(data):
    gaps = data.copy()
    gaps.loc[[0, 4], "a"] = np.nan
    found = item_drop(MODEL, gaps)
    assert found.n == 298
    assert found.rows_excluded == 2
    row = found.paths[found.paths["item"] == "a"].iloc[0]
    without = fit("f =~ b + c + d\ng =~ x + y + z\ng ~ f", gaps.dropna())
    assert row.without == pytest.approx(standardized(without).query("op == '~'").est_std.iloc[0], abs=1e-7)


def test_units_signs_and_order_do_not_matter(data, result):
    other = item_drop(MODEL, (data * [1, 2, 3, 4, -5, -6, -7]).iloc[::-1, ::-1])
    first, second = (t.paths.set_index(["item", "lhs", "rhs"]) for t in (result, other))
    np.testing.assert_allclose(second.without.abs(), first.without.loc[second.index].abs(), atol=1e-6)
