"""What the terminal shows of a client report: the five sentences and the scorecard."""

from textwrap import fill

from sopsem.report.client.document import Document, Exhibit
from sopsem.report.escape import terminal_text
from sopsem.report.table import Table
from sopsem.report.terminal import table_text

__all__ = ["report_text"]


def report_text(document: Document) -> str:
    """Return the summary and the first table of every part but the method, safe for a terminal."""
    head = [document.title, document.subtitle, document.source_label]
    lines = [terminal_text(line) for line in head if line]
    lines += ["", *(_sentence(f"{each.topic}: {each.sentence}") for each in document.summary)]
    tables = [
        next(
            (e.content for e in part.content if isinstance(e, Exhibit) and isinstance(e.content, Table)), None
        )
        for part in document.parts
        if part.anchor in ("scorecard", "gaps", "drivers", "operations")
    ]
    shown = [table_text(table).rstrip() for table in tables if table is not None]
    return "\n".join(lines) + "\n\n" + "\n\n".join(shown) + "\n"


def _sentence(text: str) -> str:
    return fill(terminal_text(text), 100, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)
