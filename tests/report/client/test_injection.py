"""Every hostile text in every place, in every format that is no page: none is taken for anything but text."""

import csv
import io
import json
import re

from sopsem.report.client.document import Drawing
from sopsem.report.client.numbers import document_json
from sopsem.report.client.report_text import report_text
from sopsem.report.render import render
from sopsem.runs.atomic import json_bytes

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def tables(document):
    return [each.content for each in document.exhibits if not isinstance(each.content, Drawing)]


def test_json_is_what_every_reader_takes(hostile_document):
    """Valid, without half characters and control characters, nothing lost but these."""
    content = json_bytes(document_json(hostile_document))
    told = json.loads(content)
    texts = json.dumps(told, ensure_ascii=False)
    assert not CONTROL.search(texts)
    texts.encode("utf-8")
    assert len(told["parts"]) == len(hostile_document.parts)
    assert "</script>" in told["parts"][0]["heading"]


def test_csv_starts_no_formula(hostile_document):
    """No cell begins with what a spreadsheet evaluates, after what it does not show."""
    for table in tables(hostile_document):
        text = render(table, "csv").decode("utf-8")
        for row in csv.reader(io.StringIO(text, newline="")):
            for cell in row:
                seen = re.sub("[\u200b\ufeff]", "", cell).lstrip()
                assert not seen.startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))


def test_latex_has_no_command_of_a_stranger(hostile_document):
    """Every backslash of the texts is text; no mathematics, no comment."""
    for table in tables(hostile_document):
        text = render(table, "latex").decode("utf-8")
        assert not re.search(r"\\(input|write18|immediate|openout|catcode)", text)
        assert not re.search(r"(?<!\\)%[^\n]*alert", text)


def test_a_terminal_obeys_nothing(hostile_document):
    """No escape sequence, no direction override; the lines are the report's own."""
    assert not CONTROL.search(report_text(hostile_document))
    for table in tables(hostile_document):
        assert not CONTROL.search(render(table, "text").decode("utf-8"))
