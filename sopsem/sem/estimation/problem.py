"""A model on the metric of its data, ready to be minimised: all groups with the parameters they share."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import DataError, ModelError
from sopsem.kernel import Objective, WeightedSum
from sopsem.sem.estimation.bounds import bounded_spec
from sopsem.sem.estimation.composite_checks import check_composites
from sopsem.sem.estimation.estimators.estimator import ESTIMATORS, Estimator
from sopsem.sem.estimation.group import Group
from sopsem.sem.estimation.parameter_map import ParameterMap
from sopsem.sem.estimation.scaling import scale_models
from sopsem.sem.estimation.settings import Settings
from sopsem.sem.model.definitions import check_definitions
from sopsem.sem.model.spec import ModelSpec
from sopsem.sem.sample.moments import Moments

__all__ = ["Problem", "make_problem"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """All groups of a model.

    Attributes
    ----------
    weights : (G,) array
        Share of every group in the discrepancy.
    multiplier : int
        What turns the minimum into chi2.

    """

    spec: ModelSpec
    parameters: ParameterMap
    groups: tuple[Group, ...]
    settings: Settings
    weights: Array
    multiplier: int

    @property
    def estimator(self) -> Estimator:
        """The discrepancy."""
        found: Estimator = ESTIMATORS[self.settings.estimator].function  # type: ignore[assignment]
        return found

    def objective(self) -> Objective:
        """Return the discrepancy of all groups as one problem for the minimiser."""
        parts = tuple(self._of_group(g) for g in self.groups)
        return parts[0] if len(parts) == 1 else WeightedSum(parts, self.weights)

    def _of_group(self, group: Group) -> Objective:
        """Return the discrepancy of one group; what is wrong with its data is said with its label."""
        try:
            return self.estimator.objective(group)
        except DataError as error:
            if len(self.groups) == 1:
                raise
            raise DataError(f"group {group.spec.groups[0]!r}: {error}") from error

    def with_moments(self, moments: tuple[Moments, ...]) -> "Problem":
        """Return the same model, on the same metric, for other moments."""
        groups = tuple(replace(g, moments=m) for g, m in zip(self.groups, moments, strict=True))
        return replace(self, groups=groups)

    def shares(self, counts: Array) -> Array:
        """Return the share of every group in the discrepancy (..., G) for numbers of rows ``counts`` (..., G)."""
        rows = counts - _unbiased(self.settings)
        return np.asarray(rows / rows.sum(axis=-1, keepdims=True))

    def resampled(self, moments: tuple[Moments, ...]) -> "Problem":
        """Return the same model, on the same metric, for moments as other data of the same groups give them.

        Moments of fixed exogenous variables that are held are then held at those of the new data; bounds stay
        those of the data that the model was made for.
        """
        new = self.with_moments(_analysed(moments, self.settings))
        weights, multiplier = _shares(moments, self.settings)
        new = replace(new, weights=weights, multiplier=multiplier)
        if not (_held(self.settings) and any(p.exo for p in self.spec)):
            return new
        model = self.groups[0].model
        parameters, models = scale_models(
            bounded_spec(self.spec, [g.moments for g in self.groups], self.settings.bounds),
            [g.moments for g in new.groups],
            hold_exogenous=True,
            metric=(model.sd, model.center),
        )
        groups = tuple(replace(g, model=m) for g, m in zip(new.groups, models, strict=True))
        return replace(new, parameters=parameters, groups=groups)


def make_problem(spec: ModelSpec, moments: tuple[Moments, ...], settings: Settings) -> Problem:
    """Scale a parameter table to the moments of its groups.

    Raises
    ------
    ModelError, UsageError
        Constraints that contradict each other; another number of groups than the table has; composites that
        cannot be estimated, or not so; a definition with an unknown label.

    """
    if len(moments) != spec.n_groups:
        raise ModelError(f"the model has {spec.n_groups} group(s), the data {len(moments)}")
    check_composites(spec, settings)
    check_definitions(spec)
    analysed = _analysed(moments, settings)
    parameters, models = scale_models(
        bounded_spec(spec, analysed, settings.bounds),
        analysed,
        hold_exogenous=_held(settings),
    )
    own = (spec.of_group(g) for g in range(1, spec.n_groups + 1))
    # the table itself has no bounds but those of the model text
    parts = zip(own, models, analysed, strict=True)
    weights, multiplier = _shares(moments, settings)
    return Problem(
        spec=spec,
        parameters=parameters,
        groups=tuple(
            Group(spec=s, model=m, moments=data, sampling=_sampling(settings), mplus=_mplus_gamma(settings))
            for s, m, data in parts
        ),
        settings=settings,
        weights=weights,
        multiplier=multiplier,
    )


def _unbiased(settings: Settings) -> bool:
    """Say whether covariances have the divisor N - 1: least squares take them so, as Wishart does."""
    return settings.likelihood == "wishart" or settings.estimator != "ML"


def _held(settings: Settings) -> bool:
    """Say whether the moments of fixed exogenous variables are held at those of the sample."""
    return settings.estimator != "ML" or settings.missing == "ml_x"


def _analysed(moments: tuple[Moments, ...], settings: Settings) -> tuple[Moments, ...]:
    """Return the moments with the divisor that is analysed."""
    less = _unbiased(settings)
    return tuple(_rescaled(m, m.n / (m.n - 1)) if less and m.ordinal is None else m for m in moments)


def _shares(moments: tuple[Moments, ...], settings: Settings) -> tuple[Array, int]:
    """Return the share of every group in the discrepancy, and what turns the minimum into chi2."""
    counts, less = np.array([m.n for m in moments], dtype=float), _unbiased(settings)
    total = int(counts.sum())
    multiplier = total - len(counts) if less or settings.mimic == "amos" else total
    return (counts - less) / (counts - less).sum(), multiplier


def _sampling(settings: Settings) -> str:
    """Say whether weights of the moments assume normal data, as the standard errors then do."""
    return "normal" if settings.se == "robust_sem_nt" else "adf"


def _mplus_gamma(settings: Settings) -> bool:
    return settings.mimic == "mplus" and settings.estimator != "ML"


def _rescaled(moments: Moments, scale: float) -> Moments:
    covariance = np.array(moments.covariance * scale)
    covariance.setflags(write=False)
    return replace(moments, covariance=covariance)
