"""What published sums tell: the smallest determined set against a search over all sets."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import null_space

from sopsem.client.privacy import atoms
from sopsem.client.privacy.atoms import atoms_of, smallest_determined
from sopsem.errors import ResourceLimitError


def by_rank(incidence, sizes, least):
    """The fewest people by trying every set of atoms: does a combination of sums live on it alone?"""
    matrix, best = incidence.T.astype(float), 0
    for chosen in product([False, True], repeat=len(sizes)):
        on = np.array(chosen, dtype=bool)
        size = int(sizes[on].sum())
        if not 0 < size < least:
            continue
        # combinations that vanish outside of the set, but not on it
        outside = null_space(matrix[~on]) if (~on).any() else np.eye(matrix.shape[1])
        tells = outside.size and np.abs(matrix[on] @ outside).max() > 1e-9
        if tells and (not best or size < best):
            best = size
    return best


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10_000), groups=st.integers(1, 5), people=st.integers(1, 14), least=st.integers(2, 6)
)
def test_the_fewest_people_told_about_are_found(seed, groups, people, least):
    rng = np.random.default_rng(seed)
    masks = rng.random((groups, people)) < 0.5
    incidence, place = atoms_of(masks)
    sizes = np.bincount(place[place >= 0], minlength=incidence.shape[1])
    found = smallest_determined(incidence, sizes, least)
    assert found.size == by_rank(incidence, sizes, least)
    weights = incidence.T @ found.weights
    assert np.allclose(weights[~found.atoms], 0.0, atol=1e-5)
    assert sizes[found.atoms].sum() == found.size


def test_nested_groups_tell_their_difference():
    masks = np.zeros((3, 20), dtype=bool)
    masks[0], masks[1, :17], masks[2, :9] = True, True, True
    incidence, place = atoms_of(masks)
    found = smallest_determined(incidence, np.bincount(place), 5)
    assert (found.size, sorted(np.abs(found.weights))) == (3, [0.0, 1.0, 1.0])


def test_one_person_exchanged_for_another_is_a_difference_of_two():
    masks = np.ones((2, 20), dtype=bool)
    masks[0, 0] = masks[1, 1] = False
    incidence, place = atoms_of(masks)
    assert smallest_determined(incidence, np.bincount(place), 5).size == 2


def test_people_in_no_group_have_no_atom():
    incidence, place = atoms_of(np.array([[True, False, True]]))
    assert place.tolist() == [0, -1, 0]
    assert incidence.tolist() == [[True]]


def test_nothing_published_tells_nothing():
    assert smallest_determined(np.zeros((0, 3), dtype=bool), np.array([1, 2, 3]), 5).size == 0


def test_a_search_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(atoms, "TIME_LIMIT", 0.0)
    masks = np.random.default_rng(1).random((16, 200)) < 0.5
    incidence, place = atoms_of(masks)
    with pytest.raises(ResourceLimitError, match="publish fewer groupings"):
        smallest_determined(incidence, np.bincount(place), 5)
