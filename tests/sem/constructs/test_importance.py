"""Importance in points: against regression of means of items, and what must not change it."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.constructs.importance import importance, item_weights, total_effects_on
from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.fit import fit
from sopsem.sem.model.spec import model_spec

SECOND = "x =~ x1 + x2 + x3\ny =~ y1 + y2 + y3\nz =~ z1 + z2 + z3\nh =~ y + z\nh ~ x"


@pytest.fixture(scope="module")
def rows():
    """Nine items of a chain, with unequal scales."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=400)
    h = 0.6 * x + 0.8 * rng.normal(size=400)
    made = {}
    for name, factor in (("x", x), ("y", 0.9 * h + 0.4 * rng.normal(size=400)), ("z", 0.7 * h)):
        for i in (1, 2, 3):
            made[f"{name}{i}"] = i * (factor + 0.5 * rng.normal(size=400)) + 10
    return pd.DataFrame(made)


def ranges_of(rows):
    return dict.fromkeys(rows, (0.0, 20.0))


def found(model, rows, ranges, outcome):
    fitted = fit(model, rows)
    return importance(fitted, total_effects_on(fitted.spec, outcome), ranges)[0]


def test_a_path_model_gives_the_slope_of_rescaled_answers(rows):
    """Observed variables: regression of y on x after each is carried to 0..100."""
    ranges = {"x1": (0.0, 20.0), "y1": (0.0, 40.0)}
    slope = np.polyfit(rows.x1 * 5.0, rows.y1 * 2.5, 1)[0]
    assert found("y1 ~ x1", rows, ranges, "y1") == pytest.approx([slope], rel=1e-9)


def test_a_second_order_outcome_moves_by_the_mean_of_its_dimensions(rows):
    """By hand: the total effect times the mean loading chain, from the printed estimates."""
    fitted = fit(SECOND, rows)
    table = effects(fitted).set_index("effect")
    raw = table.est["total:h~x"]
    value = dict(zip(((p.lhs, p.rhs) for p in fitted.spec), fitted.rows, strict=True))
    dimension = [value["h", d] * np.mean([value[d, f"{d}{i}"] for i in (1, 2, 3)]) for d in "yz"]
    by_hand = raw * np.mean(dimension) / np.mean([value["x", f"x{i}"] for i in (1, 2, 3)])
    own = importance(fitted, total_effects_on(fitted.spec, "h"), ranges_of(rows))
    assert own[0] == pytest.approx([by_hand], rel=1e-9)
    std = importance(fitted, total_effects_on(fitted.spec, "h"), ranges_of(rows), standardized=True)
    assert std[0] == pytest.approx([table.est_std["total:h~x"]], rel=1e-12)


def test_neither_the_marker_nor_the_units_of_an_item_matter(rows):
    """Another marker item, unit variances, and an item in other units with its range."""
    first = found(SECOND, rows, ranges_of(rows), "h")
    other = "x =~ NA*x1 + 1*x2 + x3\ny =~ y1 + y2 + y3\nz =~ NA*z1 + z2 + 1*z3\nh =~ y + z\nh ~ x"
    assert found(other, rows, ranges_of(rows), "h") == pytest.approx(first, rel=1e-6)
    scaled = rows.assign(x1=rows.x1 * 100, z2=5 - rows.z2 / 10)
    ranges = ranges_of(rows) | {"x1": (0.0, 2000.0)}
    assert found(SECOND, scaled.assign(z2=rows.z2), ranges, "h") == pytest.approx(first, rel=1e-6)


def test_weights_of_items_add_up():
    spec = model_spec(SECOND)
    weights = item_weights(spec, "h")
    assert sum(weights.values()) == pytest.approx(1.0)
    assert set(weights) == {f"{d}{i}" for d in "yz" for i in (1, 2, 3)}
    assert item_weights(model_spec("y ~ x"), "x") == {"x": 1.0}


def test_what_is_refused_is_named(rows):
    fitted = fit(SECOND, rows)
    with pytest.raises(UsageError, match="its outcomes are h"):
        total_effects_on(fitted.spec, "x")
    wanted = total_effects_on(fitted.spec, "h")
    with pytest.raises(UsageError, match="highest answer of z3"):
        importance(fitted, wanted, {v: (0.0, 20.0) for v in rows if v != "z3"})
    with pytest.raises(UsageError, match="highest answer of y2 are 7"):
        importance(fitted, wanted, ranges_of(rows) | {"y2": (7.0, 1.0)})
