"""Is every group large enough to be a group of its own?  If not, a refusal in words."""

from collections.abc import Mapping

from sopsem.errors import DataError, UsageError

__all__ = ["SMALL", "require_group_sizes", "small_groups"]

SMALL = 5  # rows per free parameter of a group below which estimates are unsteady (Bentler & Chou, 1987)


def require_group_sizes(sizes: Mapping[str, int], n_variables: int, minimum: int | None = None) -> int:
    """Refuse groups that are too small for a model of their own; return the minimum that was held.

    Parameters
    ----------
    sizes : mapping of str to int
        Usable rows of every group.
    n_variables : int
        Observed variables of the model.
    minimum : int, optional
        Rows that a group must have; by default ``n_variables`` + 1, fewer rows have no covariance matrix of full
        rank.

    Raises
    ------
    UsageError
        ``minimum`` is below ``n_variables`` + 1.
    DataError
        A group is too small; the message lists every group with its size and what can be done.

    Examples
    --------
    >>> require_group_sizes({"a": 40, "b": 50}, 6)
    7

    """
    least = n_variables + 1
    if minimum is not None and minimum < least:
        raise UsageError(
            f"min_group_size is {minimum}, but {n_variables} variables need {least} rows in every group to have "
            f"a covariance matrix of full rank; give {least} or more, or fewer variables"
        )
    held = minimum or least
    small = {label: n for label, n in sizes.items() if n < held}
    if small:
        raise DataError(_refusal(sizes, small, held, n_variables, asked=minimum is not None))
    return held


def _refusal(
    sizes: Mapping[str, int], small: Mapping[str, int], held: int, n_variables: int, *, asked: bool
) -> str:
    """Say which groups are too small, what they need, and what can be done instead."""
    listed = "; ".join(
        f"{label!r} has {n} row(s){f', {held - n} too few' if n < held else ''}" for label, n in sizes.items()
    )
    why = (
        f"min_group_size asks for {held} rows in every group"
        if asked
        else f"a group needs at least {held} rows: a covariance matrix of {n_variables} variables has full rank "
        f"only from {n_variables} + 1 rows on, and steady estimates need several times that"
    )
    enough = [label for label in sizes if label not in small]
    drop = (
        f"leave the small group(s) out with group_label=[{', '.join(map(repr, enough))}] and say so, "
        if len(enough) > 1
        else ""
    )
    lower = ", lower min_group_size" if asked and held > n_variables + 1 else ""
    return (
        f"invariance over these groups cannot be tested: {why}. Found: {listed}. What to do: merge groups that "
        f"belong together, {drop}fit all rows as one sample and say that equality was not tested, or collect more "
        f"answers{lower}. That such groups do not differ is then an assumption, not a result"
    )


def small_groups(sizes: Mapping[str, int], npar: int) -> tuple[str, ...]:
    """Return a note on groups with fewer than five rows per free parameter of a group.

    Examples
    --------
    >>> small_groups({"a": 40, "b": 400}, 20)[0][:47]
    "group(s) 'a' (40 rows) have fewer than 5 rows p"

    """
    few = [f"{label!r} ({n} rows)" for label, n in sizes.items() if n < SMALL * npar]
    if not few:
        return ()
    note = (
        f"group(s) {', '.join(few)} have fewer than {SMALL} rows per free parameter ({npar} in a group; Bentler & "
        "Chou, 1987): tests have little power there, so that no difference found is weak evidence of none"
    )
    return (note,)
