"""Bollen-Stine test of exact fit on data that fit and data that do not."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bollen_stine import bollen_stine
from sopsem.sem.resampling.bootstrap import bootstrap


def _data(second: float) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    f, g = rng.normal(size=(2, 200))
    noise = rng.normal(size=(200, 4))
    columns = [0.8 * f, 0.8 * f, 0.8 * f + second * g, 0.8 * f + second * g]
    return pd.DataFrame(
        {n: c + 0.6 * noise[:, i] for i, (n, c) in enumerate(zip("abcd", columns, strict=True))}
    )


def test_a_true_model_is_not_rejected_and_a_false_one_is() -> None:
    """p is large for one factor behind four items, small when two share a second one."""
    model = "f =~ a + b + c + d"
    fitting, failing = _data(0.0), _data(0.7)
    good = bollen_stine(bootstrap(fit(model, fitting), fitting, draws=200, kind="bollen_stine"))
    bad = bollen_stine(bootstrap(fit(model, failing), failing, draws=200, kind="bollen_stine"))
    assert good.pvalue > 0.1
    assert bad.pvalue == pytest.approx(1 / 201)
    assert good.better + good.worse + good.failed == 200
    assert good.share == good.worse / (good.worse + good.better)
    assert good.mean_chisq == pytest.approx(2.0, abs=0.8)


def test_case_draws_are_refused() -> None:
    """Case draws do not satisfy the model, so they test nothing."""
    data = _data(0.0)
    with pytest.raises(UsageError, match="bollen_stine"):
        bollen_stine(bootstrap(fit("f =~ a + b + c + d", data), data, draws=5))
