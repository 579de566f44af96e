"""Norms: T scores, percentiles near the true mid-ranks, and quantiles that ten people stand between."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sopsem.client.scorecard.norms import Norm, norm_of
from sopsem.errors import PrivacyError


def mid_rank(known, score):
    return 100 * ((known < score).mean() + (known == score).mean() / 2)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(40, 1200))
def test_percentiles_are_mid_ranks_to_half_a_level(seed, n):
    known = np.clip(np.rint(np.random.default_rng(seed).normal(4, 1.2, n) * 4) / 4, 1, 7)
    norm = norm_of(known, limits=(1, 7))
    step = 100 * norm.levels[0]
    for score in np.unique(known):
        assert abs(norm.percentile(np.array([score]))[0] - mid_rank(known, score)) <= step / 2 + 0.5 + 100 / n
    assert (np.diff(norm.percentile(np.linspace(1, 7, 50))) >= 0).all()


@settings(max_examples=50, deadline=None)
@given(n=st.integers(40, 5000))
def test_ten_people_stand_between_two_quantiles(n):
    norm = norm_of(np.random.default_rng(0).normal(size=n))
    assert n * norm.levels[0] >= 10 - 1e-9
    assert {0.25, 0.5, 0.75} <= set(norm.levels)


def test_quartiles_are_those_of_the_sample():
    known = np.random.default_rng(1).normal(size=500)
    assert np.allclose(norm_of(known).quartiles, np.quantile(known, [0.25, 0.5, 0.75]), atol=1e-3)


def test_t_and_z_scores():
    norm = norm_of(np.random.default_rng(2).normal(4, 2, 100))
    assert np.allclose(norm.t(np.array([norm.mean, norm.mean + norm.sd])), [50, 60])
    assert np.isnan(norm.percentile(np.array([np.nan]))).all()


@pytest.mark.parametrize("known", [np.arange(39.0), np.full(60, 4.0), np.append(np.arange(39.0), np.nan)])
def test_few_or_equal_scores_are_no_norm(known):
    with pytest.raises(PrivacyError, match="needs 40"):
        norm_of(known)


def test_an_inconsistent_norm_is_refused():
    good = norm_of(np.arange(50.0)).model_dump()
    for change in ({"sd": 0.0}, {"n": 9}, {"levels": (0.5, 0.2, 0.9)}, {"levels": (0.5,)}, {"more": 1}):
        with pytest.raises(ValidationError):
            Norm.model_validate({**good, **change})
