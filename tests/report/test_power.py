"""Power as text, JSON and files."""

import json
from pathlib import Path

import pytest

from sopsem.report.power import label_of_test, power_files, power_json, power_text
from sopsem.runs.atomic import json_bytes
from sopsem.study.power import power


@pytest.fixture(scope="module")
def result():
    """A mediation at two sizes with a target."""
    return power(
        "m ~ x; y ~ m",
        [100, 200],
        free="y ~ x = 0.25",
        values={"m~x": 0.4, "y~m": 0.3},
        replications=60,
        target=0.8,
        goal="difference",
        equivalence=0.3,
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("difference:y~x", "chi2 difference, y ~ x"),
        ("exact:restricted", "exact fit, restricted model"),
        ("wald:std:indirect:x>m>y", "z test, indirect x > m > y (std)"),
        ("wald:raw:f=~a", "z test, f =~ a (raw)"),
        ("wald:raw:y~~y", "z test, y ~~ y (raw)"),
        ("width:std:total_indirect:y~x", "width, total indirect y ~ x (std)"),
    ],
)
def test_names_in_words(name, words):
    assert label_of_test(name) == words


def test_the_text_has_power_errors_theory_and_accounting(result):
    text = power_text(result)
    row = result.table.set_index(["n", "test"]).loc[[(100, "difference")]].iloc[0]
    shown = f"{row['power']:.3f} ({row['mc_se']:.3f})".replace("0.", ".")
    assert shown in text
    for said in ("What became of the replications", "Power by theory", "N for the target", "Coverage of 95%"):
        assert said in text
    assert "total m ~ x" not in text  # it is the direct effect


def test_json_holds_every_table(result):
    made = json.loads(json_bytes(power_json(result)))
    assert len(made["power"]) == len(result.table)
    assert made["seed"] == 1
    assert made["backend"] == result.backend


def test_files_end_with_a_manifest_that_names_them(result):
    files = power_files(result, Path("out"))
    names = [path.name for path in files]
    assert names[-1] == "manifest.json"
    manifest = json.loads(files[Path("out/manifest.json")])
    assert list(manifest["files"]) == names[:-1]
    assert {"power.png", "power.svg", "power.csv", "precision.csv", "accounting.csv"} <= set(names)
    assert manifest["backend"]
    assert "numpy" in manifest["versions"]
    assert files == power_files(result, Path("out"))


def test_a_saturated_model_has_no_tests_of_fit():
    text = power_text(power("y ~ x", 50, values={"y~x": 0.3}, replications=20))
    assert "RMSEA" not in text
    assert "z test, direct y ~ x (std)" in text
