"""Is a solution admissible?  Negative variances, covariance matrices that are not positive semidefinite."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.scaling import ScaledModel
from sopsem.sem.estimation.standardize import total_covariance, with_ancestors
from sopsem.sem.model.spec import ModelSpec

__all__ = ["Admissibility", "Improper", "admissibility", "improper_parameters"]

Array = NDArray[np.float64]
PROPER_TOLERANCE = 1e-9  # on the correlation metric: rounding, not a negative variance


@dataclass(frozen=True, kw_only=True)
class Improper:
    """One inadmissible feature of a solution: the parameter (or matrix) and its value."""

    parameter: str
    value: float
    reason: str

    def __str__(self) -> str:
        """Return the sentence shown to the user."""
        return f"{self.parameter}: {self.reason} ({self.value:.4g})"


@dataclass(frozen=True, kw_only=True)
class Admissibility:
    """B solutions looked at together; eigenvalues are on the correlation metric.

    ``negative`` (B, n_variances) marks negative variances of the parameters ``variances`` in the table
    ``rows``.
    """

    variances: tuple[str, ...]
    rows: tuple[int, ...]
    negative: NDArray[np.bool_]
    latent: Array
    residual: Array
    least_latent: Array
    least_residual: Array

    @property
    def proper(self) -> NDArray[np.bool_]:
        """Which solutions are admissible, (B,)."""
        fine = (self.least_latent >= -PROPER_TOLERANCE) & (self.least_residual >= -PROPER_TOLERANCE)
        return np.asarray(fine & ~self.negative.any(axis=1))

    def reasons(self) -> list[str]:
        """Return for each solution "" or what is inadmissible: the parameters, or a matrix."""
        why = [""] * len(self.negative)
        for at in np.flatnonzero(~self.proper).tolist():
            names = compress(self.variances, self.negative[at].tolist())
            why[at] = ", ".join(names) or "covariance matrix not positive definite"
        return why


def admissibility(spec: ModelSpec, model: ScaledModel, theta: Array) -> Admissibility:
    """Examine B solutions (B, k) on the kernel's metric."""
    symmetric = model.matrices(theta)[1]
    place = {v: i for i, v in enumerate(model.variables)}
    diagonal = [
        (f"{p.lhs}~~{p.lhs}", i, place[p.lhs]) for i, p in enumerate(spec) if p.op == "~~" and p.lhs == p.rhs
    ]
    k, n_latent = len(spec.observed), len(spec.latent)
    latent = np.zeros((len(theta), 1, 1))
    if n_latent:
        among = with_ancestors(model, np.arange(len(model.variables) - n_latent, len(model.variables)))
        latent = total_covariance(model, theta, among)[:, -n_latent:, -n_latent:]
    # auxiliary variables stand last; their covariances may exceed what the rests can share
    k -= len(spec.auxiliary)
    residual = symmetric[:, :k, :k]
    inside = spec.observed[:k]
    crossed = any(p.op == "~~" and p.lhs != p.rhs and p.lhs in inside for p in spec)
    return Admissibility(
        variances=tuple(name for name, _, _ in diagonal),
        rows=tuple(row for _, row, _ in diagonal),
        negative=np.stack([symmetric[:, at, at] < -PROPER_TOLERANCE for _, _, at in diagonal], axis=1),
        latent=latent,
        residual=residual,
        least_latent=np.asarray(np.linalg.eigvalsh(latent)[:, 0]),
        # without residual covariances the smallest eigenvalue is the smallest variance
        least_residual=np.asarray(np.linalg.eigvalsh(residual)[:, 0])
        if crossed
        else np.diagonal(residual, axis1=1, axis2=2).min(axis=1),
    )


def improper_parameters(spec: ModelSpec, model: ScaledModel, theta: Array) -> tuple[Improper, ...]:
    """Return what is inadmissible in one solution (k,) on the kernel's metric.

    Negative variances by name; else a covariance matrix of factors, or of residuals, that is not positive
    semidefinite, named by the largest correlation in it.
    """
    state = admissibility(spec, model, theta[None])
    rows = model.table_rows(theta[None])[0]
    listed = [
        Improper(parameter=name, value=float(rows[row]), reason="negative variance")
        for name, row, wrong in zip(state.variances, state.rows, state.negative[0], strict=True)
        if wrong
    ]
    if not listed and state.least_latent[0] < -PROPER_TOLERANCE:
        listed.append(
            _worst_pair(
                state.latent[0], spec.latent, "covariance matrix of the factors not positive definite"
            )
        )
    if not listed and state.least_residual[0] < -PROPER_TOLERANCE:
        listed.append(
            _worst_pair(state.residual[0], spec.observed, "residual covariance matrix not positive definite")
        )
    return tuple(listed)


def _worst_pair(covariance: Array, names: Sequence[str], reason: str) -> Improper:
    sd = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    correlation = covariance / np.outer(sd, sd) - np.eye(len(sd))
    i, j = divmod(int(np.abs(correlation).argmax()), len(sd))
    return Improper(parameter=f"{names[i]}~~{names[j]}", value=float(correlation[i, j]), reason=reason)
