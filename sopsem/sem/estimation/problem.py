"""A model on the metric of its data, ready to be minimised: all groups with the parameters they share."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import DataError, ModelError
from sopsem.kernel import Objective, WeightedSum
from sopsem.sem.estimation.estimators.estimator import ESTIMATORS, Estimator
from sopsem.sem.estimation.group import Group
from sopsem.sem.estimation.moments import Moments
from sopsem.sem.estimation.parameter_map import ParameterMap
from sopsem.sem.estimation.scaling import scale_models
from sopsem.sem.estimation.settings import Settings
from sopsem.sem.model.spec import ModelSpec

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


def make_problem(spec: ModelSpec, moments: tuple[Moments, ...], settings: Settings) -> Problem:
    """Scale a parameter table to the moments of its groups.

    Raises
    ------
    ModelError
        Constraints that contradict each other; another number of groups than the table has.

    """
    if len(moments) != spec.n_groups:
        raise ModelError(f"the model has {spec.n_groups} group(s), the data {len(moments)}")
    counts = np.array([m.n for m in moments], dtype=float)
    # least squares take unbiased covariances and N - 1 as Wishart does
    less = settings.likelihood == "wishart" or settings.estimator != "ML"
    analysed = tuple(_rescaled(m, m.n / (m.n - 1)) if less and m.ordinal is None else m for m in moments)
    parameters, models = scale_models(
        spec,
        analysed,
        bound_variances=settings.bounds == "pos_var",
        hold_exogenous=settings.estimator != "ML" or settings.missing == "ml_x",
    )
    own = (spec.of_group(g) for g in range(1, spec.n_groups + 1))
    parts = zip(own, models, analysed, strict=True)
    total = int(counts.sum())
    return Problem(
        spec=spec,
        parameters=parameters,
        groups=tuple(
            Group(spec=s, model=m, moments=data, sampling=_sampling(settings), mplus=_mplus_gamma(settings))
            for s, m, data in parts
        ),
        settings=settings,
        weights=(counts - less) / (counts - less).sum(),
        multiplier=total - len(counts) if less or settings.mimic == "amos" else total,
    )


def _sampling(settings: Settings) -> str:
    """Say whether weights of the moments assume normal data, as the standard errors then do."""
    return "normal" if settings.se == "robust_sem_nt" else "adf"


def _mplus_gamma(settings: Settings) -> bool:
    return settings.mimic == "mplus" and settings.estimator != "ML"


def _rescaled(moments: Moments, scale: float) -> Moments:
    covariance = np.array(moments.covariance * scale)
    covariance.setflags(write=False)
    return replace(moments, covariance=covariance)
