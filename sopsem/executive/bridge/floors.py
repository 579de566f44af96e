"""How many units allow what: the sentences that say which floor applied."""

from dataclasses import dataclass

from sopsem.executive.schema.policy import Policy

__all__ = ["LIMITS", "Floors", "floors_of"]

LIMITS = (
    "Perceived is what respondents say, measured is what the records show; neither is the truth about the other.",
    "No direction is inferred: whether alignment moves the measure, or the measure moves opinion, is not known.",
)


@dataclass(frozen=True, kw_only=True)
class Floors:
    """What a number of units allows."""

    units: int
    congruence: bool
    associations: bool
    surface: bool
    sentence: str


def floors_of(units: int, policy: Policy) -> Floors:
    """Return what may be said with so many units that have both survey and measures.

    One: the profile alone.  From two: the congruence table.  From ``min_units``: associations and the unit-level
    path.  From ``min_units_sem``: the response surface.

    >>> from sopsem.executive.schema.policy import DEFAULT_POLICY
    >>> print(floors_of(5, DEFAULT_POLICY).sentence)
    5 units have both: the congruence table only; below 8 units no correlation and no p-value is given.
    """
    least, many = policy["bridge"]["min_units"], policy["bridge"]["min_units_sem"]
    found = f"{units} unit{' has' if units == 1 else 's have'} both"
    if units < 2:
        said = f"{found}: nothing can be correlated; only the profile of what is perceived and measured is given."
    elif units < least:
        said = (
            f"{found}: the congruence table only; below {least} units no correlation and no p-value is given."
        )
    elif units < many:
        said = f"{found}: correlations and the unit-level path; below {many} units no response surface is fitted."
    else:
        said = f"{found}: correlations, the unit-level path and the response surface."
    return Floors(
        units=units,
        congruence=units >= 2,
        associations=units >= least,
        surface=units >= many,
        sentence=said,
    )
