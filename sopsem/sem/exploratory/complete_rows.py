"""The complete rows of a frame of items, and their moments."""

import pandas as pd

from sopsem.errors import UsageError
from sopsem.sem.sample.moments import Moments, moments_from_data

__all__ = ["complete_rows"]


def complete_rows(items: pd.DataFrame) -> Moments:
    """Return the moments of the rows without a missing answer, with the rows themselves.

    Raises
    ------
    UsageError
        Not a data frame, or fewer than two columns.
    DataError
        A column that is not numeric or does not vary; too few complete rows; a singular covariance matrix.

    Examples
    --------
    >>> found = complete_rows(pd.DataFrame({0: [1.0, 2, 4, 3, None], 1: [2.0, 1, 3, 3, 1]}))
    >>> found.names, found.n, found.rows_excluded
    (('0', '1'), 4, (4,))

    """
    if not isinstance(items, pd.DataFrame) or items.shape[1] < 2:
        raise UsageError("give a DataFrame with two columns or more, one per item")
    named = items.set_axis([str(c) for c in items.columns], axis=1)
    return moments_from_data(named, list(named.columns))
