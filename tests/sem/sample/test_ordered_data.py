"""Answers of ordered variables, and the moments of responses and covariates in the order of the model."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, ModelError
from sopsem.sem.model.spec import model_spec
from sopsem.sem.sample.ordered_data import answers_of, moments_of_ordered

ORDERED = {"a": 2, "b": 2, "c": 2}


def spec_of(model, *, conditional_x=True):
    """Return a table with three ordered items."""
    return model_spec(model, ordered=ORDERED, conditional_x=conditional_x)


@pytest.fixture(scope="module")
def answers(lattice_answers):
    """Three ordered items, one outcome y with a mean and a unit of its own, two covariates."""
    wave = np.cos(np.arange(240.0))
    other = np.sin(np.arange(240.0) * 1.7)
    return lattice_answers.assign(y=3.0 * lattice_answers["x"] + 2.0 * wave + 50.0, w=other + 2.0)


def moments(data, spec, missing="listwise"):
    """Return the moments with the answers of these data."""
    return moments_of_ordered(data, spec, answers_of(data, list(ORDERED)), missing=missing)


def test_answers_are_the_different_values_in_order():
    """Of the whole column without gaps, whatever the numbers are; every variable by name."""
    data = pd.DataFrame({"p": [3, 1, None, 3, 2.5], "q": [True, False, True, True, True]})
    assert answers_of(data, ["q", "p"]) == {"q": (0.0, 1.0), "p": (1.0, 2.5, 3.0)}
    with pytest.raises(ModelError, match="'r'"):
        answers_of(data, ["r"])
    with pytest.raises(DataError, match="'s' is not numeric"):
        answers_of(data.assign(s="agree"), ["s"])


def test_covariances_with_covariates_are_put_together_in_the_order_of_the_model(answers):
    """Sigma = B Phi B' + residual for responses, B Phi with covariates, Phi among these (divisor n - 1)."""
    spec = spec_of("y ~ x + w\nf =~ a + b + c\nf ~ x + w")
    found = moments(answers, spec)
    ordinal = found.ordinal
    assert found.names == spec.observed
    at = {v: i for i, v in enumerate(found.names)}
    x, y, a = [at["x"], at["w"]], at["y"], at["a"]
    phi = answers[["x", "w"]].cov().to_numpy()
    np.testing.assert_allclose(found.covariance[np.ix_(x, x)], phi, rtol=1e-10)
    slopes = ordinal.slopes[[ordinal.names.index("y"), ordinal.names.index("a")]]
    np.testing.assert_allclose(found.covariance[[y, a]][:, x], slopes @ phi, rtol=1e-10)
    own = ordinal.covariance[ordinal.names.index("a"), ordinal.names.index("a")]
    assert found.covariance[a, a] == pytest.approx(own + slopes[1] @ phi @ slopes[1], rel=1e-10)
    np.testing.assert_allclose(found.mean[x], answers[["x", "w"]].mean(), rtol=1e-10)
    np.testing.assert_allclose(found.covariance, found.covariance.T, rtol=1e-12)
    design = np.column_stack([np.ones(240), answers[["x", "w"]]])
    line = np.linalg.lstsq(design, answers["y"].to_numpy())[0]
    np.testing.assert_allclose(slopes[0], line[1:], rtol=1e-6)


def test_random_covariates_are_continuous_variables_like_others(answers):
    """Their means, variances and covariances are statistics then."""
    found = moments(answers, spec_of("f =~ a + b + c\ny ~ f + x", conditional_x=False))
    assert set(found.ordinal.names) == set(found.names)
    assert "x" in found.ordinal.names
    at = found.names.index("x")
    assert found.covariance[at, at] == pytest.approx(answers["x"].var(ddof=0), rel=1e-8)


def test_rows_with_gaps_are_left_out_or_used_where_they_have_values(answers):
    """Listwise and pairwise; the sample holds the rows used, read-only, in the order of the model."""
    data = answers.copy()
    data.loc[[3, 50], "a"] = np.nan
    data.loc[60, ["a", "b", "c", "y"]] = np.nan
    spec = spec_of("f =~ a + b + c\ny ~ f")
    listwise, pairwise = (moments(data, spec, missing) for missing in ("listwise", "pairwise"))
    assert (listwise.n, listwise.rows_excluded) == (237, (3, 50, 60))
    assert (pairwise.n, pairwise.rows_excluded) == (239, (60,))
    assert pairwise.rows_given == 240
    used = data[list(spec.observed)].drop(index=[3, 50, 60])
    np.testing.assert_array_equal(listwise.sample, used.to_numpy())
    with pytest.raises(ValueError, match="read-only"):
        listwise.sample[0, 0] = 1.0


def test_answers_of_the_whole_data_hold_for_a_group_that_lacks_one(answers):
    """A group without the lowest answer of a has one threshold too few for the model: said with the answer."""
    part = answers[answers["a"] > 1.0]
    spec = spec_of("f =~ a + b + c")
    with pytest.raises(DataError, match="'a'"):
        moments_of_ordered(part, spec, answers_of(answers, list(ORDERED)), missing="listwise")
    assert moments(answers, spec).ordinal.n_thresholds == (2, 2, 2)
