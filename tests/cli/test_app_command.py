"""``sopsem app``: its own process, and one message where the extra is missing."""

import subprocess
import sys

from sopsem.cli import local_app


def test_a_missing_extra_is_one_message(run, monkeypatch):
    """What to install; exit code of usage."""
    monkeypatch.setattr(local_app, "find_spec", lambda _: None)
    done = run("app")
    assert done.code == 2
    assert "pip install 'sopsem[app]'" in done.err


def test_the_page_runs_in_a_process_of_its_own(run, monkeypatch):
    """No other command loads its libraries; the process's code is ours, also after Ctrl-C."""
    called = []

    class Process:
        waits = 0

        def __init__(self, command):
            called.append(command)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def wait(self):
            Process.waits += 1
            if Process.waits == 1:
                raise KeyboardInterrupt
            return 0

    monkeypatch.setattr(subprocess, "Popen", Process)
    assert run("app", "--port", 8765).code == 0
    assert called == [[sys.executable, "-m", "sopsem.app", "8765"]]
    assert Process.waits == 2
