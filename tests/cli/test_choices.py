"""Study, questionnaire and variables that do not belong together are told apart by name."""

import importlib.resources

import pytest

import sopsem

STUDY = """
title = "Another study"
source = "nobody"
n = 100
[analysis]
program = "none"
estimator = "ML"
[model]
text = "f =~ q1 + q2 + q3 + q4"
[fit]
chisq = "3.1"
df = "2"
"""


@pytest.fixture
def other_study(tmp_path):
    path = tmp_path / "other.toml"
    path.write_text(STUDY, "utf-8")
    return path


@pytest.fixture
def renamed(tmp_path):
    """The shipped questionnaire with col1 called kol1, and a study with the same model."""
    form = (importlib.resources.files("sopsem") / "instruments" / "sop_alignment.toml").read_text("utf-8")
    path = tmp_path / "form.toml"
    path.write_text(form.replace("col1", "kol1"), "utf-8")
    return path


def test_a_study_of_other_items_needs_its_own_questionnaire(run, other_study) -> None:
    """Both are named, with what to give; no spelling is suggested."""
    outcome = run("replicate", "--study", other_study)
    assert outcome.code == 5, outcome.err
    for words in ("'other'", "'sop_alignment'", "q1, q2, q3, q4", "--instrument", "SURVEY"):
        assert words in outcome.err
    assert "did you mean" not in outcome.err


def test_mediation_names_the_options_and_the_factors(run) -> None:
    """An unknown predictor is told with what there is."""
    outcome = run("mediation", "--predictor", "leadership")
    assert outcome.code == 2
    assert "--predictor leadership" in outcome.err
    assert "--outcome" not in outcome.err
    assert all(name in outcome.err for name in sopsem.model_spec(sopsem.load_instrument().model).latent)


def test_a_twin_takes_its_own_questionnaire(run, renamed, tmp_path) -> None:
    """One that fits is used; one that does not is refused with both names."""
    outcome = run("twin", "--instrument", renamed)
    assert outcome.code == 5, outcome.err
    assert "col1" in outcome.err
    folder = tmp_path / "synthetic_twin_own"
    same = tmp_path / "same.toml"
    same.write_text(renamed.read_text("utf-8").replace("kol1", "col1").replace("1.0", "7.7", 1), "utf-8")
    assert run("twin", "--algorithm", "exact", "--instrument", same, "--out", folder).code == 0
    assert sopsem.load_instrument(same).version in (folder / "survey.toml").read_text("utf-8")


def test_unknown_names_come_with_the_known_ones(run) -> None:
    """A full stop before the list; shipped surveys are suggested."""
    assert "is shipped. Known: sop_alignment" in run("replicate", "--instrument", "nope").err
    outcome = run("replicate", "synthetic_twn_0")
    assert outcome.code == 3
    assert "did you mean 'synthetic_twin_0'?" in outcome.err
