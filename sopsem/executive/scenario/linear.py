"""A sparse linear programme of a plan: solved to a vertex, in stages, and what would make it possible."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

__all__ = ["LARGE", "Linear", "Optimum", "method_for"]

LARGE = 5000  # variables; above it interior point with crossover reaches the same vertex ten times sooner


def method_for(variables: int) -> str:
    """Return the method that reaches a vertex soonest.

    >>> method_for(200), method_for(30_000)
    ('highs-ds', 'highs-ipm')
    """
    return "highs-ds" if variables <= LARGE else "highs-ipm"


@dataclass(frozen=True, kw_only=True)
class Optimum:
    """A vertex: variables, objective, price of each limit of ``upper_rows``, value of each right side of ``equal``."""

    z: np.ndarray
    value: float
    price: np.ndarray
    equal_value: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Linear:
    """Maximise gain'z subject to upper_rows z <= upper, equal_rows z = equal, low <= z <= high.

    ``hour_rows``: which of ``size`` resource-periods the first rows of ``upper_rows`` are; ``asked``: where demand
    stands among the equations.
    """

    gain: np.ndarray
    revenue: np.ndarray
    cost: np.ndarray
    upper_rows: sparse.csr_array
    upper: np.ndarray
    equal_rows: sparse.csr_array
    equal: np.ndarray
    low: np.ndarray
    high: np.ndarray
    hour_rows: np.ndarray
    size: int
    asked: slice

    def solve(self, gain: np.ndarray | None = None) -> Optimum | None:
        """Return the best vertex, or None when there is none."""
        found = linprog(
            -(self.gain if gain is None else gain),
            A_ub=self.upper_rows,
            b_ub=self.upper,
            A_eq=self.equal_rows,
            b_eq=self.equal,
            bounds=np.column_stack([self.low, self.high]),
            method=method_for(len(self.gain)),
        )
        if not found.success:
            return None
        return Optimum(
            z=np.clip(found.x, self.low, self.high),
            value=float(-found.fun),
            price=-found.ineqlin.marginals + 0.0,
            equal_value=-found.eqlin.marginals + 0.0,
        )

    def solve_whole(self, whole: np.ndarray) -> Optimum | None:
        """Return the best plan with whole numbers where marked; it has no prices."""
        rows = [LinearConstraint(self.equal_rows, self.equal, self.equal)]
        if len(self.upper):
            rows.append(LinearConstraint(self.upper_rows, ub=self.upper))
        found = milp(
            -self.gain, constraints=rows, bounds=Bounds(self.low, self.high), integrality=whole.astype(int)
        )
        if found.x is None:
            return None
        z = np.where(whole, np.round(found.x), found.x)
        nothing = np.full(len(self.upper), np.nan)
        return Optimum(
            z=z, value=float(self.gain @ z), price=nothing, equal_value=np.full(len(self.equal), np.nan)
        )

    def at_least(self, aim: np.ndarray, value: float) -> "Linear":
        """Return the programme in which aim'z stays at a value that was reached before."""
        slack = 1e-9 * (1 + abs(value))
        rows = sparse.vstack([self.upper_rows, sparse.csr_array(-aim[None, :])]).tocsr()
        return replace(self, upper_rows=rows, upper=np.r_[self.upper, slack - value])

    def missing_hours(self) -> np.ndarray | None:
        """Return the fewest hours more per resource-period that make it possible; None when none would."""
        m = len(self.hour_rows)
        more = sparse.vstack([-sparse.eye_array(m), sparse.csr_array((len(self.upper) - m, m))])
        n = len(self.gain)
        found = linprog(
            np.r_[np.zeros(n), np.ones(m)],
            A_ub=sparse.hstack([self.upper_rows, more]).tocsr(),
            b_ub=self.upper,
            A_eq=sparse.hstack([self.equal_rows, sparse.csr_array((len(self.equal), m))]).tocsr(),
            b_eq=self.equal,
            bounds=np.column_stack([np.r_[self.low, np.zeros(m)], np.r_[self.high, np.full(m, np.inf)]]),
            method="highs-ds",
        )
        if not found.success:
            return None
        lacking = np.zeros(self.size)
        lacking[self.hour_rows] = found.x[n:]
        return lacking

    def hour_prices(self, at: Optimum) -> np.ndarray:
        """Return the price of an hour of every resource-period; 0 where nothing limits."""
        prices = np.zeros(self.size)
        prices[self.hour_rows] = at.price[: len(self.hour_rows)]
        return prices
