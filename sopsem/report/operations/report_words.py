"""Numbers and periods as a manager reads them; every number of a report becomes text here, once."""

import math

from sopsem.executive.assessment import Assessment
from sopsem.executive.schema.periods import frequency_of
from sopsem.report.digits import MISSING

__all__ = ["hours", "listed", "money", "period_word", "scaled", "share", "times", "years_of"]

MILLION = 1e6
DATED = ("financials", "capacity", "demand", "forecasts", "production")


def scaled(value: float) -> str:
    """Return three leading digits, with separators.

    >>> scaled(231.13), scaled(43251.0), scaled(7.318), scaled(-0.2), scaled(float("nan"))
    ('231', '43,300', '7.32', '-0.2', '—')
    """
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "without end"
    if value == 0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    return f"{rounded:,.0f}" if digits <= 0 else f"{rounded:,.{digits}f}".rstrip("0").rstrip(".")


def money(value: float) -> str:
    """Return an amount.

    >>> money(11_064_286.8), money(43_251), money(-6702.9), money(999_999)
    ('11.1 million', '43,300', '-6,700', '1.00 million')
    """
    rounded = float(f"{value:.3g}")
    if not abs(rounded) >= MILLION or math.isinf(rounded):
        return scaled(value)
    digits = max(0, 2 - math.floor(math.log10(abs(rounded) / MILLION)))
    return f"{rounded / MILLION:,.{digits}f} million"


def share(value: float) -> str:
    """Return a fraction as a percentage, with a decimal where it is small.

    >>> share(0.3086), share(0.0628), share(1.0), share(0.0), share(-0.0004), share(0.99996)
    ('31%', '6.3%', '100%', '0%', '0%', 'almost 100%')
    """
    if math.isnan(value):
        return MISSING
    percent = 100 * value
    if percent != 100 and round(percent, 1) == 100:
        return "almost 100%"
    near = abs(percent) < 10 or 99.5 < abs(percent) < 100
    text = f"{percent:.{int(near)}f}".removesuffix(".0")
    return "0%" if float(text) == 0 else f"{text}%"


def hours(value: float) -> str:
    """Return hours.

    >>> hours(1.0), hours(3514.6)
    ('1 hour', '3,510 hours')
    """
    text = scaled(value)
    return f"{text} hour" if text == "1" else f"{text} hours"


def times(n: float, of: float, word: str) -> str:
    """Return how many periods of how many.

    >>> times(24, 36, "month"), times(1, 1, "week")
    ('24 of 36 months', '1 of 1 week')
    """
    return f"{n:.0f} of {of:.0f} {word}{'' if of == 1 else 's'}"


def listed(names: list[str]) -> str:
    """Return names with commas and an and.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def period_word(found: Assessment) -> str:
    """Return month, week or quarter, as the tables are kept."""
    for name in DATED:
        if name in found.tables and len(found.tables[name].frame):
            return frequency_of(str(found.tables[name].frame["period"].iloc[0]))
    return "period"


def years_of(periods: list[str]) -> list[str]:
    """Return the year of every period.

    >>> years_of(["2024-12", "2025-W01"])
    ['2024', '2025']
    """
    return [period[:4] for period in periods]
