"""Groups that are too small are refused in words."""

import pytest

from sopsem.errors import DataError, UsageError
from sopsem.sem.invariance.group_sizes import require_group_sizes, small_groups

PAPER = {"European": 86, "American": 5, "Latin American": 1}


def test_the_refusal_lists_every_group_and_what_to_do():
    """Five Americans and one Latin American cannot be compared with 86 Europeans on 18 items."""
    with pytest.raises(DataError) as refused:
        require_group_sizes(PAPER, 18)
    text = str(refused.value)
    assert "'European' has 86 row(s);" in text
    assert "'American' has 5 row(s), 14 too few" in text
    assert "'Latin American' has 1 row(s), 18 too few" in text
    assert "at least 19 rows" in text
    assert "merge groups" in text
    assert "an assumption, not a result" in text


def test_small_groups_can_be_left_out_where_two_remain():
    """The advice names the groups that are large enough."""
    with pytest.raises(DataError, match=r"group_label=\['a', 'b'\]"):
        require_group_sizes({"a": 50, "b": 60, "c": 3}, 6)


def test_the_least_number_of_rows_is_one_more_than_variables():
    """p + 1 rows are accepted, p rows are not."""
    assert require_group_sizes({"a": 7, "b": 7}, 6) == 7
    with pytest.raises(DataError):
        require_group_sizes({"a": 7, "b": 6}, 6)


def test_a_larger_minimum_is_held_and_a_smaller_one_refused():
    """A covariance matrix of full rank is the floor."""
    with pytest.raises(DataError, match="min_group_size asks for 100"):
        require_group_sizes({"a": 99, "b": 200}, 6, minimum=100)
    with pytest.raises(UsageError, match="need 7 rows"):
        require_group_sizes({"a": 99, "b": 200}, 6, minimum=5)


def test_few_rows_per_parameter_are_a_note():
    """Below five rows per free parameter of a group."""
    assert small_groups({"a": 100, "b": 100}, 20) == ()
    assert "'b' (99 rows)" in small_groups({"a": 100, "b": 99}, 20)[0]
