"""Files are written whole or not at all."""

import errno
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sopsem.errors import FileError
from sopsem.runs.atomic import json_bytes, write_all, write_atomic


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_writes_and_replaces(tmp_path):
    """The new content stands under the name; nothing else is left; the mode of the old file stays."""
    path = tmp_path / "a.txt"
    write_atomic(path, b"one")
    path.chmod(0o640)
    write_atomic(str(path), b"two")
    assert path.read_bytes() == b"two"
    assert names(tmp_path) == ["a.txt"]
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_follows_the_umask(tmp_path):
    """A colleague can read the results where others can read new files."""
    old = os.umask(0o022)
    try:
        write_atomic(tmp_path / "a.txt", b"")
    finally:
        os.umask(old)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o644


def test_a_link_is_replaced_and_never_followed(tmp_path):
    """The file that a link points to is not touched."""
    victim, link = tmp_path / "victim", tmp_path / "link"
    victim.write_bytes(b"precious")
    link.symlink_to(victim)
    write_atomic(link, b"new")
    assert victim.read_bytes() == b"precious"
    assert not link.is_symlink()
    assert link.read_bytes() == b"new"


def test_missing_folders_are_made(tmp_path):
    """An output folder need not exist."""
    write_all({tmp_path / "a" / "b" / "c.txt": b"x", tmp_path / "a" / "d.txt": b"y"})
    assert (tmp_path / "a" / "b" / "c.txt").read_bytes() == b"x"


def fail_at(monkeypatch, name, call, error):
    """Let the n-th call of a function of os or of Path fail; return the counter."""
    owner, attribute = name
    original, seen = getattr(owner, attribute), []

    def wrapped(*args, **kwargs):
        seen.append(args)
        if len(seen) == call:
            raise error
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, attribute, wrapped)
    return seen


@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_in_the_middle_leaves_all_as_it_was(tmp_path, monkeypatch, step, call):
    """Old files keep their content, links stay links, new files and folders are gone."""
    (tmp_path / "b.txt").write_bytes(b"old b")
    (tmp_path / "target").write_bytes(b"t")
    (tmp_path / "c.txt").symlink_to("target")
    owner = {"fsync": (os, "fsync"), "replace": (Path, "replace")}[step]
    seen = fail_at(monkeypatch, owner, call, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(FileError, match=r"No space left.*nothing was written"):
        write_all({tmp_path / "new" / "a.txt": b"1", tmp_path / "c.txt": b"3", tmp_path / "b.txt": b"2"})
    assert len(seen) >= call
    assert names(tmp_path) == ["b.txt", "c.txt", "target"]
    assert (tmp_path / "b.txt").read_bytes() == b"old b"
    assert (tmp_path / "c.txt").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"t"


@pytest.mark.parametrize("call", [1, 2])
def test_an_interruption_leaves_all_as_it_was(tmp_path, monkeypatch, call):
    """Ctrl-C between two files takes the first one back."""
    (tmp_path / "a.txt").write_bytes(b"old")
    fail_at(monkeypatch, (Path, "replace"), call, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        write_all({tmp_path / "a.txt": b"new", tmp_path / "b.txt": b"new"})
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"old"


@pytest.mark.parametrize("blocked", ["folder", "file as folder"])
def test_a_place_that_cannot_be_written_is_named(tmp_path, blocked):
    """A folder under that name, or a file where a folder should be; the other file is not written either."""
    (tmp_path / "x").mkdir() if blocked == "folder" else (tmp_path / "x").write_bytes(b"")
    bad = tmp_path / "x" if blocked == "folder" else tmp_path / "x" / "y.txt"
    with pytest.raises(FileError, match="x"):
        write_all({tmp_path / "first.txt": b"1", bad: b"2"})
    assert names(tmp_path) == ["x"]


def test_what_a_killed_run_left_is_removed(tmp_path):
    """Old temporary files go; those of a run that may still be writing stay."""
    old, young = tmp_path / ".sopsem-00.partial", tmp_path / ".sopsem-11.partial"
    for path in (old, young):
        path.write_bytes(b"")
    past = time.time() - 7200
    os.utime(old, (past, past))
    write_atomic(tmp_path / "a.txt", b"")
    assert names(tmp_path) == [".sopsem-11.partial", "a.txt"]


WRITER = """
import sys
from sopsem.runs.atomic import write_atomic
while True:
    for letter in b"ab":
        write_atomic(sys.argv[1], bytes([letter]) * 1_000_000)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 needs POSIX")
def test_a_killed_writer_leaves_a_whole_file(tmp_path):
    """kill -9 at two moments: the file is one of the two contents, never a part."""
    path = tmp_path / "a.bin"
    for wait in (0.02, 0.07):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
        while not path.exists():
            time.sleep(0.01)
        time.sleep(wait)
        process.kill()
        process.wait()
        content = path.read_bytes()
        assert len(content) == 1_000_000
        assert len(set(content)) == 1
        path.unlink()


@pytest.mark.parametrize(
    "payload",
    ["plain", '"quoted" \\', "\x00\x1b[2J\r\n\t", "\ufeff\u202e\u200b", "\ud800 lone", "\U0001f642"],
)
def test_json_reads_everywhere(payload):
    """Valid JSON in ASCII that gives back the text."""
    text = payload.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")
    content = json_bytes({"text": text, text: 1})
    assert content.isascii()
    assert json.loads(content) == {"text": text, text: 1}
    assert not set(content) & set(range(10)) | (set(content) & set(range(11, 32)))


def test_json_numbers():
    """NaN and infinities are null, NumPy values plain numbers, order kept."""
    value = {
        "b": [math.nan, math.inf, -math.inf, 1.5],
        "a": np.array([[1.0, np.nan]]),
        "c": (np.bool_(True), np.int64(3), None),
    }
    content = json_bytes(value)
    strict = json.loads(content, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert strict == {"b": [None, None, None, 1.5], "a": [[1.0, None]], "c": [True, 3, None]}
    assert list(strict) == ["b", "a", "c"]
    assert content.endswith(b"}\n")


@pytest.mark.parametrize(
    ("value", "place"), [({"a": [object()]}, r"value\.a\[0\]"), ({"a": {1: 2}}, r"value\.a is a dict")]
)
def test_json_names_what_it_cannot_hold(value, place):
    """The place of the odd value is in the message."""
    with pytest.raises(TypeError, match=place):
        json_bytes(value)
