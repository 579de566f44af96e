"""The implied moments worked out in the variables that send paths.

With s the m variables that send a path, o the observed variables and n those observed that send none,

    E_ss = (I - A_ss)^-1,   L = E_os = I_os + A_os E_ss,
    Sigma = S_nn + L S_ss L' + S_on L' + L S_no,

so nothing larger than (p + m) x m is multiplied, however many variables there are.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.cells import cells
from sopsem.kernel.layout import Layout
from sopsem.kernel.senders import Senders

__all__ = ["Reduced", "all_columns", "each_or_nan", "reduced"]

Array = NDArray[np.float64]


class Reduced(NamedTuple):
    """Moments at B parameter vectors and what their derivatives need; NaN or inf where they are not defined."""

    sigma: Array  # (B, p, p)
    inverse_sources: Array  # E_ss, (B, m, m)
    total_sources: Array  # G_ss, (B, m, m)
    columns: Array  # [E_os, G_os], (B, p, 2m)


def reduced(layout: Layout, theta: Array) -> Reduced:
    """Return the moments at theta (B, q) with E_ss, G_ss and the columns E_os and G_os."""
    at, p, m, size = layout.senders, layout.n_observed, len(layout.sources), len(theta)
    values = np.empty((size, len(layout.offset) + len(at.constants)))
    values[:, : len(layout.offset)] = cells(layout, theta)
    values[:, len(layout.offset) :] = at.constants
    sent = values.take(at.paths, axis=1, mode="clip").reshape(size, p + m, m)
    spread = at.units + sent
    inverse = _inverse(at, spread[:, p:], sent[:, p:])
    spread = np.concatenate([at.units[:p] + sent[:, :p] @ inverse, inverse], axis=1)
    carried = spread @ values.take(at.among, axis=1, mode="clip").reshape(size, m, m)
    if at.mixed is not None:
        mixed = values.take(at.mixed, axis=1, mode="clip").reshape(size, p, m)
        carried[:, :p] += mixed
    total = carried @ spread.transpose(0, 2, 1)
    sigma = total[:, :p, :p].copy()
    if at.mixed is not None:
        sigma += spread[:, :p] @ mixed.transpose(0, 2, 1)
    sigma.reshape(size, p * p)[:, at.own] += values.take(at.own_from, axis=1, mode="clip")
    columns = np.concatenate([spread[:, :p], total[:, :p, p:]], axis=2)
    return Reduced(sigma, inverse, total[:, p:, p:], columns)


def _inverse(at: Senders, first: Array, among: Array) -> Array:
    """Return (I - A_ss)^-1: without circles a product of few factors, I + A of which is given."""
    if at.steps is None:
        return each_or_nan(np.linalg.inv, np.eye(among.shape[1]) - among)
    inverse, power = first, among
    for _ in range(at.steps - 1):
        power = power @ power
        inverse = inverse + inverse @ power
    return inverse


def each_or_nan(function: Callable[[Array], Any], matrices: Array) -> Array:
    """Return a function of many matrices, NaN for those that it refuses as singular or not positive definite."""
    try:
        return np.asarray(function(matrices), dtype=np.float64)
    except np.linalg.LinAlgError:
        found = np.full_like(matrices, np.nan)
        for i, one in enumerate(matrices):
            try:
                found[i] = function(one)
            except np.linalg.LinAlgError:
                continue  # stays NaN: that is the answer for this matrix
        return found


def all_columns(layout: Layout, columns: Array) -> Array:
    """Return M = [E_{o,:}, G_{o,sources}] (p, v + m) of one model from its columns [E_os, G_os] (p, 2m)."""
    p, v, s = layout.n_observed, layout.n_variables, layout.sources
    whole = np.zeros((p, v + len(s)))
    whole[:, :p] = np.eye(p)  # also all there is of an observed variable that sends no path
    whole[:, s] = columns[:, : len(s)]
    whole[:, v:] = columns[:, len(s) :]
    return whole
