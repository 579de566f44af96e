"""A briefing made into a document: every number becomes text here, once."""

from typing import TYPE_CHECKING

from sopsem.client.briefing import Briefing
from sopsem.client.operations.chapter import OperationsChapter
from sopsem.report.client import operations
from sopsem.report.client.document import Document, Headline, Part
from sopsem.report.client.driver_part import driver_part
from sopsem.report.client.quality_part import comment_part, method_part, quality_part
from sopsem.report.client.score_part import gap_part, label_of, score_part
from sopsem.report.client.summary import summary

if TYPE_CHECKING:
    from sopsem.report.client.operations import Records

__all__ = ["client_document"]


def client_document(briefing: Briefing, records: "Records | None" = None) -> Document:
    """Return the report of a briefing, ready to be printed in any format.

    Parameters
    ----------
    briefing : Briefing
    records : Records, optional
        Operations, for a chapter on perceived and measured alignment; the briefing was made with
        ``units=records.asked(...)``.

    """
    client, benchmark = briefing.client, briefing.benchmark
    chapter = None if records is None else operations.operations_chapter(briefing, records)
    label = label_of(briefing) if chapter is None else operations.joined_label(label_of(briefing), chapter)
    parts: list[Part] = [score_part(briefing), gap_part(briefing), driver_part(briefing)]
    if chapter is not None:
        parts.append(operations.operations_part(chapter, operations.joined_label(client.label, chapter)))
    parts.append(quality_part(briefing))
    if briefing.comments:
        parts.append(comment_part(briefing))
    return Document(
        title=f"{client.subject}: {client.name}",
        subtitle=f"{client.used} respondents, compared with {benchmark.name} ({benchmark.n} respondents)",
        source_label=label,
        language=client.language,
        summary=_headlines(briefing, chapter),
        parts=(*parts, method_part(briefing)),
    )


def _headlines(briefing: Briefing, chapter: OperationsChapter | None) -> tuple[Headline, ...]:
    """Return the headlines; that on operations stands before the last, which says how sure all this is."""
    said = summary(briefing)
    return said if chapter is None else (*said[:-1], operations.operations_headline(chapter), said[-1])
