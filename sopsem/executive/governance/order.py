"""An order that asks to be accepted, and the state of the plant and the purse on the day it asks."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from sopsem.executive.notices import Notice, fault, refusal
from sopsem.executive.schema.periods import frequency_of, label_of, ordinal_of, start_of

__all__ = ["Customer", "Order", "State", "last_day"]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is asked for.

    Parameters
    ----------
    product : str
    quantity, price : float
        Units and net price per unit.
    requested : date
        The day the customer wants the last of it.
    order_id, customer : str
    terms_days : float
        Days of payment after delivery.
    prepaid : bool
        Paid before work starts.
    probability, compliance : float
        Of a deal that is not signed and asks for hours to be kept: stated chance and share of criteria met.
    priority : bool
        Asks to be put before promises that were made without a check of capacity.
    parts : tuple of (period, quantity)
        Agreed part deliveries; each is made in its own period.

    """

    product: str
    quantity: float
    price: float
    requested: date
    order_id: str = ""
    customer: str = ""
    terms_days: float = 0.0
    prepaid: bool = False
    probability: float = 1.0
    compliance: float = 1.0
    priority: bool = False
    parts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Credit of a customer; NaN where there is no limit."""

    limit: float = float("nan")
    receivables: float = 0.0
    max_terms: float = float("nan")
    on_stop: bool = False


@lru_cache(maxsize=4096)
def last_day(period: str) -> date:
    """Return the last day of a period.

    >>> last_day("2025-02")
    datetime.date(2025, 2, 28)
    """
    return start_of(label_of(ordinal_of(period) + 1, frequency_of(period))) - timedelta(days=1)


def _nothing() -> np.ndarray:
    return np.zeros((0, 0))


@dataclass(frozen=True, kw_only=True)
class State:
    """What is known on a day: R resources, T periods from that day's on.

    Parameters
    ----------
    as_of : date
    periods, resources : tuple of str
    hours, committed : array, R x T
        Available hours without overtime; load of the orders that are accepted.
    lambda_ : array, R x T
        Price of an hour.
    upper : array, R
        Upper end of the corridor of utilisation.
    unit_hours : mapping of str to array, R
        Effective hours of a unit, by product; a product that is not in it has no routing.
    variable : mapping of str to float
        Totally variable cost of a unit, of every product.
    movable, probable, lever, lever_cost : array, R x T, optional
        The part of committed that was promised without a check of capacity; load that is expected and not ordered;
        further hours (overtime, subcontract) and their premium.
    stock : mapping of str to float
        Units on hand that nobody was promised.
    customers : mapping of str to Customer
    revenue : float
        Of a year; NaN where it is not known.
    headroom : array, draws x T, optional
        Cash above the buffer, in each of some futures.
    newest : date, optional
        Of the newest row of the data.

    Raises
    ------
    DataError
        T34 for an array of another shape, or that holds a number below 0 or none.

    """

    as_of: date
    periods: tuple[str, ...]
    resources: tuple[str, ...]
    hours: np.ndarray
    committed: np.ndarray
    lambda_: np.ndarray
    upper: np.ndarray
    unit_hours: Mapping[str, np.ndarray]
    variable: Mapping[str, float]
    movable: np.ndarray = field(default_factory=_nothing)
    probable: np.ndarray = field(default_factory=_nothing)
    lever: np.ndarray = field(default_factory=_nothing)
    lever_cost: np.ndarray = field(default_factory=_nothing)
    stock: Mapping[str, float] = field(default_factory=dict)
    customers: Mapping[str, Customer] = field(default_factory=dict)
    revenue: float = float("nan")
    headroom: np.ndarray = field(default_factory=_nothing)
    newest: date | None = None
    notices: tuple[Notice, ...] = ()

    def __post_init__(self) -> None:
        """Copy every array, fill in those not given, and make them read-only."""
        shape = (len(self.resources), len(self.periods))
        for name in ("hours", "committed", "lambda_", "movable", "probable", "lever", "lever_cost"):
            value = np.array(getattr(self, name), dtype=float)
            value = np.zeros(shape) if value.size == 0 else value
            _check(name, value, shape)
            value.flags.writeable = False
            object.__setattr__(self, name, value)
        upper = np.array(self.upper, dtype=float)
        _check("upper", upper, shape[:1])
        upper.flags.writeable = False
        object.__setattr__(self, "upper", upper)

    @property
    def frequency(self) -> str:
        """Month, week or quarter."""
        return frequency_of(self.periods[0])

    def position(self, day: date) -> int:
        """Return the place of a day's period; below 0 before the first, T or more after the last."""
        if day > last_day(self.periods[-1]):
            return len(self.periods)
        return sum(start_of(p) <= day for p in self.periods) - 1

    @property
    def digest(self) -> str:
        """Hash of everything that is known."""
        made = hashlib.sha256()
        for name in sorted(self.__dataclass_fields__):
            value = getattr(self, name)
            if isinstance(value, Mapping):
                value = [
                    (k, np.asarray(v).tolist() if name != "customers" else v)
                    for k, v in sorted(value.items())
                ]
            made.update(f"{name}={value.tolist() if isinstance(value, np.ndarray) else value!r};".encode())
        return made.hexdigest()[:16]

    def accepted(self, order: Order, units: np.ndarray, cash: np.ndarray) -> "State":
        """Return the state after an order is accepted: hours, stock, credit and cash are taken."""
        load = np.outer(self.unit_hours.get(order.product, np.zeros(len(self.resources))), units)
        held = self.stock.get(order.product, 0.0)
        left = max(0.0, held - max(0.0, order.quantity - float(units.sum())))
        customers = dict(self.customers)
        if order.customer in customers and not order.prepaid:
            known = customers[order.customer]
            owed = known.receivables + order.quantity * order.price
            customers[order.customer] = replace(known, receivables=owed)
        return replace(
            self,
            committed=self.committed + load,
            stock={**self.stock, order.product: left},
            customers=customers,
            headroom=self.headroom - cash if self.headroom.size else self.headroom,
        )


def _check(name: str, value: np.ndarray, shape: tuple[int, ...]) -> None:
    if value.shape != shape:
        raise refusal([fault("T34", f"{name} of the state has shape {value.shape}; it must be {shape}")])
    if not (np.isfinite(value) & (value >= 0)).all():
        raise refusal([fault("T34", f"{name} of the state holds a number below 0, or none")])
