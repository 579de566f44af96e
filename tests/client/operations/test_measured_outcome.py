"""The measured-outcome model: truth of simulated worlds, lavaan's numbers, and refusals."""

import numpy as np
import pandas as pd
import pytest
from worlds import MODEL, world

from sopsem.client.operations.measured_outcome import measured_outcome
from sopsem.errors import DataError, UsageError


def fitted(survey, outcomes, **options):
    return measured_outcome(survey, outcomes, **({"model": MODEL, "reliability": 0.8} | options))


def mean_paths(samples, **settings):
    """Return the mean paths of samples, their Monte-Carlo errors, and the truth."""
    found = []
    for seed in range(samples):
        survey, outcomes, truth = world(80, 6, seed=seed, **settings)
        options = {"reliability": settings.get("reliability", 0.8)}
        found.append(fitted(survey, outcomes, **options).paths["est"])
    values = np.array(found)
    error = values.std(axis=0, ddof=1) / samples**0.5
    return values.mean(axis=0), error, np.array([*truth, truth[0] - truth[1]])


def test_a_known_path_and_known_common_source_bias_are_recovered():
    mean, error, truth = mean_paths(40)
    assert (np.abs(mean - truth) < 3 * error + 0.005).all()
    assert truth[2] > 0.2  # there is something to find
    assert mean[2] > 10 * error[2]


def test_without_a_common_source_there_is_no_difference():
    mean, error, truth = mean_paths(30, own=0.0, mood=0.0, apart=0.0)
    assert abs(truth[2]) < 1e-12
    assert abs(mean[2]) < 3 * error[2] + 0.005


def test_an_unreliable_outcome_does_not_make_the_path_smaller():
    mean, error, truth = mean_paths(40, reliability=0.5)
    assert abs(mean[1] - truth[1]) < 3 * error[1] + 0.01


def test_paths_and_errors_by_unit_are_those_of_lavaan():
    """lavaan 0.6: standardizedSolution(sem(model, data, cluster = "unit")) and its vcov.std.all."""
    survey, outcomes, _ = world(40, 6, seed=3)
    paths = fitted(survey, outcomes).paths
    assert np.allclose(paths["est"], LAVAAN_EST, atol=2e-5)
    assert np.allclose(paths["se"], LAVAAN_SE, atol=2e-5)


LAVAAN_EST = (0.641775, 0.472242, 0.641775 - 0.472242)
LAVAAN_SE = (0.069067, 0.138115, 0.097598)


def test_every_row_is_used_or_left_out_for_a_reason():
    survey, outcomes, _ = world(40, 5)
    survey.loc[3, "a1"] = np.nan
    survey["unit"] = survey["unit"].astype(object)
    survey.loc[[10, 11], "unit"] = None
    survey.loc[50:54, "unit"] = "elsewhere"
    found = fitted(survey, outcomes)
    assert found.excluded == {
        "no unit given": 2,
        "unit without a measured outcome": 5,
        "an item is missing": 1,
    }
    assert found.respondents + sum(found.excluded.values()) == len(survey)


def test_the_ceiling_is_the_share_of_views_that_is_between_units():
    survey, outcomes, _ = world(300, 8, own=0.5, mood=0.0, seed=5)
    assert abs(fitted(survey, outcomes).ceiling - 0.5**0.5) < 0.04


def test_scale_and_order_of_the_data_do_not_matter():
    survey, outcomes, _ = world(32, 5)
    one = fitted(survey, outcomes).paths["est"]
    other = fitted(
        survey.sample(frac=1.0, random_state=1), outcomes.assign(outcome=5 + 1e6 * outcomes["outcome"])
    ).paths["est"]
    assert np.allclose(one, other, atol=1e-6)


def test_fewer_than_thirty_units_are_refused_in_plain_words():
    survey, outcomes, _ = world(29, 40)
    with pytest.raises(DataError, match=r"needs 30 units .* there are 29.*more respondents do not help"):
        fitted(survey, outcomes)
    survey, outcomes, _ = world(30, 5)
    assert fitted(survey, outcomes).units == 30
    with pytest.raises(DataError, match="there are 29"):
        fitted(survey, outcomes.iloc[1:])


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"reliability": 0.0}, UsageError, "above 0"),
        ({"reliability": float("nan")}, UsageError, "above 0"),
        ({"predictor": "alignmnt"}, UsageError, "did you mean"),
        (
            {"predictor": "performance", "performance": "alignment"},
            UsageError,
            "no path alignment ~ performance",
        ),
        ({"unit": "plant"}, UsageError, "survey has no column 'plant'"),
        ({"outcome": "roce"}, UsageError, "outcomes has no column 'roce'"),
    ],
)
def test_what_cannot_be_is_refused(change, error, said):
    survey, outcomes, _ = world(30, 4)
    with pytest.raises(error, match=said):
        fitted(survey, outcomes, **change)


def test_outcomes_that_mean_nothing_are_refused():
    survey, outcomes, _ = world(30, 4)
    with pytest.raises(DataError, match="more than one measured outcome"):
        fitted(survey, pd.concat([outcomes, outcomes.iloc[:1]]))
    with pytest.raises(DataError, match="the same in all units"):
        fitted(survey, outcomes.assign(outcome=1.0))
