"""Rotation of factors to simple structure, by gradient projection from several starts.

    varimax   orthogonal; sum over factors of the variance of squared loadings, largest
    promax    oblique; least squares to varimax loadings raised to a power
    oblimin   oblique; sum over pairs of factors of the products of squared loadings (gamma = 0: quartimin), smallest
    geomin    oblique; sum over items of the geometric mean of (squared loadings + eps), smallest

References
----------
Kaiser, H. F. (1958). The varimax criterion for analytic rotation in factor analysis. Psychometrika, 23.
Hendrickson, A. E., & White, P. O. (1964). Promax. British Journal of Statistical Psychology, 17.
Jennrich, R. I., & Sampson, P. F. (1966). Rotation for simple loadings. Psychometrika, 31.
Yates, A. (1987). Multivariate exploratory data analysis. SUNY Press.  (geomin)
Bernaards, C. A., & Jennrich, R. I. (2005). Gradient projection algorithms and software for arbitrary rotation
criteria in factor analysis. Educational and Psychological Measurement, 65.

"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ConvergenceError, UsageError

__all__ = ["ROTATIONS", "Rotation", "rotate"]

Array = NDArray[np.float64]
Criterion = Callable[[Array], tuple[float, Array]]
ROTATIONS = ("none", "varimax", "promax", "oblimin", "geomin")
POWER = 4  # of promax
EPS = 0.01  # of geomin
SAME = 1e-5  # values of a criterion this near are one minimum
STILL = 1e-7  # size of the projected gradient at an end
ROUNDS = 5000


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """Rotated loadings (p, k), factor correlations (k, k), and how the starts ended.

    ``value`` is the criterion at the best end, ``minima`` the number of different ends and ``ended`` that of the
    starts that reached one.
    """

    loadings: Array
    correlations: Array
    value: float
    minima: int
    ended: int
    starts: int


def rotate(
    loadings: Array, rotation: str, *, kaiser: bool | None = None, starts: int = 10, seed: int = 1
) -> Rotation:
    """Rotate loadings; factors come in the order of the variance they carry, each turned to a positive sum.

    Parameters
    ----------
    loadings : (p, k) array
        Unrotated.
    rotation : {"none", "varimax", "promax", "oblimin", "geomin"}
    kaiser : bool, optional
        Give all items communality 1 while rotating (Kaiser, 1958); by default for varimax and promax.
    starts : int
        The first is the unrotated solution, the others are random; the lowest end is taken.
    seed : int

    Raises
    ------
    UsageError
        An unknown rotation, no start.
    ConvergenceError
        No start came to an end.

    Examples
    --------
    >>> simple = np.array([[0.8, 0.0], [0.7, 0.0], [0.0, 0.6], [0.0, 0.5]])
    >>> turned = simple @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    >>> np.abs(rotate(turned, "varimax").loadings.round(6)).tolist()
    [[0.8, 0.0], [0.7, 0.0], [0.0, 0.6], [0.0, 0.5]]

    """
    if rotation not in ROTATIONS:
        raise UsageError(f"rotation is {rotation!r}; choose one of {', '.join(ROTATIONS)}")
    if starts < 1:
        raise UsageError(f"starts is {starts}; give at least 1")
    k = loadings.shape[1]
    if rotation == "none" or k == 1:
        return _ordered(loadings, np.eye(k), 0.0, (1, 1, 1))
    kaiser = rotation in ("varimax", "promax") if kaiser is None else kaiser
    size = np.sqrt((loadings**2).sum(axis=1, keepdims=True)) if kaiser else np.ones((len(loadings), 1))
    safe = np.where(size > 0.0, size, 1.0)
    plain = loadings / safe
    if rotation in ("varimax", "promax"):
        turn, value, account = _best(_varimax, plain, starts, seed, orthogonal=True)
        rotated = loadings @ turn
        return (
            _promax(rotated, value, account)
            if rotation == "promax"
            else _ordered(rotated, np.eye(k), value, account)
        )
    criterion = _oblimin if rotation == "oblimin" else partial(_geomin, eps=EPS)
    turn, value, account = _best(criterion, plain, starts, seed, orthogonal=False)
    return _ordered(loadings @ np.linalg.inv(turn).T, turn.T @ turn, value, account)


def _ordered(loadings: Array, phi: Array, value: float, account: tuple[int, int, int]) -> Rotation:
    carried = np.diag(phi @ loadings.T @ loadings)
    order = np.argsort(-carried, kind="stable")
    sign = np.where(loadings.sum(axis=0) < 0.0, -1.0, 1.0)[order]
    phi = phi[np.ix_(order, order)] * np.outer(sign, sign)
    minima, ended, starts = account
    return Rotation(
        loadings=loadings[:, order] * sign,
        correlations=phi,
        value=value,
        minima=minima,
        ended=ended,
        starts=starts,
    )


def _promax(varimax: Array, value: float, account: tuple[int, int, int]) -> Rotation:
    """Fit varimax loadings to their own signed powers; factors get variance 1."""
    target = varimax * np.abs(varimax) ** (POWER - 1)
    turn = np.linalg.lstsq(varimax, target, rcond=None)[0]
    turn = turn * np.sqrt(np.diag(np.linalg.inv(turn.T @ turn)))
    back = np.linalg.inv(turn)
    return _ordered(varimax @ turn, back @ back.T, value, account)


def _best(
    criterion: Criterion, loadings: Array, starts: int, seed: int, *, orthogonal: bool
) -> tuple[Array, float, tuple[int, int, int]]:
    """Return the turn with the lowest end, its value, and (different ends, starts that ended, starts)."""
    k = loadings.shape[1]
    rng = np.random.Generator(np.random.Philox(key=seed))
    firsts = [np.eye(k), *(_random_turn(rng, k) for _ in range(starts - 1))]
    ends = [
        e for e in (_descend(criterion, loadings, t, orthogonal=orthogonal) for t in firsts) if e is not None
    ]
    if not ends:
        raise ConvergenceError(
            f"the rotation came to no end from any of {starts} starts; use another rotation"
        )
    ends.sort(key=lambda end: end[1])
    minima = 1 + int((np.diff([value for _, value in ends]) > SAME).sum())
    return *ends[0], (minima, len(ends), starts)


def _random_turn(rng: np.random.Generator, k: int) -> Array:
    q, r = np.linalg.qr(rng.normal(size=(k, k)))
    return np.asarray(q * np.sign(np.diag(r)))


def _descend(
    criterion: Criterion, loadings: Array, turn: Array, *, orthogonal: bool
) -> tuple[Array, float] | None:
    """Follow the projected gradient to where it vanishes (Bernaards & Jennrich, 2005); None without an end."""
    value, slope = _at(criterion, loadings, turn, orthogonal=orthogonal)
    step = 1.0
    for _ in range(ROUNDS):
        projected = _projected(turn, slope, orthogonal=orthogonal)
        size = float((projected**2).sum())
        if np.sqrt(size) < STILL:
            return turn, value
        step *= 2.0
        for _ in range(40):
            trial = _back(turn - step * projected, orthogonal=orthogonal)
            new, new_slope = _at(criterion, loadings, trial, orthogonal=orthogonal)
            if new < value - 0.5 * size * step:
                break
            step /= 2.0
        else:
            # nothing lower within the last decimals: an end if the gradient is as small as they allow
            return (turn, value) if np.sqrt(size) < 100 * STILL else None
        turn, value, slope = trial, new, new_slope
    return None


def _at(criterion: Criterion, loadings: Array, turn: Array, *, orthogonal: bool) -> tuple[float, Array]:
    if orthogonal:
        value, inner = criterion(loadings @ turn)
        return value, loadings.T @ inner
    back = np.linalg.inv(turn)
    rotated = loadings @ back.T
    value, inner = criterion(rotated)
    return value, -(rotated.T @ inner @ back).T


def _projected(turn: Array, slope: Array, *, orthogonal: bool) -> Array:
    if orthogonal:
        product = turn.T @ slope
        return np.asarray(slope - turn @ (product + product.T) / 2.0)
    return np.asarray(slope - turn * (turn * slope).sum(axis=0))


def _back(turn: Array, *, orthogonal: bool) -> Array:
    """Return the nearest turn with orthonormal columns, or with columns of length 1."""
    if orthogonal:
        u, _, v = np.linalg.svd(turn)
        return np.asarray(u @ v)
    return np.asarray(turn / np.sqrt((turn**2).sum(axis=0)))


def _varimax(loadings: Array) -> tuple[float, Array]:
    centred = loadings**2 - (loadings**2).mean(axis=0)
    return float(-(centred**2).sum() / 4.0), -loadings * centred


def _oblimin(loadings: Array) -> tuple[float, Array]:
    square = loadings**2
    others = square.sum(axis=1, keepdims=True) - square
    return float((square * others).sum() / 4.0), loadings * others


def _geomin(loadings: Array, eps: float) -> tuple[float, Array]:
    k = loadings.shape[1]
    square = loadings**2 + eps
    mean = np.exp(np.log(square).mean(axis=1))
    return float(mean.sum()), (2.0 / k) * loadings / square * mean[:, None]
