"""f2 is what leaving a predictor out costs."""

import numpy as np
import pandas as pd
import pytest

import sopsem
from sopsem.errors import UsageError
from sopsem.sem.effects.effect_sizes import effect_sizes, implied_covariances


def test_f2_of_observed_variables_is_that_of_two_regressions():
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", "b"])
    data["b"] += 0.5 * data["a"]
    data["y"] = 0.4 * data["a"] + 0.3 * data["b"] + rng.normal(size=80)
    table = effect_sizes(sopsem.fit("y ~ a + b", data)).set_index("predictor")

    def share(names):
        x = np.column_stack([np.ones(80), data[names]])
        rest = data["y"] - x @ np.linalg.lstsq(x, data["y"], rcond=None)[0]
        return 1 - rest.var(ddof=0) / data["y"].var(ddof=0)

    both, without = share(["a", "b"]), share(["b"])
    assert table.loc["a", "r2"] == pytest.approx(both, rel=1e-6)
    assert table.loc["a", "f2"] == pytest.approx((both - without) / (1 - both), rel=1e-6)


def test_implied_covariances_are_those_of_the_fit_among_items():
    cov = pd.DataFrame([[2.0, 0.5, 0.4], [0.5, 1.0, 0.3], [0.4, 0.3, 3.0]], *[list("abc")] * 2)
    result = sopsem.fit("f =~ a + b + c", sample_cov=cov, n_obs=100)
    np.testing.assert_allclose(
        implied_covariances(result).loc[list("abc"), list("abc")], result.sigma, rtol=1e-9
    )


def test_several_groups_are_refused():
    data = sopsem.simulate("y ~ 0.5*x", 60, seed=1, groups=("u", "v"), group="g")
    with pytest.raises(UsageError, match="of one group"):
        effect_sizes(sopsem.fit("y ~ x", data, group="g"))
