"""E42: one page on which a board sees whether sales and operations fit, as PNG, SVG, PDF and one HTML file."""

import io
import os
from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from sopsem.executive.assessment import Assessment
from sopsem.executive.bridge import Bridge
from sopsem.report.canvas import figure_bytes, house_style
from sopsem.report.operations.dashboard_page import dashboard_html
from sopsem.report.operations.headline import BACK, headline, notice_count
from sopsem.report.operations.panels import back_panels, front_panels
from sopsem.report.operations.sheet_page import A3, A3_BACK, grid_page
from sopsem.runs.atomic import write_all

__all__ = ["dashboard_files", "executive_dashboard"]

KINDS = (".png", ".svg", ".pdf", ".html")
DPI = 160.0


def executive_dashboard(
    assessment: Assessment, *, path: str | os.PathLike[str], bridge: Bridge | None = None, label: str = ""
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
    ['board-2.png', 'board-2.svg', 'board.html', 'board.pdf', 'board.png', 'board.svg']

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
    assessment: Assessment, *, bridge: Bridge | None = None, label: str = ""
) -> dict[str, bytes]:
    """Return the files of ``executive_dashboard`` by the end of their names, without writing them."""
    front, back, gauges = front_panels(assessment, bridge), back_panels(assessment), headline(assessment)
    title = _title(assessment)
    foot = _foot(assessment)
    pages = [
        grid_page(front, A3, title=title, foot=foot, label=label, gauges=gauges),
        grid_page(back, A3_BACK, title=f"{title}: behind the findings", foot=foot, label=label),
    ]
    return {
        ".png": figure_bytes(pages[0], "png", dpi=DPI),
        "-2.png": figure_bytes(pages[1], "png", dpi=DPI),
        ".svg": figure_bytes(pages[0], "svg"),
        "-2.svg": figure_bytes(pages[1], "svg"),
        ".pdf": _pdf(pages),
        ".html": dashboard_html(title, gauges, (*front, *back), foot=foot, label=label).encode("utf-8"),
    }


def _title(found: Assessment) -> str:
    title = f"Sales and operations at {found.unit or 'the plant'}"
    timed = [
        found.tables[name].frame["period"]
        for name in ("capacity", "demand", "financials")
        if name in found.tables
    ]
    first = min((own.min() for own in timed), default="")
    return f"{title}, {first} to {max(own.max() for own in timed)}" if first else title


def _foot(found: Assessment) -> str:
    tables = found.tables
    return (
        f"{len(tables)} tables, {len(tables.excluded)} rows left out, {notice_count(found)} notices; thresholds "
        f"{tables.policy.digest[:8]}. Arrows compare with {BACK} periods before, by what was known then. "
        "[E..] names the formula of a number."
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
