"""The importance-performance map of one outcome: its tables, and what they say in words."""

from dataclasses import dataclass

import pandas as pd

__all__ = ["Drivers"]

SETTLED = 0.80  # share of draws in which the first driver must be first for the order to be called settled


@dataclass(frozen=True, kw_only=True)
class Drivers:
    """The importance-performance map of one outcome; frozen.

    Attributes
    ----------
    outcome, outcome_label : str
    table : DataFrame
        One row per driver, the most important first: driver, label; importance (points of the outcome per point of
        the driver, both 0 to 100) with ci_lower, ci_upper; importance_std (standardized total effect) with its
        limits; performance (mean of the driver's items, 0 to 100) with performance_lower, performance_upper;
        higher_is ("better" or "worse": as the questionnaire declares, else by the sign of importance); room (points
        to the good end of the scale: 100 - performance, or performance where higher is worse);
        rank and rank_std by size of importance; first_share, first_share_std (share of draws in which the driver
        is the first); same_sign_share (share of draws whose importance has the estimate's sign).
    rank_shares : DataFrame
        driver, rank, share, share_std: how often the driver took each rank.  Shares of a rank add up to 1.
    performance : tuple of three float
        Of the outcome: mean and limits.
    counts : DataFrame
        Class of every draw; adds up to ``n_draws``.
    used : int
        Draws in which every importance has a value; ranks and shares are of these.

    """

    outcome: str
    outcome_label: str
    table: pd.DataFrame
    rank_shares: pd.DataFrame
    performance: tuple[float, float, float]
    counts: pd.DataFrame
    n: int
    rows_excluded: int
    n_draws: int
    used: int
    seed: int
    level: float
    policy: str
    notes: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the map says, in words."""
        return (
            f"{self.n} rows are used, {self.rows_excluded} left out for a missing value.",
            self._first_sentence(),
            *self._unclear_sentences(),
            (
                f"Importance: points by which {self.outcome_label} moves when a driver rises by one point (both "
                "from 0 to 100), if the arrows of the model are causal. A survey taken once cannot show that they are."
            ),
            (
                f"{self.used} of {self.n_draws} draws are used (policy {self.policy})"
                + (
                    "."
                    if self.used == self.n_draws
                    else "; the others have no solution, or no standardized effect."
                )
            ),
            *self.notes,
        )

    def _first_sentence(self) -> str:
        first = self.table.iloc[0]
        share = float(first["first_share"])
        numbers = (
            f"importance {first['importance']:.2f} ({self.level:.0%} interval {first['ci_lower']:.2f} to "
            f"{first['ci_upper']:.2f}), performance {first['performance']:.0f} of 100."
        )
        if len(self.table) == 1:
            return f"{first['label']} is the only lever of the model on {self.outcome_label}: {numbers}"
        said = f"{first['label']} is the first lever on {self.outcome_label} in {_percent(share)} of draws: {numbers}"
        return said if share >= SETTLED else f"{said} The order of the levers is not settled by these data."

    def _unclear_sentences(self) -> list[str]:
        unclear = self.table[(self.table["ci_lower"] <= 0.0) & (self.table["ci_upper"] >= 0.0)]
        return [
            f"{row.label}: the interval of its importance ({row.ci_lower:.2f} to {row.ci_upper:.2f}) holds 0, so not "
            "even the direction of its effect is known."
            for row in unclear.itertuples()
        ]

    def __repr__(self) -> str:
        """Show the map in one screen."""
        columns = ["driver", "importance", "ci_lower", "ci_upper", "performance", "first_share"]
        shown = self.table[columns].round(3).to_string(index=False)
        return "\n".join([f"Drivers of {self.outcome}", shown, *self.sentences])


def _percent(share: float) -> str:
    """Write a share as whole percent, with 0 and 100 kept for none and all.

    >>> _percent(0.9962), _percent(1.0), _percent(0.004)
    ('more than 99%', '100%', 'less than 1%')
    """
    if 0.99 < share < 1.0:
        return "more than 99%"
    return "less than 1%" if 0.0 < share < 0.01 else f"{share:.0%}"
