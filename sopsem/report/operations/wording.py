"""Numbers and names as the panels print them: short money, shares, periods, names that fit."""

import math
from bisect import bisect_right
from collections.abc import Sequence

from sopsem.executive.notices import Notice
from sopsem.executive.schema.periods import frequency_of
from sopsem.report.canvas import label_text, text_size
from sopsem.report.digits import MISSING, decimals
from sopsem.report.escape import true_minus
from sopsem.report.operations import report_words

__all__ = [
    "amount",
    "elided",
    "listed",
    "money",
    "per_period",
    "period_noun",
    "share",
    "short_name",
    "signed",
    "thin",
]

_STEPS = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))


def money(value: float) -> str:
    """Return an amount with three figures: a board reads the size, the tables hold the rest.

    >>> money(2202514.5), money(-648954.6), money(99.4), money(9099.1), money(math.nan), money(999900)
    ('2.20M', '−649k', '99', '9.10k', '—', '1.00M')
    """
    if not math.isfinite(value):
        return MISSING
    for size, mark in _STEPS:
        if abs(value) >= 0.9995 * size:
            scaled = value / size
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{true_minus(decimals(digits)(scaled))}{mark}"
    return true_minus(decimals(0)(value))


def amount(value: float, digits: int = 0) -> str:
    """Return a number with so many decimals and a true minus.

    >>> amount(-3.25, 1), amount(29.18)
    ('−3.2', '29')
    """
    return true_minus(decimals(digits)(value))


def share(value: float) -> str:
    """Return a fraction in per cent as reports have it, with a true minus.

    >>> share(0.278), share(0.0359), share(-0.004), share(0.0)
    ('28%', '3.6%', '−0.4%', '0%')
    """
    return true_minus(report_words.share(value))


def signed(value: float) -> str:
    """Return a fraction in per cent with its sign.

    >>> signed(0.095), signed(-0.2)
    ('+9.5%', '−20%')
    """
    return f"+{share(value)}" if value > 0 else share(value)


def period_noun(labels: Sequence[str], count: int = 1) -> str:
    """Return month, week or quarter, in the plural where there are several or none.

    >>> period_noun(["2025-01"], 2), period_noun(["2025-W01"])
    ('months', 'week')
    """
    noun = frequency_of(str(labels[0])) if len(labels) else "period"
    return noun if count == 1 else f"{noun}s"


def per_period(count: int, labels: Sequence[str]) -> str:
    """Return a count of periods out of all of them.

    >>> per_period(2, ["2025-01", "2025-02", "2025-03"])
    '2 of 3 months'
    """
    return report_words.times(count, len(labels), period_noun(labels, 1))


def elided(text: str, width: float, size: float = 9.0, *, bold: bool = False) -> str:
    """Return a name on one line no wider than so many inches; what is cut shows as an ellipsis.

    >>> elided("Hydraulic press", 2.0), elided("Hydraulic press with automatic loading", 1.0)
    ('Hydraulic press', 'Hydraulic pre…')
    """
    text = " ".join(label_text(text).split())
    if text_size(text, size, bold=bold)[0] <= width:
        return text
    keep = (
        bisect_right(range(len(text)), width, key=lambda n: text_size(text[:n] + "…", size, bold=bold)[0]) - 1
    )
    return text[: max(keep, 0)].rstrip() + "…"


def short_name(text: str, width: float, size: float = 9.0) -> str:
    """Return a name on one line no wider than so many inches, cut in its middle: many names differ at their ends only.

    >>> short_name("Hydraulic press, series 1", 1.0), short_name("Hydraulic press, series 2", 1.0)
    ('Hydrauli…ries 1', 'Hydrauli…ries 2')
    """
    text = " ".join(label_text(text).split())
    if text_size(text, size)[0] <= width:
        return text
    cuts = [
        f"{text[: n - n // 2 + 1].rstrip()}…{text[len(text) - n // 2 :].lstrip()}"
        for n in range(2, len(text))
    ]
    return (
        cuts[max(bisect_right(cuts, width, key=lambda cut: text_size(cut, size)[0]) - 1, 0)] if cuts else text
    )


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names in one phrase, the rest as a count.

    >>> listed(["North", "South"]), listed(["A", "B", "C", "D"], 2)
    ('North and South', 'A, B and 2 others')
    """
    shown = [short_name(name, 1.2) for name in names[:most]]
    rest = len(names) - len(shown)
    if rest:
        shown.append(f"{rest} other{'s' * (rest > 1)}")
    return report_words.listed(shown)


def thin(notices: Sequence[Notice]) -> str:
    """Return what is said of the first statistic with too few observations, or nothing.

    >>> from sopsem.executive.notices import few
    >>> thin([few("calibration of the pipeline", 12, 30)])
    'calibration of the pipeline: have 12, need 30'
    """
    return next((notice.message for notice in notices if notice.code == "T13"), "")
