"""Variables with given skewness and kurtosis as cubic polynomials of normal ones, and correlated ones.

References
----------
Fleishman, A. I. (1978). A method for simulating non-normal distributions. Psychometrika, 43.
Headrick, T. C., & Sawilowsky, S. S. (2000). Weighted simplex procedures for determining boundary points and constants
for the univariate and multivariate power methods. Journal of Educational and Behavioral Statistics, 25.
Vale, C. D., & Maurelli, V. A. (1983). Simulating multivariate nonnormal distributions. Psychometrika, 48.

"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from sopsem.errors import UsageError

__all__ = ["correlation_of_normals", "fleishman", "least_kurtosis"]

Array = NDArray[np.float64]
EXACT = 1e-9


def _moments(b: float, c: float, d: float) -> Array:
    """Return variance, skewness and excess kurtosis of -c + bZ + cZ^2 + dZ^3 (the last two if variance is 1)."""
    bd = b * d
    variance = b**2 + 6 * bd + 2 * c**2 + 15 * d**2
    skewness = 2 * c * (b**2 + 24 * bd + 105 * d**2 + 2)
    inner = bd + c**2 * (1 + b**2 + 28 * bd) + d**2 * (12 + 48 * bd + 141 * c**2 + 225 * d**2)
    return np.array([variance, skewness, 24 * inner])


def _of_d(d: float, skewness: float) -> tuple[float, float, float] | None:
    """Return b, c and the kurtosis that variance 1 and a skewness leave for d, or None where there are none.

    With variance 1, b = -3d + sqrt(1 - 2c^2 - 6d^2), and the skewness rises with c up to that root.
    """

    def b_of(c: float) -> float:
        return -3 * d + float(np.sqrt(max(1 - 2 * c**2 - 6 * d**2, 0.0)))

    limit = 1 - 6 * d**2
    if limit < 0:
        return None
    top = float(np.sqrt(limit / 2))
    grid = np.linspace(0.0, top, 65)
    values = np.array([_moments(b_of(c), c, d)[1] for c in grid]) - skewness
    for i in range(len(grid) - 1):
        if values[i] == 0.0 or values[i] * values[i + 1] < 0:
            c = (
                grid[i]
                if values[i] == 0.0
                else brentq(lambda c: _moments(b_of(c), c, d)[1] - skewness, grid[i], grid[i + 1], xtol=1e-15)
            )
            b = b_of(float(c))
            return b, float(c), float(_moments(b, float(c), d)[2])
    return None


def least_kurtosis(skewness: float) -> float:
    """Return the smallest excess kurtosis that a cubic polynomial of a normal variable reaches with a skewness.

    Returns infinity for a skewness that no such polynomial has.

    Examples
    --------
    >>> round(least_kurtosis(0.0), 2)
    -1.15

    """
    found = [made[2] for d in _grid() if (made := _of_d(float(d), abs(skewness))) is not None]
    return min(found, default=float("inf"))


def _grid() -> Array:
    return np.linspace(-0.408, 0.408, 409)  # variance 1 needs 6 d^2 below 1


def fleishman(skewness: float, kurtosis: float, name: str = "variable") -> tuple[float, float, float]:
    """Return b, c, d of the polynomial -c + bZ + cZ^2 + dZ^3 with variance 1, a skewness and an excess kurtosis.

    Parameters
    ----------
    skewness, kurtosis : float
        Third and fourth standardized cumulants; (0, 0) is the normal distribution.
    name : str
        For messages.

    Raises
    ------
    UsageError
        No such polynomial: the message gives the least kurtosis for this skewness.

    Notes
    -----
    Of several solutions the one closest to the normal variable (largest b + 3d) is returned.

    Examples
    --------
    >>> [round(v, 4) for v in fleishman(0.0, 0.0)]
    [1.0, 0.0, 0.0]
    >>> [round(v, 4) for v in fleishman(1.75, 3.75)]
    [0.9297, 0.3995, -0.0365]

    """
    if skewness == 0.0 and kurtosis == 0.0:
        return 1.0, 0.0, 0.0
    solutions = _solutions(abs(skewness), kurtosis)
    if not solutions:
        raise UsageError(_impossible(skewness, kurtosis, name))
    b, c, d = max(solutions, key=lambda s: s[0] + 3 * s[2])
    return b, float(np.sign(skewness)) * c, d


def _solutions(skewness: float, kurtosis: float) -> list[tuple[float, float, float]]:
    """Return the solutions with the given moments, found between grid points of d by bisection."""
    grid = _grid()
    made = [_of_d(float(d), skewness) for d in grid]
    found = []
    for i in range(len(grid) - 1):
        here, there = made[i], made[i + 1]
        if here is None or there is None or (here[2] - kurtosis) * (there[2] - kurtosis) > 0:
            continue

        def gap(d: float) -> float:
            point = _of_d(d, skewness)
            return float("nan") if point is None else point[2] - kurtosis

        d = float(brentq(gap, float(grid[i]), float(grid[i + 1]), xtol=1e-15))
        point = _of_d(d, skewness)
        if point is not None:
            b, c, _ = point
            if np.abs(_moments(b, c, d) - [1.0, skewness, kurtosis]).max() < EXACT:
                found.append((b, c, d))
    return found


def _impossible(skewness: float, kurtosis: float, name: str) -> str:
    least, universal = least_kurtosis(skewness), skewness**2 - 2.0
    said = f"{name} cannot have skewness {skewness:g} and excess kurtosis {kurtosis:g}"
    if kurtosis < universal:
        return f"{said}: no distribution has an excess kurtosis below skewness^2 - 2 = {universal:.3f}; give more"
    if not np.isfinite(least):
        return f"{said}: no cubic polynomial of a normal variable has this skewness; give one nearer to 0"
    if kurtosis < least:
        return (
            f"{said}: with this skewness a cubic polynomial of a normal variable (Fleishman, 1978) reaches an excess "
            f"kurtosis of {least:.3f} at least; give more kurtosis or less skewness"
        )
    return f"{said} as a cubic polynomial of a normal variable: the kurtosis is too large; give less"


def correlation_of_normals(
    target: Array, coefficients: Sequence[tuple[float, float, float]], names: Sequence[str]
) -> Array:
    """Return the correlations of normal variables whose polynomials have the correlations ``target`` (p, p).

    Raises
    ------
    UsageError
        A pair whose correlation the polynomials cannot have, or correlations of normals that are not positive
        definite together.

    Notes
    -----
    r = rho (b1 b2 + 3 b1 d2 + 3 d1 b2 + 9 d1 d2) + 2 rho^2 c1 c2 + 6 rho^3 d1 d2 (Vale & Maurelli, 1983).

    Examples
    --------
    >>> same = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> correlation_of_normals(same, [(1.0, 0.0, 0.0)] * 2, ["a", "b"]).tolist()
    [[1.0, 0.5], [0.5, 1.0]]

    """
    made = np.eye(len(target))
    for i in range(len(target)):
        for j in range(i):
            made[i, j] = made[j, i] = _intermediate(
                float(target[i, j]), coefficients[i], coefficients[j], f"{names[j]} and {names[i]}"
            )
    if np.linalg.eigvalsh(made).min() <= 0.0:
        raise UsageError(
            "these skewnesses and kurtoses cannot go together with the correlations of the model: the normal "
            "variables behind them would need a correlation matrix that is not positive definite; ask for less "
            "skewness or kurtosis, or for lower correlations"
        )
    return made


def _intermediate(
    r: float, first: tuple[float, float, float], second: tuple[float, float, float], pair: str
) -> float:
    (b1, c1, d1), (b2, c2, d2) = first, second
    linear = b1 * b2 + 3 * b1 * d2 + 3 * d1 * b2 + 9 * d1 * d2
    roots = np.roots([6 * d1 * d2, 2 * c1 * c2, linear, -r]) if r else np.zeros(1)
    real = [float(x.real) for x in roots if abs(x.imag) < EXACT and abs(x.real) <= 1.0 + EXACT]
    if not real:
        limits = [linear * x + 2 * c1 * c2 * x**2 + 6 * d1 * d2 * x**3 for x in (-1.0, 1.0)]
        raise UsageError(
            f"{pair} cannot correlate {r:.3f} with the skewness and kurtosis asked for; possible are about "
            f"{min(limits):.3f} to {max(limits):.3f}. Ask for less skewness or kurtosis, or a lower correlation"
        )
    return min(real, key=abs)
