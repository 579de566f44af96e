"""The one class that every bootstrap draw ends in."""

from enum import IntEnum

__all__ = ["DrawStatus"]


class DrawStatus(IntEnum):
    """The one class every draw ends in."""

    PROPER = 0
    IMPROPER = 1
    ON_BOUND = 2
    NOT_CONVERGED = 3
    SINGULAR = 4
    EMPTY_CATEGORY = 5

    @property
    def label(self) -> str:
        """The words used in tables."""
        return {
            0: "converged, proper",
            1: "converged, improper",
            2: "converged, on a bound",
            3: "not converged",
            4: "singular resample",
            5: "empty category in the resample",
        }[int(self)]
