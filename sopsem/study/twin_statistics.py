"""The targeted statistics as functions of the covariance matrix: values for many, derivatives at one."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.effects.effects import Effect, effect_values, find_effects
from sopsem.sem.estimation.covariance_response import CovarianceResponse, Optimum
from sopsem.sem.model.spec import model_spec
from sopsem.study.published import PublishedStudy
from sopsem.study.twin_targets import TwinTargets, targeted_rows

__all__ = ["Expansion", "TwinStatistics"]

Array = NDArray[np.float64]
STEP = 1e-5
KINDS = {"direct": "direct", "total": "total", "indirect": "total_indirect"}


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """The statistics around one covariance matrix.

    ``values`` (m,), ``gradients`` (m, p, p); ``main`` and ``wide`` are the optima of the printed model and
    of the model with the freed path (None without a nested test).
    """

    values: Array
    gradients: Array
    main: Optimum
    wide: Optimum | None


@dataclass(frozen=True, kw_only=True)
class TwinStatistics:
    """The statistics of the targets, in their order.

    ``main`` is the printed model, ``wide`` the model with the freed path; ``effects`` are the targeted ones.
    """

    names: tuple[str, ...]
    multiplier: int
    main: CovarianceResponse
    wide: CovarianceResponse | None
    effects: tuple[Effect, ...]

    @classmethod
    def of(cls, study: PublishedStudy, targets: TwinTargets, population: Array) -> "TwinStatistics":
        """Prepare the models of a study around a population correlation matrix."""
        text = study.model.text if study.model is not None else ""
        wide = None
        if study.nested is not None:
            wide = CovarianceResponse.of(model_spec(f"{text}\n{study.nested.freed}"), population)
        main = CovarianceResponse.of(model_spec(text), population)
        known = {(e.kind, e.outcome, e.predictor): e for e in find_effects(main.spec)}
        return cls(
            names=tuple(targets.aims),
            multiplier=targets.multiplier,
            main=main,
            wide=wide,
            effects=tuple(known[KINDS[row.kind], *row.pair] for row in targeted_rows(study, targets)),
        )

    def values(self, covariances: Array, start: Expansion | None = None) -> Array:
        """Refit every model to every covariance matrix (B, p, p) and return the statistics, (B, m).

        NaN where a model did not converge.
        """
        main = self.main.refit(covariances, None if start is None else start.main.theta)
        found = {"chisq": self.multiplier * main.minimum}
        good = main.outcome == 0
        if self.wide is not None:
            begin = None if start is None or start.wide is None else start.wide.theta
            wide = self.wide.refit(covariances, begin)
            found["dchisq"] = self.multiplier * (main.minimum - wide.minimum)
            good &= wide.outcome == 0
        if "baseline_chisq" in self.names:
            found["baseline_chisq"] = self.multiplier * _minus_log_determinant(covariances)
        if "srmr" in self.names:
            found["srmr"] = _srmr(covariances, self.main.implied(main.theta))
        table = np.column_stack([*(found[name] for name in self._global), self.effect_values(main.theta)])
        return np.where(good[:, None], table, np.nan)

    @property
    def _global(self) -> tuple[str, ...]:
        return self.names[: len(self.names) - len(self.effects)]

    def effect_values(self, theta: Array) -> Array:
        """Return the standardized effects, (B, k), at kernel parameters (B, q)."""
        return effect_values(self.main.spec, self.main.model, theta, list(self.effects), standardized=True)

    def expand(self, covariance: Array, start: Expansion | None = None) -> Expansion:
        """Return values and gradients at one covariance matrix."""
        main = self.main.at(covariance, None if start is None else start.main.theta)
        found: dict[str, tuple[float, Array]] = {
            "chisq": (self.multiplier * main.minimum, self.multiplier * main.gradient)
        }
        wide = None
        if self.wide is not None:
            wide = self.wide.at(covariance, None if start is None or start.wide is None else start.wide.theta)
            difference = main.minimum - wide.minimum
            found["dchisq"] = (
                self.multiplier * difference,
                self.multiplier * (main.gradient - wide.gradient),
            )
        if "baseline_chisq" in self.names:
            value = float(_minus_log_determinant(covariance[None])[0])
            slope = np.diag(1.0 / np.diag(covariance)) - main.sample_inverse
            found["baseline_chisq"] = (self.multiplier * value, self.multiplier * slope)
        if "srmr" in self.names:
            found["srmr"] = _srmr_with_gradient(main)
        return self._expansion(found, main, wide)

    def _expansion(
        self, found: Mapping[str, tuple[float, Array]], main: Optimum, wide: Optimum | None
    ) -> Expansion:
        k = len(main.theta)
        around = self.effect_values(
            np.concatenate([main.theta + STEP * np.eye(k), main.theta - STEP * np.eye(k)])
        )
        slopes = (around[:k] - around[k:]).T / (2.0 * STEP)
        return Expansion(
            values=np.concatenate(
                [[found[name][0] for name in self._global], self.effect_values(main.theta[None])[0]]
            ),
            gradients=np.concatenate(
                [np.array([found[name][1] for name in self._global]), main.estimates_gradient(slopes)]
            ),
            main=main,
            wide=wide,
        )


def _minus_log_determinant(covariances: Array) -> Array:
    """Return -log|R|, (B,): the discrepancy of the independence model."""
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    return np.asarray(np.log(variances).sum(axis=1) - np.linalg.slogdet(covariances)[1])


def _srmr(covariances: Array, implied: Array) -> Array:
    """Return Bentler's SRMR, (B,): residuals by sample standard deviations, diagonal included."""
    sd = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    residuals = (covariances - implied) / (sd[:, :, None] * sd[:, None, :])
    lower = np.tril_indices(residuals.shape[1])
    return np.asarray(np.sqrt((residuals[:, lower[0], lower[1]] ** 2).mean(axis=1)))


def _srmr_with_gradient(at: Optimum) -> tuple[float, Array]:
    """Return SRMR and its derivative: directly through S, and through the estimates."""
    p = len(at.sample)
    sd = np.sqrt(np.diag(at.sample))
    residuals = (at.sample - at.sigma) / np.outer(sd, sd)
    once = (np.ones((p, p)) + np.eye(p)) / 2.0  # every pair counts once in a sum over the full matrix
    value = float(np.sqrt((residuals**2 * once).sum() * 2.0 / (p * (p + 1))))
    pull = residuals * once * 2.0 / (p * (p + 1)) / value
    direct = pull / np.outer(sd, sd)
    variances = np.diag((pull * residuals).sum(axis=1) / np.diag(at.sample))
    through = at.estimates_gradient(-np.tensordot(at.tangents, direct, axes=2)[None])[0]
    return value, direct - variances + through
