"""Whole columns: reversal, constants, decimal marks."""

import numpy as np
import pytest

from sopsem.survey import Scale
from sopsem.survey.coding import is_constant, reverse
from sopsem.survey.intake import constant_faults


def test_reversal_keeps_missing_answers_missing():
    found = reverse(np.array([1.0, np.nan, 4.0]), Scale(codes={0: "a", 4: "b"}))
    np.testing.assert_array_equal(found, [3.0, np.nan, 0.0])


@pytest.mark.parametrize(
    ("values", "constant"),
    [
        ([0.1] * 5, True),
        ([0.1, 0.3 / 3, 0.1 + 1e-17], True),
        ([0.0, 0.0], True),
        ([1e-9, 2e-9], False),
        ([1e9, 1e9 + 1], False),
        ([3.0, np.nan], True),
        ([np.nan], False),
    ],
)
def test_constant_is_judged_relative_to_size(values, constant):
    assert is_constant(np.array(values)) is constant


def test_an_unanswered_item_is_told_under_every_policy_and_a_constant_one_under_one():
    items = {"a": np.array([np.nan, np.nan]), "b": np.array([1.0, 1.0]), "c": np.array([1.0, 2.0])}
    assert constant_faults(items, refuse=False) == ["item a: all answers missing"]
    assert [fault[:6] for fault in constant_faults(items, refuse=True)] == ["item a", "item b"]
