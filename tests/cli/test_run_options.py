"""--workers, --store and --resume: the same results, and a run that is interrupted can be continued."""

import os
import signal
import subprocess
import sys
import time

import pytest

from sopsem.cli import replicate as command

QUICK = ("replicate", "--draws", "40", "--json")
LONG = ("replicate", "--draws", "12000", "--json")  # four chunks


def test_workers_do_not_change_the_output(run):
    assert run(*QUICK, "--workers", "2").out == run(*QUICK).out


@pytest.mark.parametrize("arguments", [QUICK, ("mediation", "--draws", "20", "--json")])
def test_a_run_that_is_kept_and_one_that_is_resumed_give_the_same(run, tmp_path, arguments):
    kept = run(*arguments, "--store", tmp_path / "run")
    assert kept.code == 0
    assert list((tmp_path / "run").rglob("chunk-*.dat"))
    resumed = run(*arguments, "--store", tmp_path / "run", "--resume")
    assert resumed.out == kept.out == run(*arguments).out
    refused = run(*arguments, "--store", tmp_path / "run")
    assert refused.code == 2
    assert "--resume" in refused.err


def test_a_damaged_chunk_is_a_note(run, tmp_path):
    kept = run(*QUICK, "--store", tmp_path)
    (tmp_path / "chunk-00000000.dat").write_bytes(b"torn")
    resumed = run(*QUICK, "--store", tmp_path, "--resume")
    assert resumed.out == kept.out
    (note,) = [line for line in resumed.err.splitlines() if line.startswith("note:")]
    assert "chunk-00000000.dat is damaged" in note


@pytest.mark.parametrize("name", ["replicate", "mediation", "twin"])
def test_resume_needs_a_store(run, name):
    outcome = run(name, "--resume")
    assert outcome.code == 2
    assert "--store" in outcome.err


def test_ctrl_c_says_how_to_continue(run, monkeypatch, tmp_path):
    def stop(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "replicate", stop)
    outcome = run(*QUICK, "--store", tmp_path)
    assert outcome.code == 130
    assert outcome.err.splitlines()[-2:] == [
        f"sopsem: finished work is kept in {tmp_path}; the same command with --resume continues it",
        "sopsem: interrupted",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way there")
def test_ctrl_c_in_the_middle_leaves_a_run_that_resumes_to_the_same_bytes(run, tmp_path):
    """The whole group of processes gets the signal, as from a terminal."""
    store = tmp_path / "run"
    arguments = [sys.executable, "-m", "sopsem", *LONG, "--store", str(store), "--workers", "2"]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        while len(list(store.glob("chunk-*.dat"))) < 2:  # the last of them may still be taken back
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "Traceback" not in said
    assert said.splitlines()[-1] == "sopsem: interrupted"
    assert 0 < len(list(store.glob("chunk-*.dat"))) < 4
    assert run(*LONG, "--store", store, "--resume").out == run(*LONG).out
