"""Fit and Status: what an estimation returns, frozen."""

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.admissibility import Improper
from sopsem.sem.estimation.identification import Certificate
from sopsem.sem.estimation.moments import Moments
from sopsem.sem.estimation.scaling import ScaledModel
from sopsem.sem.model.parameter_table import ModelSpec

__all__ = ["Fit", "Status"]

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
class Fit:
    """A fitted model; frozen, arrays read-only.

    Attributes
    ----------
    theta : (q,) array
        Free parameters in table order, in the metric of the data.
    vcov : (q, q) array
        Their covariance matrix (NaN where not identified).
    sigma, mu : (p, p) and (p,) or None
        Implied moments.
    minimum : float
        F_ML at the solution; ``chisq`` is ``multiplier`` times it.
    multiplier : int
        N for the normal likelihood, N - 1 for Wishart and AMOS.
    kernel_theta : (k,) array
        The solution on the correlation metric, nuisance parameters included.

    """

    spec: ModelSpec
    moments: Moments
    sample_cov: Array
    model: ScaledModel
    kernel_theta: Array
    rows: Array
    kernel_vcov: Array
    sigma: Array
    mu: Array | None
    minimum: float
    multiplier: int
    npar: int
    df: int
    status: Status
    improper: tuple[Improper, ...]
    certificate: Certificate
    notes: tuple[str, ...]
    likelihood: str
    information: str
    mimic: str | None
    variance_policy: str
    iterations: int
    strategy: int

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
        basis = self.model.row_basis
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
        return replace(self.moments, covariance=self.sample_cov)

    @property
    def chisq(self) -> float:
        """Likelihood-ratio statistic against the saturated model."""
        return self.multiplier * self.minimum

    @property
    def n(self) -> int:
        """Observations used."""
        return self.moments.n

    def __repr__(self) -> str:
        """Show the fit in one screen."""
        convention = "AMOS, (N - 1) F" if self.mimic == "amos" else self.likelihood
        size = f"{len(self.spec.observed)} observed, {len(self.spec.latent)} latent"
        lines = [
            f"Fit: {size}, N = {self.n}, {self.npar} parameters",
            f"chi2({self.df}) = {self.chisq:.3f}   [{convention}, variances {self.variance_policy}]",
            self.status.value,
            *(f"note: {note}" for note in self.notes),
            str(self.certificate),
        ]
        return "\n".join(lines)
