"""A result is made again from its manifest; whatever was changed is found and named."""

import json
import random
import re
import shutil

import pytest

from sopsem.cli.provenance import seal_of
from sopsem.cli.verify import verify_command
from sopsem.errors import VerificationError

MODEL = "f =~ col1 + col2 + col3 + col4\ng =~ ali1 + ali2 + ali3 + ali4\ng ~ f\n"


@pytest.fixture
def made(run, answers, tmp_path):
    """A fit on record with its data and model beside it: the JSON as text."""
    answers.to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "model.txt").write_text(MODEL, "utf-8")
    outcome = run("fit", tmp_path / "model.txt", tmp_path / "data.csv", "--json")
    assert outcome.code == 0, outcome.err
    (tmp_path / "result.json").write_text(outcome.out, "utf-8")
    return outcome.out


@pytest.mark.usefixtures("made")
def test_an_untouched_result_verifies(run, tmp_path):
    outcome = run("verify", tmp_path / "result.json")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("verified: ")
    assert json.loads(run("verify", tmp_path / "result.json", "--json").out)["verified"] is True


@pytest.mark.usefixtures("made")
def test_data_and_model_may_move_under_other_names(run, tmp_path):
    """The hashes answer for the files, not their names."""
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    (tmp_path / "data.csv").rename(moved / "d.csv")
    (tmp_path / "model.txt").rename(moved / "m.txt")
    lost = run("verify", tmp_path / "result.json")
    assert lost.code == 3
    assert "--model FILE" in lost.err
    assert (
        run("verify", tmp_path / "result.json", "--data", moved / "d.csv", "--model", moved / "m.txt").code
        == 0
    )


@pytest.mark.usefixtures("made")
def test_any_input_can_be_told(run, tmp_path):
    (tmp_path / "data.csv").rename(tmp_path / "d.csv")
    assert run("verify", tmp_path / "result.json", "--input", f"data={tmp_path / 'd.csv'}").code == 0
    assert run("verify", tmp_path / "result.json", "--input", "data").code == 2


def leaves(value, place=()):
    """Return (place, value) of every leaf of a JSON value."""
    if isinstance(value, dict):
        return [leaf for key, part in value.items() for leaf in leaves(part, (*place, key))]
    if isinstance(value, list):
        return [leaf for number, part in enumerate(value) for leaf in leaves(part, (*place, number))]
    return [(place, value)]


def changed(value, place):
    """Return a JSON value with one leaf changed a little: the last digit, a letter, a switch."""
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in place[:-1]:
        inner = inner[key]
    old = inner[place[-1]]
    if isinstance(old, bool) or old is None:
        inner[place[-1]] = not old
    elif isinstance(old, int):
        inner[place[-1]] = old + 1
    elif isinstance(old, float):
        inner[place[-1]] = float(
            re.sub(r"\d(?=\D*$|e)", lambda m: str((int(m[0]) + 1) % 10), repr(old), count=1)
        )
        inner[place[-1]] += (inner[place[-1]] == old) * 1e-9
    else:
        inner[place[-1]] = old + "x"
    return copy


def test_twenty_six_changed_leaves_are_all_found(run, made, tmp_path):
    """Twenty printed numbers and six leaves of the manifest; each is named, or its seal is."""
    result = json.loads(made)
    numbers = [p for p, v in leaves(result) if isinstance(v, float) and p[0] != "manifest"]
    of_manifest = [p for p, _ in leaves(result["manifest"]) if "sha256_result" not in p]
    picked = random.Random(1)
    places = picked.sample(numbers, 20) + [("manifest", *p) for p in picked.sample(of_manifest, 4)]
    places += [("manifest", "versions", "scipy"), ("manifest", "platform")]
    for place in places:
        (tmp_path / "changed.json").write_text(json.dumps(changed(result, place)), "utf-8")
        outcome = run("verify", tmp_path / "changed.json")
        assert outcome.code in (2, 3, 9), place
        assert outcome.out == ""
        named = place[-1] if place[0] != "manifest" or place[1] == "versions" else "sha256_result"
        assert str(named) in outcome.err or outcome.code == 2, (place, outcome.err)


@pytest.mark.usefixtures("made")
def test_twelve_changed_cells_are_all_found(run, answers, tmp_path):
    """Cells of items in the model and outside of it, and of no item at all."""
    picked = random.Random(2)
    for _ in range(12):
        frame = answers.copy()
        row, column = picked.randrange(len(frame)), picked.choice(list(frame.columns))
        old = frame.loc[row, column]
        frame.loc[row, column] = str(int(old) % 5 + 1) if old.isdigit() else f"{old}x"
        frame.to_csv(tmp_path / "data.csv", index=False)
        outcome = run("verify", tmp_path / "result.json")
        assert outcome.code == 9, (row, column)
        assert "inputs: manifest.inputs.data.sha256" in outcome.err
        assert "inputs: manifest.tables.data.sha256_matrix" in outcome.err or "recomputation" in outcome.err


@pytest.mark.usefixtures("made")
def test_eight_changed_bytes_of_the_model_are_all_found(run, tmp_path):
    picked = random.Random(3)
    for _ in range(8):
        at = picked.randrange(len(MODEL))
        (tmp_path / "model.txt").write_text(MODEL[:at] + "q" + MODEL[at + 1 :], "utf-8")
        outcome = run("verify", tmp_path / "result.json")
        assert outcome.code == 9
        assert "inputs: manifest.inputs.model.sha256" in outcome.err


def test_four_changed_versions_are_found_and_the_numbers_said_to_agree(run, made, tmp_path):
    for name in ("sopsem", "numpy", "pandas", "python"):
        result = json.loads(made)
        old = result["manifest"]["versions"][name]
        text = re.sub(rf'("{name}": )"{old}"', r'\1"9.9"', made)
        (tmp_path / "changed.json").write_text(text, "utf-8")
        outcome = run("verify", tmp_path / "changed.json")
        assert outcome.code == 9
        assert f"versions: manifest.versions.{name}: recorded '9.9', found '{old}'" in outcome.err
        assert "the numbers made again agree" in outcome.err


def test_the_error_has_a_class_of_its_own(made, tmp_path):
    (tmp_path / "changed.json").write_text(made.replace('"npar": 17', '"npar": 18'), "utf-8")
    with pytest.raises(VerificationError, match=r"fit\.npar: recorded 18\.0, found 17\.0"):
        verify_command(tmp_path / "changed.json")


def test_a_forged_seal_does_not_help(run, made, tmp_path):
    """Whoever writes the seal again is found by the recomputation."""
    result = json.loads(made)
    result["fit"]["cfi"] = 0.99
    result["manifest"]["sha256_result"] = seal_of(result)
    (tmp_path / "forged.json").write_text(json.dumps(result), "utf-8")
    outcome = run("verify", tmp_path / "forged.json")
    assert outcome.code == 9
    assert "numbers: fit.cfi: recorded 0.99" in outcome.err


def test_rounding_of_another_machine_is_no_mismatch(run, made, tmp_path):
    result = json.loads(made)
    result["fit"]["chisq"] *= 1.0 + 1e-12
    result["manifest"]["sha256_result"] = seal_of(result)
    (tmp_path / "other.json").write_text(json.dumps(result), "utf-8")
    outcome = run("verify", tmp_path / "other.json")
    assert outcome.code == 0, outcome.err
    assert "up to rounding in 1 place" in outcome.out


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return tmp_path_factory.mktemp("replication")


@pytest.fixture
def folder(run, folders, tmp_path):
    """A copy of a replication's folder, made once."""
    if not (folders / "out").exists():
        assert run("replicate", "--draws", 20, "--out", folders / "out").code == 0
    return shutil.copytree(folders / "out", tmp_path / "out")


def test_a_replication_folder_verifies(run, folder):
    assert run("verify", folder).code == 0


def test_a_changed_digit_and_a_missing_file_are_named_and_a_file_beside_is_no_matter(run, folder):
    text = (folder / "fit.csv").read_text("utf-8")
    (folder / "fit.csv").write_text(text.replace("169.04", "169.05", 1), "utf-8")
    (folder / "forest.png").unlink()
    (folder / "my_notes.csv").write_text("a\n", "utf-8")
    outcome = run("verify", folder)
    assert outcome.code == 9
    assert "files: manifest.files.fit.csv" in outcome.err
    assert "numbers: fit.csv[1]: recorded 'chi2,169.05" in outcome.err
    assert "manifest.files.forest.png" in outcome.err
    assert "my_notes" not in outcome.err


BAD = {
    "no json": ("{", 3, "no JSON"),
    "twice": ('{"a": 1, "a": 2}', 3, "twice"),
    "nan": ('{"a": NaN}', 3, "NaN"),
    "deep": ("[" * 100_000, 3, "JSON"),
    "no manifest": ('{"cells": []}', 3, "carries no manifest"),
    "no command": ('{"manifest": {"command": "rm", "options": {}}}', 2, "names no command"),
    "verify itself": ('{"manifest": {"command": "verify", "options": {}}}', 2, "names no command"),
    "writes": ('{"manifest": {"command": "replicate", "options": {"out": "x"}}}', 2, "no option out"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_result_is_refused(name, run, tmp_path):
    text, code, words = BAD[name]
    (tmp_path / "bad.json").write_text(text, "utf-8")
    outcome = run("verify", tmp_path / "bad.json")
    assert outcome.code == code, outcome.err
    assert words in outcome.err
    assert "Traceback" not in outcome.err
