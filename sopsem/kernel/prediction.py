"""Where the minima of many similar problems will lie: one Newton step for all of them, with one Hessian.

At a common point theta the gradient of a likelihood is linear in the moments, so theta - H^-1 g of every problem is
one product of matrices: the first-order expansion of the estimates in the moments.
"""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.cells import carry_gradient
from sopsem.kernel.layout import Layout
from sopsem.kernel.objective import Likelihood, Objective, Selection, WeightedSum
from sopsem.kernel.pattern_likelihood import PatternLikelihood
from sopsem.kernel.reduced import all_columns
from sopsem.kernel.reference import evaluate

__all__ = ["predicted_starts"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
BLOCK = 512  # problems whose moments stay in the processor's cache
STAYS = 1e-20  # decrement of a step that rounding alone could give


def predicted_starts(objective: Objective, theta: Array, inverse_hessian: Array) -> Array:
    """Return theta - H^-1 g of every problem, (B, q); theta itself for objectives that are no likelihoods.

    Parameters
    ----------
    objective : Objective
        Of B problems near the one that theta solves.
    theta : (q,) array
    inverse_hessian : (q, q) array
        Inverse of the second derivatives of that problem.

    """
    which = np.arange(objective.n_problems)
    blocks = (_gradients(objective, theta, which[first : first + BLOCK]) for first in which[::BLOCK])
    slopes = [slope for slope in blocks if slope is not None]
    if not slopes:
        return np.tile(theta, (objective.n_problems, 1))
    slope = np.concatenate(slopes)
    step = _row_by_row(slope, inverse_hessian)
    # the sample itself, drawn again, keeps its solution to the last bit
    moves = 0.5 * (step * slope).sum(axis=1) > STAYS
    return np.asarray(theta - np.where(moves[:, None], step, 0.0))


def _row_by_row(rows: Array, matrix: Array) -> Array:
    """Multiply each row on its own, all laid out alike: its bits depend on no other row."""
    return np.asarray((np.ascontiguousarray(rows)[:, None, :] @ matrix)[:, 0, :])


def _gradients(objective: Objective, theta: Array, which: Index) -> Array | None:
    """Return the gradients (b, q) of these problems at one theta; None of objectives that are no likelihoods."""
    if isinstance(objective, Selection):
        return _gradients(objective.objective, theta, objective.at[which])
    if isinstance(objective, WeightedSum):
        total = np.zeros((len(which), len(theta)))
        for g, part in enumerate(objective.parts):
            own = _gradients(part, theta, which)
            if own is None:
                return None
            total += objective.weights[which, g, None] * own
        return total
    if isinstance(objective, Likelihood) and objective.layout.composites is None:
        layout = objective.layout
        everything = np.ones(layout.n_observed, dtype=np.bool_)
        return _carried(layout, theta, _in_cells(layout, theta, objective.moments[which], everything))
    if isinstance(objective, PatternLikelihood) and objective.layout.composites is None:
        layout, moments, shares = objective.layout, objective.moments[which], objective.shares[which]
        cells = sum(
            shares[:, k, None] * _in_cells(layout, theta, moments[:, k], mask)
            for k, mask in enumerate(objective.masks)
        )
        return _carried(layout, theta, np.asarray(cells))
    return None


def _carried(layout: Layout, theta: Array, in_cells: Array) -> Array:
    return carry_gradient(layout, np.broadcast_to(theta, (len(in_cells), len(theta))), in_cells)


def _in_cells(layout: Layout, theta: Array, moments: Array, mask: NDArray[np.bool_]) -> Array:
    """Return tr(Q dSigma_k) = 2 w_k {(M'WM)_bc - (WM)_b' S (WM)_c} of all cells, (b, n), for moments (b, p, p)."""
    p, pairs = layout.n_observed, layout.pairs
    point = evaluate(layout, theta[None], np.eye(p)[None], np.zeros(1))
    sigma_inverse, columns = point.weight[0], all_columns(layout, point.columns[0])
    if not mask.all():
        sigma = np.linalg.inv(sigma_inverse)
        sigma_inverse = np.zeros((p, p))
        seen = np.ix_(mask, mask)
        sigma_inverse[seen] = np.linalg.inv(sigma[seen])
    carried = sigma_inverse @ columns
    left, right = carried[:, pairs.b], carried[:, pairs.c]
    whole = left[:, None, :] * right[None, :, :]
    i, j = np.tril_indices(p)
    packed = np.where((i == j)[:, None], whole[i, j], whole[i, j] + whole[j, i])
    inner = (columns[:, pairs.b] * right).sum(axis=0)
    return np.asarray(2.0 * pairs.weight * (inner - _row_by_row(moments[:, i, j], packed)))
