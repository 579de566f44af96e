"""A list of parameters scores as the fit does."""

import numpy as np
import pandas as pd
import pytest

from sopsem.client.scorecard.making import scoring_model
from sopsem.errors import ConvergenceError, ModelError
from sopsem.sem.constructs.score_parts import linear_scores
from sopsem.sem.constructs.scores import factor_scores
from sopsem.sem.estimation.fit import fit


@pytest.mark.parametrize("method", ["regression", "bartlett"])
@pytest.mark.parametrize("gaps", [False, True])
def test_scores_are_those_of_the_fit(norm_sample, method, gaps):
    items = norm_sample.items.copy()
    if gaps:
        items = items.mask(np.random.default_rng(1).random(items.shape) < 0.1)
    fitted = fit(norm_sample.instrument.model, items, meanstructure=True, missing="ml" if gaps else None)
    known = factor_scores(fitted, items, method)
    found = linear_scores(scoring_model(fitted).parts, items.to_numpy(), method, incomplete=True)
    assert np.allclose(found[0], known.scores, atol=1e-8, equal_nan=True)
    assert np.allclose(found[1], known.se, atol=1e-8, equal_nan=True)


def test_models_that_a_list_cannot_score_are_refused():
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.normal(size=(80, 1)) + rng.normal(size=(80, 4)), columns=list("abcx"))
    with pytest.raises(ModelError, match="no intercepts"):
        scoring_model(fit("f =~ a + b + c", data))
    with pytest.raises(ModelError, match="regressions of observed variables"):
        scoring_model(fit("f =~ a + b + c; f ~ x", data, meanstructure=True))
    data["g"] = ["one", "two"] * 40
    with pytest.raises(ModelError, match="several groups"):
        scoring_model(fit("f =~ a + b + c", data, group="g"))


def test_an_improper_solution_makes_no_scorecard():
    cov = pd.DataFrame([[1.0, 0.8, 0.8], [0.8, 1.0, 0.4], [0.8, 0.4, 1.0]], *[list("abc")] * 2)
    improper = fit(
        "f =~ a + b + c", sample_cov=cov, n_obs=100, sample_mean=[0.0, 0.0, 0.0], meanstructure=True
    )
    with pytest.raises(ConvergenceError, match="no scorecard"):
        scoring_model(improper)
