"""The order book of a day: which lines were known, open and owed then, as columns that are read once."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from sopsem.executive.schema.periods import frequency_of, period_of_dates

__all__ = ["Lines", "OrderBook", "Waiting"]

Array = np.ndarray


@dataclass(frozen=True, kw_only=True)
class OrderBook:
    """Order lines that were not cancelled, the first promise first; dates that are not known are NaT."""

    order_date: Array
    promised: Array
    delivered: Array
    never_dated: Array  # closed without a day of delivery: not open on any day
    sent: Array  # invoiced, else delivered
    paid: Array
    product: Array
    customer: Array
    remaining: Array
    value: Array
    validated: Array

    @classmethod
    def of(cls, orders: pd.DataFrame) -> "OrderBook":
        """Read the columns of an orders table."""
        kept = orders[orders["status"] != "cancelled"]
        lines = kept.sort_values(["promised_date", "order_id", "product_id"])
        delivered = lines["delivered_date"]
        never_dated = delivered.isna() & (lines["status"] == "closed")
        part = lines["delivered_quantity"].where(delivered.isna() & ~never_dated, 0.0).fillna(0.0)
        return cls(
            order_date=lines["order_date"].to_numpy(),
            promised=lines["promised_date"].to_numpy(),
            delivered=delivered.to_numpy(),
            never_dated=never_dated.to_numpy(),
            sent=lines["invoice_date"].fillna(delivered).to_numpy(),
            paid=lines["paid_date"].to_numpy(),
            product=lines["product_id"].to_numpy(dtype=object),
            customer=lines["customer_id"].to_numpy(dtype=object),
            remaining=(lines["quantity"] - part).clip(lower=0.0).to_numpy(float),
            value=(lines["quantity"] * lines["price"]).to_numpy(float),
            validated=lines["capacity_validated"].eq(True).to_numpy(bool),
        )

    def on(self, day: date, *, same_day: bool) -> "Lines":
        """Return the lines that were known on a day, those of the day itself among them or not."""
        today = np.datetime64(day)
        known = (self.order_date <= today) if same_day else (self.order_date < today)
        return Lines(book=_taken(self, known), today=today)


def _taken(book: OrderBook, where: Array) -> OrderBook:
    columns: dict[str, Any] = {f.name: getattr(book, f.name)[where] for f in fields(book)}
    return OrderBook(**columns)


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The lines known on a day."""

    book: OrderBook
    today: np.datetime64

    @property
    def newest(self) -> date | None:
        """Day of the newest line."""
        days = self.book.order_date
        return None if not len(days) else pd.Timestamp(days.max()).date()

    def owed(self) -> dict[str, float]:
        """Return what each customer owes: invoiced or delivered by that day and not paid."""
        due = (self.book.sent <= self.today) & ~(self.book.paid <= self.today)
        sums: dict[str, float] = {}
        for customer, value in zip(self.book.customer[due], self.book.value[due], strict=True):
            sums[str(customer)] = sums.get(str(customer), 0.0) + float(value)
        return sums

    def net_of(self, stock: Mapping[str, float]) -> "Waiting":
        """Return the open lines less the stock that covers them, first promise first, and the stock left."""
        book = self.book
        late = np.isnat(book.delivered) | (book.delivered > self.today)
        waiting = _taken(book, ~book.never_dated & late)
        left = dict(stock)
        units = waiting.remaining.copy()
        for i, product in enumerate(waiting.product):
            covered = min(units[i], left.get(product, 0.0))
            if covered > 0.0:
                units[i] -= covered
                left[product] -= covered
        return Waiting(lines=waiting, units=units, stock=left)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Open lines with the units still to be made, and the stock that is left."""

    lines: OrderBook
    units: Array
    stock: Mapping[str, float]

    def loads(
        self, unit_hours: Mapping[str, Array], n_resources: int, periods: tuple[str, ...]
    ) -> tuple[Array, Array]:
        """Return the load by resource and period, and the part promised without a check of capacity.

        What is overdue is due in the first period; lines due after the last, and of products without a routing, make
        no load.
        """
        due = period_of_dates(pd.Series(self.lines.promised), frequency_of(periods[0]))
        place = {period: i for i, period in enumerate(periods)}
        whole, unchecked = np.zeros((n_resources, len(periods))), np.zeros((n_resources, len(periods)))
        for i, (product, period) in enumerate(zip(self.lines.product, due, strict=True)):
            t = 0 if period < periods[0] else place.get(period, -1)
            if t >= 0 and product in unit_hours:
                load = unit_hours[product] * self.units[i]
                whole[:, t] += load
                if not self.lines.validated[i]:
                    unchecked[:, t] += load
        return whole, unchecked
