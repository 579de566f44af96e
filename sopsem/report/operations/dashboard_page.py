"""The dashboard for a screen: text in HTML, a readable picture for each panel, nothing loaded, nothing run."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from markupsafe import Markup

from sopsem.report.canvas import figure_bytes, house_style, sheet
from sopsem.report.markup import PAGES, Picture
from sopsem.report.operations.headline import Gauge
from sopsem.report.operations.panel import Cell, Finding, Panel, place
from sopsem.report.operations.text_table import TextTable

__all__ = ["dashboard_html"]

_STYLE = (files("sopsem.report") / "templates" / "dashboard.css").read_text("utf-8")
WIDTH, HEIGHT = 5.9, 2.4  # inches; shown at 640 pixels, so nine points are thirteen pixels


@dataclass(frozen=True, kw_only=True)
class _Shown:
    name: str
    finding: Finding
    picture: Picture | None
    table: TextTable | None


def dashboard_html(
    title: str, gauges: Sequence[Gauge], panels: Sequence[Panel], *, foot: str = "", label: str = ""
) -> str:
    """Return the page.

    Examples
    --------
    >>> page = dashboard_html("Plant <A>", (), ())
    >>> "<A>" in page, "<script" in page, "default-src 'none'" in page
    (False, False, True)

    """
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode("utf-8")).digest()).decode("ascii")
    return PAGES.get_template("dashboard.html.jinja").render(
        title=title,
        gauges=gauges,
        panels=[_shown(panel) for panel in panels],
        foot=foot,
        label=label,
        style=Markup(_STYLE),  # noqa: S704 - a file of this package
        style_hash=f"sha256-{digest}",
    )


def _shown(panel: Panel) -> _Shown:
    if panel.table is not None:
        return _Shown(name=panel.name, finding=panel.finding, picture=None, table=panel.table)
    with house_style():
        figure = sheet(WIDTH, HEIGHT)
        place(figure, Cell(0.05, HEIGHT - 0.02, WIDTH - 0.1, HEIGHT - 0.07), panel, heading=0.0)
    picture = Picture(content=figure_bytes(figure, "svg"), alt=panel.finding.alt)
    return _Shown(name=panel.name, finding=panel.finding, picture=picture, table=None)
