"""Modification indices: what chi2 would lose, and what a parameter would become, if it were set free.

Score (Lagrange multiplier) tests of one parameter each (Sorbom, 1989).  With the score s and the expected
information I of one observation, rows m the free parameters and c the candidate,

    V = I_cc - I_cm I_mm^-1 I_mc,   MI = N s_c^2 / V,   EPC = s_c / V.

Everything is worked out on the correlation metric, and a candidate counts as not testable when the
information that is left, V, is negligible against I_cc.  No unit of measurement enters, so items in large or
small units keep their indices.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.identification import unit_scale
from sopsem.sem.estimation.standardize import total_covariance
from sopsem.sem.fit_measures.candidates import candidate_rows
from sopsem.sem.fit_measures.release import informed_inverse, release
from sopsem.sem.model.spec import Parameter

__all__ = ["modification_indices"]

Array = NDArray[np.float64]
TESTABLE = 1e-6  # least share of a candidate's information that the free parameters may leave
COLUMNS = ["lhs", "op", "rhs", "group", "mi", "epc", "sepc_lv", "sepc_all", "sepc_nox"]


def modification_indices(fit: Fit, *, sort: bool = True) -> pd.DataFrame:
    """Return the modification index and the expected parameter change of every parameter not in the model.

    Parameters
    ----------
    fit : Fit
    sort : bool
        Largest index first; otherwise loadings, covariances, regressions, intercepts in table order.

    Returns
    -------
    DataFrame
        Columns lhs op rhs group mi epc sepc_lv sepc_all sepc_nox.  ``mi`` is about the fall in chi2, ``epc``
        the expected change in the metric of the data, ``sepc_lv`` with the factors standardized, ``sepc_all``
        with all variables standardized, ``sepc_nox`` with all but the exogenous observed ones.  A row that
        the free parameters leave no information on (a marker, a model-equivalent path) is not listed.

    Notes
    -----
    Candidates and formulas are those of lavaan, but for the threshold on V: it is relative here (see the
    module). A standardized change of a variance is reported with the sign of the change and the size of the
    fixed value.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, .6, .3, .3], [.6, 1.0, .3, .3], [.3, .3, 1.0, .5], [.3, .3, .5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> modification_indices(fit("f =~ a + b + c + d", sample_cov=cov, n_obs=100)).mi.round(2).tolist()[:2]
    [16.57, 16.57]

    """
    candidates = candidate_rows(fit.spec)
    table = _score_tests(fit, candidates)
    scales = {g: _Scales.of(fit.of_group(g)) for g in range(1, fit.n_groups + 1)}
    rows = [
        (p.lhs, p.op, p.rhs, p.group, mi, epc, *scales[p.group].standardized(p, epc))
        for p, mi, epc, testable in zip(candidates, table.mi, table.epc, table.testable, strict=True)
        if testable
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.sort_values("mi", ascending=False, kind="stable", ignore_index=True) if sort else frame


@dataclass(frozen=True, kw_only=True)
class _ScoreTests:
    mi: Array
    epc: Array
    testable: NDArray[np.bool_]


def _score_tests(fit: Fit, candidates: tuple[Parameter, ...]) -> _ScoreTests:
    released = release(fit, candidates)
    rows = np.arange(len(released.score))
    free, new = np.split(rows, [len(rows) - len(candidates)])
    crossed = released.information[np.ix_(new, free)] @ released.directions
    within = released.directions.T @ released.information[np.ix_(free, free)] @ released.directions
    own, score = np.diag(released.information)[new], released.score[new]
    left = own - np.einsum("ij,jk,ik->i", crossed, informed_inverse(within), crossed)
    # at a loading of 0 the other paths of a factor change nothing: then own is 0 too
    testable = (unit_scale(released.information)[new] > 0.0) & (left > TESTABLE * own)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(testable, score / left, np.nan)
    return _ScoreTests(mi=fit.n * change * score, epc=change * released.unit[new], testable=testable)


@dataclass(frozen=True, kw_only=True)
class _Scales:
    """Standard deviations, total and residual, of every variable, and its role."""

    total: dict[str, float]
    residual: dict[str, float]
    latent: frozenset[str]
    exogenous: frozenset[str]
    values: dict[str, float]

    @classmethod
    def of(cls, fit: Fit) -> "_Scales":
        theta, units = fit.kernel_theta[None], fit.model.units
        total = np.diag(total_covariance(fit.model, theta)[0])
        residual = np.diag(fit.model.matrices(theta)[1][0])
        names = fit.model.variables
        return cls(
            total=dict(zip(names, np.sqrt(np.abs(total)) * units, strict=True)),
            residual=dict(zip(names, np.sqrt(np.abs(residual)) * units, strict=True)),
            latent=frozenset(fit.spec.latent),
            exogenous=frozenset(p.lhs for p in fit.spec if p.exo),
            values={
                p.lhs: v for p, v in zip(fit.spec, fit.rows, strict=True) if p.op == "~~" and p.lhs == p.rhs
            },
        )

    def standardized(self, p: Parameter, epc: float) -> tuple[float, float, float]:
        """Return the change with factors, all variables, and all but exogenous variables standardized."""
        if p.op == "~~" and p.lhs == p.rhs:
            epc = float(np.sign(epc)) * abs(self.values.get(p.lhs, 0.0))
        everything = self.latent | frozenset(self.total) - {""}
        sets = (self.latent, everything, everything - self.exogenous)
        lv, full, nox = (epc * self._factor(p, which) for which in sets)
        return lv, full, nox

    def _factor(self, p: Parameter, which: frozenset[str]) -> float:
        """Return what turns a coefficient into one for variables in ``which`` in units of their sd."""
        if p.op == "~~":
            deviations = self.total if p.lhs == p.rhs or p.exo else self.residual
            left, right = (deviations[v] if v in which else 1.0 for v in (p.lhs, p.rhs))
            return float(np.divide(1.0, left * right)) if left * right > 0.0 else float("nan")
        source, target = (p.lhs, p.rhs) if p.op == "=~" else (p.rhs, p.lhs)
        above = self.total[source] if source in which else 1.0
        return above / (self.total[target] if target in which else 1.0)
