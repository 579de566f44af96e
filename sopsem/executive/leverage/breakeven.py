"""E15: the point where fixed cost is covered, in units, revenue and hours of the constraint."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, quote, refusal, warning
from sopsem.executive.result import Provenance, Result

__all__ = ["Amounts", "BreakevenResult", "aligned", "breakeven", "breakeven_units"]

SOURCE = "Garrison, Noreen & Brewer, Managerial Accounting"
Amounts = float | Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class BreakevenResult(Result):
    """``table``: product, price, variable_cost, contribution, share and units at breakeven of each product.

    ``summary``: units, revenue, and where given: profit, margin_of_safety, dol, hours, utilisation and
    best_first_hours at breakeven.
    """


def aligned(amounts: Amounts, names: list[str], what: str) -> np.ndarray:
    """Return amounts in the order of the products.

    Raises
    ------
    DataError
        T02 when a product has none, T03 when one is no finite number.

    >>> aligned({"Q": 2.0, "P": 1.0}, ["P", "Q"], "price").tolist()
    [1.0, 2.0]

    """
    if not isinstance(amounts, Mapping):
        amounts = dict.fromkeys(names, amounts)
    lacking = [n for n in names if n not in amounts]
    if lacking:
        raise refusal([fault("T02", f"no {what} of product {quote(lacking[0])}")])
    found = np.array([float(amounts[n]) for n in names])
    if not np.isfinite(found).all():
        raise refusal([fault("T03", f"{what} is not a finite number")])
    return found


def breakeven_units(c: float, needed: float) -> float:
    """Return units that cover what is needed; NaN when a unit contributes nothing.

    >>> breakeven_units(18.0, 108_000.0)
    6000.0
    """
    return needed / c if c > 0 else math.nan


def breakeven(
    *,
    price: Amounts,
    variable_cost: Amounts,
    fixed_cost: float,
    quantity: Amounts | None = None,
    mix: Mapping[str, float] | None = None,
    hours: Amounts | None = None,
    available_hours: float = math.nan,
    market: Amounts | None = None,
    target_profit: float = 0.0,
    tax_rate: float = 0.0,
) -> BreakevenResult:
    """Return the breakeven point.

    One product: units = (F + target / (1 - tax)) / c.  Several at mix w: divided by sum w_p c_p.  With hours of the
    constraint per unit: hours = F / (contribution per hour of it), and best products first.

    Parameters
    ----------
    price, variable_cost : float or mapping of product to float
    fixed_cost : float
        Of the period.
    quantity : float or mapping, optional
        Units sold: gives profit, margin of safety and, without ``mix``, the mix.
    mix : mapping, optional
        Shares of units; scaled to sum to 1.
    hours : float or mapping, optional
        Hours of the constraint per unit.
    available_hours : float, optional
        Of the constraint in the period: utilisation at breakeven.
    market : float or mapping, optional
        Most units, for the breakeven with the best products first.
    target_profit, tax_rate : float
        Target after tax.

    Returns
    -------
    BreakevenResult
        Notice T32 when breakeven is beyond capacity, T26 when a mix contributes nothing.

    Raises
    ------
    DataError
        T26 for a single product that contributes nothing per unit.

    Examples
    --------
    >>> found = breakeven(price=50, variable_cost=32, fixed_cost=108_000, quantity=8_000)
    >>> [found.summary[n] for n in ("units", "revenue", "profit", "margin_of_safety", "dol")]
    [6000.0, 300000.0, 36000.0, 0.25, 4.0]

    """
    names = list(price) if isinstance(price, Mapping) else ["all"]
    p, v = aligned(price, names, "price"), aligned(variable_cost, names, "variable cost")
    if not 0 <= tax_rate < 1:
        raise refusal([fault("T34", f"the tax rate is {tax_rate:g}; it must be from 0 to below 1")])
    units = None if quantity is None else aligned(quantity, names, "quantity")
    share = _shares(names, mix, units)
    c = float(share @ (p - v))
    if len(names) == 1 and c <= 0:
        raise refusal([fault("T26", f"a unit contributes {c:g}: there is no breakeven")])
    notices = [] if c > 0 else [warning("T26", "the mix contributes nothing per unit: there is no breakeven")]
    needed = fixed_cost + target_profit / (1 - tax_rate)
    at = breakeven_units(c, needed)
    summary: dict[str, object] = {"units": at, "revenue": at * float(share @ p), "unit_contribution": c}
    summary |= _sold(p, v, units, fixed_cost, at)
    if hours is not None:
        a = aligned(hours, names, "hours")
        summary |= _in_hours(p - v, share, a, needed, available_hours, market, names)
        notices += _beyond(summary)
    table = pd.DataFrame(
        {
            "product": names,
            "price": p,
            "variable_cost": v,
            "contribution": p - v,
            "share": share,
            "units": at * share,
        }
    )
    inputs = ",".join(f"{x:.12g}" for x in (*p, *v, *share, fixed_cost, needed))
    return BreakevenResult(
        table=table,
        summary=summary,
        notices=notices,
        provenance=Provenance(formula="E15", source=SOURCE, policy="", inputs=inputs),
    )


def _shares(names: list[str], mix: Mapping[str, float] | None, units: np.ndarray | None) -> np.ndarray:
    if mix is not None:
        share = aligned(mix, names, "share")
    elif units is not None and units.sum() > 0:
        share = units
    elif len(names) == 1:
        return np.ones(1)
    else:
        raise refusal([fault("T02", "several products need a mix or quantities")])
    if (share < 0).any() or share.sum() <= 0:
        raise refusal([fault("T06", "shares of a mix are 0 or more and not all 0")])
    return np.asarray(share / share.sum())


def _sold(
    p: np.ndarray, v: np.ndarray, units: np.ndarray | None, fixed_cost: float, at: float
) -> dict[str, object]:
    if units is None:
        return {}
    contribution = float((p - v) @ units)
    profit, total = contribution - fixed_cost, float(units.sum())
    return {
        "profit": profit,
        "margin_of_safety": (total - at) / total if total > 0 else math.nan,
        "dol": contribution / profit if profit > 0 else math.nan,
    }


def _in_hours(
    c: np.ndarray,
    share: np.ndarray,
    a: np.ndarray,
    needed: float,
    available: float,
    market: Amounts | None,
    names: list[str],
) -> dict[str, object]:
    per_hour = float(share @ c / (share @ a)) if share @ a > 0 else math.nan
    at = needed / per_hour if per_hour > 0 else math.nan
    found: dict[str, object] = {
        "contribution_per_hour": per_hour,
        "hours": at,
        "utilisation": at / available if available > 0 else math.nan,
    }
    if market is not None:
        found["best_first_hours"] = best_first_hours(c, a, aligned(market, names, "market"), needed)
        found["best_first_utilisation"] = float(str(found["best_first_hours"])) / available
    return found


def best_first_hours(c: np.ndarray, a: np.ndarray, market: np.ndarray, needed: float) -> float:
    """Return hours at breakeven when products are made in falling contribution per hour; infinite when never.

    >>> best_first_hours(np.array([45.0, 60.0]), np.array([15.0, 30.0]), np.array([100.0, 50.0]), 6000.0)
    2250.0
    """
    ratio = np.divide(c, a, out=np.where(c > 0, np.inf, -np.inf), where=a > 0)
    earned = spent = 0.0
    for p in np.argsort(-ratio, kind="stable"):
        if c[p] <= 0:
            break
        if earned + c[p] * market[p] >= needed:
            return float(spent + a[p] * (needed - earned) / c[p])
        earned, spent = earned + c[p] * market[p], spent + a[p] * market[p]
    return math.inf


def _beyond(summary: Mapping[str, object]) -> list[Notice]:
    used = float(str(summary["utilisation"]))
    if used > 1:
        message = f"breakeven at {used:.1%} of the constraint's hours: not on present capacity"
        return [warning("T32", message)]
    return []
