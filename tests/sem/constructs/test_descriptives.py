"""Mean and standard deviation of construct scores against the rows themselves."""

import numpy as np
import pandas as pd
import pytest

import sopsem
from sopsem.sem.constructs.descriptives import construct_descriptives

MODEL = "f =~ a + b + c; g =~ d + e + h"


@pytest.fixture(scope="module")
def data():
    return sopsem.simulate(
        "f =~ 0.8*a + 0.7*b + 0.6*c; g =~ 0.8*d + 0.7*e + 0.6*h; f ~~ 0.4*g",
        120, seed=1, groups=("x", "y"), group="where",
    )  # fmt: skip


def test_of_every_group(data):
    """The mean of the items of every respondent, then mean and SD over respondents."""
    table = construct_descriptives(sopsem.fit(MODEL, data, group="where")).set_index(["group", "factor"])
    for group, rows in data.groupby("where"):
        score = rows[list("deh")].mean(axis=1)
        assert table.loc[(group, "g")].tolist() == pytest.approx([score.mean(), score.std()])


def test_of_ordered_answers(data):
    """The answers as numbers, not the latent responses."""
    answers = data.assign(**{v: pd.cut(data[v], 4, labels=False) for v in "abcdeh"})
    table = construct_descriptives(sopsem.fit(MODEL, answers, ordered=list("abcdeh"))).set_index("factor")
    score = answers[list("abc")].mean(axis=1)
    assert table.loc["f"].tolist() == pytest.approx([score.mean(), score.std()])


def test_without_means_there_are_none(data):
    """A covariance matrix alone tells neither."""
    fit = sopsem.fit(MODEL, sample_cov=data[list("abcdeh")].cov(), n_obs=240)
    assert np.isnan(construct_descriptives(fit)[["mean", "sd"]]).all(axis=None)
