"""The user's rows of one group."""

from sopsem.sem.model.syntax import parse_syntax
from sopsem.sem.model.user_rows import row_key, user_rows


def test_the_values_of_a_group_are_chosen_by_its_place():
    """The second of two values in group 2; what equal() names is returned beside the rows."""
    rows, equal = user_rows(parse_syntax('y ~ c(a,b)*x + equal("y~x")*z'), group=2, n_groups=2)
    assert rows["y", "~", "x"].label == "b"
    assert {p.group for p in rows.values()} == {2}
    assert equal == [(("y", "~", "z"), "y~x")]


def test_a_covariance_has_one_key():
    """The order first written."""
    rows, _ = user_rows(parse_syntax("a ~~ b"))
    assert row_key("b", "~~", "a", rows) == ("a", "~~", "b")
    assert row_key("b", "~", "a", rows) == ("b", "~", "a")
