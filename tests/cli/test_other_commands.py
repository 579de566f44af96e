"""``validate``, ``mediation``, ``fit`` and ``crosscheck`` from the command line."""

import json

import pytest


def test_validate_prints_its_tables(run) -> None:
    """Reliability of every construct and what it says."""
    outcome = run("validate", "--draws", 60)
    assert outcome.code == 0
    assert "Fornell-Larcker" in outcome.out
    assert "Harman" in outcome.out
    result = json.loads(run("validate", "--draws", 60, "--json").out)
    assert {row["factor"] for row in result["reliability"]} == {
        "coordination",
        "conflict",
        "alignment",
        "internal",
        "market",
    }


@pytest.mark.parametrize(("draws", "alternative"), [(1000, "competitive mediation"), (200, None)])
def test_mediation_gives_the_pattern_of_both_tests(run, draws, alternative) -> None:
    """The alternative is there when the bootstrap of the difference decides otherwise than chi2."""
    result = json.loads(run("mediation", "--draws", draws, "--json").out)
    assert result["pattern"] == "indirect-only mediation"
    assert result["alternative"] == alternative
    assert result["sentences"][0].startswith("undecided between") == (alternative is not None)


def test_fit_prints_measures_tests_and_estimates(run, tmp_path, answers) -> None:
    """Any model on a CSV file of numbers."""
    model, data = tmp_path / "model.txt", tmp_path / "data.csv"
    model.write_text("coordination =~ col1 + col2 + col3 + col4\n", "utf-8")
    answers.to_csv(data, index=False, sep=";")
    outcome = run("fit", model, data)
    assert outcome.code == 0
    assert "certificate" in outcome.out
    assert "Swain" in outcome.out
    result = json.loads(run("fit", model, data, "--json").out)
    assert result["fit"]["df"] == 2
    assert len(result["estimates"]) == 9


def test_semopy_agrees_with_us(run) -> None:
    """The second opinion on the shipped twin: estimates and chi2."""
    result = json.loads(run("crosscheck", "--json").out)
    assert result["largest_difference"] < 1e-4
    assert result["chisq"]["sopsem"] == pytest.approx(result["chisq"]["semopy"], abs=1e-4)
    assert "AIC" in result["not_comparable"]
