"""A briefing made into a document: every number becomes text here, once."""

from sopsem.client.briefing import Briefing
from sopsem.report.client.document import Document, Part
from sopsem.report.client.driver_part import driver_part
from sopsem.report.client.quality_part import comment_part, method_part, quality_part
from sopsem.report.client.score_part import gap_part, label_of, score_part
from sopsem.report.client.summary import summary

__all__ = ["client_document"]


def client_document(briefing: Briefing) -> Document:
    """Return the report of a briefing, ready to be printed in any format."""
    client, benchmark = briefing.client, briefing.benchmark
    parts: list[Part] = [
        score_part(briefing),
        gap_part(briefing),
        driver_part(briefing),
        quality_part(briefing),
    ]
    if briefing.comments:
        parts.append(comment_part(briefing))
    return Document(
        title=f"{client.subject}: {client.name}",
        subtitle=f"{client.used} respondents, compared with {benchmark.name} ({benchmark.n} respondents)",
        source_label=label_of(briefing),
        language=client.language,
        summary=summary(briefing),
        parts=(*parts, method_part(briefing)),
    )
