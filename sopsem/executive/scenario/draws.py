"""Many demands on one plan at once: planned anew for each, or with production as it was decided before."""

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from sopsem.executive.scenario.linear import Linear
from sopsem.executive.scenario.model import PlanModel, asked_of, bounds_of, linear_of, parts_of

__all__ = ["fixed_plans", "planned_anew"]

LARGEST = 10_000  # variables of one call of the solver
Parts = dict[str, np.ndarray]
DECIDED = ("made", "sub", "overtime", "workers", "hired", "laid_off")


def _with_demand(model: PlanModel, demand: np.ndarray) -> PlanModel:
    return replace(model, demand=demand, least=np.minimum(model.least, demand))


def planned_anew(model: PlanModel, demands: np.ndarray) -> list[Parts | None]:
    """Return the best plan for every demand (n x period x product); None where there is none."""
    program = linear_of(model)
    models = [_with_demand(model, demand) for demand in demands]
    return _solved(model, program, models, [bounds_of(m) for m in models])


def fixed_plans(model: PlanModel, demands: np.ndarray, base: Parts) -> tuple[list[Parts | None], bool]:
    """Return the best shipments for every demand with the production of a plan kept; and whether it was cut.

    Where there are fewer hours than the plan takes, products are cut from the lowest contribution per hour.  What was
    promised (end stock, no backlog at the end, service, contract minima) is kept as well as the goods allow.
    """
    made, cut = _cut(model, base)
    loose = replace(
        model,
        least=np.zeros_like(model.least),
        end_stock=np.zeros_like(model.end_stock),
        clear_backlog=False,
        service_floor=0.0,
    )
    program = linear_of(loose)
    # overtime that was decided is paid, also where the hours themselves are gone
    free = replace(program, upper=np.full_like(program.upper, 1e15))
    decided = base | {"made": made}
    models = [_with_demand(loose, demand) for demand in demands]
    bounds = [_decided(loose, decided, *bounds_of(m)) for m in models]
    return _solved(loose, free, models, bounds), cut


def _decided(
    model: PlanModel, decided: Parts, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds with everything decided before held (parts are views of the vectors)."""
    for bound in (low, high):
        parts = parts_of(model, bound)
        for name in DECIDED:
            parts[name][...] = decided[name]
    return low, high


def _cut(model: PlanModel, base: Parts) -> tuple[np.ndarray, bool]:
    made, cut = base["made"].copy(), False
    limit = model.available.copy()
    at = model.staffed
    if at:
        limit[:, at] = limit[:, at] / model.servers[at] * base["workers"]
    limit = limit + base["overtime"]
    for t, r in np.argwhere(made @ model.hours.T > limit * (1 + 1e-9) + 1e-9):
        hours = model.hours[r]
        used = np.flatnonzero(hours > 0)
        worth = (model.price[t] - model.variable[t])[used] / hours[used]
        excess = hours @ made[t] - limit[t, r]
        for p in used[np.argsort(worth, kind="stable")]:
            less = min(made[t, p], max(excess, 0.0) / hours[p])
            made[t, p] -= less
            excess -= less * hours[p]
            cut = cut or less > 0
    return made, cut


def _solved(
    model: PlanModel,
    program: Linear,
    models: list[PlanModel],
    bounds: list[tuple[np.ndarray, np.ndarray]],
) -> list[Parts | None]:
    if not models:
        return []
    lows, highs = (np.array([b[side] for b in bounds]) for side in (0, 1))
    equals = np.tile(program.equal, (len(models), 1))
    equals[:, program.asked] = [asked_of(m).ravel() for m in models]
    size = max(1, LARGEST // len(program.gain))
    found: list[np.ndarray | None] = []
    for start in range(0, len(models), size):
        part = slice(start, start + size)
        found += _together(program, lows[part], highs[part], equals[part])
    return [None if z is None else parts_of(model, z) for z in found]


def _together(
    program: Linear, lows: np.ndarray, highs: np.ndarray, equals: np.ndarray
) -> list[np.ndarray | None]:
    """Solve several programmes that share their rows as one; where one is impossible, halve and try again."""
    n = len(lows)
    each = sparse.eye_array(n)
    found = linprog(
        np.tile(-program.gain, n),
        A_ub=sparse.kron(each, program.upper_rows, format="csr"),
        b_ub=np.tile(program.upper, n),
        A_eq=sparse.kron(each, program.equal_rows, format="csr"),
        b_eq=equals.ravel(),
        bounds=np.column_stack([lows.ravel(), highs.ravel()]),
        method="highs",
    )
    if found.success:
        return list(np.clip(found.x, lows.ravel(), highs.ravel()).reshape(n, -1))
    if n == 1:
        return [None]
    half = n // 2
    return [
        *_together(program, lows[:half], highs[:half], equals[:half]),
        *_together(program, lows[half:], highs[half:], equals[half:]),
    ]
