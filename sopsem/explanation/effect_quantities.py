"""Effects explained: paths traced and multiplied, routes added; R2 and f2; z and p of paths."""

from functools import partial
from itertools import pairwise

import numpy as np

from sopsem.explanation.explanation import Explanation, Input, explained
from sopsem.explanation.question import Catalogue, Question, matrix, scalar, vector
from sopsem.registry import Entry
from sopsem.sem.effects.effect_sizes import effect_sizes, implied_covariances
from sopsem.sem.effects.effects import effects
from sopsem.sem.effects.routes import Effect, find_effects
from sopsem.sem.estimation.estimates import estimates, r_squared, standardized

__all__ = ["effect_name", "effect_quantities"]


def effect_name(effect: Effect, *, raw: bool) -> str:
    """Return the name of an effect: standardized as in ``effects``, raw with a word in front.

    >>> effect_name(Effect(kind="total", outcome="y", predictor="x", route=("x", "y")), raw=True)
    'raw:total:y~x'
    """
    return f"raw:{effect.name}" if raw else effect.name


def effect_quantities(question: Question) -> Catalogue:
    """Return what explains every effect, standardized and raw, every R2, f2, z and p; empty for several groups."""
    fit = question.fit
    if fit.n_groups > 1:
        return {}
    known: Catalogue = {}
    for effect in find_effects(fit.spec):
        for raw in (False, True):
            known[effect_name(effect, raw=raw)] = partial(_effect, question, effect, raw=raw)
    known |= {f"r2:{name}": partial(_r_squared, question, str(name)) for name in r_squared(fit).index}
    sizes = effect_sizes(fit)
    for outcome, predictor in zip(sizes["outcome"], sizes["predictor"], strict=True):
        known[f"f2:{outcome}~{predictor}"] = partial(_f_squared, question, str(outcome), str(predictor))
    for row in estimates(fit).itertuples():
        if np.isfinite(row.se) and row.se > 0.0 and row.op in ("~", "=~", "~~"):
            name = f"{row.lhs}{row.op}{row.rhs}"
            known[f"z:{name}"] = partial(_wald, name, "z", row.est, row.se, row.z)
            known[f"p:{name}"] = partial(_wald, name, "p", row.est, row.se, row.pvalue)
    return known


def _effect(question: Question, effect: Effect, *, raw: bool) -> Explanation:
    fit = question.fit
    table = effects(fit).set_index("effect")
    column = "est" if raw else "est_std"
    found = find_effects(fit.spec)
    same = [e for e in found if (e.outcome, e.predictor) == (effect.outcome, effect.predictor)]
    loop = not any(e.kind == "total" and _routes_of(e, same) for e in same)
    entry = Entry(
        name=effect.name,
        function=effects,
        label=f"{effect.kind.replace('_', ' ')} effect, {'raw' if raw else 'standardized'}",
        digits=3,
        source="Wright (1934); Bollen (1987)",
    )
    reported = float(table.loc[effect.name, column])
    where = f'effects(fit), effect {effect.name}, column "{column}"'
    if loop and effect.kind == "total":
        return _by_inversion(question, effect, entry, reported, where, raw=raw)
    inputs, steps, formula = _traced(_routes_of(effect, same), _paths(question, raw=raw), effect.kind)
    return explained(
        effect_name(effect, raw=raw), entry, formula, inputs, reported=reported, where=where, steps=steps
    )


def _routes_of(effect: Effect, same: list[Effect]) -> list[tuple[str, ...]]:
    """Return the routes that an effect adds up."""
    if effect.kind in ("direct", "indirect"):
        return [effect.route]
    kinds = {"indirect"} if effect.kind == "total_indirect" else {"direct", "indirect"}
    return [e.route for e in same if e.kind in kinds]


def _paths(question: Question, *, raw: bool) -> dict[tuple[str, str], float]:
    """Return (from, to) -> coefficient of every path and loading."""
    table = standardized(question.fit) if not raw else estimates(question.fit)
    column = "est" if raw else "est_std"
    rows = table[table["op"].isin(["~", "=~"])]
    return {
        ((r.rhs, r.lhs) if r.op == "~" else (r.lhs, r.rhs)): float(getattr(r, column))
        for r in rows.itertuples()
    }


def _traced(
    routes: list[tuple[str, ...]], paths: dict[tuple[str, str], float], kind: str
) -> tuple[list[Input], dict[str, tuple[str, str]], str]:
    """Return the paths along some routes, a step for each route, and the formula of their sum."""
    used = list(dict.fromkeys(pair for route in routes for pair in pairwise(route)))
    symbols = {pair: f"p{number}" for number, pair in enumerate(used, start=1)}
    inputs = [scalar(s, paths[pair], f"path {pair[0]} -> {pair[1]}") for pair, s in symbols.items()]
    products = {r: " * ".join(symbols[pair] for pair in pairwise(r)) for r in routes}
    if kind in ("direct", "indirect"):
        return inputs, {}, products[routes[0]]
    steps = {f"route{n}": (products[r], " -> ".join(r)) for n, r in enumerate(routes, start=1)}
    return inputs, steps, " + ".join(steps)


def _by_inversion(
    question: Question, effect: Effect, entry: Entry, reported: float, where: str, *, raw: bool
) -> Explanation:
    """Explain a total effect in a model with a feedback loop, where routes are endless."""
    paths = _paths(question, raw=raw)
    names = tuple(dict.fromkeys(v for pair in paths for v in pair))
    table = np.zeros((len(names), len(names)))
    for (source, target), value in paths.items():
        table[names.index(target), names.index(source)] = value
    return explained(
        effect_name(effect, raw=raw),
        entry,
        "to @ (inv(identity(m) - B) - identity(m)) @ start",
        [
            scalar("m", len(names), "variables"),
            matrix("B", table, names, "all paths, from column to row"),
            vector("to", np.eye(len(names))[names.index(effect.outcome)], names, "1 for the outcome"),
            vector("start", np.eye(len(names))[names.index(effect.predictor)], names, "1 for the predictor"),
        ],
        reported=reported,
        where=where,
    )


def _r_squared(question: Question, name: str) -> Explanation:
    fit = question.fit
    rows = estimates(fit)
    own = rows[(rows["op"] == "~~") & (rows["lhs"] == name) & (rows["rhs"] == name)]
    total = implied_covariances(fit)
    entry = Entry(name="r2", function=r_squared, label="R2", digits=3, source="Bollen (1989)")
    return explained(
        f"r2:{name}",
        entry,
        "1 - residual / total",
        [
            scalar("residual", float(own["est"].iloc[0]), f"residual variance of {name}"),
            scalar("total", float(total.loc[name, name]), f"variance of {name} that the model implies"),
        ],
        reported=float(r_squared(fit)[name]),
        where=f'r_squared(fit)["{name}"]',
    )


def _f_squared(question: Question, outcome: str, predictor: str) -> Explanation:
    table = effect_sizes(question.fit).set_index(["outcome", "predictor"])
    row = table.loc[(outcome, predictor)]
    others = tuple(p for o, p in table.index if o == outcome and p != predictor)
    implied = implied_covariances(question.fit)
    inputs = [
        scalar("r2", float(row["r2"]), f"R2 of {outcome} with all its predictors"),
        scalar("v", float(implied.loc[outcome, outcome]), f"implied variance of {outcome}"),
    ]
    steps = {"without": ("0 * v", f"R2 without {predictor}, the only predictor")}
    if others:
        names = list(others)
        inputs += [
            vector(
                "c", implied.loc[outcome, names].to_numpy(), others, f"implied covariances with {outcome}"
            ),
            matrix(
                "V",
                implied.loc[names, names].to_numpy(),
                others,
                "implied covariances of the other predictors",
            ),
        ]
        steps = {"without": ("c @ inv(V) @ c / v", f"R2 without {predictor}")}
    entry = Entry(name="f2", function=effect_sizes, label="f2", digits=3, source="Cohen (1988)")
    return explained(
        f"f2:{outcome}~{predictor}",
        entry,
        "(r2 - without) / (1 - r2)",
        inputs,
        reported=float(row["f2"]),
        where=f'effect_sizes(fit), {outcome} ~ {predictor}, column "f2"',
        steps=steps,
    )


def _wald(name: str, kind: str, est: float, se: float, reported: float) -> Explanation:
    entry = Entry(name=kind, function=estimates, label=f"{kind} of {name}", digits=3, source="Wald (1943)")
    return explained(
        f"{kind}:{name}",
        entry,
        "est / se" if kind == "z" else "2 * Phi(-abs(est / se))",
        [scalar("est", float(est), "estimate"), scalar("se", float(se), "standard error")],
        reported=float(reported),
        where=f'estimates(fit), {name}, column "{"z" if kind == "z" else "pvalue"}"',
    )
