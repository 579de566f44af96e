"""The card that stands where a panel could not be drawn: which table is missing, or what else the reason is."""

from collections.abc import Mapping

from matplotlib.axes import Axes

from sopsem.report.canvas import BLACK, GREY, wrapped
from sopsem.report.operations.panel import BODY, Finding, Panel, inches_of

__all__ = ["card_panel", "refusal_panel", "unasked_panel"]

STARTS = "it starts from "


def refusal_panel(name: str, topic: str, missing: Mapping[str, str]) -> Panel:
    """Return a card with the reason why a system could not be made.

    Parameters
    ----------
    name : str
        Field of the assessment.
    topic : str
        What the panel would show, with its evidence tag.
    missing : mapping of str to str
        Reasons by field; one that points to another field brings that one's along.

    Examples
    --------
    >>> found = refusal_panel("cash", "Cash cycle [E19]", {"cash": "E-T01 financials.csv is needed"})
    >>> found.finding.title, found.finding.alt
    ('Not shown: E-T01 financials.csv is needed', 'A card: E-T01 financials.csv is needed')

    """
    reason = _reason(name, missing)
    title = f"Not shown: {reason.split('; ')[0]}"
    return card_panel(name, Finding(title=title, subtitle=topic, alt=f"A card: {reason}"), reason)


def unasked_panel() -> Panel:
    """Return the card that says how perceptions come beside what is measured.

    >>> unasked_panel().finding.title
    'What people perceive is not known here'
    """
    text = (
        "No survey was given. link_survey joins what sales and operations say about their alignment with what is "
        "measured here, unit by unit; pass its answer as bridge=."
    )
    finding = Finding(
        title="What people perceive is not known here",
        subtitle="Perceived against measured alignment [E43]",
        alt=f"A card: {text}",
    )
    return card_panel("bridge", finding, text)


def card_panel(name: str, finding: Finding, text: str) -> Panel:
    """Return a panel of words alone."""
    return Panel(name=name, finding=finding, draw=lambda ax: _draw(ax, text))


def _reason(name: str, missing: Mapping[str, str]) -> str:
    reason = missing.get(name, "it was not made")
    first = reason.removeprefix(STARTS).split(",")[0]
    if reason.startswith(STARTS) and first in missing and first != name:
        return _reason(first, missing)
    return reason


def _draw(ax: Axes, text: str) -> None:
    width = inches_of(ax)[0]
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_facecolor("#f4f4f4")
    for spine in ax.spines.values():
        spine.set(visible=True, color=GREY, linestyle=(0, (2, 2)))
    ax.text(
        0.03,
        0.5,
        wrapped(text, 0.92 * width, BODY),
        transform=ax.transAxes,
        va="center",
        size=BODY,
        color=BLACK,
        linespacing=1.35,
    )
