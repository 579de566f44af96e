"""Which rows or matrices make up the groups, and in which order."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.sample import Matrices, group_rows

GROUPS = pd.DataFrame({"g": ["b", "a", "b", "c"]})


def test_groups_come_in_order_of_appearance_or_as_named():
    """Labels choose and order the groups."""
    assert {k: v.tolist() for k, v in group_rows(GROUPS, "g").items()} == {"b": [0, 2], "a": [1], "c": [3]}
    assert list(group_rows(GROUPS, "g", ["c", "b"])) == ["c", "b"]


@pytest.mark.parametrize("labels", [["a", "x"], ["a", "a"], ["a"]])
def test_labels_that_are_no_groups_are_refused_with_the_groups(labels):
    """Unknown, repeated, or only one."""
    with pytest.raises(UsageError, match="'b', 'a', 'c'"):
        group_rows(GROUPS, "g", labels)


def test_a_group_column_must_say_something():
    """No such column, no label, one group, labels without a column."""
    for frame, group, labels, error in (
        (GROUPS, "h", None, UsageError),
        (pd.DataFrame({"g": ["a", None]}), "g", None, DataError),
        (pd.DataFrame({"g": ["a", "a"]}), "g", None, DataError),
        (GROUPS, None, ["a", "b"], UsageError),
    ):
        with pytest.raises(error):
            group_rows(frame, group, labels)


def test_matrices_are_chosen_by_label_with_their_sizes():
    """A mapping of label to matrix, and the others in the same order."""
    found = Matrices.of({"a": np.eye(2), "b": 2 * np.eye(2)}, [10, 20], None, ["b", "a"])
    assert (found.labels, found.n_obs, found.covariances[0][0, 0]) == (("b", "a"), (20, 10), 2.0)
    with pytest.raises(UsageError, match="2 covariance matrices, 1 n_obs"):
        Matrices.of([np.eye(2), np.eye(2)], [10], None)


def test_the_order_of_groups_changes_no_estimate(two_factors, two_factor_model):
    """Groups by label, in either order: the same chi2, the rows of the groups swapped."""
    data = two_factors(3, 200).assign(g=np.repeat(["u", "v"], 100))
    one = fit(two_factor_model, data, group="g")
    other = fit(two_factor_model, data, group="g", group_label=["v", "u"])
    assert (one.spec.groups, other.spec.groups) == (("u", "v"), ("v", "u"))
    assert other.chisq == pytest.approx(one.chisq, rel=1e-9)
    np.testing.assert_allclose(other.of_group(1).rows, one.of_group(2).rows, rtol=1e-6)
