"""Tables, paragraphs and pictures as HTML: one self-contained page that can run and load nothing.

jinja2 escapes every text; the page's content policy forbids scripts and every remote resource; pictures are
SVG or PNG inside ``img`` elements, where a browser runs nothing of them.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined

from sopsem.errors import UsageError
from sopsem.report.escape import plain, true_minus
from sopsem.report.table_shape import (
    Shape,
    is_heading,
    level_of,
    printed_headers,
    printed_rows,
    spans,
    symbols,
)

__all__ = ["PAGES", "Picture", "Section", "TableLike", "html_page", "table_markup"]


class TableLike(Shape, Protocol):
    """What the markup needs to know of a table."""

    @property
    def title(self) -> str:
        """Title above the table."""

    @property
    def number(self) -> str:
        """Above the title."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Paragraphs below the table."""

    @property
    def source_label(self) -> str:
        """What the data are."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure of a page: the bytes of an SVG or PNG, a text for readers who cannot see it, a caption.

    Raises
    ------
    UsageError
        When the bytes are neither SVG nor PNG, or ``alt`` is empty.

    """

    content: bytes
    alt: str
    caption: str = ""

    def __post_init__(self) -> None:
        """Check that a browser can show the bytes and that the picture is described."""
        if not self.alt.strip():
            raise UsageError("a picture has no alt text; say in one sentence what it shows")
        if not (self.content.startswith(b"\x89PNG") or b"<svg" in self.content[:2000]):
            raise UsageError("a picture is neither SVG nor PNG; make its bytes with figure_bytes")

    @property
    def address(self) -> str:
        """Return the picture as a data address."""
        kind = "png" if self.content.startswith(b"\x89PNG") else "svg+xml"
        return f"data:image/{kind};base64,{base64.b64encode(self.content).decode('ascii')}"


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a page: a heading (may be empty) and, in order, paragraphs (text), tables, pictures."""

    heading: str
    content: tuple["str | TableLike | Picture", ...]


def _shown(text: str) -> str:
    return plain(text)[0]


def _cell(text: str) -> str:
    return true_minus(plain(text)[0])


def _kind(part: "str | TableLike | Picture") -> str:
    if isinstance(part, str):
        return "paragraph"
    return "picture" if isinstance(part, Picture) else "table"


PAGES = Environment(
    loader=PackageLoader("sopsem.report", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.filters |= {"shown": _shown, "cell": _cell, "kind": _kind, "rows": printed_rows, "spans": spans}
PAGES.filters |= {"headers": printed_headers, "symbols": symbols}
PAGES.globals |= {"is_heading": is_heading, "level_of": level_of}


def table_markup(table: TableLike) -> str:
    """Return one table as a fragment of HTML, for a notebook or a page of one's own.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> nothing = {"notes": (), "source_label": "", "spanners": (), "levels": (), "number": ""}
    >>> table = SimpleNamespace(title="<b>", columns=("a",), rows=(("-1",),), alignment="r", **nothing)
    >>> "&lt;b&gt;</span></caption>" in table_markup(table)
    True

    """
    return PAGES.get_template("table.html.jinja").render(table=table)


def html_page(
    title: str, sections: Sequence[Section], *, source_label: str = "", language: str = "en"
) -> str:
    """Return a self-contained page: readable on a phone, printable, nothing loaded from elsewhere.

    Parameters
    ----------
    title : str
        Shown as the page's heading, and in the browser's tab.
    sections : sequence of Section
        The parts of the page in order.
    source_label : str
        What the data are, e.g. "synthetic data"; shown as a line under the title.
    language : str
        Language of the texts, e.g. "en", "de".

    Examples
    --------
    >>> page = html_page("Report", [Section(heading="Fit", content=("A <script> is only text.",))])
    >>> "<script" in page, "default-src" in page
    (False, True)

    """
    page = PAGES.get_template("page.html.jinja")
    return page.render(title=title, sections=sections, source_label=source_label, language=language)
