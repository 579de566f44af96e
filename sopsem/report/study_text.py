"""What the terminal shows of a paper: its printed numbers audited, and the twin that returns them."""

from textwrap import fill

from sopsem.report.digits import decimals
from sopsem.report.escape import terminal_text
from sopsem.report.table import Table
from sopsem.report.terminal import text_of
from sopsem.study.audit import AuditReport
from sopsem.study.twin import Twin

__all__ = ["audit_text", "twin_text"]

_WIDTH = 110


def audit_text(report: AuditReport) -> str:
    """Return every check of an audit with its numbers and what follows, what contradicts itself first."""
    counts = ", ".join(f"{n} {verdict}" for verdict, n in report.summary().items())
    lines = [f"Audit of print: {report.study.title} (N = {report.study.n})", counts]
    for verdict in ("inconsistent", "consistent", "undecidable"):
        for r in report.checks[report.checks["verdict"] == verdict].itertuples():
            against = f"; printed {str(r.printed).removesuffix('.')}" if r.printed else ""
            text = f"{r.check}: {r.what}. Computed {r.computed}{against}. {r.explanation}".rstrip()
            lines.append(fill(text, _WIDTH, initial_indent=f"{verdict:<13}", subsequent_indent=" " * 13))
    return "\n".join(terminal_text(line) for text in lines for line in text.splitlines()) + "\n"


def twin_text(made: Twin) -> str:
    """Return the targets of a twin and what it reached."""
    four = decimals(4)
    frame = made.targets
    shown = Table.from_frame(
        frame, title="Printed numbers and what the twin returns", formats={"target": four, "reached": four}
    ).with_source("synthetic data")
    return text_of(
        shown,
        sentences=[
            "The data are synthetic: they prove that software returns the numbers, and nothing about the subject."
        ],
    )
