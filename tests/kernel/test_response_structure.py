"""Moments of latent responses: slopes and curvature against differences."""

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.estimation.fit import fit


@pytest.mark.parametrize("parameterization", ["delta", "theta"])
def test_curvature_is_the_difference_of_slopes_of_every_parameter(parameterization):
    """Thresholds, whose rows follow from the others, included; scales that are free in a second group too."""
    rng = np.random.default_rng(3)
    f = rng.normal(size=400)
    items = {f"y{i}": np.digitize(f + rng.normal(size=400), [-1.0, 0.2 * i]) for i in range(1, 5)}
    data = pd.DataFrame(items).assign(group=np.arange(400) % 2)
    result = fit(
        "f =~ y1 + y2 + y3 + y4",
        data,
        ordered=[*items],
        group="group",
        group_equal=["thresholds", "loadings"],
        parameterization=parameterization,
    )
    structure, theta, step = result.groups[1].structure, result.kernel_theta, 1e-5
    weights = rng.normal(size=len(structure.moments(theta)))
    found = structure.curvature(theta, weights)
    shifts = step * np.eye(len(theta))
    rows = [
        weights @ (structure.jacobian(theta + s) - structure.jacobian(theta - s)) / (2 * step) for s in shifts
    ]
    wanted = np.array(rows)
    np.testing.assert_allclose(found, (wanted + wanted.T) / 2.0, atol=1e-7)
    np.testing.assert_array_equal(found, found.T)
    slopes = [(structure.moments(theta + s) - structure.moments(theta - s)) / (2 * step) for s in shifts]
    np.testing.assert_allclose(structure.jacobian(theta), np.array(slopes).T, atol=1e-7)
