"""Modification indices: what chi2 would lose, and what a parameter would become, if it were set free.

Score (Lagrange multiplier) tests of one parameter each (Sorbom, 1989).  With the score s and the expected
information I of one observation, rows m the free parameters and c the candidate,

    V = I_cc - I_cm I_mm^-1 I_mc,   MI = N s_c^2 / V,   EPC = s_c / V.

Everything is worked out on the correlation metric, and a candidate counts as not testable when the information that
is left, V, is negligible against I_cc.  No unit of measurement enters, so items in large or small units keep their
indices.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.kernel import evaluate, gradient, matrices
from sopsem.sem.candidates import candidate_rows
from sopsem.sem.fit import Fit
from sopsem.sem.identification import RANK_TOLERANCE, unit_scale
from sopsem.sem.implied import moment_slopes
from sopsem.sem.scaling import ScaledModel, scale_model
from sopsem.sem.spec import ModelSpec, Parameter
from sopsem.sem.standardize import total_covariance

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
        Columns lhs op rhs group mi epc sepc_lv sepc_all sepc_nox.  ``mi`` is about the fall in chi2, ``epc`` the
        expected change in the metric of the data, ``sepc_lv`` with the factors standardized, ``sepc_all`` with all
        variables standardized, ``sepc_nox`` with all but the exogenous observed ones.  A row that the free
        parameters leave no information on (a marker, a model-equivalent path) is not listed.

    Notes
    -----
    Candidates and formulas are those of lavaan, but for the threshold on V: it is relative here (see the module).
    A standardized change of a variance is reported with the sign of the change and the size of the fixed value.

    Examples
    --------
    >>> from sopsem.sem.fit import fit
    >>> s = [[1.0, .6, .3, .3], [.6, 1.0, .3, .3], [.3, .3, 1.0, .5], [.3, .3, .5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> modification_indices(fit("f =~ a + b + c + d", sample_cov=cov, n_obs=100)).mi.round(2).tolist()[:2]
    [21.57, 21.57]

    """
    candidates = candidate_rows(fit.spec)
    table = _score_tests(fit, candidates)
    scales = _Scales.of(fit)
    rows = [
        (p.lhs, p.op, p.rhs, p.group, table.mi[i], table.epc[i], *scales.standardized(p, table.epc[i]))
        for i, p in enumerate(candidates)
        if table.testable[i]
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.sort_values("mi", ascending=False, kind="stable", ignore_index=True) if sort else frame


@dataclass(frozen=True, kw_only=True)
class _ScoreTests:
    mi: Array
    epc: Array
    testable: NDArray[np.bool_]


def _score_tests(fit: Fit, candidates: tuple[Parameter, ...]) -> _ScoreTests:
    spec = _extended(fit.spec, candidates)
    model = scale_model(spec, replace(fit.moments, covariance=fit.sample_cov))
    column = np.abs(model.row_basis).argmax(axis=1)  # every row is one kernel parameter of its own
    per_row = model.row_basis[np.arange(len(column)), column]
    theta = np.empty(len(column))
    theta[column] = (_values(fit, candidates) - model.row_offset) / per_row
    score, information = _score_and_information(fit, model, theta)
    score, information = score[column], information[np.ix_(column, column)]
    n_free = len(column) - len(candidates)
    free, new = np.arange(n_free), np.arange(n_free, len(column))
    slopes = _free_directions(fit) / per_row[:n_free, None]
    crossed = information[np.ix_(new, free)] @ slopes
    within = slopes.T @ information[np.ix_(free, free)] @ slopes
    own = np.diag(information)[new]
    left = own - np.einsum("ij,jk,ik->i", crossed, _inverse(within), crossed)
    informed = unit_scale(information)[new] > 0.0  # at a loading of 0 a factor's other paths change nothing
    testable = informed & (left > TESTABLE * own)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(testable, score[new] / left, np.nan)
    return _ScoreTests(mi=fit.n * change * score[new], epc=change * per_row[new], testable=testable)


def _extended(spec: ModelSpec, candidates: tuple[Parameter, ...]) -> ModelSpec:
    """Return a table of the free rows and then the candidates, all of them free and none tied to another."""
    rows = (*(p for p in spec if p.free), *candidates)
    plain = tuple(replace(p, free=True, freed=True, exo=False, label="", value=0.0) for p in rows)
    bare = tuple(replace(p, lower=-np.inf, upper=np.inf) for p in plain)
    return replace(spec, parameters=bare, constraints=(), definitions=())


def _values(fit: Fit, candidates: tuple[Parameter, ...]) -> Array:
    """Return the fitted values of the free rows and the values that the candidates have now."""
    held = {(p.lhs, p.op, p.rhs): v for p, v in zip(fit.spec, fit.rows, strict=True)}
    return np.concatenate([fit.theta, [held.get((p.lhs, p.op, p.rhs), 0.0) for p in candidates]])


def _score_and_information(fit: Fit, model: ScaledModel, theta: Array) -> tuple[Array, Array]:
    """Return -dF/2 and the expected information of one observation; moments of fixed variables carry none."""
    target = model.scaled_moments(fit.sample_cov[None], None if fit.moments.mean is None else fit.moments.mean[None])
    point = evaluate(model.layout, theta[None], target, np.linalg.slogdet(target)[1])
    slopes = moment_slopes(model.layout, theta, meanstructure=fit.spec.meanstructure)
    given = {p.lhs for p in fit.spec if p.exo}
    slopes = slopes.without(np.array([v in given for v in fit.spec.observed]))
    return -0.5 * gradient(model.layout, point)[0], slopes.information()


def _free_directions(fit: Fit) -> Array:
    """Return d free rows / d parameters for the parameters that may move: not nuisance, not on a bound."""
    lower, upper = fit.model.bounds
    moving = ~fit.model.nuisance & (fit.kernel_theta > lower) & (fit.kernel_theta < upper)
    return fit.model.row_basis[np.ix_(fit.free, moving)]


def _inverse(information: Array) -> Array:
    """Return the inverse, or where the information is singular that on its informed directions."""
    scale = unit_scale(information)
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    kept = values > RANK_TOLERANCE * max(values.max(initial=0.0), 1.0)
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return np.asarray(inverse * np.outer(scale, scale))


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
        residual = np.diag(matrices(fit.model.layout, theta)[1][0])
        names = fit.model.variables
        return cls(
            total=dict(zip(names, np.sqrt(np.abs(total)) * units, strict=True)),
            residual=dict(zip(names, np.sqrt(np.abs(residual)) * units, strict=True)),
            latent=frozenset(fit.spec.latent),
            exogenous=frozenset(p.lhs for p in fit.spec if p.exo),
            values={p.lhs: v for p, v in zip(fit.spec, fit.rows, strict=True) if p.op == "~~" and p.lhs == p.rhs},
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
        """Return what turns a coefficient into one for variables in ``which`` divided by their standard deviation."""
        if p.op == "~~":
            deviations = self.total if p.lhs == p.rhs or p.exo else self.residual
            left, right = (deviations[v] if v in which else 1.0 for v in (p.lhs, p.rhs))
            return float(np.divide(1.0, left * right)) if left * right > 0.0 else float("nan")
        source, target = (p.lhs, p.rhs) if p.op == "=~" else (p.rhs, p.lhs)
        above = self.total[source] if source in which else 1.0
        return above / (self.total[target] if target in which else 1.0)
