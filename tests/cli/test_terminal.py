"""What a terminal may do to the program: a poor encoding, Ctrl-C, a folder that cannot be written."""

import os
import subprocess
import sys

import pytest

from sopsem.cli import replicate as command
from sopsem.cli.output_folder import require_writable
from sopsem.errors import FileError


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_a_poor_encoding_costs_no_result(encoding) -> None:
    """Arrows are spelt in ASCII where the encoding has none."""
    done = subprocess.run(
        [sys.executable, "-m", "sopsem", "replicate", "--draws", "4"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0
    assert b"coordination -> conflict" in done.stdout or "→".encode() in done.stdout


def test_ctrl_c_says_so_in_one_line(run, monkeypatch) -> None:
    """Exit code 130 and one line."""

    def stop(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "replicate", stop)
    outcome = run("replicate")
    assert outcome.code == 130
    assert outcome.err.splitlines()[-1] == "sopsem: interrupted"
    assert outcome.out == ""


def test_a_usage_error_keeps_its_message(run) -> None:
    """Exit code 2 with the name of the option."""
    outcome = run("replicate", "--seeed", "1")
    assert outcome.code == 2
    assert "--seeed" in outcome.err


def test_a_folder_that_cannot_be_written_is_told_before_the_work(run, tmp_path, monkeypatch) -> None:
    """Exit code 3 at once; nothing was computed and nothing is left behind."""
    monkeypatch.setattr(command, "replicate", None)
    file = tmp_path / "a_file"
    file.write_text("x", "utf-8")
    for folder in (file, file / "inside"):
        outcome = run("replicate", "--out", folder)
        assert outcome.code == 3, outcome.err
        assert "--out" in outcome.err
    assert run("twin", "--algorithm", "exact", "--out", file).code == 3
    assert [p.name for p in tmp_path.iterdir()] == ["a_file"]


def test_trying_a_folder_leaves_nothing_behind(tmp_path) -> None:
    """Folders made for the trial are gone."""
    require_writable(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileError, match="cannot be written"):
        require_writable(tmp_path / ("x" * 300))


def test_results_are_printed_when_writing_fails_at_the_end(run, tmp_path) -> None:
    """A folder that has the name of a file: the table on stdout, exit code 3."""
    (tmp_path / "out" / "effects.csv").mkdir(parents=True)
    outcome = run("replicate", "--draws", 4, "--out", tmp_path / "out")
    assert outcome.code == 3
    assert "effects.csv" in outcome.err
    assert "Fit (synthetic data)" in outcome.out
