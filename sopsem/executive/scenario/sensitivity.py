"""E32: how far profit moves when one driver does, and which uncertain demand moves it most."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.notices import fault, quote, refusal
from sopsem.executive.result import Provenance, Result
from sopsem.executive.scenario.adjusting import adjusted
from sopsem.executive.scenario.model import PlanModel, linear_of

__all__ = ["Sensitivity", "sensitivity"]

KINDS = ("demand", "price", "variable_cost", "hours", "overtime")


@dataclass(frozen=True, kw_only=True)
class Sensitivity(Result):
    """``table``: driver, profit_low and profit_high (driver lower and higher), swing; the largest swing first."""


def sensitivity(
    model: PlanModel, drivers: Sequence[str] | None = None, *, delta: float = 0.1, fixed_cost: float = 0.0
) -> Sensitivity:
    """Return the best profit with each driver lower and higher, one at a time, planned anew each time.

    Parameters
    ----------
    model : PlanModel
        Of a ``Plan``.
    drivers : sequence of str, optional
        ``demand``, ``price``, ``variable_cost``, ``hours``, ``overtime``, ``fixed_cost``; or of one product or
        resource: ``price:P``, ``hours:B``.  By default the first three, hours of every resource, and fixed cost
        where there is.
    delta : float
        Fraction by which each moves.
    fixed_cost : float
        Of the whole horizon.

    Raises
    ------
    DataError
        T34 for a driver that is not known or a delta outside 0 to 1; T05 for a product or resource.

    Examples
    --------
    >>> from sopsem.executive.scenario.trial import small_model
    >>> sensitivity(small_model()).table[["driver", "swing"]].round(1).values.tolist()[:2]
    [['price', 3600.0], ['variable_cost', 1800.0]]

    """
    if not 0 < delta < 1:
        raise refusal([fault("T34", f"delta is {delta:g}; it must be between 0 and 1")])
    usual = ["demand", "price", "variable_cost", *(f"hours:{r}" for r in model.resources)]
    names = list(drivers) if drivers is not None else usual + ["fixed_cost"] * (fixed_cost != 0)
    rows = []
    for driver in names:
        low, high = (_profit(model, driver, 1 + sign * delta, fixed_cost) for sign in (-1, 1))
        rows.append((driver, low, high, abs(high - low)))
    table = pd.DataFrame(rows, columns=["driver", "profit_low", "profit_high", "swing"])
    base = linear_of(model).solve()
    return Sensitivity(
        table=table.sort_values("swing", ascending=False, kind="stable", ignore_index=True),
        summary={
            "profit": float("nan") if base is None else base.value - fixed_cost,
            "delta": delta,
            "largest": str(table["driver"][table["swing"].fillna(-1).idxmax()]) if len(table) else "",
        },
        notices=model.notices,
        excluded=model.excluded,
        provenance=Provenance(
            formula="E32",
            source="one at a time",
            policy=model.provenance.policy,
            inputs=model.provenance.inputs,
        ),
    )


def _profit(model: PlanModel, driver: str, factor: float, fixed_cost: float) -> float:
    """Return the best profit with a driver multiplied; NaN where the plan becomes impossible."""
    if driver == "fixed_cost":
        return _profit(model, "demand", 1.0, factor * fixed_cost)
    kind, _, name = driver.partition(":")
    if kind not in KINDS:
        message = f"there is no driver {quote(driver)}; known are {', '.join(KINDS)} and fixed_cost"
        raise refusal([fault("T34", message)])
    at = linear_of(adjusted(model, {kind: {name: factor} if name else factor})).solve()
    return float("nan") if at is None else at.value - fixed_cost


def standardised(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Return standardised regression coefficients of y on the columns of x, 0 for constant ones, and R squared.

    >>> b, fit = standardised(np.array([[0.0, 1], [1, 1], [2, 1]]), np.array([1.0, 3, 5]))
    >>> b.round(6).tolist(), round(fit, 6)
    ([1.0, 0.0], 1.0)
    """
    spread, total = x.std(axis=0), y.std()
    if total <= 1e-12 * (1 + abs(y.mean())):
        return np.zeros(x.shape[1]), float("nan")
    moving = spread > 1e-12 * (1 + np.abs(x.mean(axis=0)))
    z = (x[:, moving] - x[:, moving].mean(axis=0)) / spread[moving]
    u = (y - y.mean()) / total
    found = np.linalg.lstsq(z, u, rcond=None)[0]
    b = np.zeros(x.shape[1])
    b[moving] = found
    return b, float(1 - ((u - z @ found) ** 2).mean())
