"""What every row does to a fit: refits without it, one-step approximations, likelihoods and distances.

All refits are one batch of the minimiser, each started at the full solution, so that they are exact and cost
little more than one bootstrap of the same size (Pek & MacCallum, 2011).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sopsem.errors import ConvergenceError, DataError, UsageError
from sopsem.kernel import BatchFit, Likelihood, Outcome, WeightedSum
from sopsem.sem.distributions import chi2_sf
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.group import Group
from sopsem.sem.estimation.moment_analysis import analyse_moments
from sopsem.sem.estimation.robust_errors import case_scores
from sopsem.sem.estimation.search import minimise_problem
from sopsem.sem.estimation.standard_errors import free_directions

__all__ = ["CaseInfluence", "case_influence"]

Array = NDArray[np.float64]
MEASURES = ("cook", "cook_one_step", "likelihood_displacement", "dchisq", "loglik", "mahalanobis")


@dataclass(frozen=True, kw_only=True)
class CaseInfluence:
    """Influence of every row.

    Attributes
    ----------
    cases : DataFrame
        Indexed by the position of the row in the data (from 0); columns group loglik mahalanobis
        mahalanobis_pvalue cook cook_one_step likelihood_displacement dchisq.
    changes : DataFrame
        Estimate minus the estimate without the row, a column for each free parameter.
    not_refitted : tuple of int
        Rows without which the minimiser did not converge: their exact measures are NaN.

    """

    cases: pd.DataFrame
    changes: pd.DataFrame
    not_refitted: tuple[int, ...]

    def largest(self, n: int = 10, by: str = "cook") -> pd.DataFrame:
        """Return the ``n`` rows with the largest value of a measure, largest first (smallest ``loglik`` first).

        Raises
        ------
        UsageError
            A measure that does not exist.

        """
        if by not in MEASURES:
            raise UsageError(f"by is {by!r}; choose one of {', '.join(map(repr, MEASURES))}")
        column = self.cases[by].abs() if by == "dchisq" else self.cases[by]
        order = column.sort_values(ascending=by == "loglik", kind="stable").index[:n]
        return self.cases.loc[order]

    def __repr__(self) -> str:
        """Show the five rows that move the estimates most."""
        lost = f"\nnot refitted: {self.not_refitted}" if self.not_refitted else ""
        return f"influence of {len(self.cases)} rows; by Cook's distance:\n{self.largest(5)}{lost}"


def case_influence(fit: Fit) -> CaseInfluence:
    """Return how much every row moves the estimates and the fit.

    Parameters
    ----------
    fit : Fit
        By maximum likelihood from complete rows, of one or several groups.

    Returns
    -------
    CaseInfluence

    Raises
    ------
    UsageError
        Another estimator, or rows with missing values that are analysed.
    DataError
        The fit has no rows, only a covariance matrix.
    ConvergenceError
        The fit did not converge.

    Notes
    -----
    With theta_(i) the estimates without row i (Pek & MacCallum, 2011; Cook, 1986):

    - ``cook``: (theta - theta_(i))' V_(i)^-1 (theta - theta_(i)), V_(i) the covariance matrix of theta_(i) from
      the expected information (generalized Cook's distance);
    - ``cook_one_step``: s_i' I^-1 s_i with the row's score s_i and the information I of all rows;
    - ``likelihood_displacement``: 2 (logl(theta) - logl(theta_(i))), both of all rows;
    - ``dchisq``: chi2 minus chi2 without the row: above 0 the row makes the model fit worse;
    - ``loglik``: log-likelihood of the row, fixed exogenous variables included;
    - ``mahalanobis``: (y - mean)' S^-1 (y - mean) with the unbiased sample covariances S of its group, and its
      p-value from chi2 with as many degrees of freedom as variables.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(60, 1)) + rng.normal(size=(60, 4)), columns=list("abcd"))
    >>> data.loc[7, "a"] += 6.0
    >>> int(case_influence(fit("f =~ a + b + c + d", data)).largest(1).index[0])
    7

    """
    _check(fit)
    with threadpool_limits(limits=1, user_api="blas"):
        frames, changes = zip(*(_of_group(fit, g) for g in range(fit.n_groups)), strict=True)
    cases, moved = pd.concat(frames).sort_index(), pd.concat(changes).sort_index()
    lost = tuple(int(i) for i in cases.index[cases["cook"].isna()])
    return CaseInfluence(cases=cases, changes=moved, not_refitted=lost)


def _check(fit: Fit) -> None:
    if fit.settings.estimator != "ML":
        raise UsageError(
            f"influence of rows is defined by their likelihoods; estimator is {fit.settings.asked!r}"
        )
    if any(m.patterns is not None or m.gamma is not None for m in fit.data_moments):
        raise UsageError(
            "influence of rows is worked out for complete rows; fit with missing='listwise' (the default)"
        )
    if any(m.data is None for m in fit.data_moments):
        raise DataError("the model was fitted to a covariance matrix; influence of rows needs the rows")
    if not fit.status.converged:
        raise ConvergenceError("the fit did not converge, so that there is nothing to compare with")


def _of_group(fit: Fit, number: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return measures and changes of the rows of one group (from 0)."""
    moments = fit.data_moments[number]
    used = np.setdiff1d(np.arange(moments.rows_given), moments.rows_excluded)
    index = pd.Index(used if moments.positions is None else moments.positions[used], name="row")
    refits, objective = _without_each(fit, number)
    converged = refits.outcome == Outcome.CONVERGED
    theta = np.where(converged[:, None], refits.theta, np.nan)
    whole = fit.problem.objective()
    here = np.full(len(theta), np.nan)
    at = np.flatnonzero(converged)
    points = (whole.evaluate(one[None], np.zeros(1, dtype=np.intp))[0][0] for one in theta[at])
    here[at] = np.fromiter(points, dtype=float, count=len(at))
    frame = pd.DataFrame(
        {
            "group": number + 1,
            "loglik": _log_likelihoods(fit, number),
            **_distances(moments.data if moments.data is not None else np.empty((0, 0))),
            "cook": _cook(fit, theta, at, objective),
            "cook_one_step": _one_step(fit, number),
            "likelihood_displacement": fit.n * (here - fit.minimum),
            "dchisq": fit.chisq - (fit.multiplier - 1.0) * np.where(converged, refits.minimum, np.nan),
        },
        index=index,
    )
    steps = (fit.kernel_theta - theta) @ fit.parameters.row_basis[fit.free].T
    return frame, pd.DataFrame(steps, index=index, columns=list(fit.names))


def _without_each(fit: Fit, number: int) -> tuple[BatchFit, WeightedSum]:
    """Refit without each row of a group (from 0): one problem for each row."""
    groups, n = fit.groups, fit.data_moments[number].n
    counts = np.array([float(m.n) for m in fit.data_moments])
    less = 1.0 if fit.likelihood == "wishart" else 0.0
    parts = [
        Likelihood(g.model.layout, _left(g, less) if at == number else _repeated(g, n))
        for at, g in enumerate(groups)
    ]
    counts[number] -= 1.0
    weights = (counts - less) / (counts - less).sum()
    objective = WeightedSum(tuple(parts), weights)
    return minimise_problem(fit.problem, objective, fit.kernel_theta), objective


def _repeated(group: Group, n: int) -> Array:
    """Return the moments of another group, once for each of n problems."""
    mean = None if group.moments.mean is None else group.moments.mean[None]
    own = group.model.scaled_moments(group.moments.covariance[None], mean)
    return np.asarray(np.broadcast_to(own, (n, *own.shape[1:])))


def _left(group: Group, less: float) -> Array:
    """Return the moment matrices (n, p, p) of the rows of a group without each of them."""
    rows = group.moments.data if group.moments.data is not None else np.empty((0, 0))
    n = len(rows)
    mean = rows.mean(axis=0)
    apart = rows - mean
    total = apart.T @ apart - n / (n - 1.0) * apart[:, :, None] * apart[:, None, :]
    return group.model.scaled_moments(total / (n - 1.0 - less), mean - apart / (n - 1.0))


def _cook(fit: Fit, theta: Array, at: NDArray[np.intp], objective: WeightedSum) -> Array:
    """Return the generalized Cook's distance of every row, NaN where there is no refit."""
    distance = np.full(len(theta), np.nan)
    basis = free_directions(fit.problem, fit.kernel_theta)
    for some in _blocks(at, objective.block):
        hessian = objective.expected_hessian(objective.evaluate(theta[some], some))
        information = basis.T @ hessian @ basis * ((fit.multiplier - 1.0) / 2.0)
        change = (fit.kernel_theta - theta[some]) @ basis
        distance[some] = np.einsum("bi,bij,bj->b", change, information, change)
    return distance


def _blocks(at: NDArray[np.intp], size: int) -> Iterator[NDArray[np.intp]]:
    for start in range(0, len(at), size):
        yield at[start : start + size]


def _one_step(fit: Fit, number: int) -> Array:
    """Return s' I^-1 s for the scores of the rows of a group (from 0)."""
    parts = analyse_moments(fit.problem, fit.kernel_theta)
    basis = free_directions(fit.problem, fit.kernel_theta)
    objective = fit.problem.objective()
    point = objective.evaluate(fit.kernel_theta[None], np.zeros(1, dtype=np.intp))
    information = basis.T @ objective.expected_hessian(point)[0] @ basis * (fit.multiplier / 2.0)
    scores = case_scores(fit.problem, parts[number]) @ parts[number].slopes @ basis
    return np.asarray(np.einsum("ni,in->n", scores, np.linalg.solve(information, scores.T)))


def _log_likelihoods(fit: Fit, number: int) -> Array:
    """Return the log-likelihood of every row of a group (from 0) at the implied moments."""
    rows, implied = fit.data_moments[number].data, fit.implied[number]
    if rows is None:
        return np.empty(0)
    apart = rows - (rows.mean(axis=0) if implied.mu is None else implied.mu)
    squared = np.einsum("ni,in->n", apart, np.linalg.solve(implied.sigma, apart.T))
    _, log_determinant = np.linalg.slogdet(implied.sigma)
    return np.asarray(-0.5 * (rows.shape[1] * np.log(2.0 * np.pi) + log_determinant + squared))


def _distances(rows: Array) -> dict[str, Array]:
    """Return squared Mahalanobis distances from the sample moments, and their p-values."""
    apart = rows - rows.mean(axis=0)
    covariance = apart.T @ apart / (len(rows) - 1.0)
    squared = np.einsum("ni,in->n", apart, np.linalg.solve(covariance, apart.T))
    return {"mahalanobis": squared, "mahalanobis_pvalue": chi2_sf(squared, rows.shape[1])}
