"""How many people must stand behind a number, and with how many decimals it is told.

References
----------
Hundepool, A., et al. (2012). Statistical Disclosure Control. Wiley (thresholds, complementary suppression).

"""

from dataclasses import dataclass

from sopsem.errors import UsageError

__all__ = ["RULES", "PrivacyRules"]


@dataclass(frozen=True, kw_only=True)
class PrivacyRules:
    """Thresholds of publication; they may be raised, never lowered.

    Attributes
    ----------
    least_mean : int
        People behind a mean.  At 3, nearly every mean with its SD tells the answers.
    least_spread : int
        People behind a standard deviation, an interval or a quantile.
    decimals : int
        Of means, SDs, intervals and quantiles on a scale of codes.
    protection : float
        The mean of a hidden group must stay unknown by at least this share of the scale's range (a sixth: one step
        of seven answers).

    Raises
    ------
    UsageError
        A rule below the default.

    Examples
    --------
    >>> PrivacyRules(least_mean=8).least_mean
    8

    """

    least_mean: int = 5
    least_spread: int = 10
    decimals: int = 1
    protection: float = 1 / 6

    def __post_init__(self) -> None:
        """Refuse weaker rules."""
        if self.least_mean < 5 or self.least_spread < max(10, self.least_mean):
            raise UsageError(
                f"least_mean is {self.least_mean} and least_spread {self.least_spread}; the rules may be raised, "
                "not lowered: at least 5 people behind a mean, and 10 behind a standard deviation or quantile"
            )
        if self.decimals not in (0, 1) or not 1 / 6 <= self.protection <= 1:
            raise UsageError(
                f"decimals is {self.decimals} and protection {self.protection:g}; decimals are 0 or 1, protection is "
                "a share of the range from 1/6 to 1"
            )


RULES = PrivacyRules()
