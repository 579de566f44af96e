"""Score tests of equality constraints: how far chi2 would fall if an equality were given up."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.distributions import chi2_sf
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.candidates import fixed_rows
from sopsem.sem.fit_measures.release import informed_inverse, release
from sopsem.sem.model.definitions import constraint_value

__all__ = ["ScoreTests", "score_tests"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ScoreTests:
    """The test of all equalities together, and a frame lhs op rhs stat df pvalue with each alone."""

    stat: float
    df: int
    pvalue: float
    univariate: pd.DataFrame


def score_tests(fit: Fit) -> ScoreTests:
    """Return score tests of releasing the equality constraints (labels and ``==``) of a model.

    Raises
    ------
    UsageError
        The model has no equality constraint.

    Notes
    -----
    With the score s and information I of the untied parameters and K a basis of what the constraints that
    stay allow, the statistic is N s'K (K'IK)^-1 K's (Rao's score test; Bentler & Chou, 1992).  Of a label
    that stands k times, k - 1 equalities with its first place are tested.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, 0.5, 0.4, 0.3], [0.5, 1.0, 0.3, 0.4], [0.4, 0.3, 1.0, 0.5], [0.3, 0.4, 0.5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> tests = score_tests(fit("f =~ a + l*b + l*c + d", sample_cov=cov, n_obs=100))
    >>> tests.df, tests.univariate.lhs.tolist()
    (1, ['l'])

    """
    names, matrix = _equalities(fit)
    if not names:
        raise UsageError("the model has no equality constraint to release")
    released = release(fit, fixed_rows(fit.spec))
    free = np.arange(matrix.shape[1])
    score, information = released.score[free], released.information[np.ix_(free, free)]
    matrix = matrix * released.unit[free]
    whole, rank = fit.n * _statistic(score, information, matrix[:0]), int(np.linalg.matrix_rank(matrix))
    kept = [np.delete(matrix, i, axis=0) for i in range(len(names))]
    alone = [fit.n * _statistic(score, information, constraints) for constraints in kept]
    frame = pd.DataFrame([(left, "==", right) for left, right in names], columns=["lhs", "op", "rhs"])
    frame = frame.assign(stat=alone, df=1, pvalue=chi2_sf(alone, 1))
    return ScoreTests(stat=whole, df=rank, pvalue=float(chi2_sf(whole, rank)), univariate=frame)


def _equalities(fit: Fit) -> tuple[list[tuple[str, str]], Array]:
    """Return the two sides of every equality, and its coefficients on the free rows, in lavaan's order.

    That is ``==`` of the text, then label by label, then what effect coding made.
    """
    free = [p for p in fit.spec if p.free]
    places: dict[str, list[int]] = {}
    for i, p in enumerate(free):
        if p.label:
            places.setdefault(p.label, []).append(i)
    unit, slopes = np.eye(len(free)), np.eye(len(fit.rows))
    tied = [((label, label), unit[k] - unit[i]) for label, (k, *rest) in places.items() for i in rest]
    written: list[tuple[tuple[str, str], Array]] = []
    made: list[tuple[tuple[str, str], Array]] = []
    for c in fit.spec.constraints:
        if c.op == "==":
            slope = constraint_value(fit.spec, c, fit.rows[None], slopes)[1][0][fit.free]
            (made if "~" in c.lhs else written).append(((c.lhs, c.rhs), slope))
    found = [*written, *tied, *made]
    return [names for names, _ in found], np.array([s for _, s in found]).reshape(len(found), len(free))


def _statistic(score: Array, information: Array, constraints: Array) -> float:
    """Return the score statistic over N when only ``constraints`` (rows over the parameters) still hold."""
    allowed = np.eye(len(score))
    if len(constraints):
        _, values, vectors = np.linalg.svd(constraints)
        allowed = vectors[int((values > 1e-10 * values.max()).sum()) :].T
    along = allowed.T @ score
    return float(along @ informed_inverse(allowed.T @ information @ allowed) @ along)
