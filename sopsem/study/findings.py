"""What a check of print reports, and the one registry that all checks are in.

A check is a function of a study that yields findings, or nothing when its inputs are not printed.  Printed
numbers are intervals, so a check asks whether what they imply meets the interval of what is printed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from types import MappingProxyType

from sopsem.registry import Registry
from sopsem.study.printed import Printed
from sopsem.study.published import PublishedStudy

__all__ = [
    "CHECKS",
    "Check",
    "Finding",
    "Verdict",
    "agreement",
    "chisq_and_df",
    "extremes",
    "multipliers",
    "number",
    "span",
]


class Verdict(StrEnum):
    """What print alone can say."""

    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"
    UNDECIDABLE = "undecidable"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the audit; ``values`` holds the numbers behind the text, ``part`` the row it is about."""

    computed: str
    verdict: Verdict
    explanation: str
    printed: str = ""
    part: str = ""
    values: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the numbers read-only."""
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))


Check = Callable[[PublishedStudy], Iterator[Finding]]

# Every check of print: name, function, what it asks, source.  The audit runs them in this order.
CHECKS = Registry("audit check")


def agreement(fits: bool) -> Verdict:
    """Return consistent or inconsistent."""
    return Verdict.CONSISTENT if fits else Verdict.INCONSISTENT


def extremes(function: Callable[..., float], *numbers: Printed | tuple[float, float]) -> tuple[float, float]:
    """Return the smallest and the largest value over the corners of the rounding intervals.

    Exact for functions that are monotone or linear in each argument alone, as all those used here are.

    >>> from sopsem.study.printed import printed
    >>> tuple(round(end, 3) for end in extremes(lambda a, b: a * b, printed(".5"), (1.0, 2.0)))
    (0.45, 1.1)
    """
    sides = [(n.lower, n.upper) if isinstance(n, Printed) else n for n in numbers]
    values = [function(*corner) for corner in product(*sides)]
    return min(values), max(values)


def multipliers(study: PublishedStudy) -> dict[str, int]:
    """Return the multipliers of the discrepancy function that the study may have used, by name.

    Programs differ: N - 1 under the Wishart likelihood, N under the normal one.
    """
    both = {"N - 1": study.n - 1, "N": study.n}
    stated = {"wishart": "N - 1", "normal": "N"}.get(study.analysis.likelihood or "")
    return {stated: both[stated]} if stated else both


def chisq_and_df(study: PublishedStudy) -> tuple[Printed, int] | None:
    """Return the printed chi2 and its df, or None when either is missing."""
    fit = study.fit
    return None if fit.chisq is None or fit.df is None else (fit.chisq, round(fit.df.value))


def number(x: float, digits: int = 3) -> str:
    """Format a number for a finding.

    >>> number(0.01034, 5), number(-0.0001)
    ('0.01034', '0.000')
    """
    text = f"{x:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def span(low: float, high: float, digits: int = 3) -> str:
    """Format an interval for a finding.

    >>> span(837.44, 846.27, 2)
    '[837.44, 846.27]'
    """
    return f"[{number(low, digits)}, {number(high, digits)}]"
