"""Estimates and standard errors whose power is asked for: effects, raw and standardized, and free parameters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.effects.effects import Effect, effect_values, find_effects
from sopsem.sem.estimation.fit import Fit

__all__ = ["Quantities", "quantities_of"]

Array = NDArray[np.float64]
STEP = 1e-5
RAW, STANDARDIZED = "raw", "std"


@dataclass(frozen=True, kw_only=True)
class Quantities:
    """Effects raw, effects standardized, then free parameters, as functions of the kernel parameters.

    Attributes
    ----------
    fit : Fit
        Of the full model to the population.
    effects : tuple of Effect
    rows : (r,) array
        Free parameters, by their place in the table; paths are among the effects.
    moving : (m,) array
        The kernel parameters that effects depend on.

    """

    fit: Fit
    effects: tuple[Effect, ...]
    rows: NDArray[np.intp]
    moving: NDArray[np.intp]

    @property
    def labels(self) -> list[tuple[str, str]]:
        """Name and scale of every quantity."""
        names = [e.name for e in self.effects]
        free = [self.fit.spec.parameters[i].name for i in self.rows]
        return [(n, RAW) for n in names] + [(n, STANDARDIZED) for n in names] + [(n, RAW) for n in free]

    def effect_values(self, theta: Array) -> Array:
        """Return effects, raw then standardized, (B, 2e), at kernel parameters (B, k)."""
        spec, model, wanted = self.fit.spec, self.fit.model, list(self.effects)
        if not wanted:
            return np.empty((len(theta), 0))
        parts = [effect_values(spec, model, theta, wanted, standardized=s) for s in (False, True)]
        return np.concatenate(parts, axis=1)

    def values(self, theta: Array) -> Array:
        """Return all quantities (B, s)."""
        return np.concatenate([self.effect_values(theta), self.fit.model.rows(theta)[:, self.rows]], axis=1)

    def errors(self, theta: Array, vcov: Array) -> Array:
        """Return standard errors (B, s) by the delta method from covariances of the estimates (B, k, k).

        NaN where a variance is not positive, or an effect has no value.
        """
        slopes = self.effect_slopes(theta)
        small = vcov[:, self.moving[:, None], self.moving]
        basis = self.fit.model.row_basis[self.rows]
        with np.errstate(invalid="ignore"):
            of_effects = ((slopes @ small) * slopes).sum(axis=2)
            of_rows = ((basis @ vcov) * basis).sum(axis=2)
            both = np.concatenate([of_effects, of_rows], axis=1)
            return np.asarray(np.sqrt(np.where(both > 0.0, both, np.nan)))

    def effect_slopes(self, theta: Array) -> Array:
        """Return d effects / d moving parameters, (B, 2e, m), by central differences."""
        size, m = len(theta), len(self.moving)
        steps = np.zeros((2 * m, theta.shape[1]))
        steps[np.arange(m), self.moving], steps[m + np.arange(m), self.moving] = STEP, -STEP
        shifted = (theta[:, None, :] + steps).reshape(-1, theta.shape[1])
        values = self.effect_values(shifted).reshape(size, 2 * m, 2 * len(self.effects))
        return np.asarray((values[:, :m] - values[:, m:]).transpose(0, 2, 1) / (2.0 * STEP))


def quantities_of(fit: Fit) -> Quantities:
    """Return every effect and every other free parameter of a fit.

    Examples
    --------
    >>> from sopsem.sem.power.design import make_design
    >>> found = quantities_of(make_design("y ~ x", {"y~x": 0.5}).full)
    >>> [name for name, scale in found.labels if scale == "raw"]
    ['direct:y~x', 'total:y~x', 'y~~y', 'x~~x']

    """
    rows = [i for i, p in enumerate(fit.spec) if p.free and p.op != "~"]
    k = len(fit.kernel_theta)
    found = Quantities(
        fit=fit,
        effects=tuple(find_effects(fit.spec)),
        rows=np.array(rows, dtype=np.intp),
        moving=np.arange(k),
    )
    # a parameter moves an effect or not, whatever the values: seen at a place where no product is 0
    somewhere = fit.kernel_theta + 0.01 * np.cos(np.arange(k) + 1.0)
    slopes = found.effect_slopes(somewhere[None])[0]
    moving = np.flatnonzero((np.abs(slopes) > 1e-7).any(axis=0))
    return Quantities(fit=fit, effects=found.effects, rows=found.rows, moving=moving)
