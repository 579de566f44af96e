"""Options of the table in one form (refusals are tested with the groups)."""

import pytest

from sopsem.sem.model.table_options import table_options

DEFAULTS = {
    "effect_coding": False,
    "growth": False,
    "groups": ("a", "b"),
    "group_equal": (),
    "group_partial": (),
    "ordered": {},
    "int_ov_free": None,
    "int_lv_free": None,
}


@pytest.mark.parametrize(
    "given", ["lv.variances", "lv_variances", ["lv_variances", "lv.variances", "none", ""]]
)
def test_kinds_are_spelled_with_dots_or_underscores(given):
    """And "none" means none, as in lavaan's mimic of Mplus."""
    assert table_options(**DEFAULTS | {"group_equal": given}).group_equal == ("lv.variances",)


@pytest.mark.parametrize("kind", ["intercepts", "means", "thresholds"])
def test_equal_means_imply_a_mean_structure(kind):
    """There is something to hold equal."""
    assert table_options(**DEFAULTS | {"group_equal": kind}).meanstructure


def test_growth_decides_which_intercepts_are_free_unless_told():
    """None follows growth."""
    grown = table_options(**DEFAULTS | {"growth": True})
    assert (grown.int_ov_free, grown.int_lv_free, grown.meanstructure) == (False, True, True)
    assert table_options(**DEFAULTS | {"growth": True, "int_ov_free": True}).int_ov_free
