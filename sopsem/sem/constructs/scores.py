"""Factor scores with standard errors, for the fitted rows or for new ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import DataError, ModelError, UsageError
from sopsem.kernel import matrices
from sopsem.sem.constructs.ordered_scores import ordered_scores
from sopsem.sem.constructs.score_parts import ScoreParts, linear_scores
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.standardize import total_covariance

__all__ = ["FactorScores", "factor_scores"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class FactorScores:
    """Scores and their standard errors, two frames of one shape: rows are respondents, columns factors."""

    scores: pd.DataFrame
    se: pd.DataFrame
    method: str

    def __repr__(self) -> str:
        """Show the first rows and the standard errors."""
        head = f"{self.method} factor scores of {len(self.scores)} rows"
        return f"{head}\n{self.scores.head()}\nse\n{self.se.head(1)}"


def factor_scores(
    fit: Fit,
    data: pd.DataFrame | None = None,
    method: Literal["regression", "bartlett"] = "regression",
    *,
    group: str | None = None,
) -> FactorScores:
    """Return factor scores.

    Parameters
    ----------
    fit : Fit
    data : DataFrame, optional
        New rows with the observed variables of the model as columns.  By default the rows of the fit; the
        index then is their position (from 0) in the data that were given.  A row with a missing value is
        scored from what it has where the model was fitted to such rows (``missing="ml"`` and the two-stage
        methods) or to ordered variables; otherwise it gets NaN, as does a row without any value.
    method : {"regression", "bartlett"}
        Regression scores E(eta | y) have the least mean squared error and are shrunken; Bartlett scores are
        conditionally unbiased.  Of ordered variables "regression" gives the most likely values of the factors
        given the answers (empirical Bayes modal), and there are no Bartlett scores.
    group : str, optional
        Of a model of several groups, the column of ``data`` that says which group a row belongs to.

    Returns
    -------
    FactorScores
        Of several groups in the order of the rows, with a first column ``group``.

    Raises
    ------
    UsageError
        The model has no factor, or it was fitted to a covariance matrix and no rows are given; several groups
        and no ``group``; Bartlett scores of ordered variables.
    ModelError, DataError
        A column is absent, or not numeric, or has infinite values; a group that the model does not have.

    Notes
    -----
    With C = Cov(eta, y) and the total covariance matrices Phi and Sigma (Thurstone, 1935; Bartlett, 1937):
    regression E(eta) + C Sigma^-1 (y - mu), error variance Phi - C Sigma^-1 C'; Bartlett with L the loadings
    (L' Sigma^-1 L)^-1 L' Sigma^-1 (y - mu), error variance (L' Sigma^-1 L)^-1 - Phi.  Factors without items
    of their own enter the second formula, level by level, with their total loadings.  Observed variables that
    stand in regressions are conditioned on.  A row with gaps has the formulas of the variables that it has.
    Ordered variables: see ``ordered_scores``.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(50, 1)) + rng.normal(size=(50, 3)), columns=list("abc"))
    >>> result = factor_scores(fit("f =~ a + b + c", data))
    >>> result.scores.shape, bool(abs(result.scores["f"].mean()) < 1e-9)
    ((50, 1), True)

    """
    if method not in ("regression", "bartlett"):
        raise UsageError(f"method is {method!r}; choose 'regression' or 'bartlett'")
    if not fit.spec.latent:
        raise UsageError("the model has no factor, so there is nothing to score")
    if fit.n_groups == 1:
        return _scores(fit, data, method)
    wanted = [None] * fit.n_groups if data is None else _split(fit, data, group)
    found = [_scores(one, rows, method) for one, rows in zip(fit.by_group, wanted, strict=True)]
    scores, se = (_joined(fit, frames) for frames in zip(*((f.scores, f.se) for f in found), strict=True))
    order = np.argsort(scores.index) if data is None else scores.index.get_indexer(data.index)
    return FactorScores(scores=scores.iloc[order], se=se.iloc[order], method=method)


def _split(fit: Fit, data: pd.DataFrame, group: str | None) -> list[pd.DataFrame]:
    """Return the rows of every group of the model."""
    if group is None:
        raise UsageError(
            "the model has several groups; name the column of the data that says which one a row belongs to "
            "with group="
        )
    if group not in data.columns:
        raise ModelError(f"the rows to score have no column {group!r}, which should hold their group")
    labels = data[group].astype(str)
    unknown = sorted(set(labels) - set(fit.spec.groups))
    if unknown:
        raise DataError(
            f"column {group!r} holds {', '.join(map(repr, unknown[:5]))}, no group of the model; its groups "
            f"are {', '.join(map(repr, fit.spec.groups))}"
        )
    return [data[(labels == label).to_numpy()] for label in fit.spec.groups]


def _joined(fit: Fit, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the tables of the groups as one, with the label of the group in front."""
    for label, frame in zip(fit.spec.groups, frames, strict=True):
        frame.insert(0, "group", label)
    return pd.concat(frames)


def _scores(fit: Fit, data: pd.DataFrame | None, method: Literal["regression", "bartlett"]) -> FactorScores:
    """Return the scores of one group."""
    values, index = _rows(fit, data)
    if fit.groups[0].moments.ordinal is not None:
        if method != "regression":
            raise UsageError(
                "there are no Bartlett scores of ordered variables: who chooses only highest or only lowest "
                "answers would have none; use method='regression'"
            )
        scores, spread = ordered_scores(fit, values)
    else:
        scores, spread = _linear_scores(fit, values, method)
    columns = list(fit.spec.latent)
    return FactorScores(
        scores=pd.DataFrame(scores, index=index, columns=columns),
        se=pd.DataFrame(spread, index=index, columns=columns),
        method=method,
    )


def _linear_scores(fit: Fit, values: Array, method: Literal["regression", "bartlett"]) -> tuple[Array, Array]:
    """Return scores and standard errors (n, m) that are linear in the values (n, p)."""
    by_gaps = fit.settings.incomplete or fit.settings.two_stage
    scores, spread = linear_scores(_parts(fit), values, method, incomplete=by_gaps)
    known = [f in fit.spec.composites for f in fit.spec.latent]  # sums of their components
    return scores, np.where(known & ~np.isnan(scores), 0.0, spread)


def _rows(fit: Fit, data: pd.DataFrame | None) -> tuple[Array, pd.Index]:
    """Return the rows to score, in the order of the observed variables, and their index."""
    if data is None:
        rows = fit.moments.data if fit.moments.ordinal is None else fit.moments.sample
        if rows is None:
            raise UsageError("the model was fitted to a covariance matrix; give the rows to score as data")
        used = np.setdiff1d(np.arange(fit.moments.rows_given), fit.moments.rows_excluded)
        return rows, pd.Index(used if fit.moments.positions is None else fit.moments.positions[used])
    absent = [v for v in fit.spec.observed if v not in data.columns]
    if absent:
        raise ModelError(f"the rows to score have no column(s) {', '.join(map(repr, absent))}")
    try:
        values = data[list(fit.spec.observed)].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise DataError(
            "the rows to score have a value that is not a number; recode it to numbers"
        ) from error
    if np.isinf(values).any():
        raise DataError("the rows to score have infinite values; code them as missing or correct them")
    return values, data.index


def _parts(fit: Fit) -> ScoreParts:
    """Return the matrices of a fit."""
    model, theta = fit.model, fit.kernel_theta[None]
    unit = model.units
    directed = matrices(model.layout, theta)[0][0] * (unit[:, None] / unit)
    total = total_covariance(model, theta)[0] * np.outer(unit, unit)
    p, m = len(fit.spec.observed), len(fit.spec.latent)
    o, f = slice(0, p), slice(len(unit) - m, None)
    outcomes = {row.lhs for row in fit.spec if row.op == "~"} | {
        row.rhs for row in fit.spec if row.op == "=~"
    }
    predictors = {row.rhs for row in fit.spec if row.op == "~"}
    given = np.array([v in predictors for v in fit.spec.observed])
    exogenous = np.diag([float(v not in outcomes) for v in fit.spec.observed])
    sample_mean = np.zeros(p) if fit.moments.mean is None else fit.moments.mean
    return ScoreParts(
        loadings=directed[o, f],
        nuisance=(directed[o, o] + exogenous)[:, given],
        effects=directed[f, f],
        crossed=total[f, o],
        factor_covariance=total[f, f],
        covariance=total[o, o],
        mean=sample_mean if fit.mu is None else fit.mu,
        factor_mean=_factor_mean(directed, p, m, sample_mean) if fit.mu is None else _structured_mean(fit),
    )


def _factor_mean(directed: Array, p: int, m: int, sample_mean: Array) -> Array:
    """Return the factor means that observed predictors at their sample means imply, intercepts being 0."""
    f = slice(len(directed) - m, None)
    return np.asarray(np.linalg.solve(np.eye(m) - directed[f, f], directed[f, :p] @ sample_mean))


def _structured_mean(fit: Fit) -> Array:
    """Return the factor means of a model with intercepts."""
    paths = matrices(fit.model.layout, fit.kernel_theta[None])[0][0]
    total = np.linalg.inv(np.eye(len(paths)) - paths)
    m = len(fit.spec.latent)
    return np.asarray(total[-m:, fit.model.variables.index("")] * fit.model.units[-m:])
