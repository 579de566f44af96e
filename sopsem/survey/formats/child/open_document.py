"""What a sheet of an OpenDocument workbook hides or dresses up."""

import io
import re
import zipfile
from html import unescape

from sopsem.survey.formats.child.sheet_xml import Findings

__all__ = ["open_document_findings"]

TABLE = re.compile(rb'<table:table\b[^>]*\btable:name="([^"]*)"[^>]*>')
ROW = re.compile(rb'<table:table-row\b[^>]*\btable:visibility="(collapse|filter)"[^>]*>')
REPEATED = re.compile(rb'table:number-rows-repeated="(\d{1,7})"')
KINDS = {"percent": b'office:value-type="percentage"', "currency": b'office:value-type="currency"'}


def open_document_findings(raw: bytes, sheet: str) -> Findings:
    """Return the findings about one sheet of an .ods file."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        xml = archive.read("content.xml")
    part = _part_of(xml, sheet)
    notes = []
    hidden = sum(int(m[1]) if (m := REPEATED.search(tag[0])) else 1 for tag in ROW.finditer(part))
    if hidden:
        notes.append(f"{hidden} hidden rows were read like the others")
    if b"<table:database-range" in xml and b'display-filter-buttons="true"' in xml:
        notes.append("the workbook has a filter; rows that it hides were read like the others")
    for kind, mark in KINDS.items():
        if count := part.count(mark):
            notes.append(f"{kind} format: {count} cells, read as the number stored")
    return Findings(notes=notes)


def _part_of(xml: bytes, sheet: str) -> bytes:
    for start in TABLE.finditer(xml):
        if unescape(start[1].decode("utf-8", "replace")) == sheet:
            return xml[start.end() :].partition(b"</table:table>")[0]
    return b""
