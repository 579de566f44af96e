"""Cohen's f2: how much of an outcome's variance a predictor explains beyond the others.

References
----------
Cohen, J. (1988). Statistical power analysis for the behavioral sciences. Erlbaum.

"""

import numpy as np
import pandas as pd

from sopsem.errors import UsageError
from sopsem.sem.estimation.estimates import r_squared
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.standardize import total_covariance

__all__ = ["effect_sizes", "implied_covariances"]


def implied_covariances(fit: Fit) -> pd.DataFrame:
    """Return the covariances of all variables, factors included, that the model implies, in the units of the data."""
    unit = fit.model.units
    total = total_covariance(fit.model, fit.kernel_theta[None])[0] * np.outer(unit, unit)
    return pd.DataFrame(total, index=list(fit.model.variables), columns=list(fit.model.variables))


def effect_sizes(fit: Fit) -> pd.DataFrame:
    """Return R2 and f2 of every structural path, f2 = (R2 - R2 without the predictor) / (1 - R2).

    Parameters
    ----------
    fit : Fit
        Of one group.

    Returns
    -------
    DataFrame
        outcome predictor r2 r2_without f2.  R2 without a predictor is that of the regression on the other predictors
        with the covariances that the model implies; .02, .15 and .35 are Cohen's small, medium and large.

    Raises
    ------
    UsageError
        Several groups.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = pd.DataFrame([[1, .3, .5], [.3, 1, .4], [.5, .4, 1]], *[["a", "b", "y"]] * 2)
    >>> effect_sizes(fit("y ~ a + b", sample_cov=s, n_obs=100)).round(3).to_dict("records")[0]
    {'outcome': 'y', 'predictor': 'a', 'r2': 0.319, 'r2_without': 0.16, 'f2': 0.233}

    """
    if fit.n_groups > 1:
        raise UsageError("f2 is that of one group; pass fit.of_group(1), fit.of_group(2) and so on")
    explained, implied = r_squared(fit), implied_covariances(fit)
    paths: dict[str, list[str]] = {}
    for p in fit.spec:
        if p.op == "~":
            paths.setdefault(p.lhs, []).append(p.rhs)
    rows = []
    for outcome, predictors in paths.items():
        r2 = float(explained[outcome])
        for predictor in predictors:
            without = _share(implied, outcome, [v for v in predictors if v != predictor])
            rows.append((outcome, predictor, r2, without, (r2 - without) / (1.0 - r2)))
    return pd.DataFrame(rows, columns=["outcome", "predictor", "r2", "r2_without", "f2"])


def _share(implied: pd.DataFrame, outcome: str, predictors: list[str]) -> float:
    """Return R2 of the regression of an outcome on predictors."""
    if not predictors:
        return 0.0
    crossed = implied.loc[outcome, predictors].to_numpy()
    among = implied.loc[predictors, predictors].to_numpy()
    return float(crossed @ np.linalg.solve(among, crossed) / implied.loc[outcome, outcome])
