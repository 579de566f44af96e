"""Every file of a client report as bytes, so that the caller writes all of them or none."""

from collections.abc import Mapping
from hashlib import sha256

from sopsem.client.briefing import Briefing
from sopsem.report.client.document import Document, Drawing
from sopsem.report.client.numbers import document_json, exhibit_values
from sopsem.report.client.page import client_page
from sopsem.report.client.word_file import client_word
from sopsem.report.client.workbook import has_workbooks, workbook_bytes
from sopsem.runs.atomic import json_bytes

__all__ = ["client_files", "client_manifest"]


def client_files(briefing: Briefing, document: Document) -> dict[str, bytes]:
    """Return name -> bytes: page, Word file, workbook (with the extra ``xlsx``), JSON; the manifest last.

    Parameters
    ----------
    briefing : Briefing
    document : Document
        Made of it by ``client_document``; the same briefing gives the same bytes.

    """
    files = {
        "report.html": client_page(document).encode("utf-8"),
        "report.docx": client_word(document),
        "report.json": json_bytes(document_json(document)),
    }
    if has_workbooks():
        files["scorecard.xlsx"] = workbook_bytes(document)
    return {**files, "manifest.json": json_bytes(client_manifest(briefing, document, files))}


def client_manifest(briefing: Briefing, document: Document, files: Mapping[str, bytes]) -> dict[str, object]:
    """Return what vouches for the report: of every table and figure its function, inputs and numbers."""
    return {
        "title": document.title,
        "source_label": document.source_label,
        "client": {
            "name": briefing.client.name,
            "label": briefing.client.label,
            "rows": briefing.client.rows,
            "used": briefing.client.used,
        },
        "benchmark": {
            "name": briefing.benchmark.name,
            "label": briefing.benchmark.label,
            "n": briefing.benchmark.n,
        },
        "method": dict(briefing.method),
        "exhibits": {
            each.id: {
                "kind": "figure" if isinstance(each.content, Drawing) else "table",
                "title": each.title,
                "function": each.trace.function,
                "inputs_sha256": each.trace.inputs_sha256,
                "numbers": exhibit_values(each) or f"those of T{each.id[1:]}",
            }
            for each in document.exhibits
        },
        "files": {name: sha256(content).hexdigest() for name, content in files.items()},
    }
