"""E42: one page on which a board sees whether sales and operations fit, as PNG, SVG, PDF and one HTML file."""

import io
import os
import warnings
from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from sopsem.errors import UsageError
from sopsem.executive.assessment import Assessment
from sopsem.executive.bridge import Bridge
from sopsem.report.canvas import figure_bytes, house_style
from sopsem.report.operations.dashboard_page import dashboard_html
from sopsem.report.operations.headline import BACK, headline, notice_count
from sopsem.report.operations.panels import back_panels, front_panels
from sopsem.report.operations.sheet_page import A3, A3_BACK, SLIDE, grid_page
from sopsem.runs.atomic import write_all

__all__ = ["dashboard_files", "executive_dashboard"]

KINDS = (".png", ".svg", ".pdf", ".html")
DPI = 160.0


LAYOUTS = {"A3": (A3, A3_BACK), "slides": (SLIDE, SLIDE)}  # of the findings, and of what is behind them


def executive_dashboard(
    assessment: Assessment,
    *,
    path: str | os.PathLike[str],
    layout: str = "A3",
    bridge: Bridge | None = None,
    label: str = "",
) -> dict[str, bytes]:
    """Write the dashboard of a unit: pages as PNG, SVG and PDF, and a page for screens as HTML.

    Parameters
    ----------
    assessment : Assessment
        Of ``sopsem.executive.assessment.assess``; what it could not make shows as a card with the reason.
    path : path-like
        Name of the files without their ends; ``out/board`` gives ``out/board.png`` and ``.svg`` of the first page,
        ``out/board-2.png`` and ``.svg`` of the second, ``out/board.pdf`` of all, ``out/board.html``.
    layout : {"A3", "slides"}
        Two A3 pages in landscape, or slides of four panels.
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
    UsageError
        For another layout.
    FileError
        When one of the files cannot be written; then none is.

    Examples
    --------
    >>> import tempfile
    >>> from sopsem.executive.assessment import assess
    >>> from sopsem.executive.schema.tables import check_tables
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> frames = simulate_manufacturer(0.5, 13, seed=1).frames
    >>> found = assess(check_tables({"financials": frames["financials"]}))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = executive_dashboard(found, path=Path(folder, "board"), label="synthetic data")
    ...     sorted(file.name for file in Path(folder).iterdir())
    ['board-2.png', 'board-2.svg', 'board.html', 'board.pdf', 'board.png', 'board.svg']

    """
    stem = Path(path)
    if stem.suffix in KINDS:
        stem = stem.with_suffix("")
    made = dashboard_files(assessment, layout=layout, bridge=bridge, label=label)
    write_all({f"{stem}{end}": content for end, content in made.items()})
    return {f"{stem}{end}": content for end, content in made.items()}


def dashboard_files(
    assessment: Assessment, *, layout: str = "A3", bridge: Bridge | None = None, label: str = ""
) -> dict[str, bytes]:
    """Return the files of ``executive_dashboard`` by the end of their names, without writing them."""
    if layout not in LAYOUTS:
        raise UsageError(f"the dashboard has no layout {layout!r}; choose 'A3' or 'slides'")
    panels = front_panels(assessment, bridge), back_panels(assessment)
    gauges, title, foot = headline(assessment), _title(assessment), _foot(assessment)
    pages: list[Figure] = []
    for own, shape, part in zip(panels, LAYOUTS[layout], ("", ": behind the findings"), strict=True):
        for start in range(0, len(own), shape.rows * shape.columns):
            shown = own[start : start + shape.rows * shape.columns]
            strip = () if pages else gauges
            pages.append(grid_page(shown, shape, title=title + part, foot=foot, label=label, gauges=strip))
    ends = ["", *(f"-{number}" for number in range(2, len(pages) + 1))]
    files = {f"{end}.png": figure_bytes(page, "png", dpi=DPI) for end, page in zip(ends, pages, strict=True)}
    files |= {f"{end}.svg": figure_bytes(page, "svg") for end, page in zip(ends, pages, strict=True)}
    html = dashboard_html(title, gauges, [*panels[0], *panels[1]], foot=foot, label=label)
    return {**files, ".pdf": _pdf(pages), ".html": html.encode("utf-8")}


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
        warnings.catch_warnings(),
        PdfPages(target, metadata=dict.fromkeys(("Creator", "Producer", "CreationDate"))) as file,
    ):
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        for page in pages:
            file.savefig(page)
    return target.getvalue()
