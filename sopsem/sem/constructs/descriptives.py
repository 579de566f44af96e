"""Mean and standard deviation of construct scores (the mean of a construct's items), as tables report them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.sem.constructs.groups import table_of_groups
from sopsem.sem.constructs.measurement import first_order_factors
from sopsem.sem.estimation.fit import Fit

__all__ = ["construct_descriptives"]

Array = NDArray[np.float64]


@table_of_groups
def construct_descriptives(fit: Fit) -> pd.DataFrame:
    """Return mean and standard deviation of the mean of every factor's items, in the sample of the fit.

    Parameters
    ----------
    fit : Fit

    Returns
    -------
    DataFrame
        factor, mean, sd (divisor n - 1); NaN without means (a covariance matrix alone) and where an item has no
        values of its own.  Of incomplete rows that are analysed they rest on the maximum likelihood moments; with
        ordered variables on the answers themselves, as numbers.

    Notes
    -----
    With item means m and covariances S of k items: mean = 1'm / k, variance = 1'S1 / k^2.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> r = 0.5 + 0.5 * np.eye(3)
    >>> cov = pd.DataFrame(r, index=list("abc"), columns=list("abc"))
    >>> one = fit("f =~ a + b + c", sample_cov=cov, n_obs=90, sample_mean=[1.0, 2.0, 3.0])
    >>> construct_descriptives(one).round(3).values.tolist()
    [['f', 2.0, 0.816]]

    """
    names, mean, covariance = _answers(fit)
    rows = []
    for factor, items in first_order_factors(fit.spec).items():
        at = [names.index(item) for item in items]
        spread = float(covariance[np.ix_(at, at)].sum())
        center = float(mean[at].mean())
        sd = np.sqrt(spread) / len(items) if np.isfinite(center) else np.nan
        rows.append((factor, center, float(sd)))
    return pd.DataFrame(rows, columns=["factor", "mean", "sd"])


def _answers(fit: Fit) -> tuple[list[str], Array, Array]:
    """Return names, means and covariances (divisor n - 1) of the answers."""
    moments = fit.data_moments[0]
    names = list(moments.names)
    if moments.ordinal is not None:
        if moments.sample is None:
            return names, np.full(len(names), np.nan), np.full((len(names), len(names)), np.nan)
        answers = moments.sample[:, : len(names)]
        return names, answers.mean(axis=0), np.atleast_2d(np.cov(answers, rowvar=False))
    mean = np.full(len(names), np.nan) if moments.mean is None else np.asarray(moments.mean)
    return names, mean, np.asarray(moments.covariance) * moments.n / (moments.n - 1)
