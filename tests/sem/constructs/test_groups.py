"""Construct tables of several groups are those of each group, one below the other."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, ModelError, UsageError
from sopsem.sem.constructs.reliability import reliability
from sopsem.sem.constructs.scores import factor_scores
from sopsem.sem.constructs.solution import solution
from sopsem.sem.estimation.fit import fit


@pytest.fixture
def halves(two_factors, two_factor_model):
    """Data with rows of two groups mixed, the fit of both, and those of each alone."""
    data = two_factors(5, 240).assign(g=np.tile(["u", "v"], 120))
    alone = [fit(two_factor_model, data[data.g == label], meanstructure=True) for label in "uv"]
    return data, fit(two_factor_model, data, group="g"), alone


def test_tables_of_free_groups_are_those_of_each_alone(halves):
    """Without equal parameters the groups do not touch each other."""
    _, both, alone = halves
    wanted = pd.concat([reliability(one).assign(group=g) for one, g in zip(alone, "uv", strict=True)])
    found = reliability(both)
    assert found.columns[0] == "group"
    for column in ("alpha", "omega", "ave"):
        np.testing.assert_allclose(found[column], wanted[column], rtol=1e-6)


def test_draws_or_solutions_of_several_groups_are_refused(halves):
    """They belong to one group."""
    _, both, alone = halves
    with pytest.raises(UsageError, match="of_group"):
        reliability(both, at=solution(alone[0]))


def test_scores_stand_in_the_order_of_the_rows(halves):
    """Fitted rows by position, new rows by the index of their frame."""
    data, both, alone = halves
    found = factor_scores(both)
    assert found.scores.index.tolist() == list(range(240))
    assert found.scores["group"].tolist() == data["g"].tolist()
    for one, label in zip(alone, "uv", strict=True):
        wanted = factor_scores(one)
        own = found.scores["group"] == label
        np.testing.assert_allclose(found.scores.loc[own, ["f", "g"]], wanted.scores, atol=1e-6)
        np.testing.assert_allclose(found.se.loc[own, ["f", "g"]], wanted.se, atol=1e-6)
    new = factor_scores(both, data.iloc[[7, 2]], group="g").scores
    pd.testing.assert_frame_equal(new, found.scores.loc[[7, 2]], check_exact=False)


def test_new_rows_need_a_known_group(halves):
    """Without the column, with another name, or with a label of no group."""
    data, both, _ = halves
    for rows, group, error in (
        (data, None, UsageError),
        (data, "h", ModelError),
        (data.assign(g="w"), "g", DataError),
    ):
        with pytest.raises(error):
            factor_scores(both, rows, group=group)
