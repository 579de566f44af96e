"""E34: the prices at which demand just fills a plant that is asked for too much."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from sopsem.executive.notices import fault, refusal

__all__ = ["Clearing", "clearing_prices"]


class Clearing(NamedTuple):
    """Price of an hour, prices and quantities at it, contribution; and those of one factor on every price."""

    hour_price: float
    prices: np.ndarray
    quantities: np.ndarray
    throughput: float
    uniform_factor: float
    uniform_throughput: float


def clearing_prices(
    price: np.ndarray,
    quantity: np.ndarray,
    variable: np.ndarray,
    hours: np.ndarray,
    available: float,
    elasticity: np.ndarray,
) -> Clearing | None:
    """Return the most profitable prices at which the load is no more than the hours there are.

    Demand is isoelastic, D_p = q_p (p / price_p)^-e_p.  p_p = (v_p + l a_p) e_p / (e_p - 1), with l >= 0 the price
    of an hour at which sum a_p D_p = available.  A product that needs no hours, or has e_p <= 1 (no best price
    exists), keeps its price; where those alone fill the plant nothing clears it.

    Parameters
    ----------
    price, quantity, variable, hours, elasticity : arrays of length P
        Present price, what is asked for at it, variable cost, hours per unit of the resource, elasticity.
    available : float
        Hours.

    Returns
    -------
    Clearing or None
        None where the load at present prices fits already, or no price of these products clears it.

    Raises
    ------
    DataError
        T34 for prices, quantities or hours that are negative or not finite.

    Examples
    --------
    >>> two = [np.array(x, float) for x in ((90, 100), (100, 50), (45, 40), (15, 30))]
    >>> found = clearing_prices(*two, 2400.0, np.array([2.5, 2.5]))
    >>> round(found.hour_price, 3), found.prices.round(2).tolist(), round(found.throughput)
    (0.884, [97.1, 110.86], 7047)
    >>> round(found.uniform_factor, 3), round(found.uniform_throughput)
    (1.093, 7046)

    """
    arrays = [np.asarray(a, float) for a in (price, quantity, variable, hours)]
    price, quantity, variable, hours = arrays
    if not all(np.isfinite(a).all() and (a >= 0).all() for a in arrays) or not (price > 0).all():
        message = "clearing prices need finite numbers: prices above 0, the others not negative"
        raise refusal([fault("T34", message)])
    moving = (hours > 0) & (quantity > 0) & (elasticity > 1)
    room = available - float(hours[~moving] @ quantity[~moving])
    if hours @ quantity <= available or room <= 0:
        return None
    e = np.where(moving, elasticity, 2.0)

    def sold(prices: np.ndarray) -> np.ndarray:
        return np.asarray(quantity * np.where(moving, prices / price, 1.0) ** -e)

    def prices_at(worth: float) -> np.ndarray:
        return np.where(moving, (variable + worth * hours) * e / (e - 1), price)

    def excess(prices: np.ndarray) -> float:
        return float(hours[moving] @ sold(prices)[moving]) - room

    def scaled(factor: float) -> np.ndarray:
        return np.where(moving, factor * price, price)

    # at an hour price of 0 a product of no variable cost would be given away: start just above
    first = 1e-9 * float((price[moving] / hours[moving]).min())
    worth = 0.0 if excess(prices_at(first)) <= 0 else _root(lambda w: excess(prices_at(w)), first)
    factor = _root(lambda f: excess(scaled(f)), 1.0)
    prices, uniform = prices_at(worth), scaled(factor)
    return Clearing(
        hour_price=worth,
        prices=prices,
        quantities=sold(prices),
        throughput=float((prices - variable) @ sold(prices)),
        uniform_factor=factor,
        uniform_throughput=float((uniform - variable) @ sold(uniform)),
    )


def _root(falling: Callable[[float], float], low: float) -> float:
    """Return where a falling function, positive at ``low``, is 0."""
    high = 2 * low
    while falling(high) > 0:
        low, high = high, 2 * high
    return float(brentq(falling, low, high, xtol=1e-13 * high, rtol=1e-13))
