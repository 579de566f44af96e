"""Numbers as they are printed: decimals, no leading zero where APA drops it, p values, missing values.

A formatter takes one value and returns its text.  The minus is the ASCII hyphen, so that every text can be
read back as a number; the formats made for reading (Word, HTML, LaTeX, Markdown) set the true minus sign themselves.

Source: American Psychological Association (2020), Publication Manual, 7th edition, sections 6.36 and 6.44.
"""

import math
from collections.abc import Callable
from numbers import Real

from sopsem.errors import UsageError

__all__ = [
    "MISSING",
    "Formatter",
    "as_text",
    "bounded",
    "count",
    "decimals",
    "interval",
    "p_value",
    "percent",
    "stars",
]

MISSING = "\N{EM DASH}"

Formatter = Callable[[object], str]


def _number(value: object) -> float:
    """Return a value as a float; missing values of any kind are NaN."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return math.nan
    if not isinstance(value, Real):
        raise UsageError(f"a number format was given {value!r} ({type(value).__name__}); it needs a number")
    return float(value)


def _fixed(value: float, digits: int) -> str:
    """Return a finite or infinite number with fixed decimals and without a negative zero."""
    if math.isinf(value):
        return "\N{INFINITY}" if value > 0.0 else "-\N{INFINITY}"
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text


def decimals(digits: int) -> Formatter:
    """Return a formatter with a fixed number of decimals.

    Examples
    --------
    >>> decimals(2)(169.0449), decimals(1)(-0.04), decimals(2)(float("nan"))
    ('169.04', '0.0', '—')

    """

    def shown(value: object) -> str:
        number = _number(value)
        return MISSING if math.isnan(number) else _fixed(number, digits)

    return shown


def bounded(digits: int) -> Formatter:
    """Return a formatter for a quantity that should stay within -1 and 1: no leading zero.

    A value outside shows itself in full, so an improper estimate is never hidden.

    Examples
    --------
    >>> bounded(3)(0.404), bounded(3)(-0.4484), bounded(3)(1.354)
    ('.404', '-.448', '1.354')

    """
    plain = decimals(digits)

    def shown(value: object) -> str:
        text = plain(value)
        sign, size = ("-", text[1:]) if text.startswith("-") else ("", text)
        return sign + (size[1:] if size.startswith("0.") else size)

    return shown


def p_value(digits: int = 3) -> Formatter:
    """Return a formatter for probabilities: ``.074``, ``< .001``, ``> .999``.

    Raises
    ------
    UsageError
        When a value lies outside 0 and 1 (raised by the formatter).

    Examples
    --------
    >>> p_value()(0.0741), p_value()(0.0004), p_value()(0.9999), p_value(2)(0.004)
    ('.074', '< .001', '> .999', '< .01')

    """
    smallest = 10.0**-digits
    plain = bounded(digits)

    def shown(value: object) -> str:
        number = _number(value)
        if math.isnan(number):
            return MISSING
        if not 0.0 <= number <= 1.0:
            raise UsageError(f"a p value is {number}; a probability lies between 0 and 1")
        if number < smallest:
            return f"< {plain(smallest)}"
        text = plain(number)
        return f"> {plain(1.0 - smallest)}" if text.startswith("1") else text

    return shown


def percent(digits: int = 1) -> Formatter:
    """Return a formatter of a share as a percentage.

    Examples
    --------
    >>> percent()(0.4348)
    '43.5%'

    """
    plain = decimals(digits)

    def shown(value: object) -> str:
        number = _number(value)
        return MISSING if math.isnan(number) else f"{plain(100.0 * number)}%"

    return shown


def count(value: object) -> str:
    """Return a whole number; a fraction is refused, because rounding it would hide a mistake.

    Examples
    --------
    >>> count(200.0), count(float("nan"))
    ('200', '—')

    """
    number = _number(value)
    if math.isnan(number):
        return MISSING
    if not number.is_integer():
        raise UsageError(f"a count is {number}; give a whole number or a format with decimals")
    return f"{number:.0f}"


def as_text(value: object) -> str:
    """Return the text of a value; missing values show as the em dash, truth as yes or no.

    Examples
    --------
    >>> as_text("Conflict"), as_text(None), as_text(42), as_text(True)
    ('Conflict', '—', '42', 'yes')

    """
    if type(value).__name__ in {"bool", "bool_"}:
        return "yes" if value else "no"
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return MISSING
    return MISSING if isinstance(value, float) and math.isnan(value) else str(value)


def interval(lower: object, upper: object, number: Formatter) -> str:
    """Return ``[lower, upper]``, or the em dash when both limits are missing.

    Examples
    --------
    >>> interval(0.601, 1.354, bounded(3))
    '[.601, 1.354]'

    """
    limits = number(lower), number(upper)
    return MISSING if limits == (MISSING, MISSING) else f"[{limits[0]}, {limits[1]}]"


def stars(pvalue: object) -> str:
    """Return the stars of a p value: * below .05, ** below .01, *** below .001.

    Examples
    --------
    >>> stars(0.0004), stars(0.02), stars(0.3)
    ('***', '*', '')

    """
    number = _number(pvalue)
    return "*" * sum(number < level for level in (0.05, 0.01, 0.001))
