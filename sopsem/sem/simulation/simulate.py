"""Artificial data from a model: normal or with given skewness and kurtosis, ordered variables, groups."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import ModelError, ResourceLimitError, UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.model.spec import ModelSpec, model_spec
from sopsem.sem.simulation.population import Population, population_of_fit, population_of_table
from sopsem.sem.simulation.rows import Shape, row_maker

__all__ = ["simulate"]

Array = NDArray[np.float64]
_NO_VALUES: Mapping[str, float] = {}
MOST_ROWS = 10_000_000


def simulate(
    model: str | ModelSpec | Fit,
    n: int | Sequence[int],
    *,
    seed: int,
    values: Mapping[str, float] = _NO_VALUES,
    skewness: Shape = None,
    kurtosis: Shape = None,
    thresholds: Mapping[str, Sequence[float]] | None = None,
    empirical: bool = False,
    groups: Sequence[str] = ("",),
    group: str = "group",
    **options: Any,
) -> pd.DataFrame:
    """Draw rows from a model with known parameters.

    Parameters
    ----------
    model : str, ModelSpec or Fit
        Model text with fixed values (``0.8*x2``) or starts, a table, or a fit, whose estimates are the population.
    n : int or sequence of int
        Rows; of every group.
    seed : int
        The same seed gives the same rows.
    values : mapping of str to float
        Of parameters by label or name, before those of the text; not with a fit.
    skewness, kurtosis : float, mapping of str to float, or sequence of float, optional
        Of all variables, of some by name (the others 0), or of each in the order of the model.  Kurtosis is excess
        kurtosis: 0 is normal.
    thresholds : mapping of str to sequence of float, optional
        Variables to cut into answers 1, 2, ... at these values; they replace thresholds of the model, by which
        its ordered variables are cut in any case.
    empirical : bool
        Make sample means and covariances (divisor n - 1) exactly those of the population, before cutting.
    groups : sequence of str
        Labels of the groups of a text; a table or fit has its own.
    group : str
        The column that names the group of a row, where there are several.
    **options
        Further options of ``model_spec`` for a text: std_lv, group_equal, growth, parameterization, ordered, ...

    Returns
    -------
    DataFrame
        One column per observed variable, and ``group``.

    Raises
    ------
    UsageError
        Sizes that are no positive whole numbers; names that the model does not have; a skewness and kurtosis, or
        correlations with them, that are impossible; options that do not go with a fit.
    ModelError
        A population covariance matrix that is not positive definite.
    ResourceLimitError
        More rows than memory is worth: 10 million of all groups together.

    Notes
    -----
    Non-normal variables are cubic polynomials of normal ones (Fleishman, 1978) with correlations chosen so that the
    polynomials have those of the model (Vale & Maurelli, 1983).  With ``empirical`` the rows are turned linearly
    afterwards, which moves sample skewness and kurtosis a little.  In a text exogenous variables are random, with
    the variances that it gives.  Parameters without a value are 1 (loadings, variances) or 0, as in lavaan.

    Examples
    --------
    >>> rows = simulate("f =~ 0.8*a + 0.7*b + 0.6*c; f ~~ 1*f", 50, seed=1, empirical=True)
    >>> round(float(rows["a"].cov(rows["b"])), 10)
    0.56

    """
    populations, labels = _populations(model, values, groups, thresholds, options)
    sizes = _sizes(n, len(populations))
    children = np.random.SeedSequence(_seed(seed)).spawn(len(populations))
    frames = []
    for population, size, child, label in zip(populations, sizes, children, labels, strict=True):
        rng = np.random.Generator(np.random.PCG64(child))
        rows = row_maker(population, skewness, kurtosis).rows(size, rng, empirical=empirical)
        frame = _cut(pd.DataFrame(rows, columns=list(population.names)), population, thresholds)
        frames.append(frame.assign(**{group: label}) if len(populations) > 1 else frame)
    return pd.concat(frames, ignore_index=True)


def _populations(
    model: str | ModelSpec | Fit,
    values: Mapping[str, float],
    groups: Sequence[str],
    thresholds: Mapping[str, Sequence[float]] | None,
    options: dict[str, Any],
) -> tuple[tuple[Population, ...], tuple[str, ...]]:
    """Return the population of every group and the labels."""
    if isinstance(model, Fit):
        if values or options or tuple(groups) != ("",):
            raise UsageError(
                "a fit brings its own parameters and groups; leave values, groups and options out, or give model text"
            )
        made, spec = population_of_fit(model), model.spec
    else:
        if isinstance(model, str):
            options.setdefault("fixed_x", False)
            spec = model_spec(model, groups=groups, **options)
        else:
            spec = model
        made = population_of_table(spec, values)
    if thresholds and (unknown := [v for v in thresholds if v not in spec.observed]):
        raise UsageError(f"thresholds has {', '.join(unknown)}, which the model does not observe")
    for own, label in zip(made, spec.groups, strict=True):
        if np.linalg.eigvalsh(own.covariance).min() <= 0.0:
            where = f" of group {label!r}" if label else ""
            raise ModelError(
                f"the population covariance matrix{where} is not positive definite at these values; give residual "
                "variances above 0 and correlations below 1"
            )
    return made, spec.groups


def _sizes(n: int | Sequence[int], n_groups: int) -> tuple[int, ...]:
    given = tuple(n) if isinstance(n, Sequence) else (n,) * n_groups
    if len(given) != n_groups or any(not isinstance(k, (int, np.integer)) or k < 1 for k in given):
        raise UsageError(
            f"n is {n!r}; give a whole number above 0, or one for each of the {n_groups} group(s)"
        )
    if sum(given) > MOST_ROWS:
        raise ResourceLimitError(
            f"{sum(given):,} rows are asked for; at most {MOST_ROWS:,} are made at once. Ask for fewer, and for "
            "more with other seeds"
        )
    return tuple(int(k) for k in given)


def _seed(seed: int) -> int:
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise UsageError(f"seed is {seed!r}; give a whole number from 0 on")
    return int(seed)


def _cut(
    frame: pd.DataFrame, population: Population, thresholds: Mapping[str, Sequence[float]] | None
) -> pd.DataFrame:
    """Return the frame with ordered variables as answers 1, 2, ..."""
    cuts = {**population.thresholds, **{v: tuple(map(float, t)) for v, t in (thresholds or {}).items()}}
    for v, at in cuts.items():
        if not at or any(a >= b for a, b in pairwise(at)):
            raise UsageError(f"the thresholds of {v} are {list(at)}; give one or more rising numbers")
        frame[v] = np.searchsorted(np.array(at), frame[v].to_numpy(), side="left") + 1
    return frame
