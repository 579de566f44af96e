"""A fitted model as the list of its parameters: enough to score, nothing to refit."""

from functools import cached_property

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from sopsem.sem.constructs.score_parts import ScoreParts

__all__ = ["Parameter", "ScoringModel"]

Floats = npt.NDArray[np.float64]


class Parameter(BaseModel):
    """One row of the parameter table with its estimate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lhs: str
    op: str
    rhs: str
    est: float


class ScoringModel(BaseModel):
    """Model text, variables, estimates, and how well the model fitted its norm sample."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    observed: tuple[str, ...]
    latent: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    n: int
    fit: dict[str, float]

    @cached_property
    def parts(self) -> ScoreParts:
        """The matrices that scores are made of, from the estimates alone.

        Notes
        -----
        With A the directed effects, S the (co)variances and a the intercepts of all variables, T = (I - A)^-1: total
        covariances T S T', means T a (McArdle & McDonald, 1984).

        """
        names = [*self.observed, *self.latent]
        place = {name: number for number, name in enumerate(names)}
        directed, symmetric = np.zeros((2, len(names), len(names)))
        intercept = np.zeros(len(names))
        for row in self.parameters:
            a = place[row.lhs]
            if row.op == "~1":
                intercept[a] = row.est
            elif row.op == "=~":
                directed[place[row.rhs], a] = row.est
            elif row.op == "~":
                directed[a, place[row.rhs]] = row.est
            else:
                symmetric[a, place[row.rhs]] = symmetric[place[row.rhs], a] = row.est
        total = np.linalg.inv(np.eye(len(names)) - directed)
        covariance, mean = total @ symmetric @ total.T, total @ intercept
        p = len(self.observed)
        return ScoreParts(
            loadings=directed[:p, p:],
            nuisance=np.zeros((p, 0)),
            effects=directed[p:, p:],
            crossed=covariance[p:, :p],
            factor_covariance=covariance[p:, p:],
            covariance=covariance[:p, :p],
            mean=mean[:p],
            factor_mean=mean[p:],
        )
