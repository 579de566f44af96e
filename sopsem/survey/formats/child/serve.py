"""One question, one answer: a file on stdin, one JSON object on stdout.

Arguments of the process: the kind of file; memory (bytes), seconds, size of the answer (bytes); and a JSON
value, the one option that files of this kind have (the sheet, or the encoding) or null.
"""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from sopsem.survey.formats.child.answer import Refusal
from sopsem.survey.formats.child.limits import limit_process

__all__ = ["serve"]

Reader = Callable[[bytes, str | None], dict[str, Any]]


def serve(readers: Mapping[str, Reader]) -> None:
    """Limit this process, read the file with the reader of its kind, and answer, if only with a refusal."""
    kind, memory, seconds, size, option = sys.argv[1:6]
    limited = limit_process(int(memory), int(seconds), int(size))
    try:
        answer = readers[kind](sys.stdin.buffer.read(), json.loads(option))
    except Refusal as refusal:
        answer = {"refused": refusal.kind, "message": str(refusal)}
    sys.stdout.buffer.write(json.dumps({**answer, "limited": limited}).encode("ascii"))
