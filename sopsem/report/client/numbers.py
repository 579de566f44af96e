"""The report's printed numbers as numbers again: what JSON, workbook and manifest hold is read back from the print.

So no output can be more exact than the page, and none can differ from it.
"""

import re

from sopsem.report.client.document import Document, Drawing, Exhibit, Statement
from sopsem.report.digits import MISSING
from sopsem.report.escape import plain

__all__ = ["Value", "document_json", "exhibit_values", "printed_value"]

Value = float | int | list[float] | str | None
_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)%?")
_PAIR = re.compile(r"\[(?P<low>[^,\[\]]+), (?P<high>[^,\[\]]+)\]")


def printed_value(text: str) -> Value:
    """Return the number or the pair of limits that a cell prints, None for a missing one, else the text.

    Examples
    --------
    >>> printed_value("-.45"), printed_value("92"), printed_value("43%"), printed_value("[1.2, 3.4]")
    (-0.45, 92, 43.0, [1.2, 3.4])
    >>> printed_value("—") is None, printed_value("3 to 4")
    (True, '3 to 4')

    """
    if text == MISSING:
        return None
    pair = _PAIR.fullmatch(text)
    if pair:
        limits = [printed_value(pair["low"]), printed_value(pair["high"])]
        return [float(each) for each in limits if isinstance(each, float | int)]
    if not _NUMBER.fullmatch(text):
        return text
    return int(text) if text.isdigit() else float(text.removesuffix("%"))


def exhibit_values(exhibit: Exhibit) -> list[dict[str, Value]]:
    """Return a table's cells as numbers, one mapping of header to value per row; of a figure nothing.

    The first column, which names the row, stays text.
    """
    if isinstance(exhibit.content, Drawing):
        return []
    columns = [name or "name" for name in exhibit.content.columns]
    return [
        {
            name: cell if place == 0 else printed_value(cell)
            for place, (name, cell) in enumerate(zip(columns, row, strict=True))
        }
        for row in exhibit.content.rows
    ]


def document_json(document: Document) -> dict[str, object]:
    """Return the report as plain data: every sentence, every table as printed (``rows``) and as numbers.

    Texts have no control characters and no lone surrogates, so every reader of JSON takes them.
    """
    made = _cleaned(_document(document))
    assert isinstance(made, dict)
    return made


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return plain(value)[0]
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if isinstance(value, dict):
        return {plain(name)[0]: _cleaned(each) for name, each in value.items()}
    return value


def _document(document: Document) -> dict[str, object]:
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "source_label": document.source_label,
        "language": document.language,
        "summary": [
            {"topic": each.topic, "sentence": each.sentence}
            | ({"evidence": each.evidence} if each.evidence else {})
            for each in document.summary
        ],
        "parts": [
            {
                "anchor": part.anchor,
                "heading": part.heading,
                "source_label": document.source_label,
                "content": [_block(each) for each in part.content],
            }
            for part in document.parts
        ],
    }


def _block(block: str | Statement | Exhibit) -> dict[str, object]:
    if isinstance(block, str):
        return {"kind": "paragraph", "text": block}
    if isinstance(block, Statement):
        return {"kind": "statement", "text": block.sentence, "evidence": block.evidence}
    if isinstance(block.content, Drawing):
        return {"kind": "figure", "id": block.id, "caption": block.caption, "alt": block.content.alt}
    table = block.content
    return {
        "kind": "table",
        "id": block.id,
        "title": table.title,
        "columns": list(table.columns),
        "rows": [list(row) for row in table.rows],
        "values": exhibit_values(block),
        "notes": list(table.notes),
        "source_label": table.source_label,
    }
