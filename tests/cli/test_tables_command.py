"""``sopsem tables``."""

import json

import pandas as pd
import pytest

import sopsem


@pytest.fixture
def files(tmp_path):
    """A model and rows of two groups."""
    data = sopsem.simulate(
        "f =~ 0.8*a + 0.7*b + 0.6*c; g =~ 0.8*d + 0.7*e + 0.6*h; g ~ 0.4*f", 150, seed=1,
        groups=("here", "there"), group="where",
    )  # fmt: skip
    model, table = tmp_path / "model.txt", tmp_path / "synthetic.csv"
    model.write_text("f =~ a + b + c\ng =~ d + e + h\ng ~ f\n", "utf-8")
    data.to_csv(table, index=False)
    return model, table


def test_tables_are_shown(run, files) -> None:
    """Without --out they go to stdout, numbered, with their source."""
    outcome = run("tables", *files, "--stars")
    assert outcome.code == 0
    for words in ("Table 1", "Measurement Model", "f → g", "Table 5", "***", "(synthetic data)"):
        assert words in outcome.out


def test_files_of_every_format(run, files, tmp_path) -> None:
    """One file per format and a CSV per table, whose numbers are the API's."""
    folder = tmp_path / "out"
    outcome = run(
        "tables", *files, "--group", "where", "--invariance", "--draws", "40", "--seed", "2", "--out", folder
    )
    assert outcome.code == 0
    assert outcome.out == ""
    assert {p.name for p in folder.iterdir()} == {
        "tables.docx", "tables.tex", "tables.html", "tables.md",
        "measurement.csv", "validity.csv", "effects.csv", "fit.csv", "bootstrap.csv", "correlations.csv",
        "invariance.csv", "manifest.json",
    }  # fmt: skip
    data = pd.read_csv(files[1])
    fit = sopsem.fit(files[0].read_text("utf-8"), data, group="where")
    own = sopsem.effects(fit, sopsem.bootstrap(fit, draws=40, seed=2))
    made = pd.read_csv(folder / "effects.csv")
    assert made["est_std"].tolist() == own["est_std"].tolist()
    assert made["ci_upper"].tolist() == own["ci_upper"].tolist()


def test_json_has_the_numbers(run, files) -> None:
    """Title, notes and unrounded rows of every table."""
    made = json.loads(run("tables", *files, "--json").out)
    assert [name for name in made if name != "manifest"] == [
        "measurement",
        "validity",
        "effects",
        "fit",
        "correlations",
    ]
    assert made["fit"]["rows"][0]["df"] == 8


def test_the_shipped_survey_is_the_default(run) -> None:
    """Labels and wording come from its instrument."""
    outcome = run("tables", "--item-texts")
    assert outcome.code == 0
    assert "Sales-operations alignment" in outcome.out
    assert "Accuracy of our demand forecasts." in outcome.out


@pytest.mark.parametrize(
    ("extra", "code", "words"),
    [
        (("--to", "pdf", "--out", "x"), 2, "docx, tex, html, md, csv"),
        (("--survey", "synthetic_twin_0"), 2, "or --survey"),
        (("--kind", "wrong", "--draws", "10"), 2, "wrong"),
    ],
)
def test_wrong_options(run, files, tmp_path, monkeypatch, extra, code, words) -> None:
    """One message, and nothing written."""
    monkeypatch.chdir(tmp_path)
    outcome = run("tables", *files, *extra)
    assert outcome.code == code
    assert words in outcome.err
    assert not (tmp_path / "x").exists()
