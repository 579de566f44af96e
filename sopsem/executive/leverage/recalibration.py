"""E15 again: how the breakeven point moves when price, variable cost, mix or fixed cost do, effect by effect."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
import pandas as pd

from sopsem.executive.leverage.breakeven import Amounts, aligned, breakeven_units
from sopsem.executive.notices import Notice, fault, nearest, quote, refusal, warning
from sopsem.executive.result import Provenance, Result

__all__ = ["RecalibrationResult", "recalibrate_breakeven"]

EFFECTS = ("price", "variable_cost", "mix", "fixed_cost")
CHANGES = (*EFFECTS, "hours", "available_hours")


@dataclass(frozen=True, kw_only=True)
class RecalibrationResult(Result):
    """Breakeven by scenario.

    ``table``: a row per scenario, the base first: units, revenue, hours, utilisation, margin_of_safety and the
    average effect of each change on units over all its orders (Shapley); they sum to the change of units.
    """

    ordered: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class _State:
    price: np.ndarray
    variable_cost: np.ndarray
    mix: np.ndarray
    fixed_cost: float
    hours: np.ndarray
    available_hours: float
    quantity: float

    def units(self) -> float:
        return breakeven_units(float(self.mix @ (self.price - self.variable_cost)), self.fixed_cost)


def recalibrate_breakeven(
    base: Mapping[str, object], scenarios: Mapping[str, Mapping[str, object]]
) -> RecalibrationResult:
    """Return the breakeven point of every scenario and what moved it.

    Parameters
    ----------
    base : mapping
        ``price variable_cost quantity fixed_cost`` as in ``breakeven``; ``hours`` and ``available_hours`` where
        there are.
    scenarios : mapping of name to mapping
        Changes: ``price`` and ``variable_cost`` in fractions (-0.05 is 5 % less; a number or by product), ``mix``
        new shares by product, ``fixed_cost`` money added, ``hours`` in fractions, ``available_hours`` added.

    Returns
    -------
    RecalibrationResult
        ``ordered`` has the effects in the order price, variable cost, mix, fixed cost.  Notices T26 and T32 per
        scenario.

    Raises
    ------
    DataError
        T34 for a change that is not known.

    Examples
    --------
    >>> base = {"price": 50, "variable_cost": 32, "quantity": 8000, "fixed_cost": 108_000}
    >>> found = recalibrate_breakeven(base, {"cut": {"price": -0.10}})
    >>> found.table["units"].round().tolist(), round(found.table.loc[1, "effect_price"])
    ([6000.0, 8308.0], 2308)

    """
    price = base["price"]
    names = list(price) if isinstance(price, Mapping) else ["all"]
    start = _state(base, names)
    rows, ordered, notices = [_row("base", start)], [], []
    for name, changes in scenarios.items():
        after = _changed(start, changes, names)
        row, noticed = _row(name, after), _noticed(name, after)
        shapley, in_order = _effects(start, after)
        rows.append(row | {f"effect_{effect}": value for effect, value in shapley.items()})
        ordered.append({"scenario": name, **in_order})
        notices += noticed
    table = pd.DataFrame(rows)
    return RecalibrationResult(
        table=table,
        ordered=pd.DataFrame(ordered),
        summary={"scenarios": len(scenarios), "base_units": start.units()},
        notices=notices,
        provenance=Provenance(
            formula="E15", source="Shapley 1953", policy="", inputs=",".join(sorted(scenarios))
        ),
    )


def _state(base: Mapping[str, object], names: list[str]) -> _State:
    def amounts(key: str, default: float | None = None) -> np.ndarray:
        given = base.get(key, default)
        if given is None:
            raise refusal([fault("T02", f"the base has no {key}")])
        return aligned(given, names, key)  # type: ignore[arg-type]

    quantity = amounts("quantity")
    if quantity.sum() <= 0:
        raise refusal([fault("T06", "the quantities of the base are all 0")])
    return _State(
        price=amounts("price"),
        variable_cost=amounts("variable_cost"),
        mix=quantity / quantity.sum(),
        fixed_cost=float(str(base["fixed_cost"])),
        hours=amounts("hours", 0.0),
        available_hours=float(str(base.get("available_hours", math.nan))),
        quantity=float(quantity.sum()),
    )


def _changed(start: _State, changes: Mapping[str, object], names: list[str]) -> _State:
    unknown = [key for key in changes if key not in CHANGES]
    if unknown:
        raise refusal([fault("T34", f"no change {quote(unknown[0])}{nearest(unknown[0], CHANGES)}")])

    def by(key: str) -> np.ndarray:
        given = changes.get(key, 0.0)
        held = {n: float(given.get(n, 0.0)) for n in names} if isinstance(given, Mapping) else given
        return 1 + aligned(held, names, key)  # type: ignore[arg-type]

    mix: Amounts = changes.get("mix", dict(zip(names, start.mix, strict=True)))  # type: ignore[assignment]
    share = aligned(mix, names, "mix")
    return replace(
        start,
        price=start.price * by("price"),
        variable_cost=start.variable_cost * by("variable_cost"),
        mix=share / share.sum(),
        fixed_cost=start.fixed_cost + float(str(changes.get("fixed_cost", 0.0))),
        hours=start.hours * by("hours"),
        available_hours=start.available_hours + float(str(changes.get("available_hours", 0.0))),
    )


def _row(name: str, state: _State) -> dict[str, object]:
    units = state.units()
    hours = units * float(state.mix @ state.hours)
    return {
        "scenario": name,
        "units": units,
        "revenue": units * float(state.mix @ state.price),
        "hours": hours if state.hours.any() else math.nan,
        "utilisation": hours / state.available_hours if state.hours.any() else math.nan,
        "margin_of_safety": (state.quantity - units) / state.quantity,
        **{f"effect_{effect}": 0.0 for effect in EFFECTS},
    }


def _noticed(name: str, state: _State) -> list[Notice]:
    row = _row(name, state)
    if math.isnan(state.units()):
        return [warning("T26", f"{name}: the mix contributes nothing per unit")]
    if float(str(row["utilisation"])) > 1:
        return [warning("T32", f"{name}: breakeven at {row['utilisation']:.1%} of the constraint's hours")]
    return []


def _effects(start: _State, after: _State) -> tuple[dict[str, float], dict[str, float]]:
    """Return each effect on units as the average over all 24 orders, and in the usual order."""
    paths = {order: _path(start, after, order) for order in permutations(EFFECTS)}
    average = {e: float(np.mean([path[e] for path in paths.values()])) for e in EFFECTS}
    return average, paths[EFFECTS]


def _path(start: _State, after: _State, order: tuple[str, ...]) -> dict[str, float]:
    found, state = {}, start
    for effect in order:
        moved = replace(state, **{effect: getattr(after, effect)})
        found[effect] = moved.units() - state.units()
        state = moved
    return found
