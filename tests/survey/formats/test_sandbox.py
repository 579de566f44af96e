"""A parser that crashes, hangs or swells takes only its own process with it, and says so in one error."""

import sys
import textwrap

import pytest

from sopsem.errors import FileError, ResourceLimitError
from sopsem.survey.formats import read_table, sandbox
from sopsem.survey.formats.sandbox import parse_apart


@pytest.fixture
def child(monkeypatch, tmp_path):
    """Put a program of our own in the place of the parser; limits are set first, as the parser does."""

    def put(program):
        script = tmp_path / "child.py"
        folder = repr(str(sandbox.START.parent))
        start = f"import sys\nsys.path.insert(0, {folder})\nfrom limits import limit_process\n"
        start += "limit_process(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))\n"
        script.write_text(start + textwrap.dedent(program), encoding="utf-8")
        monkeypatch.setattr(sandbox, "START", script)

    return put


@pytest.mark.parametrize("signal", ["SIGSEGV", "SIGABRT", "SIGBUS"])
def test_a_crash_is_one_error_about_the_file(child, signal):
    child(f"import os, signal; os.kill(os.getpid(), signal.{signal})")
    with pytest.raises(FileError, match=r"'a': the file is damaged.*it crashed"):
        parse_apart("sav", b"x", "'a'")


def test_an_exception_is_one_error_about_the_file(child):
    child("raise ValueError('row 3 \\x1b[31m is broken')")
    with pytest.raises(FileError, match="row 3") as caught:
        parse_apart("sav", b"x", "'a'")
    assert "\x1b" not in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_memory_is_limited(child):
    child("x = bytearray(3_000_000_000)")
    with pytest.raises(ResourceLimitError, match="2 GB of memory"):
        parse_apart("sav", b"x", "'a'")


def test_processor_time_is_limited(child, monkeypatch):
    monkeypatch.setattr(sandbox, "MOST_SECONDS", 1)
    child("while True: pass")
    with pytest.raises(ResourceLimitError, match="takes too long"):
        parse_apart("sav", b"x", "'a'")


def test_waiting_is_limited(child, monkeypatch):
    monkeypatch.setattr(sandbox, "MOST_SECONDS", 1)
    child("import time; time.sleep(30)")
    with pytest.raises(ResourceLimitError, match="takes too long"):
        parse_apart("sav", b"x", "'a'")


def test_the_answer_is_limited(child, monkeypatch):
    monkeypatch.setattr(sandbox, "MOST_ANSWER", 1000)
    child("sys.stdout.write('x' * 100_000); sys.stdout.flush()")
    with pytest.raises((ResourceLimitError, FileError)):
        parse_apart("sav", b"x", "'a'")


def test_no_answer_is_no_result(child):
    child("print('{')")
    with pytest.raises(FileError, match="gave no answer"):
        parse_apart("sav", b"x", "'a'")


def test_a_library_that_is_not_there_is_named(child):
    child("""print('{"refused": "library", "message": "pyarrow"}')""")
    with pytest.raises(FileError, match=r"pip install 'sopsem\[parquet\]'"):
        parse_apart("parquet", b"x", "'a'")


def test_in_a_browser_binary_files_are_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    with pytest.raises(FileError, match="not read in a browser; save the survey as CSV"):
        read_table("a.sav", b"$FL2@(#) ...")
