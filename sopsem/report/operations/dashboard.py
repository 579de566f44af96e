"""E42: one page on which a board sees whether sales and operations fit, as PNG, SVG, PDF and one HTML file."""

import io
import os
from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from sopsem.executive.assessment import Assessment
from sopsem.report.canvas import figure_bytes, house_style
from sopsem.report.operations.dashboard_page import dashboard_html
from sopsem.report.operations.headline import headline, notice_count
from sopsem.report.operations.panels import front_panels
from sopsem.report.operations.sheet_page import A3, grid_page
from sopsem.runs.atomic import write_all

__all__ = ["dashboard_files", "executive_dashboard"]

KINDS = (".png", ".svg", ".pdf", ".html")
DPI = 160.0


def executive_dashboard(
    assessment: Assessment, *, path: str | os.PathLike[str], bridge: object | None = None, label: str = ""
) -> dict[str, bytes]:
    """Write the dashboard of a unit: A3 landscape as PNG, SVG and PDF, and a page for screens as HTML.

    Parameters
    ----------
    assessment : Assessment
        Of ``sopsem.executive.assessment.assess``; what it could not make shows as a card with the reason.
    path : path-like
        Name of the files without their ends; ``out/board`` gives ``out/board.png``, ``.svg``, ``.pdf``, ``.html``.
    bridge : Bridge, optional
        Perceived beside measured alignment, for its panel.
    label : str
        What the data are, such as "synthetic data": on every page.

    Returns
    -------
    dict of str to bytes
        What was written, by path; the same assessment gives the same bytes.

    Raises
    ------
    FileError
        When one of the files cannot be written; then none is.

    Examples
    --------
    >>> import tempfile
    >>> from sopsem.executive.assessment import assess
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> found = assess(simulate_manufacturer(0.5, 13, seed=1).tables(), replayed=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = executive_dashboard(found, path=Path(folder, "board"), label="synthetic data")
    ...     sorted(file.name for file in Path(folder).iterdir())
    ['board.html', 'board.pdf', 'board.png', 'board.svg']

    """
    stem = Path(path)
    if stem.suffix in KINDS:
        stem = stem.with_suffix("")
    files: dict[str | os.PathLike[str], bytes] = {
        f"{stem}{end}": content
        for end, content in dashboard_files(assessment, bridge=bridge, label=label).items()
    }
    write_all(files)
    return {str(name): content for name, content in files.items()}


def dashboard_files(
    assessment: Assessment, *, bridge: object | None = None, label: str = ""
) -> dict[str, bytes]:
    """Return the files of ``executive_dashboard`` by the end of their names, without writing them."""
    panels, gauges = front_panels(assessment, bridge), headline(assessment)
    title = f"Sales and operations at {assessment.unit or 'the plant'}"
    pages = [grid_page(panels, A3, title=title, foot=_foot(assessment), label=label, gauges=gauges)]
    return {
        ".png": figure_bytes(pages[0], "png", dpi=DPI),
        ".svg": figure_bytes(pages[0], "svg"),
        ".pdf": _pdf(pages),
        ".html": dashboard_html(title, gauges, panels, foot=_foot(assessment), label=label).encode("utf-8"),
    }


def _foot(found: Assessment) -> str:
    tables = found.tables
    count = notice_count(found)
    return (
        f"{len(tables)} tables, {len(tables.excluded)} rows left out, {count} notices; thresholds "
        f"{tables.policy.digest[:8]}. Tags name the formula of each number."
    )


def _pdf(pages: Sequence[Figure]) -> bytes:
    target = io.BytesIO()
    with (
        house_style(),
        PdfPages(target, metadata=dict.fromkeys(("Creator", "Producer", "CreationDate"))) as file,
    ):
        for page in pages:
            file.savefig(page)
    return target.getvalue()
