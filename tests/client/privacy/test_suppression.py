"""Complementary suppression: the least important goes, and what is left tells of nobody."""

import numpy as np

from sopsem.client.privacy.atoms import atoms_of, smallest_determined
from sopsem.client.privacy.suppression import mean_bounds, publishable


def departments(*sizes):
    masks = np.zeros((len(sizes) + 1, sum(sizes)), dtype=bool)
    masks[0] = True
    for g, start in enumerate(np.cumsum([0, *sizes[:-1]])):
        masks[g + 1, start : start + sizes[g]] = True
    incidence, place = atoms_of(masks)
    return incidence, np.bincount(place)


def test_one_small_group_takes_the_next_smallest_with_it():
    incidence, sizes = departments(40, 31, 4)
    assert publishable(incidence, sizes, [1, 0, 0, 0], 5).tolist() == [True, True, False, False]


def test_what_is_kept_stays_and_everybody_goes():
    incidence, sizes = departments(40, 31, 4)
    assert publishable(incidence, sizes, [1, 2, 2, 0], 5).tolist() == [False, True, True, False]


def test_two_small_groups_that_together_are_large_enough_take_nobody_with_them():
    incidence, sizes = departments(40, 3, 4)
    assert publishable(incidence, sizes, [1, 0, 0, 0], 5).tolist() == [True, True, False, False]


def test_crossed_groupings_leave_no_small_difference():
    rng = np.random.default_rng(5)
    for _ in range(4):
        labels = rng.integers(0, 3, (2, 40))
        masks = np.vstack([np.ones(40, bool), *(labels == v for v in range(3))])
        incidence, place = atoms_of(masks)
        sizes = np.bincount(place, minlength=incidence.shape[1])
        shown = publishable(incidence, sizes, [1] + [0] * 6, 10)
        assert smallest_determined(incidence[shown], sizes, 10).size == 0


def test_bounds_close_in_on_a_hidden_group_near_the_end_of_the_scale():
    incidence, sizes = departments(9, 3)
    low, high = mean_bounds(incidence[:2], sizes, np.array([4.0, 4.2]), 0.05, (1, 7), incidence[2])
    assert np.allclose([low, high], [3.4 - 0.35, 3.4 + 0.35])
    low, high = mean_bounds(incidence[:2], sizes, np.array([6.9, 6.9]), 0.05, (1, 7), incidence[2])
    assert np.allclose([low, high], [6.55, 7.0])
    assert mean_bounds(incidence[:0], sizes, np.zeros(0), 0.05, (1, 7), incidence[2]) == (1.0, 7.0)
