"""E32: a plan in several worlds: named ones, and thousands of demands; what re-planning is worth in them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, few, refusal, warning
from sopsem.executive.pipeline import DemandScenarios
from sopsem.executive.result import Provenance, Result
from sopsem.executive.scenario.adjusting import adjusted
from sopsem.executive.scenario.draws import fixed_plans, planned_anew
from sopsem.executive.scenario.horizon import impossible
from sopsem.executive.scenario.levers import lever_table
from sopsem.executive.scenario.measures import loads_of, measures_of, money_of
from sopsem.executive.scenario.model import PlanModel, linear_of
from sopsem.executive.scenario.paths import profit_paths
from sopsem.executive.scenario.sensitivity import standardised
from sopsem.executive.schema.periods import days_per_period, frequency_of

__all__ = ["ScenarioResult", "simulate_scenarios"]

FEWEST = 100  # draws below which tails are not given
ENOUGH_FIT, PERMUTED = 0.7, 300
SAME = 1e-6
DEFAULT = {"base": {}, "downside": {"demand": 0.8}}
USUAL = {
    "upside": {"demand": 1.2},
    "price war": {"price": 0.9},
    "late payers": {"payment_days": 1.5},
}
Parts = dict[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class ScenarioResult(Result):
    """Profit and cash in named worlds (``table``) and over draws of demand.

    ``table``: scenario, profit, profit_fixed (production as in the base plan, shipments adapted), revenue, service,
    peak_utilisation, status (inside, above or over capacity), lowest_cash, cut (hours do not allow the base plan),
    broken (kept production does not keep what was promised).  ``draws``: draw, profit, profit_fixed, broken,
    lowest_cash.  ``drivers``: product, coefficient (standardised regression of profit on its demand), importance
    (share of variance lost when it is drawn anew; only where the regression fits badly).  ``binding``: resource,
    share of draws in which it is full in some period.  ``levers``: scenario, lever, profit, value, best.
    ``paths``: path, kind (world or quantile over the draws), period, profit, cumulative (profit added up).
    """

    draws: pd.DataFrame
    drivers: pd.DataFrame
    binding: pd.DataFrame
    levers: pd.DataFrame
    paths: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class _Money:
    fixed_cost: float
    cash: float
    payment_days: float
    opening: float
    period_days: float

    def lowest_cash(self, model: PlanModel, parts: Parts, delay: float = 1.0) -> float:
        """Return the lowest cash; what was sold before the first period was as much as in the base plan's first."""
        revenue, cost = money_of(model, parts)
        whole, part = divmod(delay * self.payment_days / self.period_days, 1)
        lag = int(whole)
        past = np.r_[np.full(lag + 1, self.opening), revenue]
        n = len(revenue)
        received = (1 - part) * past[1 : n + 1] + part * past[:n]
        return float(min(self.cash, (self.cash + np.cumsum(received - cost - self.fixed_cost)).min()))

    def profit(self, model: PlanModel, parts: Parts) -> float:
        revenue, cost = money_of(model, parts)
        return float((revenue - cost).sum()) - self.fixed_cost * len(revenue)


def simulate_scenarios(
    model: PlanModel,
    scenarios: Mapping[str, Mapping[str, object]] | None = None,
    *,
    draws: DemandScenarios | np.ndarray | None = None,
    fixed_cost: float = 0.0,
    cash: float = 0.0,
    payment_days: float = 0.0,
    upper: float = 0.85,
    elasticity: float | None = None,
    deferral_cost: float | None = None,
    seed: int = 0,
) -> ScenarioResult:
    """Return what becomes of a plan in other worlds than the one it was made for.

    Every world is planned anew, and lived through with the production of the base plan; the mean difference over
    the draws is the value of adaptability.  A base and a downside are always among the named ones.  With production
    kept, end stock, no backlog at the end, service floor and contract minima bind no longer: goods that are there are
    shipped as well as they can be, and what the base plan promised may not be met.

    Parameters
    ----------
    model : PlanModel
        Of a ``Plan``.
    scenarios : mapping of name to changes, optional
        Multipliers as in ``adjusted``, and ``payment_days``.  By default more demand, lower prices, late payers, and
        half of the hours of the constraint; a limit of a supplier is ``hours`` of that input.
    draws : DemandScenarios or array, optional
        Demand, n x period x product, in the order of the model.
    fixed_cost, cash, payment_days : float
        Per period; at the start; between shipment and payment.
    upper : float
        Upper end of the corridor of utilisation.
    elasticity, deferral_cost : float, optional
        For the levers of price (above 0), and of deferring what would be lost, per unit and period.
    seed : int
        Of the permutation of draws.

    Returns
    -------
    ScenarioResult
        ``summary``: mean, sd, p5, p50, p95, p_loss, cvar_5 (mean of the worst twentieth), p_cash_breach,
        deterministic (profit at the plan's own demand) and overstatement of the mean by it, adaptability, r_squared.
        Notices T13 (fewer than 100 draws: no tails), T14 (worlds without a plan), T36 (base production is cut).

    Raises
    ------
    DataError
        T14 when the base plan is impossible; T34 for draws of another shape, T05 or T34 for a change.

    Examples
    --------
    >>> from sopsem.executive.scenario.trial import small_model
    >>> draws = np.random.default_rng(0).uniform(0.8, 1.2, (200, 2, 1)) * small_model().demand
    >>> found = simulate_scenarios(small_model(), draws=draws)
    >>> found.summary["deterministic"], found.summary["overstatement"] > 0, found.summary["adaptability"] > 0
    (8970.0, True, True)

    """
    base = planned_anew(model, model.demand[None])[0]
    if base is None:
        raise impossible(model, linear_of(model))
    for name, value in {"upper": upper, "elasticity": elasticity, "deferral_cost": deferral_cost}.items():
        if value is not None and not value > 0:
            raise refusal([fault("T34", f"{name} is {value:g}; it must be above 0")])
    money = _Money(
        fixed_cost=fixed_cost,
        cash=cash,
        payment_days=payment_days,
        opening=float(money_of(model, base)[0][0]),
        period_days=days_per_period(frequency_of(model.periods[0])),
    )
    named = {**DEFAULT, **(_usual(model, base) if scenarios is None else scenarios)}
    worlds = {name: _world(model, changes) for name, changes in named.items()}
    plans = {n: base if w is model else planned_anew(w, w.demand[None])[0] for n, (w, _) in worlds.items()}
    table = pd.DataFrame([_row(n, w, d, plans[n], base, money, upper) for n, (w, d) in worlds.items()])
    drawn = np.empty((0, *model.demand.shape)) if draws is None else _drawn(model, draws)
    drawn_plans = planned_anew(model, drawn)
    frame = _draw_table(model, drawn_plans, drawn, base, money)
    drivers, fit = _drivers(model, drawn, frame, money, seed)
    deterministic = money.profit(model, base)
    earned = {n: (w, _earned(w, plans[n])) for n, (w, _) in worlds.items()}
    levers = lever_table(earned, elasticity, deferral_cost)
    charge = fixed_cost * len(model.periods)
    return ScenarioResult(
        table=table,
        draws=frame,
        drivers=drivers,
        binding=_binding(model, drawn_plans),
        levers=levers.assign(profit=levers["profit"] - charge),
        paths=profit_paths(
            {n: (w, plans[n]) for n, (w, _) in worlds.items()},
            [(model, parts) for parts in drawn_plans],
            fixed_cost=fixed_cost,
            fewest=FEWEST,
        ),
        summary={**_statistics(frame, deterministic), "r_squared": fit, "n_scenarios": len(table)},
        notices=[*model.notices, *_noticed(table, frame)],
        excluded=model.excluded,
        provenance=Provenance(
            formula="E32",
            source="Rockafellar & Uryasev 2000; Jansen 1999",
            policy=model.provenance.policy,
            inputs=model.provenance.inputs,
        ),
    )


def _usual(model: PlanModel, base: Parts) -> dict[str, Mapping[str, object]]:
    """Return the usual worlds, with half of the hours of the resource that is loaded most."""
    regular, load = loads_of(model, base)
    if not model.resources:
        return dict(USUAL)
    used = np.divide(load, regular, out=np.zeros_like(load), where=regular > 0).sum(axis=0)
    return {**USUAL, "loss of the bottleneck": {"hours": {model.resources[int(used.argmax())]: 0.5}}}


def _world(model: PlanModel, changes: Mapping[str, object]) -> tuple[PlanModel, float]:
    """Return the changed model and the multiplier of payment days."""
    delay = changes.get("payment_days", 1.0)
    if not isinstance(delay, int | float) or not 0 <= delay < np.inf:
        raise refusal([fault("T34", f"payment_days is {delay}; a multiplier is a number from 0")])
    others = {k: v for k, v in changes.items() if k != "payment_days"}
    return adjusted(model, others) if others else model, float(delay)


def _earned(model: PlanModel, parts: Parts | None) -> float:
    return float("nan") if parts is None else measures_of(model, parts)["profit"]


def _row(
    name: str,
    model: PlanModel,
    delay: float,
    parts: Parts | None,
    base: Parts,
    money: _Money,
    upper: float,
) -> dict[str, object]:
    (kept,), cut, (broken,) = fixed_plans(model, model.demand[None], base)
    nan = float("nan")
    fixed = nan if kept is None else money.profit(model, kept)
    if parts is None:
        return {
            "scenario": name,
            "profit": nan,
            "profit_fixed": fixed,
            "status": "impossible",
            "cut": cut,
            "broken": bool(broken),
        }
    found = measures_of(model, parts)
    peak = found["peak_utilisation"]
    return {
        "scenario": name,
        "profit": money.profit(model, parts),
        "profit_fixed": fixed,
        **{k: found[k] for k in ("revenue", "service", "peak_utilisation")},
        "status": "over capacity" if peak > 1 + SAME else "above" if peak > upper else "inside",
        "lowest_cash": money.lowest_cash(model, parts, delay),
        "cut": cut,
        "broken": bool(broken),
    }


def _drawn(model: PlanModel, draws: DemandScenarios | np.ndarray) -> np.ndarray:
    """Return demand, n x period x product; products without draws keep the demand of the model."""
    if isinstance(draws, DemandScenarios):
        absent = [p for p in model.periods if p not in draws.periods]
        if absent:
            raise refusal([fault("T34", f"the draws have no period {absent[0]}, which the plan has")])
        rows = [draws.periods.index(p) for p in model.periods]
        values = np.tile(model.demand, (len(draws.draws), 1, 1))
        for place, product in enumerate(model.products):
            if product in draws.products:
                values[:, :, place] = draws.draws[:, rows, draws.products.index(product)]
        return values
    values = np.asarray(draws, float)
    if values.ndim != 3 or values.shape[1:] != model.demand.shape:
        message = f"draws have the shape {values.shape}; the plan needs (n, {', '.join(map(str, model.demand.shape))})"
        raise refusal([fault("T34", message)])
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise refusal([fault("T34", "draws of demand are finite and not negative")])
    return values


def _draw_table(
    model: PlanModel, plans: list[Parts | None], drawn: np.ndarray, base: Parts, money: _Money
) -> pd.DataFrame:
    kept, _, broken = fixed_plans(model, drawn, base)
    nan = float("nan")
    rows = [
        (
            i,
            nan if new is None else money.profit(model, new),
            nan if old is None else money.profit(model, old),
            bool(failed),
            nan if new is None else money.lowest_cash(model, new),
        )
        for i, (new, old, failed) in enumerate(zip(plans, kept, broken, strict=True))
    ]
    return pd.DataFrame(rows, columns=["draw", "profit", "profit_fixed", "broken", "lowest_cash"])


def _statistics(frame: pd.DataFrame, deterministic: float) -> dict[str, object]:
    """Return the distribution of profit; tails only from enough draws."""
    known = frame.dropna(subset=["profit"])
    profit = np.sort(known["profit"].to_numpy(float))
    n, nan = len(profit), float("nan")
    mean = float(profit.mean()) if n else nan
    tails = dict.fromkeys(("p5", "p50", "p95", "p_loss", "cvar_5", "p_cash_breach"), nan)
    if n >= FEWEST:
        p5, p50, p95 = np.quantile(profit, [0.05, 0.5, 0.95])
        tails = {
            "p5": float(p5),
            "p50": float(p50),
            "p95": float(p95),
            "p_loss": float((profit < 0).mean()),
            "cvar_5": float(profit[: -(-n // 20)].mean()),
            "p_cash_breach": float((known["lowest_cash"] < 0).mean()),
        }
    return {
        "deterministic": deterministic,
        "mean": mean,
        "overstatement": deterministic - mean,
        "sd": float(profit.std(ddof=1)) if n > 1 else nan,
        **tails,
        "mean_fixed": float(known["profit_fixed"].mean()) if n else nan,
        "adaptability": float((known["profit"] - known["profit_fixed"]).mean()) if n else nan,
        "n_draws": len(frame),
        "n_impossible": len(frame) - n,
    }


def _binding(model: PlanModel, plans: list[Parts | None]) -> pd.DataFrame:
    full = []
    for parts in plans:
        if parts is not None:
            regular, load = loads_of(model, parts)
            full.append((load >= regular * (1 - SAME)).any(axis=0))
    share = np.mean(full, axis=0) if full else np.full(len(model.resources), np.nan)
    return pd.DataFrame({"resource": model.resources, "share": share})


def _drivers(
    model: PlanModel, drawn: np.ndarray, frame: pd.DataFrame, money: _Money, seed: int
) -> tuple[pd.DataFrame, float]:
    """Return what each product's demand does to profit: regression, and where it fits badly redrawn demand."""
    known = frame["profit"].notna().to_numpy()
    nothing = np.full(len(model.products), np.nan)
    if known.sum() < FEWEST:
        return pd.DataFrame(
            {"product": model.products, "coefficient": nothing, "importance": nothing}
        ), np.nan
    profit = frame["profit"].to_numpy(float)[known]
    b, fit = standardised(drawn[known].sum(axis=1), profit)
    importance = nothing
    if fit < ENOUGH_FIT:
        importance = _redrawn(model, drawn[known], profit, money, seed)
    return pd.DataFrame({"product": model.products, "coefficient": b, "importance": importance}), fit


def _redrawn(model: PlanModel, drawn: np.ndarray, profit: np.ndarray, money: _Money, seed: int) -> np.ndarray:
    """Return E (f(x) - f(x with one product from another draw))^2 / 2 Var f, by product (Jansen 1999)."""
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    chosen = rng.permutation(len(drawn))[:PERMUTED]
    other = rng.permutation(chosen)
    found = []
    for p in range(len(model.products)):
        mixed = drawn[chosen].copy()
        mixed[:, :, p] = drawn[other][:, :, p]
        again = [np.nan if z is None else money.profit(model, z) for z in planned_anew(model, mixed)]
        found.append(np.nanmean((profit[chosen] - np.array(again)) ** 2) / (2 * profit.var()))
    return np.array(found)


def _noticed(table: pd.DataFrame, frame: pd.DataFrame) -> list[Notice]:
    notices = []
    lost = table["scenario"][table["status"] == "impossible"].tolist()
    if lost:
        notices.append(warning("T14", f"no plan is possible in: {', '.join(lost)}"))
    missing = int(frame["profit"].isna().sum())
    if missing:
        notices.append(
            warning("T14", f"no plan is possible in {missing} of {len(frame)} draws; they are left out")
        )
    cut = table["scenario"][table["cut"]].tolist()
    if cut:
        message = f"base production does not fit and was cut by contribution per hour in: {', '.join(cut)}"
        notices.append(warning("T36", message))
    broken = int(frame["broken"].sum())
    worlds = table["scenario"][table["broken"]].tolist()
    if broken or worlds:
        where = f"{broken} of {len(frame)} draws" + (f" and in {', '.join(worlds)}" if worlds else "")
        message = (
            f"base production does not keep what was promised (end stock, backlog, service, minima) in {where}: "
            "profit_fixed is without that there, and re-planning is worth more than the difference"
        )
        notices.append(warning("T36", message))
    if 0 < len(frame) - missing < FEWEST:
        notices.append(few("tails of profit, draws", len(frame) - missing, FEWEST))
    return notices
