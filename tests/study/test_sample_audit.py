"""Percentages and the whole people behind them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.study.audit import audit
from sopsem.study.printed import printed
from sopsem.study.published import PublishedStudy
from sopsem.study.sample_audit import possible_counts


def test_the_regions_are_of_71():
    """60.6, 7.0, 31.0 and 1.4 percent are 43, 5, 22 and 1 of 71, and of no other base up to 92."""
    percents = [printed(p) for p in ("60.6", "7.0", "31.0", "1.4")]
    found = {n: possible_counts(percents, n) for n in range(1, 93)}
    assert {n: counts for n, counts in found.items() if counts} == {71: [(43, 5, 22, 1)]}


@given(st.lists(st.integers(0, 60), min_size=2, max_size=4).filter(lambda counts: sum(counts) > 0))
def test_true_counts_are_always_found(counts):
    """Percentages made from counts admit those counts, whatever the rounding of halves."""
    base = sum(counts)
    percents = [printed(f"{100 * count / base:.1f}") for count in counts]
    assert tuple(counts) in possible_counts(percents, base)


def test_percentages_that_round_but_do_not_add_up_are_refused():
    """Three thirds of 100 people are printed as 33 each, but 33 + 33 + 33 leaves one person out."""
    assert possible_counts([printed("33")] * 3, 100) == []
    assert possible_counts([printed("33")] * 3, 99) == [(33, 33, 33)]


def test_many_categories_of_many_people_are_searched_quickly():
    """Coarse percentages of a large sample have more splits than can be listed."""
    percents = [printed("10")] * 10
    assert len(possible_counts(percents, 10_000, limit=7)) == 7
    assert all(sum(counts) == 10_000 for counts in possible_counts(percents, 10_000, limit=7))


def sample(percents, **table):
    """A study with one table of percentages."""
    categories = [{"label": f"c{i}", "percent": p} for i, p in enumerate(percents)]
    tables = [{"name": "t", "categories": categories} | table]
    study = PublishedStudy(name="s", title="t", source="s", n=40, analysis={"program": "x"}, samples=tables)
    return audit(study).checks.set_index("check").loc["base:t"]


@pytest.mark.parametrize(
    ("percents", "base", "verdict"),
    [
        (["50", "50"], None, "undecidable"),
        (["50", "50"], 40, "consistent"),
        (["50", "50"], 39, "inconsistent"),
        (["50.1", "49.8"], None, "inconsistent"),
    ],
)
def test_bases(percents, base, verdict):
    """Many bases leave it open, a claimed base is tested, an impossible table is refused."""
    assert sample(percents, **({} if base is None else {"base": base}))["verdict"] == verdict
