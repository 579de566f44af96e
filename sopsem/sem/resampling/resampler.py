"""What makes the moments of draw b: which rows, on which metric, transformed or not."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import DataError, UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.moments import moments_from_data
from sopsem.sem.resampling.resampling import normal_rows, resample_indices

__all__ = ["KINDS", "Resampler", "make_resampler"]

Array = NDArray[np.float64]
KINDS = ("case", "bollen_stine", "parametric")
SAME_DATA = 0.05  # correlations of rows and of a printed covariance matrix agree up to its rounding
UNITS_APART = 1e4  # standard deviations so far apart would lose digits in the roots of the covariance matrix


@dataclass(frozen=True, kw_only=True)
class Resampler:
    """What makes the moments of draw b: rows on the kernel's metric, and how they are drawn.

    ``rows`` (n, p) carries a column of ones for models with intercepts; ``root`` (p, p) turns standard normal
    rows into parametric draws.
    """

    kind: str
    seed: int
    rows: Array
    scale: float
    meanstructure: bool
    root: Array | None = None
    given: NDArray[np.intp] | None = None

    def moments(self, draws: Iterable[int]) -> Array:
        """Return the moment matrices of these draws, (len(draws), p, p)."""
        if self.kind == "parametric":
            return np.stack([self._parametric_moments(b) for b in draws])
        counts = np.stack([np.bincount(self._picked(b), minlength=len(self.rows)) for b in draws])
        return self._weighted_moments(counts.astype(np.float64))

    def _weighted_moments(self, counts: Array) -> Array:
        """Return the moments of rows taken ``counts`` (B, n) times: no resampled copy of the data is made."""
        n = counts.sum(axis=1)[:, None, None]
        carried = (counts[:, None, :] * self.rows.T) @ self.rows / n
        mean = (counts[:, None, :] @ self.rows) / n
        return self._covariances(carried, mean)

    def _covariances(self, second: Array, mean: Array) -> Array:
        """Return (B, p, p) moments from raw second moments and means (B, 1, p)."""
        symmetric = (second + second.transpose(0, 2, 1)) / 2.0
        if self.meanstructure:
            return np.asarray(symmetric)
        centred: Array = (symmetric - mean.transpose(0, 2, 1) * mean) * self.scale
        return centred

    def rows_of(self, draw: int) -> NDArray[np.intp] | None:
        """Return the row positions (from 0) of a draw; None for parametric draws, which have no rows."""
        if self.kind == "parametric":
            return None
        return self._picked(draw)

    def _picked(self, draw: int) -> NDArray[np.intp]:
        if self.given is None:
            return resample_indices(self.seed, draw, len(self.rows))
        return np.asarray(self.given[draw], dtype=np.intp)

    def _parametric_moments(self, draw: int) -> Array:
        if self.root is None:
            raise UsageError("parametric draws need the root of the implied covariance matrix")
        n = len(self.rows)
        free = normal_rows(self.seed, draw, n, self.root.shape[0]) @ self.root.T
        used = np.column_stack([free + self.rows[0, :-1], np.ones(n)]) if self.meanstructure else free
        both = self._covariances((used.T @ used / n)[None], used.mean(axis=0)[None, None])
        return np.asarray(both[0])

    def without_each_row(self) -> Array:
        """Return the moment matrices without one row each, (n, p, p) (for the jackknife)."""
        return self._weighted_moments(1.0 - np.eye(len(self.rows)))


def make_resampler(
    fit: Fit, data: pd.DataFrame | None, kind: str, seed: int, indices: NDArray[np.integer] | None
) -> Resampler:
    """Return the resampler of a fit; see ``bootstrap`` for the arguments and errors."""
    model = fit.model
    if kind == "parametric":
        if indices is not None:
            raise UsageError("parametric draws have no rows; leave indices out or choose another kind")
        return _parametric(fit, seed)
    raw = _raw_rows(fit, data)
    given = None if indices is None else _checked_indices(indices, len(raw))
    if kind == "bollen_stine":
        raw = transformed(fit, raw)
    rows = (raw - model.center) / model.sd
    if model.meanstructure:
        rows = np.column_stack([rows, np.ones(len(rows))])
    return Resampler(
        kind=kind,
        seed=seed,
        rows=rows,
        scale=fit.n / (fit.n - 1) if fit.likelihood == "wishart" else 1.0,
        meanstructure=model.meanstructure,
        given=given,
    )


def _raw_rows(fit: Fit, data: pd.DataFrame | None) -> Array:
    """Return the rows behind a fit, after checking that they are its own."""
    raw = fit.moments.data
    if data is not None:
        seen = moments_from_data(data, fit.spec.observed)
        if raw is not None and seen.fingerprint != fit.moments.fingerprint:
            raise DataError(
                f"these data ({seen.n} complete rows) are not those of the fit ({fit.n} rows); "
                "give the data that the model was fitted to"
            )
        raw = seen.data
        _check_same_moments(fit, seen.covariance)
    if raw is None:
        raise DataError("resampling rows needs the raw data; give data=, or use kind='parametric'")
    if len(raw) != fit.n:
        raise DataError(
            f"the data have {len(raw)} complete rows, the fit used {fit.n}; give the data of the fit"
        )
    return raw


def _check_same_moments(fit: Fit, covariance: Array) -> None:
    """Refuse rows whose correlations are not those analysed, up to the rounding of a printed matrix."""
    sd, own = np.sqrt(np.diag(covariance)), np.sqrt(np.diag(fit.sample_cov))
    apart = float(np.abs(covariance / np.outer(sd, sd) - fit.sample_cov / np.outer(own, own)).max())
    if apart > SAME_DATA:
        raise DataError(
            f"these data do not have the covariances of the fit (a correlation differs by {apart:.2f}); "
            "give the data behind the matrix"
        )


def _checked_indices(indices: NDArray[np.integer], n: int) -> NDArray[np.intp]:
    given = np.asarray(indices)
    whole = np.issubdtype(given.dtype, np.integer) and given.ndim == 2 and given.shape[1] == n and len(given)
    if not whole or given.min() < 0 or given.max() >= n:
        raise UsageError(f"indices must be (B, {n}) row positions, whole numbers from 0 to {n - 1}")
    return given.astype(np.intp)


def _parametric(fit: Fit, seed: int) -> Resampler:
    model = fit.model
    correlation = fit.sigma / np.outer(model.sd, model.sd)
    mean = np.zeros(len(model.sd)) if fit.mu is None else (fit.mu - model.center) / model.sd
    rows = np.tile(np.append(mean, 1.0) if model.meanstructure else mean, (fit.n, 1))
    root = np.asarray(np.linalg.cholesky(correlation))
    # drawn moments have the divisor N and are brought to that of the likelihood, as those of rows are
    return Resampler(
        kind="parametric",
        seed=seed,
        rows=rows,
        scale=fit.n / (fit.n - 1) if fit.likelihood == "wishart" else 1.0,
        meanstructure=model.meanstructure,
        root=root,
    )


def transformed(fit: Fit, raw: Array) -> Array:
    """Return Z = (X - mean) S^-1/2 Sigma^1/2 + implied mean, with symmetric roots and divisor N.

    The moments of Z are those that the model implies (Bollen & Stine, 1992).  The roots are taken in the
    metric of the data, as in lavaan, unless units far apart would spoil them: then on the correlation metric,
    which is as good a transformation.
    """
    sd = fit.model.sd
    unit = sd if sd.max() > UNITS_APART * sd.min() else np.ones(len(sd))
    centred = (raw - raw.mean(axis=0)) / unit
    sample = centred.T @ centred / len(raw)
    target = fit.sigma / np.outer(unit, unit)
    if fit.likelihood == "wishart":
        target = target * (fit.n - 1) / fit.n
    mixed = _power(sample, -0.5) @ _power(target, 0.5)
    mean = raw.mean(axis=0) if fit.mu is None else fit.mu
    return np.asarray((centred @ mixed) * unit + mean)


def _power(matrix: Array, exponent: float) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * values**exponent) @ vectors.T)
