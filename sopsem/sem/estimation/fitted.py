"""Fit and Status: what an estimation returns, frozen."""

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.estimation.admissibility import Improper
from sopsem.sem.estimation.group import Group
from sopsem.sem.estimation.identification import Certificate
from sopsem.sem.estimation.parameter_map import ParameterMap
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.estimation.scaling import ScaledModel
from sopsem.sem.estimation.settings import Settings
from sopsem.sem.model.parameter_table import ModelSpec
from sopsem.sem.sample.moments import Moments

__all__ = ["Fit", "ImpliedMoments", "Status"]

Array = NDArray[np.float64]


class Status(Enum):
    """How an estimation ended; the value is the sentence shown to the user."""

    CONVERGED = "The estimation converged: the certificate holds."
    IMPROPER = (
        "The estimation converged to an improper solution: see the notes for the parameters and values."
    )
    NOT_CONVERGED = (
        "The estimation did not converge from any of the starts tried; do not interpret the estimates."
    )
    EMPIRICALLY_UNIDENTIFIED = (
        "The estimation converged where some parameters have no unique value; "
        "their standard errors do not exist."
    )

    @property
    def converged(self) -> bool:
        """Whether the optimum is certified."""
        return self is not Status.NOT_CONVERGED


@dataclass(frozen=True, kw_only=True)
class ImpliedMoments:
    """Implied covariance matrix (p, p) and means (p,) or None of one group, and its own minimum."""

    sigma: Array
    mu: Array | None
    minimum: float


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A fitted model; frozen, arrays read-only.

    ``model``, ``moments``, ``sample_cov``, ``sigma`` and ``mu`` are those of a model of one group; of several,
    ``of_group(g)`` is a fit of one group with the parameters that all groups share.

    Attributes
    ----------
    problem : Problem
        The model on the metric of the data.
    data_moments : tuple of Moments
        Of every group, as the data give them (``sample_cov`` has the divisor that was analysed).
    implied : tuple of ImpliedMoments
        Of every group.
    theta : (q,) array
        Free parameters in table order, in the metric of the data.
    rows : (n_rows,) array
        Every row of the table.
    vcov : (q, q) array
        Covariance matrix of ``theta`` (NaN where not identified).
    minimum : float
        F at the solution; ``chisq`` is ``multiplier`` times it.
    multiplier : int
        N for the normal likelihood, N minus the number of groups for Wishart and AMOS.
    kernel_theta : (k,) array
        The solution on the correlation metric, nuisance parameters included.
    kernel_hessian : (k, k) array
        Second derivatives of F there, of the kind that ``settings.information`` names.

    """

    problem: Problem
    data_moments: tuple[Moments, ...]
    implied: tuple[ImpliedMoments, ...]
    kernel_theta: Array
    rows: Array
    kernel_vcov: Array
    kernel_hessian: Array
    minimum: float
    npar: int
    df: int
    status: Status
    improper: tuple[Improper, ...]
    certificate: Certificate
    notes: tuple[str, ...]
    variance_policy: str
    iterations: int
    strategy: int

    @property
    def spec(self) -> ModelSpec:
        """The parameter table."""
        return self.problem.spec

    @property
    def settings(self) -> Settings:
        """How the model was estimated."""
        return self.problem.settings

    @property
    def parameters(self) -> ParameterMap:
        """The map from kernel parameters to table rows."""
        return self.problem.parameters

    @property
    def groups(self) -> tuple[Group, ...]:
        """Every group with its layout and moments."""
        return self.problem.groups

    @property
    def multiplier(self) -> int:
        """What turns the minimum into chi2."""
        return self.problem.multiplier

    @property
    def likelihood(self) -> str:
        """Normal or Wishart."""
        return self.settings.likelihood

    @property
    def information(self) -> str:
        """Which information gave the standard errors."""
        return self.settings.information

    @property
    def mimic(self) -> str | None:
        """The program whose conventions were followed."""
        return self.settings.mimic

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.groups)

    def of_group(self, group: int) -> "Fit":
        """Return the fit of one group (from 1) as a fit of one group, without ``:=`` rows.

        Its ``kernel_theta`` and ``kernel_vcov`` are those of the whole model.
        """
        if self.n_groups == 1:
            return self
        rows, at = list(self.spec.rows_of(group)), slice(group - 1, group)
        own = self.groups[group - 1]
        parameters = replace(
            self.parameters,
            spec=own.spec,
            row_offset=self.parameters.row_offset[rows],
            row_basis=self.parameters.row_basis[rows],
            equalities=(),
            inequalities=(),
        )
        share = float(self.problem.weights[group - 1])
        problem = replace(
            self.problem,
            spec=own.spec,
            parameters=parameters,
            groups=(own,),
            weights=np.ones(1),
            multiplier=round(self.multiplier * share),
        )
        return replace(
            self,
            problem=problem,
            data_moments=self.data_moments[at],
            implied=self.implied[at],
            rows=self.rows[rows],
            minimum=self.implied[group - 1].minimum,
        )

    @property
    def by_group(self) -> "tuple[Fit, ...]":
        """The fit of every group."""
        return tuple(self.of_group(g) for g in range(1, self.n_groups + 1))

    def _only(self, what: str) -> int:
        if self.n_groups > 1:
            raise UsageError(
                f"{what} is that of one group, and this model has {self.n_groups}; use fit.of_group(1) ..."
            )
        return 0

    @property
    def model(self) -> ScaledModel:
        """The layout of the group."""
        return self.groups[self._only("model")].model

    @property
    def moments(self) -> Moments:
        """The sample moments of the group, as the data give them."""
        return self.data_moments[self._only("moments")]

    @property
    def sample_cov(self) -> Array:
        """The covariance matrix that was analysed (p, p)."""
        return self.groups[self._only("sample_cov")].moments.covariance

    @property
    def sigma(self) -> Array:
        """Implied covariance matrix (p, p)."""
        return self.implied[self._only("sigma")].sigma

    @property
    def mu(self) -> Array | None:
        """Implied means (p,), or None without intercepts."""
        return self.implied[self._only("mu")].mu

    @property
    def free(self) -> NDArray[np.bool_]:
        """Which rows of the table are free parameters."""
        return np.array([p.free for p in self.spec], dtype=bool)

    @property
    def theta(self) -> Array:
        """Free parameters in table order."""
        return self.rows[self.free]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the free parameters: label, or lhs operator rhs."""
        return tuple(p.name for p in self.spec if p.free)

    @property
    def vcov_rows(self) -> Array:
        """Covariance matrix of all rows of the table; NaN where a row has no information."""
        basis = self.parameters.row_basis
        lost = np.isnan(np.diag(self.kernel_vcov))
        vcov = np.asarray(basis @ np.nan_to_num(self.kernel_vcov) @ basis.T)
        without = (np.abs(basis[:, lost]) > 0.0).any(axis=1)
        vcov[without, :] = vcov[:, without] = np.nan
        return vcov

    @property
    def vcov(self) -> Array:
        """Covariance matrix of the free parameters."""
        return self.vcov_rows[np.ix_(self.free, self.free)]

    @property
    def scaled_moments(self) -> Moments:
        """The moments with the divisor that was analysed."""
        return self.groups[self._only("scaled_moments")].moments

    @property
    def chisq(self) -> float:
        """The test statistic against the saturated model."""
        return self.multiplier * self.minimum

    @property
    def n(self) -> int:
        """Observations used, in all groups."""
        return sum(m.n for m in self.data_moments)

    def __repr__(self) -> str:
        """Show the fit in one screen."""
        convention = "AMOS, (N - 1) F" if self.mimic == "amos" else self.likelihood
        if self.settings.asked != "ML":
            convention = self.settings.asked
        if self.settings.test not in ("standard", "none"):
            convention += ", before scaling: the scaled test is in fit_indices"
        size = f"{len(self.spec.observed)} observed, {len(self.spec.latent)} latent"
        groups = f", {self.n_groups} groups" if self.n_groups > 1 else ""
        lines = [
            f"Fit: {size}{groups}, N = {self.n}, {self.npar} parameters",
            f"chi2({self.df}) = {self.chisq:.3f}   [{convention}, variances {self.variance_policy}]",
            self.status.value,
            *(f"note: {note}" for note in self.notes),
            str(self.certificate),
        ]
        return "\n".join(lines)
