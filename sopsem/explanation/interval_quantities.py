"""Interval limits and p of effects explained: ranks, the draws that stand there, z0, inversion."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.explanation.effect_quantities import effect_name
from sopsem.explanation.explanation import Explanation, Input, explained
from sopsem.explanation.formula import evaluate
from sopsem.explanation.question import Catalogue, Question, scalar, vector
from sopsem.registry import Entry
from sopsem.sem.effects.effects import effect_values, effects
from sopsem.sem.effects.routes import Effect, find_effects
from sopsem.sem.resampling.bootstrap import jackknife
from sopsem.sem.resampling.intervals import INTERVALS

__all__ = ["interval_quantities"]

Array = NDArray[np.float64]
Steps = dict[str, tuple[str, str]]
PARTS = ("ci_lower", "ci_upper", "p")
SHARE = "min(max((below0 + ties0 / 2) / B, 1 / (B + 1)), B / (B + 1))"
Z0 = "Phi_inv(min(max((below + ties / 2) / B, 0.5 / B), 1 - 0.5 / B))"
ACCELERATION = "sum((mean(left_out) - left_out)^3) / (6 * sum((mean(left_out) - left_out)^2)^1.5)"
RANKS = {
    "weibull": "(B + 1) * a",
    "floor": "floor((B + 1) * a + 0.000000001)",
    "inverse_cdf": "-floor(0.000000001 - B * a)",
}


def interval_quantities(question: Question) -> Catalogue:
    """Return what explains the limits and the p of every effect; empty for several groups."""
    if question.fit.n_groups > 1:
        return {}
    return {
        f"{part}:{effect_name(effect, raw=raw)}": partial(_of_effect, question, effect, part, raw=raw)
        for effect in find_effects(question.fit.spec)
        for raw in (False, True)
        for part in PARTS
    }


def _of_effect(question: Question, effect: Effect, part: str, *, raw: bool) -> Explanation:
    fit, draws, kind = question.fit, question.draws, question.kind
    column = {"p": "pvalue"}.get(part, part) + ("" if raw else "_std")
    table = effects(fit, draws, kind=kind, level=question.level, rule=question.rule).set_index("effect")
    row = table.loc[effect.name]
    est, se = (float(row[c if raw else f"{c}_std"]) for c in ("est", "se"))
    if draws is None:
        inputs, steps, formula = _by_delta(est, se, part, question.level)
        entry, how = _entry(part, "Wald", "Sobel (1982)"), "effects(fit)"
    else:
        entry, how = (
            _entry(part, INTERVALS[kind].label, INTERVALS[kind].source),
            f'effects(fit, draws, kind="{kind}")',
        )
        inputs, steps, formula = _by_draws(question, _Drawn.of(question, effect, raw=raw), est, part)
    return explained(
        f"{part}:{effect_name(effect, raw=raw)}",
        entry,
        formula,
        inputs,
        reported=float(row[column]),
        where=f'{how}, effect {effect.name}, column "{column}"',
        steps=steps,
    )


def _entry(part: str, kind: str, source: str) -> Entry:
    said = {"ci_lower": "lower limit", "ci_upper": "upper limit", "p": "p by inversion of the interval"}[part]
    return Entry(name=part, function=effects, label=f"{said} ({kind})", digits=3, source=source)


def _by_delta(est: float, se: float, part: str, level: float) -> tuple[list[Input], Steps, str]:
    inputs = [scalar("est", est, "estimate"), scalar("se", se, "standard error by the delta method")]
    if part == "p":
        return inputs, {}, "2 * Phi(-abs(est / se))"
    sign = "-" if part == "ci_lower" else "+"
    return (
        [*inputs, scalar("level", level, "of the interval")],
        {},
        f"est {sign} Phi_inv(0.5 + level / 2) * se",
    )


class _Drawn:
    """The draws of one effect, sorted, with their numbers."""

    def __init__(self, values: Array, left_out: Array | None) -> None:
        """Keep the draws that have a value."""
        usable = np.flatnonzero(np.isfinite(values))
        self.numbers = usable[np.argsort(values[usable], kind="stable")]
        self.values = values[self.numbers]
        self.left_out = left_out

    @classmethod
    def of(cls, question: Question, effect: Effect, *, raw: bool) -> "_Drawn":
        """Return the draws of an effect, and for BCa its leave-one-out values."""
        fit, draws = question.fit, question.draws
        if draws is None:
            raise UsageError("draws are needed")

        def at(theta: Array) -> Array:
            return np.asarray(effect_values(fit.spec, fit.model, theta, [effect], standardized=not raw)[:, 0])

        values = np.full(len(draws), np.nan)
        values[draws.used] = at(draws.kernel_theta[draws.used])
        return cls(values, at(jackknife(draws)) if question.kind == "bca" else None)

    def counted(self, point: float, suffix: str, said: str) -> list[Input]:
        """Return how many draws are below and at a point."""
        return [
            scalar(f"below{suffix}", float((self.values < point).sum()), f"draws below {said}"),
            scalar(f"ties{suffix}", float((self.values == point).sum()), f"draws equal to {said}"),
        ]

    def standing(self, symbol: str, rank: float) -> Input:
        """Return the draw that stands at a rank (from 1)."""
        at = int(np.clip(rank, 1, len(self.values)))
        said = f"number {at} of the {len(self.values)} draws in their order (draw {self.numbers[at - 1]})"
        return scalar(symbol, float(self.values[at - 1]), said)


def _by_draws(question: Question, drawn: _Drawn, est: float, part: str) -> tuple[list[Input], Steps, str]:
    kind, size = question.kind, scalar("B", len(drawn.values), "draws with a value")
    if kind == "studentized":
        raise UsageError(
            "the studentized interval needs a standard error in every draw; ask for another kind"
        )
    if kind == "normal":
        return _normal(question, drawn, est, part)
    if part == "p":
        return _p_by_inversion(drawn, est, kind, size)
    lower = (part == "ci_lower") != (kind == "basic")  # basic turns the limits round
    inputs: list[Input] = [size, scalar("level", question.level, "of the interval")]
    steps: Steps = {
        "a": ("(1 - level) / 2" if lower else "1 - (1 - level) / 2", "share of draws below the limit")
    }
    if kind in ("bc", "bca"):
        more, bias = _bias(drawn, est)
        inputs, steps = [*inputs, *more], bias | {"z": (f"Phi_inv({steps['a'][0]})", "normal quantile")}
        bent = "(z0 + z) / (1 - acc * (z0 + z))" if kind == "bca" else "(z0 + z)"
        steps["a"] = (f"Phi(z0 + {bent})", "share of draws below the limit")
    more, ranks, formula = _order_statistic(drawn, question.rule, inputs, steps)
    inputs, steps = [*inputs, *more], steps | ranks
    if kind == "basic":
        return [*inputs, scalar("est", est, "estimate")], steps, f"2 * est - ({formula})"
    return inputs, steps, formula


def _bias(drawn: _Drawn, est: float) -> tuple[list[Input], Steps]:
    inputs, steps = drawn.counted(est, "", "the estimate"), {"z0": (Z0, "median bias of the draws")}
    if drawn.left_out is not None:
        names = tuple(str(i) for i in range(len(drawn.left_out)))
        inputs.append(vector("left_out", drawn.left_out, names, "the effect without each row in turn"))
        steps["acc"] = (ACCELERATION, "acceleration")
    return inputs, steps


def _order_statistic(
    drawn: _Drawn, rule: str, inputs: list[Input], steps: Steps
) -> tuple[list[Input], Steps, str]:
    """Return the draws at the rank that the rule gives, the steps to it, and the formula of the limit."""
    if rule not in RANKS:
        raise UsageError(f"the rule {rule} is not explained; choose one of {', '.join(RANKS)}")
    more: Steps = {"rank": (RANKS[rule], f"rank of the limit, rule {rule}")}
    if rule == "weibull":
        more["low"] = ("min(max(floor(rank + 0.000000001), 1), B)", "the draw at or below it")
        more["share"] = ("min(max(rank - low, 0), 1)", "how far towards the next draw")
    values: dict[str, Any] = {one.symbol: one.value for one in inputs}
    for symbol, (text, _) in (steps | more).items():
        values[symbol] = evaluate(text, values)
    if rule != "weibull":
        return [drawn.standing("x", values["rank"])], more, "x"
    found = [drawn.standing("x_low", values["low"]), drawn.standing("x_next", values["low"] + 1)]
    return found, more, "x_low * (1 - share) + x_next * share"


def _normal(question: Question, drawn: _Drawn, est: float, part: str) -> tuple[list[Input], Steps, str]:
    inputs = [
        scalar("est", est, "estimate"),
        scalar("mean_drawn", float(drawn.values.mean()), "mean of the draws"),
        scalar("sd_drawn", float(drawn.values.std()), "standard deviation of the draws, divisor B"),
    ]
    if part == "p":
        return inputs, {}, "2 * Phi(-abs((2 * est - mean_drawn) / sd_drawn))"
    sign = "-" if part == "ci_lower" else "+"
    inputs.append(scalar("level", question.level, "of the interval"))
    return inputs, {}, f"2 * est - mean_drawn {sign} Phi_inv(0.5 + level / 2) * sd_drawn"


def _p_by_inversion(drawn: _Drawn, est: float, kind: str, size: Input) -> tuple[list[Input], Steps, str]:
    point, said = (2.0 * est, "twice the estimate") if kind == "basic" else (0.0, "0")
    inputs = [size, *drawn.counted(point, "0", said)]
    steps: Steps = {"u": (SHARE, f"share of draws below {said}")}
    if kind in ("percentile", "basic"):
        return inputs, steps, "2 * min(u, 1 - u)"
    more, bias = _bias(drawn, est)
    steps |= bias | {"t": ("Phi_inv(u) - z0", "")}
    steps["w"] = (
        "t / (1 + acc * t) - z0" if kind == "bca" else "t - z0",
        "level with an end at 0, as a quantile",
    )
    return [*inputs, *more], steps, "2 * min(Phi(w), 1 - Phi(w))"
