"""A printed number: its text, its decimals, and the interval of values that would have been printed so.

Print is text: "0.40" and "0.4" are different statements.  So a study keeps every number as text.
"""

import math
import re
from dataclasses import dataclass

from sopsem.errors import DataError

__all__ = ["Printed", "printed"]

_FORM = re.compile(r"(?P<censor>[<>]?)\s*(?P<number>[-+−]?(?:\d+(?:\.(?P<places>\d*))?|\.(?P<bare>\d+)))")


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A number as printed.

    Attributes
    ----------
    text : the print itself.
    value : the number; NaN when only a bound is printed ("< .01").
    decimals : digits printed after the point.
    lower, upper : every x with ``lower <= x < upper`` rounds to this print; a bound leaves one side infinite.
    censored : True for "< .01" and "> .05".

    """

    text: str
    value: float
    decimals: int
    lower: float
    upper: float
    censored: bool

    def contains(self, x: float) -> bool:
        """Say whether ``x`` would have been printed so.

        >>> printed("0.40").contains(0.41), printed("0.4").contains(0.41), printed("< .01").contains(0.02)
        (False, True, False)
        """
        return self.lower <= x < self.upper

    def overlaps(self, low: float, high: float) -> bool:
        """Say whether any value between ``low`` and ``high`` would have been printed so.

        >>> printed(".404").overlaps(0.40211, 0.40406)
        True
        """
        return low < self.upper and high >= self.lower

    def __str__(self) -> str:
        """Return the print."""
        return self.text


def printed(text: object) -> Printed:
    """Read a printed number.

    Raises DataError when it is not a number, or not text: a bare number has lost its decimals.

    >>> printed("0.40").lower, printed("0.40").upper, printed("0.40").decimals
    (0.395, 0.405, 2)
    >>> printed("< .01").censored, printed("< .01").upper
    (True, 0.01)
    """
    if not isinstance(text, str):
        raise DataError(f'write the printed number as text, "{text}", so that its decimals are kept')
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise DataError(f'{text!r} is not a printed number such as "0.40", "-.448" or "< .01"')
    value = float(match["number"].replace("−", "-"))
    decimals = len(match["places"] or match["bare"] or "")
    return (
        _censored(text, value, decimals, match["censor"])
        if match["censor"]
        else _rounded(text, value, decimals)
    )


def _censored(text: str, bound: float, decimals: int, sign: str) -> Printed:
    lower, upper = (-math.inf, bound) if sign == "<" else (math.nextafter(bound, math.inf), math.inf)
    return Printed(text=text, value=math.nan, decimals=decimals, lower=lower, upper=upper, censored=True)


def _rounded(text: str, value: float, decimals: int) -> Printed:
    # Rounded to two places beyond the print, so that 0.395 is 0.395 and not 0.39500000000000002.
    half = 0.5 * 10.0**-decimals
    lower, upper = round(value - half, decimals + 2), round(value + half, decimals + 2)
    return Printed(text=text, value=value, decimals=decimals, lower=lower, upper=upper, censored=False)
