"""Scores and information of the saturated model of incomplete rows, on the kernel's metric of a group."""

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import DataError
from sopsem.sem.estimation.group import Group
from sopsem.sem.sample.missing_likelihood import casewise_scores
from sopsem.sem.sample.patterns import MissingPatterns
from sopsem.sem.sample.saturated_information import expected_information, observed_information

__all__ = ["incomplete_information", "incomplete_scores"]

Array = NDArray[np.float64]


def _at(group: Group, implied: Array | None) -> tuple[MissingPatterns, Array, Array]:
    """Return the patterns with means and covariances in the metric of the data.

    ``implied`` (k,) are moments on the kernel's metric, None stands for those of the saturated model.
    """
    moments = group.moments
    if moments.patterns is None or moments.mean is None:
        raise DataError("these moments are not those of incomplete rows")
    if implied is None:
        return moments.patterns, moments.mean, moments.covariance
    p = len(group.model.sd)
    covariance = np.zeros((p, p))
    j, i = np.triu_indices(p)
    covariance[i, j] = covariance[j, i] = implied[p:]
    sd = group.model.sd
    return moments.patterns, group.model.center + sd * implied[:p], covariance * np.outer(sd, sd)


def incomplete_scores(group: Group, implied: Array | None) -> Array:
    """Return the derivative of every row's log-likelihood by means and vech(Sigma), (n, p + p(p + 1)/2).

    Parameters
    ----------
    implied : (k,) array or None
        The moments at which they are taken, on the kernel's metric; None for those of the saturated model.

    """
    return np.asarray(casewise_scores(*_at(group, implied)) * group.metric)


def incomplete_information(group: Group, implied: Array | None, kind: str) -> Array:
    """Return the information of one row about means and vech(Sigma), "observed" or "expected", (k, k)."""
    about = observed_information if kind == "observed" else expected_information
    return np.asarray(about(*_at(group, implied)) * np.outer(group.metric, group.metric))
