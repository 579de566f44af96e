"""The search for exceptions finds what was put there, stops in time, and says what it is worth."""

import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.invariance.ladder import invariance
from sopsem.sem.invariance.partial import partial_invariance


@pytest.fixture(scope="module")
def ladder(easier, model):
    """The plain ladder."""
    return invariance(model, easier, "school", levels=["configural", "metric", "scalar"])


def test_the_item_made_easier_is_found(ladder, easier, model):
    """x3 was raised in one group, so its intercept is freed and nothing else."""
    found = partial_invariance(ladder, "scalar")
    assert found.tenable
    assert found.freed == ("x3~1",)
    again = fit(
        model,
        easier,
        group="school",
        group_equal=["loadings", "intercepts"],
        group_partial=found.group_partial,
    )
    assert found.fit.chisq == pytest.approx(again.chisq, abs=1e-8)
    assert found.steps["tenable"].tolist() == [False, True]
    assert any("exploratory" in s for s in found.sentences)


def test_a_tenable_level_is_left_alone(ladder):
    """Nothing is freed where nothing is wrong."""
    found = partial_invariance(ladder, "metric")
    assert found.freed == ()
    assert found.sentences == ("metric is tenable against configural without exceptions; nothing was freed",)


def test_two_equal_indicators_of_every_factor_remain(ladder):
    """A cut-off that nothing meets ends the search with one exception per factor of three items."""
    found = partial_invariance(ladder, "scalar", cutoff=0.999)
    assert not found.tenable
    assert len(found.freed) == 2
    assert "stayed equal" in found.sentences[0]


def test_the_number_of_exceptions_can_be_bounded(ladder):
    """No more steps than asked for."""
    assert len(partial_invariance(ladder, "scalar", cutoff=0.999, max_steps=1).freed) == 1


@pytest.mark.parametrize(
    ("level", "options"),
    [
        ("configural", {}),
        ("strict", {}),
        ("scalar", {"criterion": "taste"}),
        ("scalar", {"cutoff": -0.01}),
        ("scalar", {"criterion": "delta_cfi", "cutoff": 0.01}),
    ],
)
def test_a_search_without_sense_is_refused(ladder, level, options):
    """The lowest level, a level not fitted, an unknown criterion, a cut-off on the wrong side."""
    with pytest.raises(UsageError):
        partial_invariance(ladder, level, **options)
