"""Binary survey files are parsed in a process of their own, with limits on time, memory and the answer's size.

A parser that crashes takes only that process with it.  The file goes in on a pipe, JSON comes out.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from sopsem.errors import DataError, FileError, ResourceLimitError, SopsemError, UsageError
from sopsem.survey.messages import quote

__all__ = ["MOST_MEMORY", "MOST_SECONDS", "parse_apart"]

MOST_MEMORY = 2_000_000_000  # bytes
MOST_SECONDS = 60
LEAST_SECONDS = 10  # of processor time, for a small file, and this much more for a larger one
SECONDS_PER_MB = 5
LONGEST_COMPLAINT = 20_000  # bytes of it that are looked at
MOST_ANSWER = 1_000_000_000  # bytes
START = Path(__file__).with_name("child") / "start.py"
# one thread: threads reserve address space, which counts as memory
SINGLE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
QUIET = {"RUST_BACKTRACE": "0"}
REFUSALS: dict[str, type[SopsemError]] = {
    "file": FileError,
    "data": DataError,
    "limit": ResourceLimitError,
    "usage": UsageError,
}
EXTRAS = {"pyarrow": "sopsem[parquet]"}
# how the parsers say that they were refused memory
NO_MEMORY = (
    "MemoryError",
    "memory allocation of",
    "Unable to allocate",
    "capacity overflow",
    "malloc of size",
)
WRONG_ENCODING = ("Unable to convert string", "UnicodeDecodeError")
LIMIT_SIGNALS = tuple(getattr(signal, name, None) for name in ("SIGXCPU", "SIGXFSZ", "SIGKILL"))


def parse_apart(kind: str, raw: bytes, title: str, option: str | None = None) -> dict[str, Any]:
    """Parse a file in a child process and return what it found.

    Parameters
    ----------
    kind
        xlsx, xls, ods, sav, dta or parquet.
    raw
        The file's bytes.
    option
        The sheet of a workbook, or the encoding of an SPSS or Stata file.

    Raises
    ------
    FileError
        Damaged: the parser crashed or gave up; a library that is not installed; no processes, as in a browser.
    ResourceLimitError
        Out of time or memory.
    DataError, UsageError
        More than one sheet holds data; no sheet of that name.

    """
    if sys.platform == "emscripten":
        raise FileError(f"{title}: files of this kind are not read in a browser; save the survey as CSV")
    seconds = min(MOST_SECONDS, LEAST_SECONDS + SECONDS_PER_MB * len(raw) // 1_000_000)
    limits = [str(MOST_MEMORY), str(seconds), str(MOST_ANSWER)]
    command = [sys.executable, "-P", str(START), kind, *limits, json.dumps(option)]
    with tempfile.TemporaryFile() as into, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        into.write(raw)
        into.seek(0)
        code = _run(command, into, out, said, title)
        said.seek(0)
        if code != 0:
            _refuse(code, said.read()[-LONGEST_COMPLAINT:].decode("utf-8", "replace"), title)
        out.seek(0)
        return _answer(out.read(MOST_ANSWER + 1), title)


def _run(command: list[str], into: Any, out: Any, said: Any, title: str) -> int:
    environment = {**os.environ, **SINGLE, **QUIET}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and script
            command, stdin=into, stdout=out, stderr=said, env=environment, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _too_much(title) from error
    except OSError as error:
        raise FileError(f"{title}: no process could be started to read it: {error.strerror}") from error
    return done.returncode


def _too_much(title: str) -> ResourceLimitError:
    return ResourceLimitError(
        f"{title}: reading it takes too long (up to {MOST_SECONDS} seconds) or more than "
        f"{MOST_MEMORY // 10**9} GB of memory; if the file is sound, save the survey as CSV"
    )


def _refuse(code: int, said: str, title: str) -> NoReturn:
    """Tell a process that ran into a limit from one whose parser crashed or gave up."""
    if any(word in said for word in NO_MEMORY) or (code < 0 and -code in LIMIT_SIGNALS):
        raise _too_much(title)
    if any(word in said for word in WRONG_ENCODING):
        raise FileError(
            f"{title}: its text is not in the encoding that it tells; give encoding=, for example cp1252"
        )
    last = said.strip().splitlines()[-1:] or ["it crashed"]
    told = quote(last[0], 200) if code > 0 else "it crashed"
    raise FileError(f"{title}: the file is damaged, or not what its beginning says; the reader said {told}")


def _answer(raw: bytes, title: str) -> dict[str, Any]:
    try:
        answer = json.loads(raw)
    except ValueError as error:
        raise FileError(f"{title}: the file is damaged; the reader gave no answer") from error
    refused, message = answer.get("refused"), str(answer.get("message"))
    if refused == "library":
        needed = EXTRAS.get(message, message)
        raise FileError(f"{title}: reading it needs {message}: pip install '{needed}'")
    if refused:
        raise REFUSALS[refused](f"{title}: {message}")
    return dict(answer)
