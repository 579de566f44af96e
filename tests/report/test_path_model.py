"""What a diagram has to show, read from a frame."""

import pandas as pd
import pytest
from figure_checks import frame_of

from sopsem.errors import UsageError
from sopsem.report.path_model import ArrowKind, read_paths


def ends(model):
    return {(arrow.source, arrow.kind.value, arrow.target) for arrow in model.arrows}


def test_the_shipped_model(shipped):
    """Six factors, 18 items, 24 arrows; the items belong to their factors."""
    model = read_paths(frame_of(shipped[0]))
    assert set(model.factors) == {
        "coordination",
        "conflict",
        "alignment",
        "internal",
        "market",
        "performance",
    }
    assert model.observed == ()
    assert [len(items) for items in model.items.values()] == [4, 4, 4, 3, 3]
    assert len(model.arrows) == 24
    assert ("coordination", "~", "conflict") in ends(model)
    assert ("performance", "=~", "market") in ends(model)


def test_without_items(shipped):
    """Only the arrows between factors are left."""
    model = read_paths(frame_of(shipped[0]), items=False)
    assert model.items == {}
    assert len(model.arrows) == 6


def test_variances_intercepts_and_definitions_are_not_drawn():
    """A frame holds more than a diagram shows."""
    frame = pd.DataFrame(
        [
            ("y", "~", "x", 0.1, 0.1),
            ("y", "~~", "y", 0.9, 0.0),
            ("y", "~1", "", 0.0, 0.0),
            ("ab", ":=", "a*b", 0.1, 0.1),
        ],
        columns=["lhs", "op", "rhs", "est_std", "pvalue"],
    )
    assert ends(read_paths(frame)) == {("x", "~", "y")}


def test_an_item_with_a_regression_is_structural():
    """A covariate's arrow to an item keeps the item in the structure."""
    model = read_paths(frame_of("f =~ a + b\na ~ x"))
    assert model.observed == ("a", "x")
    assert model.items == {"f": ("b",)}


def test_a_cross_loading_item_stands_once():
    """It belongs to the first factor and has two arrows."""
    model = read_paths(frame_of("f =~ a + b\ng =~ b + c"))
    assert model.items == {"f": ("a", "b"), "g": ("c",)}
    assert sum(arrow.target == "b" for arrow in model.arrows) == 2


def test_covariances_have_two_heads():
    """The kind tells the drawing."""
    assert read_paths(frame_of("x ~~ y")).arrows[0].kind is ArrowKind.COVARIANCE


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (frame_of("y ~ x").drop(columns="pvalue"), "missing: pvalue"),
        (frame_of("y ~ x").iloc[:0], "no rows with the operators"),
        (pd.concat([frame_of("y ~ x").assign(group=g) for g in (1, 2)]), "has 2; pass the rows of one group"),
    ],
)
def test_what_cannot_be_drawn_is_refused(frame, message):
    """The message says what to pass."""
    with pytest.raises(UsageError, match=message):
        read_paths(frame)


def test_a_definition_row_of_group_zero_is_no_second_group():
    """Definitions carry group 0."""
    frame = pd.concat([frame_of("y ~ x").assign(group=1), frame_of("y ~ x").assign(op=":=", group=0)])
    assert len(read_paths(frame).arrows) == 1
