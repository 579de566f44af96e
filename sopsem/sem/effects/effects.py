"""Direct, indirect and total effects found from the model, raw and standardized, with intervals.

Total effects are (I - B)^-1 - I (Bollen, 1987); a specific indirect effect is the product of the paths along
one route.  Standardization uses model-implied standard deviations, recomputed in every draw.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from sopsem.errors import UsageError
from sopsem.kernel import matrices
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.scaling import ScaledModel
from sopsem.sem.estimation.standardize import total_covariance, with_ancestors
from sopsem.sem.model.spec import ModelSpec
from sopsem.sem.resampling.bootstrap import Draws
from sopsem.sem.resampling.statistic_intervals import statistic_intervals

__all__ = ["Effect", "effect_values", "effects", "find_effects"]

Array = NDArray[np.float64]
MAX_ROUTES = 1000
STEP = 1e-5
SLOPE = 1e-8  # a smaller numerical slope is 0


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One effect: ``kind`` is direct, indirect (one route), total_indirect or total."""

    kind: str
    outcome: str
    predictor: str
    route: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name as in ``total:alignment~coordination`` or ``indirect:coordination>alignment>performance``."""
        return f"{self.kind}:" + (
            ">".join(self.route) if self.kind == "indirect" else f"{self.outcome}~{self.predictor}"
        )


def _arrows(spec: ModelSpec) -> dict[str, list[str]]:
    """Return source -> targets of every path, loadings included."""
    arrows: dict[str, list[str]] = {}
    for p in spec:
        if p.op not in {"~", "=~"} or p.lhs == p.rhs or not (p.free or p.value != 0.0):
            continue
        source, target = (p.rhs, p.lhs) if p.op == "~" else (p.lhs, p.rhs)
        arrows.setdefault(source, []).append(target)
    return arrows


def _routes(arrows: dict[str, list[str]], start: str, end: str) -> Iterator[tuple[str, ...]]:
    """Yield the routes from start to end that visit no variable twice, depth first in model order."""
    useful = _reachable(_reversed(arrows), end) | {end}
    stack: list[tuple[str, ...]] = [(start,)]
    while stack:
        route = stack.pop()
        for target in reversed(arrows.get(route[-1], [])):
            if target == end:
                yield (*route, target)
            elif target in useful and target not in route:
                stack.append((*route, target))


def _reversed(arrows: dict[str, list[str]]) -> dict[str, list[str]]:
    turned: dict[str, list[str]] = {}
    for source, targets in arrows.items():
        for target in targets:
            turned.setdefault(target, []).append(source)
    return turned


def _reachable(arrows: dict[str, list[str]], start: str) -> set[str]:
    """Return what can be reached from a variable; itself only through a loop."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for target in arrows.get(waiting.pop(), []):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def find_effects(spec: ModelSpec) -> list[Effect]:
    """List the effects among the variables of the structural formulas (``~``), in model order.

    For every predictor and outcome: the direct path, each specific indirect route, the total indirect effect
    (when there is a route) and the total.  In a model with a feedback loop routes are endless: only direct
    and total effects are listed.
    """
    outcomes = list(dict.fromkeys(p.lhs for p in spec if p.op == "~"))
    predictors = list(dict.fromkeys(p.rhs for p in spec if p.op == "~"))
    arrows = _arrows(spec)
    loop = any(v in _reachable(arrows, v) for v in arrows)
    found: list[Effect] = []
    for outcome in outcomes:
        for predictor in [v for v in predictors if v != outcome]:
            found.extend(_effects_between(arrows, predictor, outcome, loop=loop))
    return found


def _effects_between(
    arrows: dict[str, list[str]], predictor: str, outcome: str, *, loop: bool
) -> list[Effect]:
    pair = {"outcome": outcome, "predictor": predictor}
    ends = (predictor, outcome)
    direct = [Effect(kind="direct", route=ends, **pair)] if outcome in arrows.get(predictor, []) else []
    total = [Effect(kind="total", route=ends, **pair)]
    if loop:
        return [*direct, *total] if outcome in _reachable(arrows, predictor) else []
    routes = list(islice(_routes(arrows, predictor, outcome), MAX_ROUTES + 1))
    if len(routes) > MAX_ROUTES:
        raise UsageError(
            f"more than {MAX_ROUTES} routes lead from {predictor} to {outcome}; ask for fewer paths"
        )
    indirect = [Effect(kind="indirect", route=r, **pair) for r in sorted(routes, key=len) if len(r) > 2]
    together = [Effect(kind="total_indirect", route=ends, **pair)] if indirect else []
    return [*direct, *indirect, *together, *total] if routes else []


def effect_values(
    _spec: ModelSpec, model: ScaledModel, theta: Array, wanted: list[Effect], *, standardized: bool
) -> Array:
    """Return effects (B, n_effects) at kernel parameters (B, k)."""
    named = {v: i for i, v in enumerate(model.variables)}
    among = with_ancestors(model, np.unique([named[v] for e in wanted for v in e.route]).astype(np.intp))
    place = {model.variables[at]: i for i, at in enumerate(among)}
    paths = matrices(model.layout, theta)[0][:, among[:, None], among]
    total = np.linalg.inv(np.eye(paths.shape[1]) - paths) - np.eye(paths.shape[1])
    if standardized:
        with np.errstate(invalid="ignore"):
            unit = np.sqrt(np.diagonal(total_covariance(model, theta, among), axis1=1, axis2=2))
        scale = unit[:, None, :] / unit[:, :, None]
    else:
        scale = np.broadcast_to(np.outer(model.units[among], 1.0 / model.units[among]), paths.shape)
    paths, total = paths * scale, total * scale
    columns = []
    for effect in wanted:
        i, j = place[effect.outcome], place[effect.predictor]
        if effect.kind == "total":
            columns.append(total[:, i, j])
        elif effect.kind == "total_indirect":
            columns.append(total[:, i, j] - paths[:, i, j])
        else:
            steps = zip(effect.route, effect.route[1:], strict=False)
            columns.append(np.prod([paths[:, place[b], place[a]] for a, b in steps], axis=0))
    return np.stack(columns, axis=1) if columns else np.empty((len(theta), 0))


def effects(
    fit: Fit,
    draws: Draws | None = None,
    *,
    kind: str | None = None,
    level: float = 0.95,
    rule: str = "weibull",
) -> pd.DataFrame:
    """Return every effect, raw and standardized, each with interval and p.

    Parameters
    ----------
    fit : Fit
    draws : Draws, optional
        Bootstrap draws of the fit; without them standard errors are by the delta method and intervals are
        Wald's.
    kind : str, optional
        Interval: percentile (default), bc (default under ``mimic="amos"``), bca, normal, basic, studentized.
    level, rule
        Confidence level; end-point rule (see ``intervals``).

    Returns
    -------
    DataFrame
        Columns effect kind outcome predictor route (after ``group`` where there are several), then est se
        ci_lower ci_upper pvalue and the same for the standardized effect (est_std ...), and with draws the
        Monte-Carlo standard errors mc_lower mc_upper mc_pvalue (and ..._std) and n_draws, n_draws_std: the draws
        with a value.  A draw whose implied variance of the outcome is negative has a raw effect but no
        standardized one.

    Raises
    ------
    UsageError
        Draws of another fit; BC or BCa where they are refused (see ``policies.require_intact``).

    Notes
    -----
    With draws, p is by inversion of the interval: 1 - p is the level whose interval has an end at 0.

    """
    if draws is not None and not draws.belong_to(fit):
        raise UsageError("these draws belong to another fit; pass the fit that was bootstrapped")
    if fit.n_groups == 1:
        return _table(fit, draws, _kind(fit, kind), level, rule)
    tables = []
    for number, label in enumerate(fit.spec.groups, start=1):
        own = None if draws is None else draws.of_group(number)
        table = _table(fit.of_group(number), own, _kind(fit, kind), level, rule)
        table.insert(0, "group", label)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _table(fit: Fit, draws: Draws | None, kind: str, level: float, rule: str) -> pd.DataFrame:
    """Return the effects of one group."""
    wanted = find_effects(fit.spec)
    frame = pd.DataFrame(
        [(e.name, e.kind, e.outcome, e.predictor, " > ".join(e.route)) for e in wanted],
        columns=["effect", "kind", "outcome", "predictor", "route"],
    )
    for standardized, suffix in ((False, ""), (True, "_std")):
        if draws is None:
            columns = _delta(fit, wanted, level, standardized=standardized)
        else:
            columns = _bootstrapped(fit, draws, wanted, kind, level, rule, standardized=standardized)
        frame = pd.concat([frame, columns.add_suffix(suffix)], axis=1)
    return frame


def _kind(fit: Fit, kind: str | None) -> str:
    return kind if kind is not None else "bc" if fit.mimic == "amos" else "percentile"


def _delta(fit: Fit, wanted: list[Effect], level: float, *, standardized: bool) -> pd.DataFrame:
    theta = fit.kernel_theta
    k = len(theta)
    points = np.concatenate([theta[None], theta + STEP * np.eye(k), theta - STEP * np.eye(k)])
    values = effect_values(fit.spec, fit.model, points, wanted, standardized=standardized)
    slope = (values[1 : k + 1] - values[k + 1 :]).T / (2.0 * STEP)
    se = _standard_errors(slope, fit.kernel_vcov)
    half = norm.ppf(0.5 + level / 2.0) * se
    est = values[0]
    return pd.DataFrame(
        {
            "est": est,
            "se": se,
            "ci_lower": est - half,
            "ci_upper": est + half,
            "pvalue": 2.0 * norm.sf(np.abs(est / se)),
        }
    )


def _standard_errors(slope: Array, vcov: Array) -> Array:
    """Return sqrt(diag(J V J')); NaN where an effect rests on a parameter without information."""
    variance = np.einsum("ij,jk,ik->i", slope, np.nan_to_num(vcov), slope)
    lost = (np.abs(slope) > SLOPE) @ np.isnan(np.diag(vcov))
    return np.sqrt(np.where((variance > 0.0) & ~lost, variance, np.nan))


def _bootstrapped(
    fit: Fit, draws: Draws, wanted: list[Effect], kind: str, level: float, rule: str, *, standardized: bool
) -> pd.DataFrame:
    def values_at(theta: Array) -> Array:
        return effect_values(fit.spec, fit.model, theta, wanted, standardized=standardized)

    return statistic_intervals(draws, values_at, kind=kind, level=level, rule=rule)
