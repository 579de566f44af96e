"""Ordered variables of a data frame: which they are, their answers, and the moments of a group."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import ModelError
from sopsem.sem.model.spec import ModelSpec
from sopsem.sem.sample.data_values import numeric_values
from sopsem.sem.sample.moments import Moments
from sopsem.sem.sample.ordinal_data import check_few
from sopsem.sem.sample.ordinal_moments import OrdinalMoments, ordinal_moments

__all__ = ["answers_of", "moments_of_ordered"]

Array = NDArray[np.float64]


def answers_of(data: pd.DataFrame, names: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Return the different answers of every ordered variable in the whole data, in order.

    Raises
    ------
    ModelError
        A variable that is no column of the data.
    DataError
        A column that is not numeric, or with more than 30 different answers.

    """
    values = numeric_values(data, list(names))
    found = {v: np.unique(column[~np.isnan(column)]) for v, column in zip(names, values.T, strict=True)}
    for name, answers in found.items():
        check_few(name, len(answers))
    return {name: tuple(float(a) for a in answers) for name, answers in found.items()}


def moments_of_ordered(
    rows: pd.DataFrame, spec: ModelSpec, answers: Mapping[str, tuple[float, ...]], *, missing: str
) -> Moments:
    """Return the moments of latent responses and continuous variables of one group.

    Raises
    ------
    DataError
        As ``ordinal_moments``.

    """
    exogenous = [v for v in spec.observed if v in spec.exogenous] if spec.conditional_x else []
    names = [v for v in spec.observed if v not in exogenous]
    covariates = numeric_values(rows, exogenous) if exogenous else None
    found = ordinal_moments(
        numeric_values(rows, names),
        names,
        [v in spec.ordered for v in names],
        covariates,
        missing="pairwise" if missing == "pairwise" else "listwise",
        categories=[answers.get(v) for v in names],
        exogenous_names=exogenous or None,
    )
    sample = numeric_values(rows, spec.observed)[list(found.rows_used)]
    sample.setflags(write=False)
    return replace(_moments(spec, found, exogenous), sample=sample)


def _moments(spec: ModelSpec, found: OrdinalMoments, exogenous: Sequence[str]) -> Moments:
    """Put responses and covariates in the order of the model."""
    whole = (*found.names, *exogenous)
    k = len(found.names)
    covariance, mean = np.zeros((len(whole), len(whole))), np.zeros(len(whole))
    covariance[:k, :k], mean[:k] = found.covariance, found.means
    if exogenous:
        spread = found.covariate_covariance * found.n / (found.n - 1)
        covariance[k:, k:], mean[k:] = spread, found.covariate_mean
        covariance[:k, :k] += found.slopes @ spread @ found.slopes.T
        covariance[:k, k:] = found.slopes @ spread
        covariance[k:, :k] = covariance[:k, k:].T
    order = [whole.index(v) for v in spec.observed]
    if len(order) != len(whole):
        raise ModelError("the model and its ordered variables name different variables")
    return Moments(
        names=spec.observed,
        covariance=covariance[np.ix_(order, order)],
        mean=mean[order],
        n=found.n,
        rows_given=found.rows_given,
        rows_excluded=found.rows_excluded,
        notes=found.notes,
        ordinal=found,
    )
