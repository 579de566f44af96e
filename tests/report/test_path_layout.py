"""No two boxes of any layout overlap."""

import pytest
from figure_checks import frame_of
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.report.path_layout import Sizes, arrange
from sopsem.report.path_model import read_paths

SIZES = Sizes(node=(1.7, 0.95), item=(0.65, 0.4))


def clashes(layout):
    """Return the pairs of boxes that share an area."""
    boxes = list(layout.boxes.items())
    return [
        (one, other)
        for number, (one, a) in enumerate(boxes)
        for other, b in boxes[number + 1 :]
        if abs(a.x - b.x) < (a.width + b.width) / 2 - 1e-9
        and abs(a.y - b.y) < (a.height + b.height) / 2 - 1e-9
    ]


def laid_out(text, **options):
    return arrange(read_paths(frame_of(text), **options), SIZES)


@pytest.mark.parametrize("items", [True, False])
def test_the_shipped_model(shipped, items):
    """Every variable has its place, items outside of the structure."""
    layout = laid_out(shipped[0], items=items)
    assert len(layout.boxes) == (24 if items else 6)
    assert clashes(layout) == []
    if items:
        boxes = layout.boxes
        assert boxes["col1"].x < boxes["coordination"].x
        assert boxes["int1"].x > boxes["internal"].x
        assert boxes["con1"].y > boxes["conflict"].y > boxes["alignment"].y > boxes["ali1"].y


@st.composite
def models(draw):
    """Recursive models, or with a loop, of up to six factors with up to seven items each."""
    factors = [f"F{number}" for number in range(draw(st.integers(1, 6)))]
    lines = [
        f"{name} =~ " + " + ".join(f"{name}i{k}" for k in range(draw(st.integers(1, 7)))) for name in factors
    ]
    for place, name in enumerate(factors):
        causes = draw(st.sets(st.sampled_from(factors[:place]))) if place else set()
        lines += [f"{name} ~ {cause}" for cause in sorted(causes)]
    if len(factors) > 1 and draw(st.booleans()):
        lines += [f"{factors[0]} ~ {factors[-1]}", f"{factors[-1]} ~ {factors[0]}"]
    if draw(st.booleans()):
        lines.append(f"{factors[-1]} ~ covariate")
    return "\n".join(lines)


@settings(max_examples=80, deadline=None)
@given(models())
def test_no_model_makes_boxes_overlap(text):
    """Lanes, rows of items and circles leave room for every box."""
    assert clashes(laid_out(text)) == []


def test_a_loop_stands_on_a_circle():
    """All variables are equally far from the middle."""
    layout = laid_out("a ~ c\nb ~ a\nc ~ b")
    distances = {round((box.x**2 + box.y**2) ** 0.5, 9) for box in layout.boxes.values()}
    assert layout.circular
    assert len(distances) == 1


def test_rows_of_items_in_neighbouring_lanes_stay_apart():
    """A chain of factors with many items spreads its lanes."""
    lines = [f"F{n} =~ " + " + ".join(f"F{n}i{k}" for k in range(7)) for n in range(4)]
    lines += [f"F{n + 1} ~ F{n}" for n in range(3)]
    assert clashes(laid_out("\n".join(lines))) == []


def test_a_circle_with_many_items_grows():
    """The items of a loop have room around it."""
    lines = [f"{name} =~ " + " + ".join(f"{name}{k}" for k in range(20)) for name in "ab"]
    assert clashes(laid_out("\n".join([*lines, "a ~ b", "b ~ a"]))) == []
