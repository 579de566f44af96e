"""Statements in words for which the study prints no number: listed, never judged."""

from collections.abc import Iterator

from sopsem.study.findings import CHECKS, Finding, Verdict
from sopsem.study.published import PublishedStudy

__all__: list[str] = []

_WHY = {
    "eigenvalues": "No eigenvalue is printed. Several large ones are expected of several constructs, with or "
    "without method variance.",
    "loadings": "No loading is printed.",
    "mediation": "A path that is not significant is not shown to be zero.",
    "fit": "No number is printed.",
}


@CHECKS.register("statement", label="statement without a number", source="")
def statements(study: PublishedStudy) -> Iterator[Finding]:
    """List the statements that rest on numbers which are not printed."""
    for statement in study.statements:
        yield Finding(
            part=statement.topic,
            computed="not computable",
            printed=statement.text,
            verdict=Verdict.UNDECIDABLE,
            explanation=_WHY[statement.topic],
        )
