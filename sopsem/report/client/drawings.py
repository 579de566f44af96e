"""A chart drawn once for a desk and once for a phone."""

from collections.abc import Callable

from matplotlib.figure import Figure

from sopsem.report.canvas import figure_bytes
from sopsem.report.client.document import Drawing
from sopsem.report.client.row_chart import NARROW, WIDE

__all__ = ["drawn"]


def drawn(chart: Callable[[float], Figure], alt: str) -> Drawing:
    """Draw a chart in both widths (inches) and as the picture that Word takes.

    Examples
    --------
    >>> from sopsem.report.canvas import sheet
    >>> drawn(lambda width: sheet(width, 1.0), "An empty sheet.").alt
    'An empty sheet.'

    """
    wide = chart(WIDE)
    return Drawing(
        wide=figure_bytes(wide, "svg"),
        narrow=figure_bytes(chart(NARROW), "svg"),
        png=figure_bytes(wide, "png", dpi=220.0),
        alt=alt,
    )
