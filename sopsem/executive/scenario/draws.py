"""Many demands on one plan at once: planned anew for each, or with production as it was decided before."""

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from sopsem.executive.scenario.linear import Linear, method_for
from sopsem.executive.scenario.model import PlanModel, asked_of, bounds_of, linear_of, parts_of

__all__ = ["fixed_plans", "planned_anew"]

LARGEST = 10_000  # variables of one call of the solver
SAME = 1e-6
Parts = dict[str, np.ndarray]
DECIDED = ("made", "sub", "overtime", "workers", "hired", "laid_off")


def _with_demand(model: PlanModel, demand: np.ndarray) -> PlanModel:
    return replace(model, demand=demand, least=np.minimum(model.least, demand))


def planned_anew(model: PlanModel, demands: np.ndarray) -> list[Parts | None]:
    """Return the best plan for every demand (n x period x product); None where there is none."""
    program = linear_of(model)
    models = [_with_demand(model, demand) for demand in demands]
    return _solved(model, program, models, [bounds_of(m) for m in models])


def fixed_plans(
    model: PlanModel, demands: np.ndarray, base: Parts
) -> tuple[list[Parts | None], bool, np.ndarray]:
    """Return the best shipments for every demand with the production of a plan kept.

    Also whether it was cut: where there are fewer hours than the plan takes, from the lowest contribution per hour;
    and in which of the plans a promise is broken: a product whose goods no longer allow its end stock, no backlog at
    the end, its service or its contract minima is shipped without regard to them.
    """
    made, cut = _cut(model, base)
    program = linear_of(model)
    # overtime that was decided is paid, also where the hours themselves are gone
    free = replace(program, upper=np.full_like(program.upper, 1e15))
    decided = base | {"made": made}
    models = [_with_demand(model, demand) for demand in demands]
    kept = [_promises_kept(m, decided) for m in models]
    bounds = [_decided(m, decided, k) for m, k in zip(models, kept, strict=True)]
    return _solved(model, free, models, bounds), cut, np.array([not k.all() for k in kept], bool)


def _promises_kept(model: PlanModel, decided: Parts) -> np.ndarray:
    """Return for which products the goods are there by each period that must have been shipped or kept by then."""
    low, high = (parts_of(model, bound) for bound in bounds_of(model))
    goods = model.start_stock + np.cumsum(decided["made"] + decided["sub"], axis=0) - low["stock"]
    asked = asked_of(model)
    late = np.isfinite(model.backlog_cost)
    at_once = np.where(late, low["ship"], np.maximum(low["ship"], asked - high["lost"]))
    by_then = np.where(late, np.cumsum(asked, axis=0) - high["backlog"], 0.0)
    shipped, kept = np.zeros(len(late)), np.ones(len(late), bool)
    for t, there in enumerate(goods):
        shipped = np.maximum(shipped + at_once[t], by_then[t])
        kept &= shipped <= there + SAME * (1 + np.abs(there))
    return np.asarray(kept)


def _decided(model: PlanModel, decided: Parts, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds with everything decided before held, and no promises of products that cannot keep theirs.

    Parts are views of the vectors.
    """
    loose = replace(
        model,
        least=np.zeros_like(model.least),
        end_stock=np.zeros_like(model.end_stock),
        clear_backlog=False,
        service_floor=0.0,
    )
    low, high = bounds_of(model)
    for bound, without in zip((low, high), bounds_of(loose), strict=True):
        parts, free = parts_of(model, bound), parts_of(model, without)
        for name in parts:
            parts[name][...] = decided[name] if name in DECIDED else np.where(kept, parts[name], free[name])
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
        method=method_for(len(program.gain)),
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
