"""Checks of power: which effects the printed standard errors could have found."""

from collections.abc import Iterator

from scipy.stats import norm

from sopsem.study.bootstrap_audit import standard_errors
from sopsem.study.findings import CHECKS, Finding, Verdict, number
from sopsem.study.published import PublishedStudy

__all__ = ["power_of_z"]


def power_of_z(effect: float, se: float, *, alpha: float = 0.05) -> float:
    """Return the power of the two-sided z test of an effect with this standard error.

    >>> round(power_of_z(2.8016, 1.0), 2)
    0.8
    """
    z, shift = norm.ppf(1 - alpha / 2), abs(effect) / se
    return float(norm.sf(z - shift) + norm.cdf(-z - shift))


@CHECKS.register(
    "detectable", label="smallest effect with power .80", digits=2, source="z test, (1.96 + .84) SE"
)
def minimum_detectable(study: PublishedStudy) -> Iterator[Finding]:
    """Compute the smallest detectable effect of each row, and the power at its printed estimate."""
    factor = norm.ppf(0.975) + norm.ppf(0.80)
    for row, _, _, se in standard_errors(study):
        if row.est.censored:
            continue
        smallest, power = float(factor * se), power_of_z(row.est.value, se)
        yield Finding(
            part=row.name,
            computed=f"{number(smallest, 2)}; power at the estimate {number(power)}",
            printed=str(row.est),
            verdict=Verdict.CONSISTENT if abs(row.est.value) >= smallest else Verdict.UNDECIDABLE,
            explanation=f"SE {number(se)}, {'printed' if row.se else 'from the width of the interval'}."
            + ("" if power >= 0.80 else " A true effect of the printed size would often be missed."),
            values={"smallest": smallest, "power": power, "se": se},
        )
