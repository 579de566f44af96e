"""Laws of reliability and scores: coding, order and company of items and respondents do not matter."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.sem.constructs.reliability import reliability
from sopsem.sem.constructs.scores import factor_scores
from sopsem.sem.estimation.fit import fit

seeds = st.integers(0, 10**6)
MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3"
some = settings(max_examples=10)


def _alpha(data: pd.DataFrame, model: str = MODEL) -> np.ndarray:
    return reliability(fit(model, data)).set_index("factor").loc[["f", "g"], "alpha"].to_numpy()


@some
@given(seeds, st.floats(-50.0, 50.0))
def test_l20_alpha_does_not_know_constants_order_or_a_common_direction(two_factors, seed, constant):
    """A constant added, items in another order, all items reversed: the same alpha."""
    data = two_factors(seed)
    whole = _alpha(data)
    assert _alpha(data + constant) == pytest.approx(whole, abs=1e-9)
    assert _alpha(data, "f =~ x3 + x1 + x2\ng =~ y2 + y3 + y1") == pytest.approx(whole, abs=1e-9)
    assert _alpha(8.0 - data) == pytest.approx(whole, abs=1e-9)


@some
@given(seeds)
def test_l26_a_score_does_not_depend_on_who_else_is_scored(two_factors, seed):
    """The fit is frozen: new respondents change no other score, nor does their order."""
    data = two_factors(seed)
    fitted = fit(MODEL, data)
    few, more = data.iloc[:5], two_factors(seed + 1)
    alone = factor_scores(fitted, few).scores.to_numpy()
    together = factor_scores(fitted, pd.concat([few, more], ignore_index=True)).scores.to_numpy()
    turned = factor_scores(fitted, few.iloc[::-1]).scores.to_numpy()
    assert together[:5] == pytest.approx(alone, abs=1e-12)
    assert turned[::-1] == pytest.approx(alone, abs=1e-12)
