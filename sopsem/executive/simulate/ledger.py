"""What is written down every month, and the tables made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pandas as pd

from sopsem.executive.simulate.making import SCHEDULED, Month
from sopsem.executive.simulate.selling import Line
from sopsem.executive.simulate.world import (
    DEPRECIATION,
    FIXED_ASSETS,
    LIST_PRICES,
    PRODUCT_IDS,
    PRODUCTS,
    RESOURCE_IDS,
    RESOURCES,
    UNIT_NAMES,
    Calendar,
)

__all__ = ["Ledger"]

MATERIAL = PRODUCTS["material"].to_numpy()
VARIABLE = (PRODUCTS["material"] + PRODUCTS["other"]).to_numpy()
PREMIUM = RESOURCES["premium"].to_numpy()
DAYS = 365 / 12
TERMS = 30
FIRST_CASH = 800_000.0


@dataclass(kw_only=True)
class Ledger:
    """Rows collected while the plant runs; ``frames`` gives them as tables."""

    calendar: Calendar
    levels: Mapping[str, float]
    fixed_cost: float
    forecasts: list[dict[str, object]] = field(default_factory=list)
    demand: list[dict[str, object]] = field(default_factory=list)
    capacity: list[dict[str, object]] = field(default_factory=list)
    production: list[dict[str, object]] = field(default_factory=list)
    financials: list[dict[str, float | str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def close(
        self,
        t: int,
        forecast: Mapping[str, np.ndarray],
        demand: np.ndarray,
        lines: list[Line],
        target: np.ndarray,
        month: Month,
        shipped: list[tuple[Line, float]],
        stock: np.ndarray,
        backlog: np.ndarray,
    ) -> None:
        """Write down a month."""
        period = self.calendar.label(t)
        self.lines += lines
        self._cells(period, demand)
        self.foresee(t, t - 1, forecast)
        self._plant(t, period, target, month, stock, backlog)
        self._accounts(t, period, month, shipped, stock)

    def _cells(self, period: str, demand: np.ndarray) -> None:
        self.demand += [{**cell, "quantity": demand[p, u]} for p, u, cell in _cells_of(period, demand.shape)]

    def foresee(self, t: int, known: int, forecast: Mapping[str, np.ndarray]) -> None:
        """Write down what was forecast for month t at the end of month ``known``."""
        issued = self.calendar.day(known, 20)
        for p, u, cell in _cells_of(self.calendar.label(t), next(iter(forecast.values())).shape):
            self.forecasts += [
                {**cell, "issued": issued, "step": step, "quantity": round(float(values[p, u]), 3)}
                for step, values in forecast.items()
            ]

    def _plant(
        self, t: int, period: str, target: np.ndarray, month: Month, stock: np.ndarray, backlog: np.ndarray
    ) -> None:
        for r, name in enumerate(RESOURCE_IDS):
            self.capacity.append(
                {
                    "period": period,
                    "resource_id": name,
                    "scheduled_hours": SCHEDULED[r],
                    "maintenance_hours": round(month.maintenance[r], 6),
                    "downtime_hours": round(month.downtime[r], 6),
                    "run_hours": round(month.run[r], 6),
                    "overtime_hours": round(month.overtime[r], 6),
                }
            )
        planned_at = self.calendar.day(t - 1, 25)
        for p, name in enumerate(PRODUCT_IDS):
            self.production.append(
                {
                    "period": period,
                    "product_id": name,
                    "planned_quantity": round(target[p], 3),
                    "planned_at": planned_at,
                    "produced_quantity": month.made[p],
                    "closing_stock": stock[p],
                    "closing_backlog": backlog[p],
                }
            )

    def _accounts(
        self, t: int, period: str, month: Month, shipped: list[tuple[Line, float]], stock: np.ndarray
    ) -> None:
        revenue = sum(units * line.price for line, units in shipped)
        variable = sum(units * float(VARIABLE[line.product]) for line, units in shipped)
        late = sum(units * line.price for line, units in shipped if t > line.promised)
        expedite = 0.06 * late
        penalty = sum(
            0.02 * units * line.price * (t - line.promised) for line, units in shipped if t > line.promised
        )
        theta = self.levels["finance"]
        dso = 38 + 10 * (1 - theta) + 25 * (1 - theta) * (late / revenue if revenue else 0.0)
        usual = float(np.mean([*(float(f["revenue"]) for f in self.financials[-2:]), revenue]))
        purchases = float(month.made @ MATERIAL)
        bought = float(np.mean([*(float(f["purchases"]) for f in self.financials[-2:]), purchases]))
        overtime = float(month.overtime @ PREMIUM)
        inventory = 1.15 * float(stock @ MATERIAL) + 0.30 * variable
        receivables, payables = usual / DAYS * dso, bought / DAYS * 34
        row: dict[str, float | str] = {
            "period": period,
            "revenue": revenue,
            "variable_cost": variable,
            "fixed_cost": self.fixed_cost,
            "depreciation": DEPRECIATION,
            "cogs": variable + 0.6 * self.fixed_cost,
            "inventory": inventory,
            "receivables": receivables,
            "payables": payables,
            "capital_employed": FIXED_ASSETS + inventory + receivables - payables,
            "overtime_premium": overtime,
            "expedite_cost": expedite,
            "penalty_cost": penalty,
            "purchases": purchases,
            "dso": dso,
        }
        row["cash"] = self._cash(row)
        self.financials.append(row)

    def _cash(self, row: Mapping[str, float | str]) -> float:
        """Return cash after the month: what was earned in cash, less what working capital took."""
        number = {name: float(value) for name, value in row.items() if name != "period"}
        earned = number["revenue"] - number["variable_cost"] - number["fixed_cost"]
        earned -= number["overtime_premium"] + number["expedite_cost"] + number["penalty_cost"]
        tied = number["inventory"] + number["receivables"] - number["payables"]
        if not self.financials:
            return FIRST_CASH
        before = self.financials[-1]
        was = float(before["inventory"]) + float(before["receivables"]) - float(before["payables"])
        return float(before["cash"]) + earned - (tied - was) - 0.6 * max(0.0, earned)  # dividends and tax

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the tables."""
        accounts = pd.DataFrame(self.financials)
        return {
            "capacity": pd.DataFrame(self.capacity),
            "demand": pd.DataFrame(self.demand),
            "forecasts": pd.DataFrame(self.forecasts),
            "orders": pd.DataFrame([self._order(line) for line in self.lines]),
            "financials": accounts.drop(columns=["purchases", "dso"]).round(2),
            "production": pd.DataFrame(self.production),
        }

    def _order(self, line: Line) -> dict[str, object]:
        calendar = self.calendar
        delivered = None if line.delivered is None else calendar.day(line.delivered, 25)
        days = 0 if line.delivered is None else float(self.financials[line.delivered]["dso"])
        paid = None if delivered is None else delivered + timedelta(days=round(days))
        if paid is not None and paid > calendar.end(calendar.periods - 1):
            paid = None
        return {
            "order_id": line.order_id,
            "customer_id": line.customer,
            "sales_unit": UNIT_NAMES[line.unit],
            "product_id": PRODUCT_IDS[line.product],
            "quantity": line.quantity,
            "price": line.price,
            "list_price": LIST_PRICES[line.product],
            "order_date": calendar.day(line.month, line.day),
            "requested_date": calendar.end(line.month),
            "promised_date": calendar.end(line.promised),
            "delivered_date": delivered,
            "delivered_quantity": line.quantity - line.open,
            "expedite_cost": round(line.expedite, 2),
            "penalty_cost": round(line.penalty, 2),
            "payment_terms_days": TERMS,
            "invoice_date": delivered,
            "paid_date": paid,
            "capacity_validated": line.validated,
            "status": "open" if delivered is None else "closed",
        }


def _cells_of(period: str, shape: tuple[int, ...]) -> list[tuple[int, int, dict[str, object]]]:
    """Return product, sales unit and the keys of every cell of a month."""
    return [
        (p, u, {"period": period, "product_id": PRODUCT_IDS[p], "sales_unit": UNIT_NAMES[u]})
        for p, u in np.ndindex(*shape)
    ]
