"""The linear programme of a product mix: solved to a vertex, its prices, and how far they hold."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import LinearConstraint, linprog, milp

__all__ = ["Program", "Solution", "cost_ranges", "missing_hours", "one_sided", "other_optima", "row_ranges"]

TINY = 1e-9
FAR = 1e6


@dataclass(frozen=True, kw_only=True)
class Program:
    """Maximise gain'z subject to rows z <= limit, low <= z <= high."""

    gain: np.ndarray
    rows: np.ndarray
    limit: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def solve(self, *, gain: np.ndarray | None = None, limit: np.ndarray | None = None) -> "Solution | None":
        """Return the best vertex, or None when there is none; dual simplex, so the prices are of a vertex."""
        aim = self.gain if gain is None else gain
        bound = self.limit if limit is None else limit
        found = linprog(
            -aim, A_ub=self.rows, b_ub=bound, bounds=np.column_stack([self.low, self.high]), method="highs-ds"
        )
        if not found.success:
            return None
        return Solution(
            z=np.clip(found.x, self.low, self.high),
            value=float(-found.fun),
            price=-found.ineqlin.marginals + 0.0,
            upper=-found.upper.marginals + 0.0,
            lower=-found.lower.marginals + 0.0,
        )

    def solve_whole(self, whole: np.ndarray) -> np.ndarray | None:
        """Return the best plan in whole units of the variables marked, or None when there is none."""
        rows = LinearConstraint(self.rows, ub=self.limit)
        found = milp(-self.gain, constraints=rows, bounds=(self.low, self.high), integrality=whole)
        return None if found.x is None else np.asarray(np.where(whole, np.round(found.x), found.x))


@dataclass(frozen=True, kw_only=True)
class Solution:
    """A vertex: plan, value, price of each row, value of a unit more of each upper and lower bound."""

    z: np.ndarray
    value: float
    price: np.ndarray
    upper: np.ndarray
    lower: np.ndarray


def missing_hours(program: Program) -> np.ndarray:
    """Return the smallest hours per row that make the lower bounds possible: the elastic programme.

    >>> tight = Program(gain=np.ones(1), rows=np.ones((1, 1)), limit=np.array([5.0]), low=np.array([8.0]),
    ...                 high=np.array([9.0]))
    >>> missing_hours(tight).tolist()
    [3.0]
    """
    m, n = program.rows.shape
    bounds = np.column_stack([np.r_[program.low, np.zeros(m)], np.r_[program.high, np.full(m, np.inf)]])
    found = linprog(
        np.r_[np.zeros(n), np.ones(m)],
        A_ub=np.hstack([program.rows, -np.eye(m)]),
        b_ub=program.limit,
        bounds=bounds,
        method="highs-ds",
    )
    return np.asarray(found.x[n:])


def _basis(program: Program, at: Solution) -> tuple[np.ndarray, np.ndarray] | None:
    """Return which variables and slacks are strictly between their bounds; None at a degenerate vertex."""
    scale = 1 + np.abs(at.z)
    inside = (at.z > program.low + TINY * scale) & (at.z < program.high - TINY * scale)
    slack = program.limit - program.rows @ at.z
    open_row = slack > TINY * (1 + np.abs(program.limit))
    return (inside, open_row) if inside.sum() + open_row.sum() == len(slack) else None


def row_ranges(program: Program, at: Solution) -> np.ndarray:
    """Return [low, high] of every limit over which its price holds.

    A row that does not bind holds from its activity up; at a degenerate vertex the ends are searched.
    """
    load = program.rows @ at.z
    ranges = np.column_stack([load, np.full(len(load), np.inf)])
    tight = program.limit - load <= TINY * (1 + np.abs(program.limit))
    basis = _basis(program, at)
    inverse = None if basis is None else _inverse(program, *basis)
    for r in np.flatnonzero(tight):
        if basis is not None and inverse is not None:
            ranges[r] = _exact_row_range(program, at, basis, inverse[:, r], int(r))
        else:
            ranges[r] = _searched_row_range(program, at, int(r))
    return ranges


def _inverse(program: Program, inside: np.ndarray, open_row: np.ndarray) -> np.ndarray | None:
    columns = np.hstack([program.rows[:, inside], np.eye(len(open_row))[:, open_row]])
    try:
        return np.asarray(np.linalg.inv(columns))
    except np.linalg.LinAlgError:
        return None


def _exact_row_range(
    program: Program, at: Solution, basis: tuple[np.ndarray, np.ndarray], direction: np.ndarray, r: int
) -> tuple[float, float]:
    """Return the limits between which no basic variable, moving along one column of the inverse, meets a bound."""
    inside, open_row = basis
    now = np.r_[at.z[inside], (program.limit - program.rows @ at.z)[open_row]]
    low = np.r_[program.low[inside], np.zeros(open_row.sum())]
    high = np.r_[program.high[inside], np.full(open_row.sum(), np.inf)]
    rises, falls = direction > TINY, direction < -TINY
    with np.errstate(divide="ignore", invalid="ignore"):
        to_low, to_high = (low - now) / direction, (high - now) / direction
    up = min(to_high[rises].min(initial=np.inf), to_low[falls].min(initial=np.inf))
    down = max(to_low[rises].max(initial=-np.inf), to_high[falls].max(initial=-np.inf))
    return float(program.limit[r] + down), float(program.limit[r] + up)


def _searched_row_range(program: Program, at: Solution, r: int) -> tuple[float, float]:
    def value_at(limit: float) -> tuple[float, float] | None:
        changed = program.limit.copy()
        changed[r] = limit
        found = program.solve(limit=changed)
        return None if found is None else (found.value, float(found.price[r]))

    here = float(program.limit[r])
    used = program.rows[r]
    floor = float(
        np.minimum(used * program.low, used * np.where(np.isfinite(program.high), program.high, FAR)).sum()
    )
    top = (
        float(np.maximum(used * program.low, used * program.high)[used != 0].sum())
        if (used != 0).any()
        else here
    )
    ceiling = top + 1.0 if np.isfinite(top) else FAR * max(1.0, here)
    low = _end(value_at, here, at.value, float(at.price[r]), max(floor, 0.0))
    high = _end(value_at, here, at.value, float(at.price[r]), max(ceiling, here + 1.0))
    return low, np.inf if high >= ceiling else high


def _end(
    value_at: Callable[[float], tuple[float, float] | None],
    start: float,
    value: float,
    slope: float,
    far: float,
) -> float:
    """Return where the straight piece of a convex or concave function that starts here ends.

    The lines of this piece and of the piece at the far end meet nearer; a few steps reach the break.
    """
    for _ in range(50):
        there = value_at(far)
        if there is None:
            far = start + 0.999 * (far - start)
            continue
        line = value + slope * (far - start)
        if abs(there[0] - line) <= 1e-7 * (1 + abs(line)):
            return far
        if abs(there[1] - slope) <= 1e-12 * (1 + abs(slope)):
            return start
        meet = (there[0] - value + slope * start - there[1] * far) / (slope - there[1])
        if abs(meet - start) <= 1e-9 * (1 + abs(start)) or abs(meet - far) <= 1e-12 * (1 + abs(far)):
            return start if abs(meet - start) <= 1e-9 * (1 + abs(start)) else far
        far = meet
    return far


def cost_ranges(program: Program, at: Solution, count: int) -> np.ndarray:
    """Return [low, high] of the gain of the first ``count`` variables over which the plan stays."""
    basis = _basis(program, at)
    inverse = None if basis is None else _inverse(program, *basis)
    if basis is None or inverse is None:
        return np.array([_searched_cost_range(program, at, j) for j in range(count)]).reshape(-1, 2)
    inside, open_row = basis
    gains = np.r_[program.gain[inside], np.zeros(open_row.sum())]
    prices = gains @ inverse
    reduced = np.r_[program.gain - prices @ program.rows, -prices]  # of variables, then slacks
    fixed = program.high - program.low <= TINY * (
        1 + np.abs(at.z)
    )  # nothing to sell: no gain changes the plan
    outside = np.r_[~inside & ~fixed, ~open_row]
    body = inverse @ np.hstack([program.rows, np.eye(len(open_row))])[:, outside]
    at_high = np.r_[at.z >= program.high - TINY * (1 + np.abs(at.z)), np.zeros(len(open_row), bool)][outside]
    position = {int(j): k for k, j in enumerate(np.flatnonzero(inside))}
    ranges = np.empty((count, 2))
    for j in range(count):
        if fixed[j]:
            ranges[j] = -np.inf, np.inf
        elif j in position:
            ranges[j] = program.gain[j] + _basic_moves(reduced[outside], body[position[j]], at_high)
        else:
            high = at.z[j] >= program.high[j] - TINY * (1 + abs(at.z[j]))
            ranges[j] = (
                (program.gain[j] - reduced[j], np.inf) if high else (-np.inf, program.gain[j] - reduced[j])
            )
    return ranges


def _basic_moves(reduced: np.ndarray, row: np.ndarray, at_high: np.ndarray) -> np.ndarray:
    """Return how far the gain of a basic variable may move before a variable outside wants in.

    Outside at its low bound a reduced gain must stay <= 0, at its high bound >= 0.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        step = reduced / row
    rises = np.where(at_high, row > TINY, row < -TINY)
    falls = np.where(at_high, row < -TINY, row > TINY)
    up = step[rises].min(initial=np.inf)
    down = step[falls].max(initial=-np.inf)
    return np.array([down, up])


def _searched_cost_range(program: Program, at: Solution, j: int) -> tuple[float, float]:
    def value_at(gain: float) -> tuple[float, float] | None:
        changed = program.gain.copy()
        changed[j] = gain
        found = program.solve(gain=changed)
        return None if found is None else (found.value, float(found.z[j]))

    here, plan = float(program.gain[j]), float(at.z[j])
    far = 1e4 * float(np.abs(program.gain).max() + 1)
    low = _end(value_at, here, at.value, plan, -far)
    high = _end(value_at, here, at.value, plan, far)
    return (-np.inf if low <= -far else low), (np.inf if high >= far else high)


def one_sided(program: Program, at: Solution, ranges: np.ndarray) -> np.ndarray:
    """Return what one hour less costs and one hour more brings, of every row, by solving again where needed."""
    values = np.column_stack([at.price, at.price])
    for r, (low, high) in enumerate(ranges):
        step = max(1e-4 * abs(program.limit[r]), 1e-6)
        holds = (program.limit[r] - step >= low, program.limit[r] + step <= high)
        for side, sign in enumerate((-1, 1)):
            if not holds[side]:
                changed = program.limit.copy()
                changed[r] += sign * step
                moved = program.solve(limit=changed)
                values[r, side] = np.nan if moved is None else sign * (moved.value - at.value) / step
    return values


def other_optima(program: Program, at: Solution, count: int) -> np.ndarray:
    """Return [least, most] of the first ``count`` variables over all optimal plans.

    Asked only where the vertex is degenerate or some variable outside the basis brings exactly nothing.
    """
    spread = np.column_stack([at.z[:count], at.z[:count]])
    basis = _basis(program, at)
    if basis is not None:
        outside = np.r_[(at.upper + at.lower)[~basis[0]], at.price[~basis[1]]]
        if (np.abs(outside) > TINY).all():
            return spread
    rows = np.vstack([program.rows, -program.gain])
    limit = np.r_[program.limit, -at.value + 1e-9 * (1 + abs(at.value))]
    held = Program(gain=program.gain, rows=rows, limit=limit, low=program.low, high=program.high)
    for j in range(count):
        for side, sign in enumerate((-1.0, 1.0)):
            aim = np.zeros(len(program.gain))
            aim[j] = sign
            found = held.solve(gain=aim)
            if found is not None:
                spread[j, side] = found.z[j]
    return spread
