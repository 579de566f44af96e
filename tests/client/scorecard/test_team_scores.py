"""Teams: errors of sampling and measurement, small populations, and the door."""

import numpy as np
import pandas as pd
import pytest

from sopsem.client.scorecard.score import score
from sopsem.client.scorecard.team_scores import team_scores
from sopsem.errors import UsageError
from sopsem.survey import responses_from_frame


@pytest.fixture(scope="module")
def scored(norm_sample, card):
    return score(norm_sample, card)


def test_the_error_is_sampling_and_measurement(scored):
    row = (
        team_scores(scored, "department")
        .constructs.query("group == 'sales' and scale == 'alignment'")
        .iloc[0]
    )
    norm = scored.card.constructs["alignment"]
    e = norm.sd * np.sqrt(1 - norm.alpha)
    assert row["se_measurement"] == pytest.approx(e / np.sqrt(40))
    assert row["se"] == pytest.approx(row["sd"] / np.sqrt(40))
    assert row["ci_upper"] - row["mean"] == pytest.approx(2.0227 * row["se"], rel=1e-4)


def test_a_whole_team_has_only_the_error_of_measurement(scored):
    teams = team_scores(scored, "department", population={"sales": 40, "operations": 62})
    sales = teams.constructs.query("group == 'sales'")
    assert sales["se_sampling"].eq(0).all()
    assert np.allclose(sales["se"], sales["se_measurement"])
    half = teams.constructs.query("group == 'operations'").reset_index()["se_sampling"]
    many = (
        team_scores(scored, "department")
        .constructs.query("group == 'operations'")
        .reset_index()["se_sampling"]
    )
    assert np.allclose(half, many * np.sqrt(0.5))
    assert "whoever has answered is not sampled" in " ".join(teams.notes)


def test_the_norm_sample_stands_at_the_norm(scored):
    teams = team_scores(scored)
    assert np.allclose(teams.constructs["t"], 50, atol=0.6)
    assert np.allclose(teams.factors["mean"], 50, atol=0.51)
    assert (teams.factors["mean"] % 1 == 0).all()
    assert teams.constructs["percentile"].between(35, 65).all()


def test_means_of_groups_are_not_drawn_to_the_norm_mean(scored):
    """Bartlett scores keep a difference of groups that regression scores shrink."""
    sales = (scored.responses.respondents["department"] == "sales").to_numpy()
    free, drawn = scored.unshrunken["market"], scored.factors.t["market"]
    high = free > free.median()
    gap_free = free[high].mean() - free[~high].mean()
    sd = np.sqrt(
        scored.card.model.parts.factor_covariance.diagonal()[list(scored.card.model.latent).index("market")]
    )
    raw = scored.factors.scores["market"]
    gap_drawn = 10 * (raw[high].mean() - raw[~high].mean()) / sd
    assert gap_free > gap_drawn * 1.05
    assert np.isfinite(drawn).all()
    assert sales.sum() == 40


def test_small_groups_are_hidden_here_too(scored):
    teams = team_scores(scored, "region")
    for frame in (teams.constructs, teams.factors):
        assert frame.query("group == 'latin_america'")["mean"].isna().all()
        assert frame.query("group == 'latin_america'")["t"].isna().all()


def test_a_wrong_population_is_refused(scored):
    with pytest.raises(UsageError, match="more answered"):
        team_scores(scored, "department", population={"sales": 39})
    with pytest.raises(UsageError, match="not there"):
        team_scores(scored, "department", population={"marketing": 39})


def test_a_factor_does_not_tell_what_its_construct_hides(card):
    """Ten people who all answer 7 are hidden as a mean, and so is their factor score."""
    rng = np.random.default_rng(3)
    answers = rng.integers(2, 7, (40, 18)).astype(float)
    answers[:10, 8:12] = 7.0
    frame = pd.DataFrame(answers, columns=list(card.instrument.item_ids))
    frame["department"] = ["sales"] * 10 + ["operations"] * 30
    teams = team_scores(score(responses_from_frame(frame, card.instrument), card), "department")
    for found in (teams.constructs, teams.factors):
        row = found.query("group == 'sales' and scale == 'alignment'").iloc[0]
        assert np.isnan(row[["n", "mean", "sd", "se", "t"]].astype(float)).all()
        assert row["withheld"]
        assert found.query("group == 'sales' and scale == 'market'")["mean"].notna().all()
