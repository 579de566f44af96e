"""The standardized solution with exogenous observed variables in their own units (lavaan's std.nox)."""

import numpy as np
import pandas as pd

from sopsem.sem.estimation.estimates import all_standardized_rows
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.model.definitions import defined_values

__all__ = ["standardized_nox"]


def standardized_nox(fit: Fit) -> pd.Series:
    """Return every row of ``estimates(fit)`` standardized, but for fixed exogenous observed variables.

    The slope on a 0/1 variable then is the difference of the groups in standard deviations of the outcome.

    Returns
    -------
    Series
        In the order of ``estimates``; equal to ``std_all`` where no fixed exogenous variable takes part.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> cov = pd.DataFrame([[4.0, 0.5], [0.5, 0.25]], columns=["y", "x"], index=["y", "x"])
    >>> standardized_nox(fit("y ~ x", sample_cov=cov, n_obs=50)).round(3).tolist()
    [1.01, 0.75, 0.245]

    """
    rows = all_standardized_rows(fit)
    given = {p.lhs for p in fit.spec if p.exo}
    scale = np.ones(len(rows))
    for number, implied in enumerate(fit.implied, start=1):
        deviations = np.sqrt(np.diag(implied.sigma))
        sd = {v: float(s) for v, s in zip(fit.spec.observed, deviations, strict=True) if v in given}
        for i in fit.spec.rows_of(number):
            p = fit.spec.parameters[i]
            left, right = sd.get(p.lhs, 1.0), sd.get(p.rhs, 1.0)
            scale[i] = left * right if p.op == "~~" else left / right
    rows = rows * scale
    defined, _ = defined_values(fit.spec, rows[None], np.zeros((len(rows), 1)))
    return pd.Series(np.concatenate([rows, defined[0]]), name="std_nox")
