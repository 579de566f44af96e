"""The client report before it is a page: parts with paragraphs and exhibits, every number already a text.

Page, Word file, workbook and JSON are made from this one object, so they print the same digits.
"""

from dataclasses import dataclass

from sopsem.client.briefing import Trace
from sopsem.errors import UsageError
from sopsem.report.table import Table

__all__ = ["Document", "Drawing", "Exhibit", "Headline", "Part", "Statement"]


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A figure drawn twice: ``wide`` for a desk and paper, ``narrow`` for a phone; ``png`` for Word.

    ``alt`` says what it shows to those who cannot see it.
    """

    wide: bytes
    narrow: bytes
    png: bytes
    alt: str

    def __post_init__(self) -> None:
        """Refuse a drawing without a description."""
        if not self.alt.strip():
            raise UsageError("a drawing has no alt text; say in one sentence what it shows")


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A table or a figure with its id, printed under it; ``trace`` says where the numbers come from.

    A figure has the id of its table with the letter F: it shows the same numbers.
    """

    id: str
    content: Table | Drawing
    trace: Trace
    caption: str = ""

    @property
    def title(self) -> str:
        """What stands above the exhibit."""
        return self.content.title if isinstance(self.content, Table) else self.caption


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A sentence and the evidence it stands on, e.g. ``[E25, n=36, T13 none]``, set behind it and paler."""

    sentence: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Headline:
    """One sentence of the summary under a short heading, and its evidence where that is told."""

    topic: str
    sentence: str
    evidence: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the report: an anchor, a heading, then sentences and exhibits in order."""

    anchor: str
    heading: str
    content: tuple[str | Statement | Exhibit, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """The whole report.  ``source_label`` says what the data are and is printed with every part.

    ``kicker`` stands above the title; ``footer`` closes the page.
    """

    title: str
    subtitle: str
    source_label: str
    language: str
    summary: tuple[Headline, ...]
    parts: tuple[Part, ...]
    kicker: str = "Client report"
    footer: str = (
        "The line under each table and figure names it in manifest.json: the function that computed it, what it was "
        "given, its numbers."
    )

    @property
    def exhibits(self) -> tuple[Exhibit, ...]:
        """Every table and figure in the order of the report."""
        return tuple(each for part in self.parts for each in part.content if isinstance(each, Exhibit))
