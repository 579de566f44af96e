"""The fixed world of the synthetic manufacturer: six products, five resources, three sales units."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from sopsem.executive.schema.periods import label_of, ordinal_of, start_of

__all__ = [
    "CUSTOMERS",
    "HOURS",
    "LIST_PRICES",
    "OPTIMISM",
    "PRODUCTS",
    "PRODUCT_IDS",
    "RESOURCES",
    "RESOURCE_IDS",
    "SHARES",
    "UNITS",
    "UNIT_NAMES",
    "Calendar",
    "mean_demand",
    "season",
    "world_frames",
]

PRODUCTS = pd.DataFrame(
    [
        ("P1", "Pumps", 420.0, 150.0, 12.0, 270.0, 0.10),
        ("P2", "Pumps", 980.0, 430.0, 25.0, 108.0, 0.15),
        ("P3", "Valves", 250.0, 105.0, 8.0, 378.0, 0.05),
        ("P4", "Drives", 1450.0, 560.0, 40.0, 63.0, 0.20),
        ("P5", "Drives", 610.0, 300.0, 15.0, 135.0, 0.10),
        ("P6", "Valves", 330.0, 210.0, 9.0, 180.0, 0.25),
    ],
    columns=["product_id", "family", "price", "material", "other", "base", "amplitude"],
)
RESOURCES = pd.DataFrame(
    [
        ("CUT", 2, 320.0, 0.93, 48.0, 30.0, 0.5),
        ("MACH", 4, 320.0, 0.88, 48.0, 45.0, 1.2),
        ("HEAT", 2, 480.0, 0.90, 48.0, 55.0, 0.8),
        ("ASSY", 6, 160.0, 0.96, 24.0, 28.0, 0.6),
        ("TEST", 2, 320.0, 0.95, 48.0, 30.0, 0.4),
    ],
    columns=["resource_id", "servers", "hours", "availability", "overtime", "premium", "scv"],
)
HOURS = np.array(  # resource x product
    [
        [0.30, 0.45, 0.20, 0.60, 0.35, 0.25],
        [0.90, 1.60, 0.45, 1.10, 1.20, 0.80],
        [0.40, 0.60, 0.30, 3.20, 0.50, 0.30],
        [0.55, 0.95, 0.35, 1.30, 0.70, 0.40],
        [0.25, 0.50, 0.15, 0.80, 0.30, 0.20],
    ]
)
UNITS = pd.DataFrame(
    [("North", 0.45, 0.22), ("South", 0.35, 0.06), ("Export", 0.20, 0.45)],
    columns=["sales_unit", "share", "optimism"],
)
PRODUCT_IDS: tuple[str, ...] = tuple(PRODUCTS["product_id"])
RESOURCE_IDS: tuple[str, ...] = tuple(RESOURCES["resource_id"])
UNIT_NAMES: tuple[str, ...] = tuple(UNITS["sales_unit"])
LIST_PRICES = PRODUCTS["price"].to_numpy(float)
OPTIMISM = UNITS["optimism"].to_numpy(float)
SHARES = UNITS["share"].to_numpy(float)
CUSTOMERS = 3  # of each sales unit
# fixed cost is cash; depreciation comes on top
FIXED_COST, DEPRECIATION, FIXED_ASSETS = 185_000.0, 22_000.0, 3_600_000.0
GROWTH = 1.006
SURGE, SURGE_MONTHS = 1.30, (15, 16, 17)
SHIFT_MONTH, SHIFT = 24, np.array([1.0, 0.75, 1.0, 1.9, 1.0, 1.0])  # moves the bottleneck from MACH to HEAT


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The months of a world."""

    start: str
    periods: int

    def label(self, t: int) -> str:
        """Return the label of month t; months before the start have labels too."""
        return label_of(ordinal_of(self.start) + t, "month")

    @property
    def labels(self) -> list[str]:
        """Labels of all months."""
        return [self.label(t) for t in range(self.periods)]

    def day(self, t: int, day: int) -> date:
        """Return a day of month t, counted from 1."""
        return start_of(self.label(t)) + timedelta(days=day - 1)

    def end(self, t: int) -> date:
        """Return the last day of month t."""
        return start_of(self.label(t + 1)) - timedelta(days=1)

    def quarter_end(self, t: int) -> bool:
        """Say whether month t is the last of a quarter."""
        return start_of(self.label(t)).month % 3 == 0


def season(t: int) -> np.ndarray:
    """Return the seasonal factor of each product in month t.

    >>> season(1).round(3).tolist()
    [1.1, 1.15, 1.05, 1.2, 1.1, 1.25]
    """
    return np.asarray(1.0 + PRODUCTS["amplitude"].to_numpy() * np.sin(2 * np.pi * (t + 2) / 12))


def mean_demand(t: int) -> np.ndarray:
    """Return the mean demand of each product: growth, season, a passing surge, a lasting shift of the mix."""
    mean = PRODUCTS["base"].to_numpy() * GROWTH**t * season(t)
    mean = mean * (SURGE if t in SURGE_MONTHS else 1.0)
    return np.asarray(mean * SHIFT if t >= SHIFT_MONTH else mean)


def world_frames(fixed_cost: float) -> dict[str, pd.DataFrame]:
    """Return products, resources, routings and customers as the tables of a client.

    >>> {name: len(frame) for name, frame in world_frames(185_000).items()}
    {'products': 6, 'resources': 5, 'routings': 30, 'customers': 9}
    """
    products = pd.DataFrame(
        {
            "product_id": PRODUCTS["product_id"],
            "family": PRODUCTS["family"],
            "price": PRODUCTS["price"],
            "material_cost": PRODUCTS["material"],
            "other_variable_cost": PRODUCTS["other"],
        }
    )
    resources = pd.DataFrame(
        {
            "resource_id": RESOURCES["resource_id"],
            "servers": RESOURCES["servers"],
            "scheduled_hours": RESOURCES["hours"],
            "availability": RESOURCES["availability"],
            "scv_process": RESOURCES["scv"],
            "overtime_hours_max": RESOURCES["overtime"],
            "overtime_cost_hour": RESOURCES["premium"],
            "fixed_cost_period": fixed_cost / len(RESOURCES),
            "asset_value": FIXED_ASSETS / len(RESOURCES),
        }
    )
    pairs = [(p, r) for r in range(len(RESOURCES)) for p in range(len(PRODUCTS))]
    routings = pd.DataFrame(
        {
            "product_id": [PRODUCTS["product_id"][p] for p, _ in pairs],
            "resource_id": [RESOURCES["resource_id"][r] for _, r in pairs],
            "hours_per_unit": [HOURS[r, p] for p, r in pairs],
        }
    )
    names = [(unit, f"{unit}-{i}") for unit in UNITS["sales_unit"] for i in range(1, CUSTOMERS + 1)]
    customers = pd.DataFrame(
        {
            "customer_id": [name for _, name in names],
            "credit_limit": [400_000.0 if name.endswith("1") else 150_000.0 for _, name in names],
            "payment_score": 0.9,
            "strategic_weight": [0.5 if name.endswith("1") else 0.0 for _, name in names],
            "max_terms_days": 60.0,
        }
    )
    return {"products": products, "resources": resources, "routings": routings, "customers": customers}
