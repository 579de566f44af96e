"""Bad input ends in one message, the documented exit code, no traceback, and nothing written."""

import numpy as np
import pytest


def _drop(column):
    return lambda frame: frame.drop(columns=column)


def _set(row, column, value):
    def change(frame):
        frame.loc[row, column] = value
        return frame

    return change


def _fill(column, value):
    def change(frame):
        frame[column] = value
        return frame

    return change


def _copy(source, target):
    def change(frame):
        frame[target] = frame[source]
        return frame

    return change


CASES = {
    "constant item": (_fill("col2", "4"), 4, ["col2"]),
    "duplicated item": (_copy("col1", "col2"), 4, ["col1", "col2"]),
    "out of range": (_set(4, "ali3", "9"), 4, ["ali3", "9"]),
    "undeclared missing code": (_set(4, "ali3", "99"), 4, ["ali3", "99"]),
    "missing column": (_drop("mkt3"), 4, ["mkt3"]),
    "misspelt column": (lambda f: f.rename(columns={"mkt3": "mtk3"}), 4, ["mkt3", "mtk3"]),
    "text in an item": (_set(2, "int1", "good"), 4, ["int1", "good"]),
    "infinite": (_set(2, "int1", "inf"), 4, ["int1", "inf"]),
    "header only": (lambda f: f.iloc[:0], 4, []),
    "fewer rows than items": (lambda f: f.iloc[:15], 4, ["15"]),
    "one row": (lambda f: f.iloc[:1], 4, []),
    "all missing": (_fill("con1", ""), 4, ["con1"]),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_surveys(name, run, survey, tmp_path) -> None:
    """One clear message that names the item, the code, no traceback, nothing written."""
    change, code, words = CASES[name]
    path = survey(change)
    folder = tmp_path / "out"
    outcome = run("replicate", path, "--out", folder)
    assert outcome.code == code, outcome.err
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    assert outcome.err.count("sopsem: ") == 1
    for word in words:
        assert word in outcome.err
    assert not folder.exists()


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", 3, ["empty"]),
        (b"PK\x03\x04 zip", 3, []),
        (b"col1,col2\n1,2,3\n", 4, ["2"]),
        (b'col1,col2\n"1,2\n3,4\n', 3, ["quote"]),
        (b"col1,col2\n1,\x002\n", 3, ["NUL"]),
        (b"col1,col1\n1,2\n", 4, ["col1"]),
    ],
)
def test_bad_files(content, code, words, run, tmp_path) -> None:
    """Files that are no survey."""
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    outcome = run("replicate", path)
    assert outcome.code == code, outcome.err
    assert all(word in outcome.err for word in words), outcome.err
    assert "Traceback" not in outcome.err


def test_a_path_on_the_network_is_refused(run) -> None:
    """Local files only."""
    assert run("replicate", "https://example.org/survey.csv").code == 2


def test_a_missing_file(run, tmp_path) -> None:
    """The name is in the message."""
    outcome = run("replicate", tmp_path / "absent.csv")
    assert outcome.code == 3
    assert "absent.csv" in outcome.err


MODELS = {
    "not identified": ("f =~ NA*col1 + col2 + col3 + col4", 5, ["not identified", "f=~"]),
    "negative df": ("col1 ~~ col2\nf =~ col1 + col2", 5, []),
    "self path": ("col1 ~ col1", 5, ["itself"]),
    "syntax": ("f =~ col1 + + col2", 5, ["line 1", "^"]),
    "code": ("x := system('id')\nf =~ col1 + col2 + col3", 5, ["system"]),
    "unknown variable": ("f =~ col1 + col2 + clo3", 5, ["clo3", "did you mean"]),
    "deep": ("f =~ col1 + col2 + col3\nx := " + "(" * 5000 + "a" + ")" * 5000, 8, ["deep"]),
}


@pytest.mark.parametrize("name", MODELS)
def test_bad_models(name, run, tmp_path, answers) -> None:
    """A model that cannot be estimated names what is wrong."""
    text, code, words = MODELS[name]
    model, data = tmp_path / "model.txt", tmp_path / "data.csv"
    model.write_text(text, "utf-8")
    answers.to_csv(data, index=False)
    outcome = run("fit", model, data)
    assert outcome.code == code, outcome.err
    assert all(word in outcome.err for word in words), outcome.err
    assert "Traceback" not in outcome.err


def test_an_improper_solution_is_printed_and_marked(run, tmp_path) -> None:
    """Exit code 6, with the results."""
    rng = np.random.default_rng(4)
    n = 60
    base = rng.normal(size=n)
    columns = {"a": base, "b": base + 0.05 * rng.normal(size=n), "c": 0.2 * base + rng.normal(size=n)}
    columns["d"] = columns["c"] + 0.3 * rng.normal(size=n)
    lines = [",".join(columns)] + [",".join(f"{v[i]:.6f}" for v in columns.values()) for i in range(n)]
    data, model = tmp_path / "data.csv", tmp_path / "model.txt"
    data.write_text("\n".join(lines), "utf-8")
    model.write_text("f =~ a + b + c + d", "utf-8")
    outcome = run("fit", model, data)
    assert "negative variance" in outcome.out or outcome.code == 0
    assert outcome.code in (0, 6)
    assert (outcome.code == 6) == ("negative variance" in outcome.out)


def test_a_missing_model_file_is_named_with_the_nearest(run, tmp_path, monkeypatch):
    """No errno; a folder that is not there has no nearest."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.txt").write_text("f =~ a + b + c", encoding="utf-8")
    done = run("fit", "modle.txt", "data.csv")
    assert done.code == 3
    assert (
        "'modle.txt': there is no such model file, did you mean 'model.txt'? MODEL is a text file" in done.err
    )
    assert "Errno" not in done.err
    assert "there is no such model file. MODEL" in run("fit", tmp_path / "no" / "m.txt", "data.csv").err
    assert "cannot be read: Is a directory" in run("fit", tmp_path, "data.csv").err


def test_a_factor_written_wrong_is_answered_with_the_nearest(run):
    done = run("mediation", "--predictor", "coordinaton")
    assert done.code == 2
    assert (
        "of the questionnaire's model, did you mean 'coordination'? Choose with --predictor among" in done.err
    )
