"""The paths without the marked rows are those of a fit to the other rows."""

import numpy as np
import pandas as pd
import pytest

import sopsem
from sopsem.client.screened_paths import screened_paths
from sopsem.errors import DataError, UsageError


@pytest.fixture(scope="module")
def screening():
    answers = sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())
    return sopsem.screen(answers, thresholds={"mahalanobis": 0.1, "long_string": 4})


def test_they_are_the_fit_to_the_rows_that_are_left(screening):
    found = screened_paths(screening).table
    items = screening.responses.items
    for name, rows in found.groupby("screen"):
        out = screening.marked("long_string") if name == "long_string" else screening.marked("mahalanobis")
        if name == "all marked":
            out = sorted({*screening.marked("long_string"), *screening.marked("mahalanobis")})
        solution = sopsem.standardized(
            sopsem.fit(screening.responses.instrument.model, items.drop(list(out)))
        )
        paths = solution[solution["op"] == "~"]
        np.testing.assert_allclose(rows["est_without"], paths["est_std"], atol=1e-8)
        assert (rows["n_without"] == len(items) - len(out)).all()
    np.testing.assert_allclose(found["difference"], found["est_without"] - found["est_all"])
    assert set(found["screen"]) == {"long_string", "mahalanobis", "all marked"}


def test_too_few_rows_are_refused_with_the_reason_and_the_rest_is_shown(screening):
    harsh = sopsem.screen(screening.responses, thresholds={"long_string": 3, "mahalanobis": 0.1})
    found = screened_paths(harsh)
    rows = found.table[found.table["screen"] == "long_string"]
    assert rows["est_without"].isna().all()
    assert rows["note"].str.contains("too few for a model with 42 free parameters").all()
    assert found.table.loc[found.table["screen"] == "mahalanobis", "est_without"].notna().all()
    assert any("too few" in sentence for sentence in found.sentences)


def test_nobody_marked_is_said(screening):
    calm = sopsem.screen(screening.responses, dict.fromkeys(("duplicate_ids", "duplicate_answers"), "skip"))
    found = screened_paths(calm)
    assert found.table.empty
    assert found.sentences == ("No screen marks anybody, so no path can move.",)


def test_a_questionnaire_without_paths_and_a_tiny_survey_are_refused(screening):
    instrument = screening.responses.instrument
    bare = instrument.model_copy(update={"model": ""})
    frame = pd.DataFrame({item: [1, 4, 7, 2] for item in instrument.item_ids})
    with pytest.raises(UsageError, match="has no model"):
        screened_paths(sopsem.screen(sopsem.responses_from_frame(frame, bare)))
    flat = instrument.model_copy(update={"model": "conflict =~ con1 + con2 + con3 + con4"})
    with pytest.raises(UsageError, match="no structural path"):
        screened_paths(sopsem.screen(sopsem.responses_from_frame(frame, flat)))
    with pytest.raises(DataError, match="4 complete rows are too few"):
        screened_paths(sopsem.screen(sopsem.responses_from_frame(frame, instrument)))
