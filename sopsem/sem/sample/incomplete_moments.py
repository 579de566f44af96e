"""Moments of incomplete rows: patterns for full information, saturated estimates for two stages."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import ConvergenceError, DataError, UsageError
from sopsem.sem.sample.data_values import numeric_values
from sopsem.sem.sample.em import EMMoments, em_moments
from sopsem.sem.sample.moments import Moments
from sopsem.sem.sample.patterns import MissingPatterns, marginal_patterns, patterns_from_values
from sopsem.sem.sample.saturated_information import two_stage_moments

__all__ = ["available_moments", "incomplete_moments", "moments_of_patterns"]

Array = NDArray[np.float64]


def incomplete_moments(
    data: pd.DataFrame,
    names: Sequence[str],
    *,
    missing: str,
    exogenous: Sequence[str] = (),
    auxiliary: Sequence[str] = (),
    information: str = "observed",
) -> Moments:
    """Return the moments of all rows with a value in a variable of the model.

    Parameters
    ----------
    names : sequence of str
        The p variables of the model.
    missing : {"ml", "ml_x", "two_stage", "robust_two_stage"}
    exogenous : sequence of str
        Variables that are given: a row without one of them is left out.
    auxiliary : sequence of str
        Variables outside the model that help to recover what is missing; for the two-stage methods.
    information : {"observed", "expected"}
        The information behind the covariance matrix of two-stage moments.

    Raises
    ------
    UsageError, ModelError, DataError
        As ``numeric_values`` and ``em_moments``.
    ConvergenceError
        The saturated model has no maximum that can be found.

    Notes
    -----
    Values are taken to be missing at random (Rubin, 1976).

    """
    if clash := [a for a in auxiliary if a in names]:
        raise UsageError(f"auxiliary variable {clash[0]!r} is in the model; leave it out of auxiliary")
    values = numeric_values(data, [*names, *auxiliary])
    unusable = np.isnan(values[:, : len(names)]).all(axis=1)
    if exogenous:
        unusable |= np.isnan(values[:, [list(names).index(v) for v in exogenous]]).any(axis=1)
    patterns = patterns_from_values(values[~unusable], (*names, *auxiliary))
    found = moments_of_patterns(
        patterns, names, stage=missing if missing.endswith("stage") else "", information=information
    )
    excluded = tuple(int(i) for i in np.flatnonzero(unusable))
    found = replace(found, sample=patterns.data if auxiliary else None)
    return _with_rows(found, len(values), excluded, bool(exogenous))


def _with_rows(found: Moments, given: int, excluded: tuple[int, ...], exogenous: bool) -> Moments:
    notes = found.notes
    if excluded:
        why = "no value at all or none of an exogenous variable" if exogenous else "no value at all"
        have, were = ("has", "was") if len(excluded) == 1 else ("have", "were")
        notes = (*notes, f"{len(excluded)} of {given} rows {have} {why} in the model and {were} left out")
    return replace(found, rows_given=given, rows_excluded=excluded, notes=notes)


def moments_of_patterns(
    patterns: MissingPatterns, names: Sequence[str], *, stage: str = "", information: str = "observed"
) -> Moments:
    """Return the moments of patterns: of the model's variables ``names``, which stand first in them.

    Parameters
    ----------
    stage : {"", "two_stage", "robust_two_stage"}
        With a stage the saturated estimates are taken as data, with their covariance matrix.

    Raises
    ------
    DataError
        As ``em_moments``, or too few rows.
    ConvergenceError
        The saturated model has no maximum that can be found.

    """
    p = len(names)
    if patterns.n <= p:
        raise DataError(
            f"{patterns.n:g} row(s) for {p} variables: maximum likelihood needs more rows than variables"
        )
    saturated = _converged(em_moments(patterns))
    gamma = None
    if stage:
        first = two_stage_moments(
            patterns,
            robust=stage == "robust_two_stage",
            information="observed" if information == "observed" else "expected",
            moments=saturated,
        ).marginal(list(names))
        gamma = first.gamma
    return Moments(
        names=tuple(names),
        covariance=saturated.covariance[:p, :p],
        mean=saturated.mean[:p],
        n=round(patterns.n),
        data=patterns.data[:, :p],
        rows_given=len(patterns.data),
        patterns=patterns if len(patterns.names) == p else marginal_patterns(patterns, list(names)),
        saturated=saturated,
        gamma=gamma,
    )


def available_moments(moments: Moments) -> Moments:
    """Return moments with means and covariances of all rows that a variable, or a pair of them, has."""
    if moments.data is None:
        return moments
    rows = pd.DataFrame(moments.data)
    biased = (len(rows) - 1.0) / len(rows)
    return replace(moments, covariance=rows.cov().to_numpy() * biased, mean=rows.mean().to_numpy())


def _converged(found: EMMoments) -> EMMoments:
    if not found.converged:
        raise ConvergenceError(
            f"the saturated model of the incomplete rows did not converge in {found.iterations} steps; drop "
            "variables with few values, or use missing='listwise'"
        )
    return found
