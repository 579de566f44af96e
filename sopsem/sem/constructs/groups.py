"""Tables of several groups: what is defined for one group, once for each."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import pandas as pd

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import Fit

__all__ = ["table_of_groups"]

Options = ParamSpec("Options")
Table = Callable[Concatenate[Fit, Options], pd.DataFrame]


def table_of_groups(table: Table[Options]) -> Table[Options]:
    """Let a function from a fit to a table take a fit of several groups, with a first column ``group``.

    Draws and solutions given beside the fit are those of one group, so they are refused with several.

    Examples
    --------
    >>> @table_of_groups
    ... def sizes(fit):
    ...     return pd.DataFrame({"n": [fit.n]})
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = pd.DataFrame([[1.0, 0.5], [0.5, 1.0]], columns=["y", "x"], index=["y", "x"])
    >>> sizes(fit("y ~ x", sample_cov={"a": s, "b": s}, n_obs=[50, 60], sample_mean=[[0, 0], [1, 1]]))
      group   n
    0     a  50
    1     b  60

    """

    @wraps(table)
    def of_all(fit: Fit, /, *given: Options.args, **options: Options.kwargs) -> pd.DataFrame:
        if fit.n_groups == 1:
            return table(fit, *given, **options)
        if options.get("drawn") is not None or options.get("at") is not None:
            raise UsageError(
                "draws belong to one group; give fit.of_group(1) ... with the draws of that group"
            )
        frames = [table(one, *given, **options) for one in fit.by_group]
        for label, frame in zip(fit.spec.groups, frames, strict=True):
            frame.insert(0, "group", label)
        return pd.concat(frames, ignore_index=True)

    return of_all
