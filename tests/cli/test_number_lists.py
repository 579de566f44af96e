"""Numbers in option texts."""

import pytest

from sopsem.cli.number_lists import named_numbers, shape_option, whole_numbers
from sopsem.errors import UsageError


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: whole_numbers("--n", "92,many"),
        lambda: named_numbers("--n", "b"),
        lambda: named_numbers("--n", "=2"),
        lambda: shape_option("--n", "high"),
    ],
)
def test_what_is_no_number_is_named_with_its_option(wrong):
    with pytest.raises(UsageError, match="--n"):
        wrong()
