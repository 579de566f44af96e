"""Nested, equivalent and other models, of one and of several groups."""

import pytest

from sopsem.errors import ConvergenceError, ModelError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.nesting import nesting

TWO = "f =~ a + b + c\ng =~ d + e + h"


def test_one_factor_is_nested_in_two(lattice):
    """A correlation of 1 is a special case, whatever the names of the parameters."""
    one, two = fit("f =~ a + b + c + d + e + h", lattice), fit(TWO, lattice)
    found = nesting(one, two)
    assert found.verdict == "nested"
    assert found.ddf == 1
    assert found.chisq < 1e-5
    assert nesting(two, one).verdict == "not nested"


def test_models_that_differ_in_the_direction_of_a_path_are_equivalent(lattice):
    """A saturated path between two factors may point either way."""
    forth, back = fit(TWO + "\ng ~ f", lattice), fit(TWO + "\nf ~ g", lattice)
    assert nesting(forth, back).verdict == nesting(back, forth).verdict == "equivalent"


def test_as_many_restrictions_do_not_make_models_nested(lattice):
    """Fewer degrees of freedom, but the wrong items: the leftover is a chi2 of its own."""
    wrong = fit("f =~ a + b + d\ng =~ c + e + h", lattice)
    found = nesting(fit("f =~ a + b + c\ng =~ d + e + h\nf ~~ 0*g", lattice), wrong)
    assert found.verdict == "not nested"
    assert found.chisq > 1.0
    assert "not nested" in repr(found)


def test_equal_loadings_are_nested_in_free_ones_across_groups(lattice):
    """Two groups with means; equal intercepts are nested in equal loadings."""
    free = fit(TWO, lattice, group="group")
    metric = fit(TWO, lattice, group="group", group_equal="loadings")
    scalar = fit(TWO, lattice, group="group", group_equal=["loadings", "intercepts"])
    assert nesting(metric, free).verdict == "nested"
    assert nesting(scalar, metric).verdict == "nested"
    assert nesting(free, scalar).verdict == "not nested"


def test_models_of_other_moments_are_refused(lattice):
    """Variables, groups and means must be the same."""
    two = fit(TWO, lattice)
    with pytest.raises(ModelError, match="observed variables: h"):
        nesting(fit("f =~ a + b + c\ng =~ d + e", lattice), two)
    with pytest.raises(ModelError, match="groups"):
        nesting(fit(TWO, lattice, group="group"), two)
    with pytest.raises(ModelError, match="means"):
        nesting(fit(TWO, lattice, meanstructure=True), two)


def test_a_fit_that_did_not_converge_is_refused(lattice, monkeypatch):
    """Its moments are no solution."""
    fitted = fit(TWO, lattice)
    monkeypatch.setattr(type(fitted.status), "converged", property(lambda _: False))
    with pytest.raises(ConvergenceError, match="restricted model"):
        nesting(fitted, fitted)


def test_rows_with_gaps_leave_the_verdict_to_the_implied_moments(lattice_gaps):
    """Full information: the models are compared by what they imply, not by the rows, which have other moments."""
    full = fit(TWO, lattice_gaps, missing="ml")
    restricted = fit(TWO + "\nf ~~ 0*g", lattice_gaps, missing="ml")
    assert nesting(restricted, full).verdict == "nested"
    assert nesting(full, full).verdict == "equivalent"
    assert nesting(fit(TWO + "\na ~~ d", lattice_gaps, missing="ml"), full).verdict == "not nested"
