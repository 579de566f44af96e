"""Draws behind a verdict on mediation: which fits have which."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.effects.mediation import mediation
from sopsem.sem.estimation.fit import fit

MODEL = "m ~ x\ny ~ m"


@pytest.fixture(scope="module")
def chain():
    rng = np.random.default_rng(1)
    x = rng.normal(size=150)
    m = 0.5 * x + rng.normal(size=150)
    data = pd.DataFrame({"x": x, "m": m, "y": 0.4 * m + rng.normal(size=150)})
    return data.assign(
        cluster=np.arange(150) // 5, group=np.arange(150) % 2, answer=np.digitize(m, [-1, 0.3])
    )


@pytest.mark.parametrize("options", [{"missing": "ml"}, {"estimator": "GLS"}, {"cluster": "cluster"}])
def test_case_draws_serve_where_the_restricted_model_cannot_be_drawn_from(chain, options):
    """Intervals come from case draws, and there is no bootstrap of the difference."""
    data = chain.mask(np.random.default_rng(2).random(chain.shape) < 0.05) if "missing" in options else chain
    found = mediation(fit(MODEL, data, **options), predictor="x", outcome="y", draws=30)
    assert found.difference is None
    assert found.draws.kind == "case"
    assert np.isfinite(found.routes["ci_lower_std"]).all()


def test_robust_errors_leave_the_draws_as_they_are(chain):
    """MLR estimates are those of maximum likelihood, with both kinds of draws."""
    found = mediation(fit(MODEL, chain, estimator="MLR"), predictor="x", outcome="y", draws=20)
    assert (found.difference.restricted.kind, found.draws.kind) == ("bollen_stine", "case")


def test_groups_and_ordered_variables_are_referred_to_effects(chain):
    """The message says where to read them instead."""
    grouped = fit(MODEL, chain, group="group")
    for one in (grouped, grouped.of_group(1)):
        with pytest.raises(UsageError, match=r"effects\(fit, bootstrap\(fit\)\)"):
            mediation(one, predictor="x", outcome="y")
    ordered = fit("answer ~ x\ny ~ answer", chain, ordered=["answer"])
    with pytest.raises(UsageError, match="continuous variables"):
        mediation(ordered, predictor="x", outcome="y")
