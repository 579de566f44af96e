"""The sheet that every figure is drawn on: size in inches, one style, one palette, the same bytes each time.

Nothing here touches pyplot, so drawing a figure changes nothing in the program that asked for it.
Palette: Okabe & Ito (2008), Color Universal Design; the hues differ for colour-blind readers and in grey.
"""

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, Literal

import matplotlib as mpl
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.text import Text
from matplotlib.textpath import TextToPath
from matplotlib.ticker import Formatter

from sopsem.errors import UsageError
from sopsem.report.digits import bounded
from sopsem.report.escape import plain, true_minus

__all__ = [
    "BLACK",
    "BLUE",
    "GREEN",
    "GREY",
    "ORANGE",
    "PURPLE",
    "SKY",
    "VERMILION",
    "TickFormat",
    "figure_bytes",
    "fitted_foot",
    "fitted_head",
    "house_style",
    "label_text",
    "needed",
    "sheet",
    "text_size",
    "wrapped",
    "write_lines",
]

BLACK, GREY = "#1a1a1a", "#5f5f5f"
BLUE, VERMILION, GREEN = "#0072b2", "#d55e00", "#009e73"
ORANGE, SKY, PURPLE = "#e69f00", "#56b4e9", "#cc79a7"

_STYLE: Any = {
    "font.size": 9.0,
    "axes.edgecolor": GREY,
    "axes.labelcolor": BLACK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": BLACK,
    "xtick.color": BLACK,
    "ytick.color": BLACK,
    "svg.hashsalt": "sopsem",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "text.usetex": False,
    "text.parse_math": False,  # a label is never a formula
}
_FONT = "DejaVu Sans"  # ships with matplotlib: the same shapes on every machine
_WIDER = (  # asked for letters that it lacks, where they are installed
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Source Han Sans",
    "WenQuanYi Zen Hei",
    "Hiragino Sans",
    "PingFang SC",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Arial Unicode MS",
)
_TO_PATH = TextToPath()
LINE = 1.32  # height of a line of text, in units of its size
MARGIN = 0.15  # inches
_HINTED = 0.97  # letters fitted to pixels run wider than their outlines


@contextmanager
def house_style() -> Iterator[None]:
    """Draw with one style whatever the caller's settings are, and leave those as they were."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        mpl.rcParams["font.family"] = [_FONT, *_installed()]
        yield


@cache
def _installed() -> tuple[str, ...]:
    known = {font.name for font in fontManager.ttflist}
    return tuple(name for name in _WIDER if name in known)


@cache
def _lacks(letter: str) -> bool:
    """Say whether the font has no shape for a letter."""
    return letter != "\n" and not get_font(findfont(_FONT)).get_char_index(ord(letter))


def label_text(text: str) -> str:
    """Return a text that can stand in a figure: no control characters."""
    return plain(text)[0]


@lru_cache(maxsize=8192)
def text_size(text: str, size: float, *, bold: bool = False) -> tuple[float, float]:
    """Return width and height in inches of a text that may have several lines.

    Examples
    --------
    >>> one, two = text_size("Conflict", 10), text_size("Conflict", 20)
    >>> round(two[0] / one[0], 1)
    2.0

    """
    font = FontProperties(family=_FONT, size=size, weight="bold" if bold else "normal")
    # a letter that the font lacks is taken from another one or left to the reader of an SVG: it is as wide as an m
    lines = "".join("m" if _lacks(letter) else letter for letter in text).split("\n")
    widths = [_TO_PATH.get_text_width_height_descent(line, font, ismath=False)[0] for line in lines]
    return max(widths) / 72.0, len(lines) * size * LINE / 72.0


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> str:
    r"""Return a text broken into lines no wider than ``width`` inches; longer words are cut.

    Examples
    --------
    >>> wrapped("Sales-operations alignment", 1.3, 10)
    'Sales-operations\nalignment'
    >>> wrapped("coordination_quality", 1.3, 10)
    'coordination_\nquality'

    """
    lines = [""]
    for word in label_text(text).split(" "):  # a no-break space stays
        longer = f"{lines[-1]} {word}".strip()
        if text_size(longer, size, bold=bold)[0] <= width:
            lines[-1] = longer
            continue
        pieces = _cut(word, width, size, bold=bold)
        lines = [*lines[:-1], *([lines[-1]] if lines[-1] else []), *pieces]
    return "\n".join(lines)


def _cut(word: str, width: float, size: float, *, bold: bool) -> list[str]:
    """Cut one word into pieces that fit, after a hyphen, an underscore, a point or a slash where there is one."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and text_size(pieces[-1] + letter, size, bold=bold)[0] > width:
            after = max(pieces[-1].rfind(mark) for mark in "-_./") + 1
            kept, rest = (pieces[-1][:after], pieces[-1][after:]) if after > 1 else (pieces[-1], "")
            pieces[-1:] = [kept, rest]
        pieces[-1] += letter
    return pieces


class TickFormat(Formatter):
    """Numbers on an axis as the tables print them: true minus, no leading zero, all with the same decimals.

    Examples
    --------
    >>> TickFormat().format_ticks([-0.5, 0.0, 0.25, 1.0])
    ['−.50', '0', '.25', '1.00']

    """

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Return the texts of all ticks of an axis."""
        digits = max((len(f"{value:.6g}".partition(".")[2]) for value in values), default=0)
        shown = bounded(digits)
        return ["0" if abs(value) < 1e-9 else true_minus(shown(value)) for value in values]

    def __call__(self, x: float, pos: int | None = None) -> str:  # noqa: ARG002 - the name is matplotlib's
        """Return the text of one tick."""
        return self.format_ticks([x])[0]


def needed(frame: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    """Refuse a frame that has no rows or lacks a column."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise UsageError(f"{what}: missing {', '.join(missing)}; the columns needed are {', '.join(columns)}")
    if frame.empty:
        raise UsageError(f"{what}: the frame has no rows; pass at least one")


def sheet(width: float, height: float) -> Figure:
    """Return an empty white figure of this size in inches, with a canvas of its own."""
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    return figure


Line = tuple[str, float, str, bool]  # text, size in points, colour, bold


def fitted_head(title: str, source_label: str, width: float, subtitle: str = "") -> tuple[list[Line], float]:
    """Return the lines above a figure and the height they take in inches."""
    room = _HINTED * (width - 2 * MARGIN)
    lines: list[Line] = [(wrapped(title, room, 12.0, bold=True), 12.0, BLACK, True)] if title else []
    if subtitle:
        lines.append((wrapped(subtitle, room, 9.5), 9.5, BLACK, False))
    if source_label:
        lines.append((wrapped(source_label, room, 9.5, bold=True), 9.5, "#a34700", True))
    return lines, _height(lines)


def fitted_foot(caption: str, width: float) -> tuple[list[Line], float]:
    """Return the caption below a figure and the height it takes in inches."""
    lines: list[Line] = (
        [(wrapped(caption, _HINTED * (width - 2 * MARGIN), 8.5), 8.5, GREY, False)] if caption else []
    )
    return lines, _height(lines)


def _height(lines: list[Line]) -> float:
    return sum(text_size(text, size)[1] + 0.05 for text, size, _, _ in lines) + MARGIN


def write_lines(figure: Figure, lines: list[Line], top: float) -> None:
    """Write lines at the left margin, the first one ``top`` inches above the lower edge."""
    width, height = figure.get_size_inches()
    for text, size, color, bold in lines:
        figure.text(
            MARGIN / width,
            top / height,
            text,
            size=size,
            color=color,
            weight="bold" if bold else "normal",
            va="top",
            linespacing=1.2,
        )
        top -= text_size(text, size)[1] + 0.05


def figure_bytes(figure: Figure, kind: Literal["png", "svg", "pdf"], *, dpi: float = 200.0) -> bytes:
    """Return a figure as PNG, SVG or PDF, the same bytes each time: no date, no random names, letters as paths.

    An SVG with letters that the font lacks holds text instead of paths, which the reader's fonts show.

    Parameters
    ----------
    figure : Figure
        What to write.
    kind : {"png", "svg", "pdf"}
        The format.
    dpi : float
        Dots per inch of a PNG.

    Raises
    ------
    UsageError
        For another format.

    Examples
    --------
    >>> figure_bytes(sheet(1.0, 1.0), "svg")[:5]
    b'<?xml'

    """
    empty: dict[str, dict[str, None]] = {
        "png": {"Software": None},
        "svg": dict.fromkeys(("Date", "Creator", "Format", "Type")),
        "pdf": dict.fromkeys(("Creator", "Producer", "CreationDate")),
    }
    if kind not in empty:
        raise UsageError(f"a figure has no format {kind!r}; choose 'png', 'svg' or 'pdf'")
    target = io.BytesIO()
    with house_style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        if _wants_other_fonts([text.get_text() for text in figure.findobj(Text)]):
            mpl.rcParams["svg.fonttype"] = "none"
        figure.savefig(target, format=kind, dpi=dpi, metadata=empty[kind])
    return target.getvalue()


def _wants_other_fonts(texts: list[str]) -> bool:
    """Say whether some letters are left to the reader's fonts, and no text holds what a file cannot."""
    clean = all(plain(line)[0] == line for text in texts for line in text.split("\n"))
    return clean and any(letter.isalpha() and _lacks(letter) for text in texts for letter in text)
