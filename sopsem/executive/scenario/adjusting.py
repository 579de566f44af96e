"""A model with something changed: multipliers of demand, prices, costs and hours; a promotion."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sopsem.executive.notices import fault, nearest, quote, refusal
from sopsem.executive.scenario.model import PlanModel

__all__ = ["adjusted", "promotion"]

BY_PRODUCT = {"demand": "demand", "price": "price", "variable_cost": "variable"}
BY_RESOURCE = {"hours": "available", "overtime": "overtime"}
KINDS = (*BY_PRODUCT, *BY_RESOURCE, "periods")


def adjusted(model: PlanModel, changes: Mapping[str, object]) -> PlanModel:
    """Return the model with multipliers put on it.

    Parameters
    ----------
    model : PlanModel
    changes : mapping
        ``demand``, ``price``, ``variable_cost``: a multiplier, or a mapping from products; ``hours``, ``overtime``:
        one, or a mapping from resources.  ``periods``: those in which they hold; all by default.  Contract minima
        above what is then asked for fall to it.

    Raises
    ------
    DataError
        T34 for a change that is not known or a negative multiplier; T05 for a product, resource or period.

    Examples
    --------
    >>> from sopsem.executive.scenario.trial import small_model
    >>> small_model().demand.tolist(), adjusted(small_model(), {"demand": {"P": 0.5}}).demand.tolist()
    ([[60.0], [150.0]], [[30.0], [75.0]])

    """
    unknown = [name for name in changes if name not in KINDS]
    if unknown:
        near = nearest(unknown[0], KINDS) or f"; known are {', '.join(KINDS)}"
        raise refusal([fault("T34", f"there is no change {quote(unknown[0])}{near}")])
    rows = _rows(model, changes.get("periods"))
    fields: dict[str, np.ndarray] = {}
    for name, value in changes.items():
        if name == "periods":
            continue
        names = model.products if name in BY_PRODUCT else model.resources
        field = (BY_PRODUCT | BY_RESOURCE)[name]
        values = getattr(model, field).copy()
        factor = np.broadcast_to(_multipliers(name, value, names), values[rows].shape)
        # nothing limits an unlimited resource, unless it is lost altogether
        values[rows] = np.where(factor == 0, 0.0, values[rows] * np.where(factor == 0, 1.0, factor))
        fields[field] = values
    least = np.minimum(model.least, fields.get("demand", model.demand))
    return replace(model, least=least, **fields)  # type: ignore[arg-type]


def _rows(model: PlanModel, given: object) -> list[int]:
    if given is None:
        return list(range(len(model.periods)))
    wanted = [given] if isinstance(given, str) or not isinstance(given, Sequence) else list(given)
    return [_place(model.periods, str(period), "period") for period in wanted]


def _place(names: tuple[str, ...], name: str, kind: str) -> int:
    if name not in names:
        message = f"there is no {kind} {quote(name)} in the plan{nearest(name, names)}"
        raise refusal([fault("T05", message)])
    return names.index(name)


def _multipliers(name: str, value: object, names: tuple[str, ...]) -> np.ndarray:
    factors = np.ones(len(names))
    given = value if isinstance(value, Mapping) else dict.fromkeys(names, value)
    for key, factor in given.items():
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 <= factor < np.inf:
            raise refusal([fault("T34", f"{name} is {quote(factor)}; a multiplier is a number from 0")])
        kind = "product" if name in BY_PRODUCT else "resource"
        factors[_place(names, str(key), kind)] = factor
    return factors


def promotion(
    model: PlanModel,
    period: str,
    *,
    price: float,
    uplift: float,
    forward: float = 0.0,
    periods: int = 2,
    product: str | None = None,
) -> PlanModel:
    """Return the model with a promotion: a price, more demand, and demand pulled forward from later periods.

    Parameters
    ----------
    model : PlanModel
    period : str
    price : float
        In that period, also for what is pulled forward.
    uplift : float
        New demand as a fraction of the period's.
    forward : float
        Fraction of the demand of each of the following ``periods`` that moves into it.
    periods : int
    product : str, optional
        By default every product; their prices then fall to the one given.

    Raises
    ------
    DataError
        T05 for a period or product that is not in the plan; T34 for fractions outside 0 to 1, a negative price.

    Examples
    --------
    >>> from sopsem.executive.scenario.trial import small_model
    >>> found = promotion(small_model(), "2025-01", price=80, uplift=0.1, forward=0.2)
    >>> found.demand.round(6).tolist(), found.price.tolist()
    ([[96.0], [120.0]], [[80.0], [90.0]])

    """
    if not (0 <= forward <= 1 and uplift >= 0 and price >= 0 and periods >= 0):
        message = "a promotion has a price, uplift and periods from 0, and pulls a fraction of 0 to 1 forward"
        raise refusal([fault("T34", message)])
    t = _place(model.periods, period, "period")
    p = slice(None) if product is None else [_place(model.products, product, "product")]
    demand, prices = model.demand.copy(), model.price.copy()
    later = slice(t + 1, t + 1 + periods)
    moved = forward * model.demand[later, p]
    demand[later, p] -= moved
    demand[t, p] += uplift * model.demand[t, p] + moved.sum(axis=0)
    prices[t, p] = price
    return replace(model, demand=demand, price=prices, least=np.minimum(model.least, demand))
