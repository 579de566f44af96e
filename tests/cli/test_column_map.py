"""``--map`` and ``--sheet``: a survey whose columns have other names, in every command that reads one."""

import json

import pandas as pd
import pytest

from sopsem import (
    find_survey,
    load_instrument,
    make_scorecard,
    read_responses,
    read_scorecard,
    write_scorecard,
)
from sopsem.cli.provenance import frame_digest
from sopsem.errors import UsageError

FACTORS = {"col": "coordination", "ali": "alignment"}
ITEMS = [(f"{stem}{n}", name) for stem, name in FACTORS.items() for n in range(1, 5)]
# Two constructs of the shipped questionnaire, which are fitted in no time.
SHORT = "\n".join(
    [
        'title = "short"',
        'version = "1"',
        'language = "en"',
        'model = """',
        "coordination =~ col1 + col2 + col3 + col4",
        "alignment =~ ali1 + ali2 + ali3 + ali4",
        'alignment ~ coordination"""',
        "[scales.s.codes]",
        *(f'{code} = "{code} of 7"' for code in range(1, 8)),
        *(f'[constructs.{name}]\nlabel = "{name}"' for name in FACTORS.values()),
        *(f'[items.{i}]\ntext = "Item {i}"\nconstruct = "{name}"\nscale = "s"' for i, name in ITEMS),
        "[background.department]",
        'text = "Department?"',
        *(f'codes.{answer} = "{answer}"' for answer in ("sales", "operations", "other")),
    ]
)
COMMANDS = {
    "gaps": ("gaps", "{survey}", "--no-check", "--instrument", "{short}"),
    "score": ("score", "{survey}", "--scorecard", "{card}"),
    "quality": ("quality", "{survey}", "--draws", "2", "--no-drops", "--instrument", "{short}"),
    "explain": ("explain", "alpha:coordination", "{survey}", "--instrument", "{short}"),
    "tables": ("tables", "--survey", "{survey}", "--instrument", "{short}"),
    "diagram": ("diagram", "--survey", "{survey}", "--instrument", "{short}"),
    "scorecard make": ("scorecard", "make", "{survey}", "--out", "{made}", "--instrument", "{short}"),
}


@pytest.fixture
def short(tmp_path):
    """The short questionnaire as a file."""
    path = tmp_path / "short.toml"
    path.write_text(SHORT, "utf-8")
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_renamed_column_is_mapped(run, survey, short, tmp_path, command) -> None:
    """The answers are those of the file with the right name; without the map the way out is told."""
    plain = read_responses(find_survey(), load_instrument(short))
    own = make_scorecard(plain)
    card, made = tmp_path / "card.json", tmp_path / "made.json"
    write_scorecard(own, card)
    renamed = survey(lambda table: table.rename(columns={"col1": "Q1_1"}))
    arguments = [each.format(survey=renamed, short=short, card=card, made=made) for each in COMMANDS[command]]
    refused = run(*arguments)
    assert (refused.code, refused.out) == (4, "")
    assert "item col1: no column 'col1'" in refused.err
    assert "--map col1=COLUMN" in refused.err
    mapped = run(*arguments, "--map", "col1=Q1_1", "--json")
    assert mapped.code == 0, mapped.err
    if command == "scorecard make":  # the file is its own record
        again = read_scorecard(made)
        assert (again.constructs, again.factors) == (own.constructs, own.factors)
    else:
        used = json.loads(mapped.out)["manifest"]["tables"]["survey"]["sha256_matrix"]
        assert used == frame_digest(plain.items)


def test_method_takes_the_map(run, survey, short, monkeypatch) -> None:
    """Its many fits take seconds, so the answers it is about to analyse are looked at."""

    def told(_model, items, **_options):
        raise UsageError(f"given {frame_digest(items)}")

    monkeypatch.setattr("sopsem.cli.method.method_check", told)
    renamed = survey(lambda table: table.rename(columns={"col1": "Q1_1"}))
    assert run("method", renamed, "--instrument", short).code == 4
    mapped = run("method", renamed, "--instrument", short, "--map", "col1=Q1_1")
    assert f"given {frame_digest(read_responses(find_survey(), load_instrument(short)).items)}" in mapped.err


def test_a_sheet_is_chosen(run, answers, tmp_path) -> None:
    path = tmp_path / "survey.xlsx"
    with pd.ExcelWriter(path) as book:
        answers.to_excel(book, sheet_name="2024", index=False)
        answers.to_excel(book, sheet_name="2025", index=False)
    assert "choose one with --sheet NAME" in run("gaps", path, "--no-check").err
    chosen = run("gaps", path, "--no-check", "--sheet", "2025")
    assert chosen.code == 0, chosen.err


def test_a_map_without_a_survey_is_a_usage_error(run, tmp_path) -> None:
    """It would otherwise be passed over in silence."""
    outcome = run("tables", tmp_path / "model.txt", tmp_path / "data.csv", "--map", "a=b")
    assert (outcome.code, outcome.out) == (2, "")
    assert "--map and --sheet are for --survey" in outcome.err
