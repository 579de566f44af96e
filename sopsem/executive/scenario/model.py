"""The plan of a horizon as arrays, and as the linear programme that is solved."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse

from sopsem.executive.notices import Notice
from sopsem.executive.result import Provenance, no_rows
from sopsem.executive.scenario.linear import Linear

__all__ = ["PlanModel", "Workforce", "asked_of", "bounds_of", "linear_of", "parts_of"]


@dataclass(frozen=True, kw_only=True)
class Workforce:
    """Workers of a resource whose number may change: hours and overtime are then per worker.

    Parameters
    ----------
    resource : str
    workers : float
        Before the first period.
    wage : float
        Per worker and period.
    hire, lay_off : float
        Per worker.

    Examples
    --------
    >>> Workforce(resource="line", workers=80, wage=640, hire=300, lay_off=500).workers
    80

    """

    resource: str
    workers: float
    wage: float
    hire: float
    lay_off: float


@dataclass(frozen=True, kw_only=True)
class PlanModel:
    """A plant over T periods with P products and R resources; change it with ``dataclasses.replace``.

    Money is per unit, per hour, or per worker and period.  ``subcontract`` is infinite where nobody makes the
    product; ``backlog_cost`` is infinite where what is not shipped in its period is lost; ``available`` is infinite
    where nothing limits.  ``shares``: what part of a product's demand each sales unit asks for (sales unit x product).
    """

    periods: tuple[str, ...]
    products: tuple[str, ...]
    resources: tuple[str, ...]
    hours: np.ndarray  # R x P
    available: np.ndarray  # T x R
    overtime: np.ndarray  # T x R, most hours
    overtime_cost: np.ndarray  # R
    price: np.ndarray  # T x P
    variable: np.ndarray  # T x P
    demand: np.ndarray  # T x P
    least: np.ndarray  # T x P, contract minima
    holding: np.ndarray  # P
    backlog_cost: np.ndarray  # P
    subcontract: np.ndarray  # P
    start_stock: np.ndarray  # P
    end_stock: np.ndarray  # P
    start_backlog: np.ndarray  # P
    clear_backlog: bool
    service_floor: float
    shift_hours: np.ndarray  # R, of one shift more
    shift_cost: np.ndarray  # R, per period
    workforce: tuple[Workforce, ...] = ()
    servers: np.ndarray = field(
        default_factory=lambda: np.ones(1)
    )  # R; hours per worker = available / servers
    shares: pd.DataFrame = field(default_factory=pd.DataFrame)
    notices: tuple[Notice, ...] = ()
    excluded: pd.DataFrame = field(default_factory=no_rows)
    provenance: Provenance

    @property
    def kept_price(self) -> np.ndarray:
        """What a unit that waits adds to the price of the period it is shipped in: orders keep their own price."""
        kept = np.zeros_like(self.price)
        kept[:-1] = self.price[:-1] - self.price[1:]
        return kept

    @property
    def staffed(self) -> list[int]:
        """Where the resources with a workforce stand among the resources."""
        return [self.resources.index(w.resource) for w in self.workforce]


BLOCKS = (
    "made",
    "sub",
    "ship",
    "stock",
    "backlog",
    "lost",
    "overtime",
    "workers",
    "hired",
    "laid_off",
)


def _widths(model: PlanModel) -> list[int]:
    p, r, k = len(model.products), len(model.resources), len(model.workforce)
    return [len(model.periods) * n for n in (p,) * 6 + (r,) + (k,) * 3]


def parts_of(model: PlanModel, z: np.ndarray) -> dict[str, np.ndarray]:
    """Return the variables by name, each period x product, resource or workforce."""
    pieces = np.split(z, np.cumsum(_widths(model))[:-1])
    return {name: piece.reshape(len(model.periods), -1) for name, piece in zip(BLOCKS, pieces, strict=True)}


def linear_of(model: PlanModel) -> Linear:
    """Return the programme of a model.

    Equations: stock (T x P), backlog (T x P), workers (T x K).  Inequalities: hours (T x R, those that limit),
    overtime of a workforce (T x K).

    """
    t, p, r = len(model.periods), len(model.products), len(model.resources)
    low, high = bounds_of(model)
    hours, limit = _hour_rows(model)
    equal, right = _balance_rows(model)
    more, most = _overtime_rows(model)
    revenue = _gather(model, ship=model.price, backlog=model.kept_price)
    cost = _gather(
        model,
        made=model.variable,
        sub=np.tile(np.where(np.isfinite(model.subcontract), model.subcontract, 0.0), (t, 1)),
        stock=np.tile(model.holding, (t, 1)),
        backlog=np.tile(np.where(np.isfinite(model.backlog_cost), model.backlog_cost, 0.0), (t, 1)),
        overtime=np.tile(model.overtime_cost, (t, 1)),
        workers=np.tile([w.wage for w in model.workforce], (t, 1)),
        hired=np.tile([w.hire for w in model.workforce], (t, 1)),
        laid_off=np.tile([w.lay_off for w in model.workforce], (t, 1)),
    )
    finite = np.isfinite(limit)
    return Linear(
        gain=revenue - cost,
        revenue=revenue,
        cost=cost,
        upper_rows=sparse.vstack([hours[finite], more]).tocsr(),
        upper=np.r_[limit[finite], most],
        equal_rows=equal.tocsr(),
        equal=right,
        low=low,
        high=high,
        hour_rows=np.flatnonzero(finite),
        size=t * r,
        asked=slice(t * p, 2 * t * p),
    )


def _gather(model: PlanModel, **given: np.ndarray) -> np.ndarray:
    """Return one vector over all variables; blocks that are not given are 0."""
    return np.concatenate(
        [
            np.asarray(given.get(n, np.zeros(w)), float).ravel()
            for n, w in zip(BLOCKS, _widths(model), strict=True)
        ]
    )


def asked_of(model: PlanModel) -> np.ndarray:
    """Return what is asked for, period x product; what waits from before belongs to the first period."""
    asked = model.demand.copy()
    asked[0] += model.start_backlog
    return asked


def bounds_of(model: PlanModel) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and most of every variable."""
    t = len(model.periods)
    late = np.isfinite(model.backlog_cost)
    allowed = (1 - model.service_floor) * model.demand if model.service_floor > 0 else np.inf
    backlog = np.where(late, allowed, 0.0) * np.ones_like(model.demand)
    if model.clear_backlog:
        backlog[-1] = 0.0
    stock = np.zeros_like(model.demand)
    stock[-1] = model.end_stock
    extra = model.overtime.copy()
    extra[:, model.staffed] = np.inf
    low = _gather(model, ship=model.least, stock=stock)
    everywhere = np.inf * np.ones_like(model.demand)
    k = (t, len(model.workforce))
    high = _gather(
        model,
        made=everywhere,
        sub=np.tile(np.where(np.isfinite(model.subcontract), np.inf, 0.0), (t, 1)),
        ship=everywhere,
        stock=everywhere,
        backlog=backlog,
        lost=np.where(late, 0.0, allowed) * np.ones_like(model.demand),
        overtime=extra,
        workers=np.full(k, np.inf),
        hired=np.full(k, np.inf),
        laid_off=np.full(k, np.inf),
    )
    return low, high


def _row_of_blocks(model: PlanModel, rows: int, **given: sparse.sparray) -> sparse.csr_array:
    blocks = [
        given[n] if n in given else sparse.csr_array((rows, w))
        for n, w in zip(BLOCKS, _widths(model), strict=True)
    ]
    return sparse.hstack(blocks).tocsr()


def _steps(t: int, width: int) -> sparse.sparray:
    """Return the matrix that takes a period less the one before."""
    return sparse.kron(sparse.eye_array(t) - sparse.eye_array(t, k=-1), sparse.eye_array(width))


def _balance_rows(model: PlanModel) -> tuple[sparse.csr_array, np.ndarray]:
    """Return stock = stock before + made + subcontracted - shipped; backlog = before + demand - shipped - lost."""
    t, p, k = len(model.periods), len(model.products), len(model.workforce)
    one = sparse.eye_array(t * p)
    moves = _steps(t, p)
    rows = [
        _row_of_blocks(model, t * p, stock=moves, made=-one, sub=-one, ship=one),
        _row_of_blocks(model, t * p, backlog=moves, ship=one, lost=one),
    ]
    first = np.zeros((t, p))
    first[0] = model.start_stock
    right = [first.ravel(), asked_of(model).ravel()]
    if k:
        each = sparse.eye_array(t * k)
        rows.append(_row_of_blocks(model, t * k, workers=_steps(t, k), hired=-each, laid_off=each))
        workers = np.zeros((t, k))
        workers[0] = [w.workers for w in model.workforce]
        right.append(workers.ravel())
    return sparse.vstack(rows).tocsr(), np.concatenate(right)


def _hour_rows(model: PlanModel) -> tuple[sparse.csr_array, np.ndarray]:
    """Return load - overtime <= hours; of a workforce, load - overtime - hours per worker x workers <= 0."""
    t, r, k = len(model.periods), len(model.resources), len(model.workforce)
    load = sparse.kron(sparse.eye_array(t), sparse.csr_array(model.hours))
    limit = model.available.copy()
    given = {"made": load, "overtime": -sparse.eye_array(t * r)}
    if k:
        limit[:, model.staffed] = 0.0
        given["workers"] = _per_worker(model, -model.available)
    return _row_of_blocks(model, t * r, **given), limit.ravel()


def _per_worker(model: PlanModel, hours: np.ndarray) -> sparse.csr_array:
    """Return resource-period x workforce-period: hours of one worker."""
    t, r, k = len(model.periods), len(model.resources), len(model.workforce)
    wide = np.zeros((t, r, t, k))
    for place, at in enumerate(model.staffed):
        wide[np.arange(t), at, np.arange(t), place] = hours[:, at] / model.servers[at]
    return sparse.csr_array(wide.reshape(t * r, t * k))


def _overtime_rows(model: PlanModel) -> tuple[sparse.csr_array, np.ndarray]:
    """Return overtime <= overtime per worker x workers, of resources with a workforce."""
    t, r, k = len(model.periods), len(model.resources), len(model.workforce)
    if not k:
        return _row_of_blocks(model, 0), np.zeros(0)
    kept = np.array([period * r + at for period in range(t) for at in model.staffed])
    rows = _row_of_blocks(
        model, t * r, overtime=sparse.eye_array(t * r), workers=_per_worker(model, -model.overtime)
    )
    return rows[kept], np.zeros(t * k)
