"""What is planned: a population, the model fitted to its samples, and the restricted model beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import ConvergenceError, ModelError, UsageError
from sopsem.sem.estimation.fit import Fit, Status, fit_moments
from sopsem.sem.model.spec import ModelSpec, model_spec
from sopsem.sem.power.freed import FreedLine
from sopsem.sem.power.misfit import population_with_misfit
from sopsem.sem.power.sample_moments import MISFIT, NormalSampler, RowSampler, Sampler, replication_rng
from sopsem.sem.sample.moments import Moments
from sopsem.sem.simulation.population import Population, population_of_table
from sopsem.sem.simulation.rows import Shape, row_maker

__all__ = ["Design", "Distribution", "Populated", "make_design"]

Array = NDArray[np.float64]
# what a population may be given as: values of the model, another text with values, or covariances
Populated: TypeAlias = Mapping[str, float] | str | ModelSpec | pd.DataFrame
MANY = 1_000_000  # rows of the fit to the population itself: its estimates do not depend on them


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """The shape of the rows: skewness, excess kurtosis, thresholds at which answers are cut, misfit as RMSEA."""

    skewness: Shape = None
    kurtosis: Shape = None
    thresholds: Mapping[str, Sequence[float]] | None = None
    misfit: float = 0.0

    @property
    def normal(self) -> bool:
        """Whether moments of normal rows are all there is to draw."""
        return self.skewness is None and self.kurtosis is None and not self.thresholds


@dataclass(frozen=True, kw_only=True)
class Design:
    """A population with the models fitted to every sample of it.

    Attributes
    ----------
    full : Fit
        The model, with the freed line, fitted to the population; its estimates are the true values.
    restricted : Fit or None
        The model without that line.
    freed : str
        Name of the freed parameter; "" without a restricted model.
    sampler : Sampler
        Variables in the order of ``full.spec.observed``.
    order : tuple of int
        Where the restricted model's variables stand among them.

    """

    full: Fit
    restricted: Fit | None
    freed: str
    sampler: Sampler
    order: tuple[int, ...]

    def multiplier(self, n: int) -> int:
        """Return what turns the minimum into chi2 with n rows: N, or N - 1 as AMOS has it."""
        return n - 1 if self.full.mimic == "amos" else n

    @property
    def fits(self) -> dict[str, Fit]:
        """The models by name."""
        found = {"full": self.full}
        return found if self.restricted is None else {**found, "restricted": self.restricted}

    @property
    def population(self) -> pd.DataFrame:
        """The covariance matrix of the population."""
        names = list(self.full.spec.observed)
        return pd.DataFrame(self.full.moments.covariance, index=names, columns=names)


def make_design(
    model: str | ModelSpec,
    population: Populated,
    *,
    free: FreedLine | None = None,
    shape: Distribution = Distribution(),
    mimic: str | None = None,
    seed: int = 1,
) -> Design:
    """Fit the model, and the one without the freed line, to the population.

    Parameters
    ----------
    model : str or ModelSpec
        Exogenous variables of a text are random: every sample draws them too.
    population : mapping, str, ModelSpec or DataFrame
        Values of the model's parameters by label or name; a text (or table) with values, as in ``simulate``,
        that may differ from the model; or a covariance matrix.

    Raises
    ------
    UsageError
        A freed line without a value where values make the population, or with one where they do not; a line
        that does not free one parameter; values, thresholds or a matrix that do not go with the model; several
        groups, ordered variables, composites or nonlinear constraints: of these power is not worked out.
    ModelError
        A population covariance matrix that is not positive definite; a model that is not identified.
    ConvergenceError
        The model has no proper solution in the population.

    Examples
    --------
    >>> design = make_design("y ~ x", {"y~x": 0.5, "y~~y": 0.75})
    >>> design.population.round(2).to_numpy().tolist()
    [[1.0, 0.5], [0.5, 1.0]]

    """
    restricted, full = _specs(model, free)
    freed = "" if free is None or restricted is None else free.parameter(restricted, full)
    drawn = _with_misfit(full, _population(full, population, free, freed), shape, seed)
    sampler = _sampler(drawn, shape)
    covariance, mean = drawn.covariance, drawn.mean
    if isinstance(sampler, RowSampler) and sampler.cuts:
        covariance, mean = sampler.large_moments(seed)
    fits = [
        None if s is None else _population_fit(s, full, covariance, mean, mimic) for s in (full, restricted)
    ]
    return Design(
        full=_proper(fits[0]),
        restricted=fits[1],
        freed=freed,
        sampler=sampler,
        order=tuple(full.observed.index(v) for v in (restricted or full).observed),
    )


def _specs(model: str | ModelSpec, free: FreedLine | None) -> tuple[ModelSpec | None, ModelSpec]:
    """Return the restricted model, if there is one, and the full one."""
    if free is None:
        return None, _checked(model_spec(model, fixed_x=False))
    if not isinstance(model, str):
        raise UsageError(
            "free adds a line to model text; give the model as text, or the full model as a table"
        )
    restricted, full = (model_spec(text, fixed_x=False) for text in (model, free.added_to(model)))
    if set(restricted.observed) != set(full.observed):
        raise UsageError(
            f"free={free.text!r} brings variables that the model does not have; the two models must share them"
        )
    return _checked(restricted), _checked(full)


def _checked(spec: ModelSpec) -> ModelSpec:
    what = [
        name
        for name, there in (
            ("several groups", spec.n_groups > 1),
            ("ordered variables (thresholds cut answers that are analysed as numbers)", bool(spec.ordered)),
            ("composites (<~)", bool(spec.composites)),
        )
        if there
    ]
    if what:
        raise UsageError(f"power is not worked out for models with {' and '.join(what)}; leave them out")
    if not any(p.free for p in spec):
        raise UsageError(
            "the model has no free parameter: a number in its text fixes a parameter. Give the values of the "
            "population apart: by name, by start(0.3)*x in the text, or as a population text"
        )
    return spec


def _population(full: ModelSpec, given: Populated, free: FreedLine | None, freed: str) -> Population:
    """Return the population in the order of the full model's variables."""
    if isinstance(given, Mapping):
        if free is not None and free.value is None:
            raise UsageError(
                f"free={free.text!r} has no value in the population; write e.g. {free.text + ' = 0.3'!r}"
            )
        return population_of_table(
            full, dict(given) | ({freed: free.value} if free and free.value is not None else {})
        )[0]
    if free is not None and free.value is not None:
        raise UsageError(
            f"the population given decides the value of {free.text!r}; leave '= {free.value:g}' out"
        )
    if isinstance(given, pd.DataFrame):
        return _of_matrix(full, given)
    found = population_of_table(model_spec(given, fixed_x=False), {})
    if len(found) > 1:
        raise UsageError("the population has several groups; give that of one")
    _require(full, found[0].names)
    at = [found[0].names.index(v) for v in full.observed]
    return Population(
        names=full.observed,
        mean=found[0].mean[at],
        covariance=found[0].covariance[np.ix_(at, at)],
        thresholds={},
    )


def _require(full: ModelSpec, names: Sequence[str]) -> None:
    if absent := [v for v in full.observed if v not in names]:
        raise UsageError(f"the population has no {', '.join(absent)}, which the model observes; add it")


def _of_matrix(full: ModelSpec, given: pd.DataFrame) -> Population:
    _require(full, [v for v in given.index if v in given.columns])
    names = list(full.observed)
    matrix = given.loc[names, names].to_numpy(dtype=np.float64)
    if not (np.isfinite(matrix).all() and np.allclose(matrix, matrix.T)):
        raise UsageError("the population covariance matrix must be symmetric with finite numbers")
    return Population(names=full.observed, mean=np.zeros(len(names)), covariance=matrix, thresholds={})


def _with_misfit(full: ModelSpec, population: Population, shape: Distribution, seed: int) -> Population:
    covariance = population.covariance
    if np.linalg.eigvalsh(covariance).min() <= 0.0:
        raise ModelError(
            "the population covariance matrix is not positive definite at these values; give residual "
            "variances above 0 and correlations below 1"
        )
    if shape.misfit:
        rng = replication_rng(seed, 0, 0, MISFIT)
        df = _population_fit(full, full, covariance, population.mean, None).df
        covariance = population_with_misfit(full, covariance, shape.misfit, df, rng)
    return Population(names=population.names, mean=population.mean, covariance=covariance, thresholds={})


def _sampler(population: Population, shape: Distribution) -> Sampler:
    if shape.normal:
        return NormalSampler(
            mean=population.mean, root=np.asarray(np.linalg.cholesky(population.covariance), dtype=np.float64)
        )
    cuts = {}
    for name, given in (shape.thresholds or {}).items():
        if name not in population.names:
            raise UsageError(f"thresholds has {name!r}, which the model does not observe")
        at = [float(t) for t in given]
        if not at or any(not a < b for a, b in pairwise(at)):
            raise UsageError(f"the thresholds of {name} are {at}; give one or more rising numbers")
        cuts[population.names.index(name)] = np.array(at)
    return RowSampler(maker=row_maker(population, shape.skewness, shape.kurtosis), cuts=cuts)


def _population_fit(
    spec: ModelSpec, full: ModelSpec, covariance: Array, mean: Array, mimic: str | None
) -> Fit:
    at = [full.observed.index(v) for v in spec.observed]
    moments = Moments(
        names=spec.observed,
        covariance=covariance[np.ix_(at, at)],
        mean=mean[at] if spec.meanstructure else None,
        n=MANY,
    )
    made = fit_moments(spec, moments, mimic=mimic)
    if made.parameters.constrained:
        raise UsageError(
            "power is not worked out for models with nonlinear or inequality constraints; leave them out"
        )
    if not made.status.converged:
        raise ConvergenceError(f"the model cannot be fitted to the population: {made.status.value}")
    return made


def _proper(made: Fit | None) -> Fit:
    if made is None or made.status is not Status.CONVERGED:
        why = "" if made is None else "; ".join((*map(str, made.improper), made.status.value))
        raise ConvergenceError(
            f"the model has no proper solution in the population: {why} Choose other values"
        )
    return made
