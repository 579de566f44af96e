"""From a fit to the rows that its draws are made of, after checking that they are its own and that they serve.

Reference: Bollen, K. A., & Stine, R. A. (1992). Bootstrapping goodness-of-fit measures in structural equation
models. Sociological Methods & Research, 21.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import DataError, UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.resampling.samples import CompleteSample, PatternSample, Sample, SingleSample
from sopsem.sem.sample.data_values import numeric_values
from sopsem.sem.sample.moments import Moments, moments_from_data
from sopsem.sem.sample.patterns import patterns_from_values

__all__ = ["KINDS", "make_samples", "transformed"]

Array = NDArray[np.float64]
KINDS = ("case", "bollen_stine", "parametric")
SAME_DATA = 0.05  # correlations of rows and of a printed covariance matrix agree up to its rounding
UNITS_APART = 1e4  # standard deviations so far apart would lose digits in the roots of the covariance matrix


def make_samples(fit: Fit, data: pd.DataFrame | None, kind: str) -> tuple[Sample, ...]:
    """Return the rows of every group of a fit as ``kind`` draws them.

    Raises
    ------
    UsageError
        A kind that these data or this estimator do not have; a model with composites.
    DataError
        Rows that are lacking, or that are not the fit's.

    """
    if fit.spec.composites:
        raise UsageError(
            f"composite(s) {', '.join(fit.spec.composites)} (<~) take the moments of their components from the "
            "data, which draws would change; resample a model with the composites as columns of the data"
        )
    settings = fit.settings
    ordered = any(m.ordinal is not None for m in fit.data_moments)
    incomplete = settings.incomplete or settings.two_stage
    _check_kind(fit, kind, ordered=ordered, incomplete=incomplete)
    held = settings.missing == "ml_x" and any(p.exo for p in fit.spec)
    samples: list[Sample] = []
    for own in fit.by_group:
        raw = None if kind == "parametric" else _raw_rows(own, data, fit.n_groups)
        if ordered or settings.two_stage or settings.estimator != "ML" or held:
            samples.append(_single(own, raw))
        elif incomplete:
            samples.append(_patterns(own))
        elif raw is None:
            samples.append(_parametric(own))
        else:
            samples.append(_complete(own, transformed(own, raw) if kind == "bollen_stine" else raw))
    return tuple(samples)


def _check_kind(fit: Fit, kind: str, *, ordered: bool, incomplete: bool) -> None:
    if kind == "case":
        return
    what = ""
    if ordered:
        what = "ordered variables"
    elif incomplete:
        what = "rows with missing values"
    elif any(m.clusters is not None for m in fit.data_moments):
        what = "clustered rows"
    elif kind == "bollen_stine" and fit.settings.estimator != "ML":
        what = f"estimator={fit.settings.estimator!r}"
    if what:
        also = " or 'parametric'" if what.startswith("estimator") else ""
        raise UsageError(f"kind={kind!r} is not possible with {what}; use kind='case'{also}")


def _complete(fit: Fit, raw: Array) -> CompleteSample:
    model = fit.model
    rows = (raw - model.center) / model.sd
    if model.meanstructure:
        rows = np.column_stack([rows, np.ones(len(rows))])
    return CompleteSample(rows=rows, scale=_scale(fit), meanstructure=model.meanstructure)


def _scale(fit: Fit) -> float:
    """Return what turns drawn moments with the divisor N into those of the likelihood."""
    return fit.n / (fit.n - 1) if fit.likelihood == "wishart" else 1.0


def _parametric(fit: Fit) -> CompleteSample:
    model = fit.model
    correlation = fit.sigma / np.outer(model.sd, model.sd)
    mean = np.zeros(len(model.sd)) if fit.mu is None else (fit.mu - model.center) / model.sd
    return CompleteSample(
        rows=np.tile(np.append(mean, 1.0) if model.meanstructure else mean, (fit.n, 1)),
        scale=_scale(fit),
        meanstructure=model.meanstructure,
        root=np.asarray(np.linalg.cholesky(correlation)),
    )


def _patterns(fit: Fit) -> PatternSample:
    model, patterns = fit.model, fit.moments.patterns
    if patterns is None:
        raise DataError("resampling rows needs the raw data; fit the model with data=")
    rows = np.nan_to_num((patterns.data - model.center) / model.sd)
    return PatternSample(
        names=fit.spec.observed,
        rows=np.column_stack([rows, np.ones(len(rows))]),
        pattern=patterns.pattern,
        masks=np.column_stack([patterns.observed, np.ones(len(patterns.observed), dtype=bool)]),
    )


def _single(fit: Fit, raw: Array | None) -> SingleSample:
    moments = fit.moments
    if fit.settings.two_stage and raw is not None and moments.saturated is not None:
        moments = replace(moments, patterns=patterns_from_values(raw, moments.saturated.names))
    if raw is not None:
        return SingleSample(spec=fit.spec, settings=fit.settings, rows=raw, moments=moments)
    mean = fit.mu if fit.mu is not None else moments.mean
    return SingleSample(
        spec=fit.spec,
        settings=fit.settings,
        rows=np.zeros((0, len(fit.spec.observed))),
        moments=moments,
        root=np.asarray(np.linalg.cholesky(fit.sigma)),
        mean=np.zeros(len(fit.sigma)) if mean is None else mean,
    )


def _raw_rows(fit: Fit, data: pd.DataFrame | None, n_groups: int) -> Array:
    """Return the rows behind the fit of a group, after checking that ``data`` are its own."""
    moments = fit.moments
    raw = moments.data if moments.sample is None else moments.sample
    if data is not None and n_groups == 1 and moments.saturated is None and moments.ordinal is None:
        raw = _complete_rows(fit, data)
    elif data is not None and raw is not None:
        _check_same_rows(fit, raw, data)
    if raw is None:
        raise DataError(
            "resampling rows needs the raw data; give data= (of several groups: fit the model to them), or use "
            "kind='parametric'"
        )
    if len(raw) != fit.n:
        raise DataError(
            f"the data have {len(raw)} complete rows, the fit used {fit.n}; give the data of the fit"
        )
    return raw


def _complete_rows(fit: Fit, data: pd.DataFrame) -> Array | None:
    seen = moments_from_data(data, fit.spec.observed)
    if fit.moments.data is not None and seen.fingerprint != fit.moments.fingerprint:
        raise DataError(
            f"these data ({seen.n} complete rows) are not those of the fit ({fit.n} rows); "
            "give the data that the model was fitted to"
        )
    _check_same_moments(fit, seen.covariance)
    return seen.data


def _check_same_rows(fit: Fit, raw: Array, data: pd.DataFrame) -> None:
    """Refuse data that do not hold the rows of the fit where it found them."""
    moments = fit.moments
    positions = np.arange(moments.rows_given) if moments.positions is None else moments.positions
    used = np.delete(positions, list(moments.rows_excluded))
    names = list(fit.spec.observed) if raw.shape[1] == len(fit.spec.observed) else _names_of(moments)
    there = len(data) > used.max(initial=-1)
    if not there or not np.array_equal(numeric_values(data.iloc[used], names), raw, equal_nan=True):
        raise DataError("these data are not those of the fit; give the data that the model was fitted to")


def _names_of(moments: Moments) -> list[str]:
    """Return the names of the columns of rows with auxiliary variables."""
    return list(moments.names if moments.saturated is None else moments.saturated.names)


def _check_same_moments(fit: Fit, covariance: Array) -> None:
    """Refuse rows whose correlations are not those analysed, up to the rounding of a printed matrix."""
    sd, own = np.sqrt(np.diag(covariance)), np.sqrt(np.diag(fit.sample_cov))
    apart = float(np.abs(covariance / np.outer(sd, sd) - fit.sample_cov / np.outer(own, own)).max())
    if apart > SAME_DATA:
        raise DataError(
            f"these data do not have the covariances of the fit (a correlation differs by {apart:.2f}); "
            "give the data behind the matrix"
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
