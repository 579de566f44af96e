"""A fitted model as the list of its parameters: enough to score, nothing to refit."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from sopsem.errors import ConvergenceError, ModelError
from sopsem.sem.constructs.score_parts import ScoreParts
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import Fit, Status
from sopsem.sem.fit_measures.fit_indices import fit_indices

__all__ = ["Parameter", "ScoringModel", "scoring_model"]

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


def scoring_model(fit: Fit) -> ScoringModel:
    """Return the model of a fit, ready to score.

    Raises
    ------
    ModelError
        Several groups, ordered variables, observed predictors or composites: their scores need more than a list of
        parameters; or no intercepts.
    ConvergenceError
        The solution is improper, or there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> from sopsem.sem.estimation.fit import fit
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(60, 1)) + rng.normal(size=(60, 3)), columns=list("abc"))
    >>> model = scoring_model(fit("f =~ a + b + c", data, meanstructure=True))
    >>> model.latent, model.parts.covariance.shape
    (('f',), (3, 3))

    """
    spec = fit.spec
    regressed = {name for row in spec if row.op == "~" for name in (row.lhs, row.rhs)}
    faults = [
        text
        for wrong, text in (
            (fit.n_groups > 1, "several groups"),
            (fit.groups[0].moments.ordinal is not None, "ordered variables"),
            (bool(spec.composites), "composites"),
            (bool(regressed & set(spec.observed)), "regressions of observed variables"),
            (fit.implied[0].mu is None, "no intercepts"),
            (not spec.latent, "no factor"),
        )
        if wrong
    ]
    if faults:
        raise ModelError(
            f"a scorecard cannot be made of a model with {', '.join(faults)}; give a model of factors with intercepts "
            "(fit(..., meanstructure=True))"
        )
    if fit.status is not Status.CONVERGED:
        raise ConvergenceError(
            f"no scorecard is made of this solution: {fit.status.value} Leave out or merge factors, or collect more "
            "answers"
        )
    rows = estimates(fit)
    rows = rows[rows["op"].isin(["=~", "~", "~~", "~1"])]
    measures = fit_indices(fit)
    return ScoringModel(
        text=spec.text,
        observed=tuple(spec.observed),
        latent=tuple(spec.latent),
        parameters=_parameters(rows[["lhs", "op", "rhs", "est"]].itertuples(index=False, name=None)),
        n=fit.n,
        fit={
            name: round(float(measures[name]), 4) for name in ("chisq", "df", "cfi", "tli", "rmsea", "srmr")
        },
    )


def _parameters(rows: Sequence[tuple[str, str, str, float]]) -> tuple[Parameter, ...]:
    return tuple(Parameter(lhs=lhs, op=op, rhs=rhs, est=float(est)) for lhs, op, rhs, est in rows)
