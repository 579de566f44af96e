"""``sopsem report``: files, exit codes, what stands on stdout, and nothing of a single respondent anywhere."""

import json
import re

import pytest

from sopsem.cli.app import leaf_commands
from sopsem.executive.simulate import simulate_manufacturer

FILES = {"report.html", "report.docx", "report.json", "scorecard.xlsx", "manifest.json"}


def test_a_survey_becomes_a_report(run, survey, tmp_path):
    """All files; five sentences on stdout; every exhibit of the page in the manifest; ids nowhere."""
    pytest.importorskip("xlsxwriter")

    def named(frame):
        frame["respondent_id"] = [f"canary-{n}" for n in range(len(frame))]

    path = survey(named, "acme <b>=cmd.csv")
    done = run("report", path, "--against", "synthetic_twin_1", "--draws", 20, "--out", tmp_path / "out")
    assert done.code == 0
    assert done.out.startswith("Sales-operations alignment: acme <b>=cmd\n")
    assert done.out.count("\n- ") == 5
    files = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
    assert files.keys() == FILES
    manifest = json.loads(files["manifest.json"])
    page = files["report.html"].decode()
    shown = re.findall(r'<p class="trace">(\w+) · (\S+) · inputs (\w{12})</p>', page)
    assert len(shown) > 8
    for name, function, inputs in shown:
        assert manifest["exhibits"][name]["function"] == function
        assert manifest["exhibits"][name]["inputs_sha256"].startswith(inputs)
    assert manifest["command"] == "report"
    assert manifest["benchmark"]["label"] == "synthetic data"
    assert not any(b"canary" in content for content in files.values())
    assert "canary" not in done.out + done.err
    assert "acme &lt;b&gt;=cmd" in page


def test_json_is_the_report_and_writes_nothing(run, survey, tmp_path, monkeypatch):
    """One object on stdout with the manifest of the command; no folder unless asked for."""
    monkeypatch.chdir(tmp_path)
    done = run("report", survey(lambda f: f.head(40)), "--draws", 5, "--json")
    told = json.loads(done.out)
    assert done.code == 0
    assert len(told["summary"]) == 5
    assert told["manifest"]["command"] == "report"
    assert [p.name for p in tmp_path.iterdir()] == ["survey.csv"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nothing.csv",), 3, "no such file"),
        (("synthetic_twin_1", "--groups", "sales"), 2, "two answers with a comma"),
        (("synthetic_twin_1", "--exclude", "speed"), 2, "speeders"),
        (("synthetic_twin_1", "--comments", "remark"), 2, "no open question"),
        (("synthetic_twin_1", "--against", "https://example.org/x.csv"), 2, "local"),
    ],
)
def test_mistakes_are_said(run, tmp_path, arguments, code, message):
    """One message, its exit code, nothing written."""
    done = run("report", *arguments, "--draws", 2, "--out", tmp_path / "out")
    assert done.code == code
    assert message in done.err
    assert not (tmp_path / "out").exists()


def test_the_example_of_the_help_runs(run, survey, tmp_path, monkeypatch):
    """On any survey with the shipped questionnaire; two duration columns are told of on the way."""
    (words,) = re.findall(r"Example: sopsem (report .*)", leaf_commands()["report"].help)
    monkeypatch.chdir(tmp_path)
    survey(lambda f: f.assign(duration="200", interviewtime="210"), "acme.csv")
    done = run(*words.split(), "--draws", 5)
    assert done.code == 0, done.err
    assert "note: 2 columns may be the duration" in done.err
    assert (tmp_path / "acme_report" / "report.html").is_file()


def test_a_questionnaire_of_ones_own_needs_a_benchmark_of_its_own(run, tmp_path):
    """The shipped benchmark does not answer it."""
    made = tmp_path / "mine.toml"
    assert run("instrument", "new", made).code == 0
    done = run("report", "synthetic_twin_1", "--instrument", made)
    assert done.code == 2
    assert "give --against a survey that answers it, or a scorecard" in done.err


def test_an_outcome_written_wrong_is_a_slip_and_no_sentence_of_the_report(run):
    done = run("report", "synthetic_twin_1", "--outcome", "performnce")
    assert done.code == 2
    assert "did you mean 'performance'?" in done.err


@pytest.fixture(scope="module")
def operations(tmp_path_factory):
    """Return a folder of the tables of one synthetic plant, without those that take long."""
    folder = tmp_path_factory.mktemp("synthetic_operations")
    for name, frame in simulate_manufacturer(0.7, 13, seed=1).frames.items():
        if name not in {"pipeline", "forecasts"}:
            frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def test_operations_give_a_chapter(run, survey, operations, tmp_path):
    """Everybody is the one unit that was measured; a sixth sentence, and the label of both sides."""
    out = tmp_path / "out"
    done = run("report", survey(lambda f: f), "--operations", operations, "--draws", 5, "--out", out)
    assert done.code == 0
    assert done.out.count("\n- ") == 6
    told = json.loads((out / "report.json").read_bytes())
    part = next(each for each in told["parts"] if each["anchor"] == "operations")
    assert part["content"][0]["text"].startswith("One unit has both answers and records")
    assert "operations: synthetic data" in told["source_label"]
    assert "T10" in json.loads((out / "manifest.json").read_bytes())["exhibits"]


def test_faulty_tables_are_refused_and_nothing_is_written(run, survey, tmp_path):
    """Every fault of the tables, exit code 4; a folder that is not there is 3; an item is no unit."""
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "financials.csv").write_text("period,revenue\n2025-01,x\n")
    path, out = survey(lambda f: f), tmp_path / "out"
    for arguments, code, message in (
        (("--operations", tmp_path / "ops"), 4, "financials.csv: E-T02"),
        (("--operations", tmp_path / "none"), 3, "none"),
        (("--operations", tmp_path / "ops", "--unit", "col1"), 2, "is an item of the questionnaire"),
    ):
        done = run("report", path, *arguments, "--draws", 2, "--out", out)
        assert done.code == code
        assert message in done.err
        assert not out.exists()
