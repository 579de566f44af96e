"""Objectives put together from others."""

import numpy as np

from sopsem.kernel import Likelihood, Selection, minimise
from sopsem.sem.estimation.moments import moments_from_covariance
from sopsem.sem.estimation.scaling import scale_model
from sopsem.sem.model.spec import model_spec


def test_a_selection_is_its_problems_in_its_order():
    """Solutions of selected problems, repeated or not, have the bits of the whole batch."""
    covariance = np.array([[1.0, 0.5, 0.4], [0.5, 1.2, 0.6], [0.4, 0.6, 1.1]])
    names = ("a", "b", "c")
    layout = scale_model(model_spec("f =~ a + b + c"), moments_from_covariance(covariance, 50, names)).layout
    moments = np.stack([covariance * s + 0.1 * s * np.eye(3) for s in (1.0, 1.3, 0.8, -1.0)])
    whole = Likelihood(layout, moments)
    at = np.array([2, 0, 3, 2])
    part = Selection(whole, at)
    start = np.full(layout.n_parameters, 0.5)
    every, some = minimise(whole, start), minimise(part, start)
    assert (part.n_problems, part.n_parameters, part.block) == (4, layout.n_parameters, whole.block)
    np.testing.assert_array_equal(some.theta, every.theta[at])
    np.testing.assert_array_equal(some.minimum, every.minimum[at])
    np.testing.assert_array_equal(some.outcome, every.outcome[at])
