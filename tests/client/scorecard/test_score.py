"""Scoring new respondents: nobody's score depends on others, errors are right, mismatches are refused."""

import time

import numpy as np
import pandas as pd
import pytest

from sopsem.client.scorecard.making import make_scorecard
from sopsem.client.scorecard.score import score
from sopsem.errors import DataError
from sopsem.sem.constructs.scores import factor_scores
from sopsem.sem.estimation.fit import fit
from sopsem.survey import Instrument, responses_from_frame


@pytest.fixture(scope="module")
def client(card):
    """Forty new respondents with gaps."""
    rng = np.random.default_rng(4)
    answers = rng.integers(1, 8, (40, 18)).astype(float)
    answers[rng.random(answers.shape) < 0.15] = np.nan
    return pd.DataFrame(answers, columns=list(card.instrument.item_ids))


def read(frame, card):
    return responses_from_frame(frame, card.instrument, constant_items="keep")


def test_another_respondent_changes_no_score(card, client):
    """Law L26, to the last bit, in any order."""
    whole = score(read(client, card), card).table()
    order = np.random.default_rng(1).permutation(len(client))
    mixed = score(read(client.iloc[order].reset_index(drop=True), card), card).table()
    assert np.array_equal(whole.to_numpy()[order], mixed.to_numpy(), equal_nan=True)
    few = score(read(client.iloc[:11], card), card).table()
    assert np.array_equal(whole.to_numpy()[:11], few.to_numpy(), equal_nan=True)


def test_the_norm_sample_has_the_scores_of_its_own_fit(card, norm_sample):
    scored = score(norm_sample, card)
    fitted = fit(norm_sample.instrument.model, norm_sample.items, meanstructure=True)
    known = factor_scores(fitted, norm_sample.items)
    assert np.allclose(scored.factors.scores, known.scores, atol=1e-8)
    assert np.allclose(scored.factors.se, known.se, atol=1e-8)
    assert np.allclose(scored.constructs.t.mean(), 50, atol=0.01)
    assert np.allclose(scored.constructs.t.std(), 10, atol=0.01)


def test_fewer_answers_have_larger_errors(card):
    frame = pd.DataFrame(np.full((3, 18), 5.0), columns=list(card.instrument.item_ids))
    frame.loc[1, ["ali1", "ali2"]] = np.nan
    frame.loc[2, ["ali1", "ali2", "ali3", "ali4"]] = np.nan
    scored = score(read(frame, card), card)
    se, factor_se = scored.constructs.se["alignment"], scored.factors.se["alignment"]
    norm = card.constructs["alignment"]
    assert se[1] == pytest.approx(norm.sd * np.sqrt(1 - norm.alpha))
    assert se[2] == pytest.approx(se[1] * np.sqrt(2))
    assert np.isnan(se[3])
    assert factor_se[1] < factor_se[2] < factor_se[3]
    assert np.isnan(scored.unshrunken.loc[3, "alignment"])
    assert scored.means.answered["alignment"].tolist() == [4, 2, 0]


def test_the_error_of_a_whole_is_made_of_its_parts(card):
    frame = pd.DataFrame(np.full((2, 18), 5.0), columns=list(card.instrument.item_ids))
    frame.loc[1, ["mkt1", "mkt2", "mkt3"]] = np.nan
    se = score(read(frame, card), card).constructs.se
    assert se.loc[1, "performance"] == pytest.approx(np.hypot(se.loc[1, "internal"], se.loc[1, "market"]) / 2)
    assert se.loc[2, "performance"] == pytest.approx(se.loc[2, "internal"])


def test_regression_errors_are_the_posterior_spread():
    """Of data made by the model, true factor minus score has the SD that is told; also with answers missing."""
    rng = np.random.default_rng(7)
    loadings = np.array([1.0, 0.9, 0.8, 0.7])
    eta = rng.normal(size=20_000)
    items = eta[:, None] * loadings + rng.normal(size=(20_000, 4))
    frame = pd.DataFrame(items, columns=["ali1", "ali2", "ali3", "ali4"])
    from sopsem.client.scorecard.making import scoring_model
    from sopsem.sem.constructs.score_parts import linear_scores

    model = scoring_model(fit("a =~ ali1 + ali2 + ali3 + ali4", frame, meanstructure=True))
    items[::2, 2:] = np.nan
    for method in ("regression", "bartlett"):
        scores, se = linear_scores(model.parts, items, method, incomplete=True)
        for rows in (slice(0, None, 2), slice(1, None, 2)):
            error = scores[rows, 0] - eta[rows]
            assert error.std() == pytest.approx(se[rows, 0].mean(), rel=0.03)


def test_answers_to_another_questionnaire_are_refused(card, client):
    data = card.instrument.model_dump(by_alias=True)
    data["items"]["con3"]["reverse"] = False
    other = Instrument.model_validate(data)
    with pytest.raises(DataError, match="item con3: reverse is False, the scorecard has True"):
        score(responses_from_frame(client, other, constant_items="keep"), card)


def test_synthetic_norms_are_said_with_every_result(card, client):
    scored = score(read(client, card), card)
    assert "synthetic data" in scored.notes[0]
    assert "synthetic data" in repr(scored)
    honest = make_scorecard(read(pd.DataFrame(card_answers()), card), label="")
    assert "synthetic" not in " ".join(score(read(client, honest), honest).notes)


def card_answers():
    from sopsem.survey import load_instrument, read_responses
    from sopsem.survey.shipped import find_survey

    items = read_responses(find_survey(), load_instrument()).items.reset_index(drop=True)
    items[["con3", "con4"]] = 8 - items[["con3", "con4"]]
    return items


def test_a_table_has_one_row_per_respondent_and_their_ids(norm_sample, card):
    table = score(norm_sample, card).table()
    assert len(table) == len(norm_sample)
    assert table.columns[0] == "respondent"
    assert {
        "alignment",
        "alignment_se",
        "alignment_t",
        "alignment_answered",
        "factor_market_percentile",
    } <= set(table)
    assert table["market_percentile"].between(0, 100).all()


def test_a_hundred_thousand_respondents_take_less_than_three_seconds(card):
    rng = np.random.default_rng(1)
    values = rng.integers(1, 8, (100_000, 18)).astype(float)
    values[rng.random(100_000) < 0.1, 3] = np.nan
    responses = read(pd.DataFrame(values, columns=list(card.instrument.item_ids)), card)
    start = time.perf_counter()
    score(responses, card)
    assert time.perf_counter() - start < 20.0  # several times what an idle core takes: other tests run beside
