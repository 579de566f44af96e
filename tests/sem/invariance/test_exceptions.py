"""Score tests of giving up the equality of one parameter over all groups."""

import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.score_tests import score_tests
from sopsem.sem.invariance.exceptions import exception_tests, still_equal


def test_with_two_groups_they_are_the_univariate_score_tests(easier, model):
    """Two groups have one equality per parameter."""
    fitted = fit(model, easier, group="school", group_equal=["loadings", "intercepts"])
    own = exception_tests(fitted, ["loadings", "intercepts"])
    assert sorted(own["stat"]) == pytest.approx(sorted(score_tests(fitted).univariate["stat"]), rel=1e-6)
    assert own["path"].iloc[0] == "x3~1"


def test_with_three_groups_an_equality_has_two_degrees_of_freedom(easier, model):
    """All groups are released together."""
    data = easier.assign(third=[str(i % 3) for i in range(len(easier))])
    fitted = fit(model, data, group="third", group_equal="loadings")
    tests = exception_tests(fitted, ["loadings"])
    assert set(tests["path"]) == {"f=~x2", "f=~x3", "g=~y2", "g=~y3"}
    assert set(tests["df"]) == {2}


def test_at_least_two_indicators_must_stay(easier, model):
    """Of three indicators one may go, a second may not."""
    spec = fit(model, easier, group="school", group_equal=["loadings", "intercepts"]).spec
    assert still_equal(spec, "x3~1", ()) == 2
    assert still_equal(spec, "x2~1", ("x3~1",)) == 1
    assert still_equal(spec, "y2~1", ("x3~1",)) == 2
    assert still_equal(spec, "f=~x2", ("x3~1",)) == 2
