"""A report as Markdown: the same document as the page and the Word file, the same bytes from the same inputs."""

from sopsem.errors import UsageError
from sopsem.report.client.document import Document, Drawing, Exhibit, Part, Statement
from sopsem.report.client.numbers import document_json
from sopsem.report.client.page import client_page
from sopsem.report.client.word_file import client_word
from sopsem.report.escape import markdown_text
from sopsem.report.table import Table
from sopsem.runs.atomic import json_bytes

__all__ = ["ENDINGS", "report_bytes", "report_markdown"]

ENDINGS = (".html", ".docx", ".md", ".json")


def report_markdown(document: Document) -> str:
    """Return a report as Markdown, ready for Word by way of any converter.

    Examples
    --------
    >>> empty = Document(title="Board report", subtitle="", source_label="synthetic data", language="en",
    ...                  summary=(), parts=())
    >>> print(report_markdown(empty).splitlines()[0])
    # Board report

    """
    lines = [f"# {markdown_text(document.title)}", ""]
    lines += [f"{markdown_text(document.subtitle)}", ""] if document.subtitle else []
    lines += [f"**{markdown_text(document.source_label)}**", ""] if document.source_label else []
    lines += ["## Summary", ""]
    for line in document.summary:
        lines.append(f"- **{markdown_text(line.topic)}.** {_sentence(line.sentence, line.evidence)}")
    for part in document.parts:
        lines += ["", *_part(part)]
    return "\n".join([*lines, "", markdown_text(document.footer), ""])


def _sentence(text: str, evidence: str) -> str:
    return f"{markdown_text(text)} {markdown_text(evidence)}".rstrip()


def _part(part: Part) -> list[str]:
    lines = [f"## {markdown_text(part.heading)}"]
    for block in part.content:
        if isinstance(block, str):
            lines += ["", markdown_text(block)]
        elif isinstance(block, Statement):
            lines += ["", _sentence(block.sentence, block.evidence)]
        elif isinstance(block.content, Drawing):
            lines += ["", f"*{markdown_text(block.title)}: {markdown_text(block.content.alt)}*"]
        else:
            lines += ["", *_table(block, block.content)]
    return lines


def _table(exhibit: Exhibit, table: Table) -> list[str]:
    marks = {"r": "---:", "d": "---:", "c": ":---:"}
    rule = "|".join(marks.get(letter, "---") for letter in table.alignment)
    lines = [
        f"**{markdown_text(f'{exhibit.id}. {table.title}')}**",
        "",
        "| " + " | ".join(map(markdown_text, table.columns)) + " |",
        f"|{rule}|",
    ]
    lines += ["| " + " | ".join(map(markdown_text, row)) + " |" for row in table.rows]
    return [*lines, *(line for note in table.notes for line in ("", f"*{markdown_text(note)}*"))]


def report_bytes(document: Document, ending: str) -> bytes:
    """Return a report as the bytes of a file by its ending, one of ``ENDINGS``.

    Raises
    ------
    UsageError
        Another ending.

    """
    if ending not in ENDINGS:
        raise UsageError(
            f"a report cannot be written as {ending!r}; name a file that ends in {', '.join(ENDINGS)}"
        )
    if ending == ".docx":
        return client_word(document)
    if ending == ".json":
        return json_bytes(document_json(document))
    return (client_page(document) if ending == ".html" else report_markdown(document)).encode("utf-8")
