"""A model in words: what the user wrote, what was added and why, and how much there is to estimate."""

from collections.abc import Iterable
from math import inf, isnan

from sopsem.sem.model.ordinal_rows import threshold_rank
from sopsem.sem.model.parameter_table import ModelSpec, Parameter
from sopsem.sem.model.spec import model_spec

__all__ = ["describe_model", "moment_count", "parameter_count"]


def describe_model(model: str | ModelSpec) -> str:
    """Explain a model: factors and their scale, paths, covariances, automatic rows, constraints, and the count.

    Parameters
    ----------
    model : str or ModelSpec
        Model text (of one group, with default options) or a table.

    Returns
    -------
    str
        Plain text, one statement per line, under headings.

    Raises
    ------
    ModelSyntaxError, ModelError
        The text is no model.

    Examples
    --------
    >>> print(describe_model("f =~ x1 + x2 + x3"))
    Factors
      f is measured by x1, x2, x3; its scale is that of x1 (loading fixed to 1)
    Added automatically
      free residual variances of x1, x2, x3
      free variance of f
    Count
      6 moments, 6 parameters, df = 0: just identified, so its fit cannot be tested

    """
    spec = model_spec(model)
    first = spec.of_group(1)
    own = [p for p in first if p.user]
    parts = {
        "Groups": _groups(spec),
        "Factors": [_factor(first, f) for f in spec.latent if f not in spec.composites],
        "Composites": [_composite(first, c) for c in spec.composites],
        "Ordered variables": [_ordered(first, v) for v in spec.ordered],
        "Regressions": [_regression(first, y) for y in dict.fromkeys(p.lhs for p in own if p.op == "~")],
        "Variances and covariances": [_covariance(p) for p in own if p.op == "~~"],
        "Means and intercepts": [_mean(p, spec) for p in own if p.op == "~1"],
        "Added automatically": _automatic(first),
        "Equal parameters": _equal(spec),
        "Constraints": [f"{d.lhs} {d.op} {d.rhs}" for d in spec.constraints],
        "Defined parameters": [f"{d.lhs} = {d.rhs}" for d in spec.definitions],
        "Notes": list(spec.notes),
        "Count": [_count(spec)],
    }
    return "\n".join(
        line
        for heading, lines in parts.items()
        if lines
        for line in (heading, *(f"  {each}" for each in lines))
    )


def _groups(spec: ModelSpec) -> list[str]:
    if spec.n_groups == 1:
        return []
    named = ", ".join(label or str(i + 1) for i, label in enumerate(spec.groups))
    return [
        f"{spec.n_groups} groups ({named}), each with its own rows; below those of the first are described"
    ]


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def _setting(p: Parameter) -> str:
    """Say in brackets what the user or a rule made of a row: fixed value, label, start, bounds."""
    said = []
    if not p.free:
        said.append(f"fixed to {p.value:g}" if not isnan(p.value) else "follows from other rows")
    if p.label:
        said.append(f"label {p.label}")
    if p.free and not isnan(p.start):
        said.append(f"start {p.start:g}")
    if p.lower > -inf:
        said.append(f"at least {p.lower:g}")
    if p.upper < inf:
        said.append(f"at most {p.upper:g}")
    return f" ({'; '.join(said)})" if said else ""


def _factor(spec: ModelSpec, factor: str) -> str:
    loadings = [p for p in spec if p.op == "=~" and p.lhs == factor and p.rhs != factor]
    if not loadings:
        return f"{factor} is a phantom: a latent variable without indicators"
    marker = next((p for p in loadings if not p.free and p.value != 0.0), None)
    items = _list(p.rhs + (_setting(p) if p is not marker else "") for p in loadings)
    variance = spec.find(factor, "~~", factor)
    if marker is not None:
        scale = f"its scale is that of {marker.rhs} (loading fixed to {marker.value:g})"
    elif variance is not None and not variance.free:
        scale = f"its scale is set by its variance, fixed to {variance.value:g}"
    elif any(p.name in c.lhs.split("+") for p in loadings for c in spec.constraints):
        scale = "its scale is set by a constraint on its loadings"
    else:
        scale = "no loading and no variance is fixed, so constraints or equal labels must set its scale"
    return f"{factor} is measured by {items}; {scale}"


def _composite(spec: ModelSpec, composite: str) -> str:
    weights = [p.rhs + _setting(p) for p in spec if p.op == "<~" and p.lhs == composite]
    return f"{composite} is made of {_list(weights)}"


def _ordered(spec: ModelSpec, variable: str) -> str:
    rows = sorted((p for p in spec if p.op == "|" and p.lhs == variable), key=threshold_rank)
    if not rows:
        return f"{variable} is ordered; the data tell how many thresholds its latent response has"
    return f"{variable} has {len(rows) + 1} categories: thresholds {_list(p.rhs + _setting(p) for p in rows)}"


def _regression(spec: ModelSpec, outcome: str) -> str:
    slopes = [p.rhs + _setting(p) for p in spec if p.op == "~" and p.lhs == outcome]
    return f"{outcome} is predicted by {_list(slopes)}"


def _covariance(p: Parameter) -> str:
    if p.lhs == p.rhs:
        return f"variance of {p.lhs}{_setting(p)}"
    return f"covariance of {p.lhs} and {p.rhs}{_setting(p)}"


def _mean(p: Parameter, spec: ModelSpec) -> str:
    explained = any(q.op in ("~", "=~") and p.lhs == (q.lhs if q.op == "~" else q.rhs) for q in spec)
    return f"{'intercept' if explained else 'mean'} of {p.lhs}{_setting(p)}"


def _automatic(spec: ModelSpec) -> list[str]:
    """Group the rows that no one wrote by what they are and what happens to them."""
    explained = {p.rhs for p in spec if p.op in ("=~", "<~")} | {p.lhs for p in spec if p.op == "~"}
    found: dict[str, list[str]] = {}
    for p in spec:
        if p.user:
            continue
        found.setdefault(_kind(p, p.lhs in explained), []).append(
            p.lhs
            if p.op in ("~1", "~*~") or p.lhs == p.rhs
            else f"{p.lhs} {p.op} {p.rhs}"
            if p.op == "|"
            else f"{p.lhs} with {p.rhs}"
        )
    plural = {kind: kind if len(names) == 1 else _plural(kind) for kind, names in found.items()}
    return [plural[kind].format(_list(names)) for kind, names in found.items()]


def _kind(p: Parameter, explained: bool) -> str:
    what = {"|": "threshold", "~1": "intercept" if explained else "mean", "~*~": "response scale"}.get(
        p.op, ""
    )
    if p.op == "~~" and p.lhs == p.rhs:
        what = "residual variance" if explained else "variance"
    elif p.op == "~~":
        what = "residual covariance" if explained else "covariance"
    if p.exo:
        return f"{what} of exogenous {{}}, taken from the data as given"
    if p.free:
        return f"free {what} of {{}}" if p.op != "|" else "free threshold {}"
    return f"{what} of {{}}, " + (
        f"fixed to {p.value:g}" if not isnan(p.value) else "following from other rows"
    )


def _plural(kind: str) -> str:
    for what in ("threshold", "intercept", "mean", "response scale", "variance", "covariance"):
        for end in (" of", " {}"):
            kind = kind.replace(f"{what}{end}", f"{what}s{end}")
    return kind


def _equal(spec: ModelSpec) -> list[str]:
    shared: dict[str, list[str]] = {}
    for p in spec:
        if p.label:
            shared.setdefault(p.label, []).append(p.path())
    return [f"{' = '.join(names)}" for names in shared.values() if len(names) > 1]


def moment_count(spec: ModelSpec) -> int:
    """Return how many sample moments a model explains, those of given exogenous variables not counted.

    Means count where the model has intercepts.  Of an ordered variable its thresholds count instead of variance
    and mean.

    Examples
    --------
    >>> moment_count(model_spec("y ~ x", meanstructure=True))
    3

    """
    given = {p.lhs for p in spec if p.exo and p.op == "~~" and p.lhs == p.rhs}
    ordered = set(spec.ordered)
    p, x = len(spec.observed), len(given)
    thresholds = sum(q.op == "|" and q.group == 1 for q in spec)
    second = p * (p + 1) // 2 - x * (x + 1) // 2 - len(ordered)
    first = (p - x - len(ordered)) if spec.meanstructure else 0
    return (second + first + thresholds) * spec.n_groups


def parameter_count(spec: ModelSpec) -> int:
    """Return how many free parameters remain when those with one label count once.

    Each ``==`` removes one more (equalities are taken to be independent of each other).

    Examples
    --------
    >>> parameter_count(model_spec("f =~ x1 + a*x2 + a*x3"))
    5

    """
    labels = {p.label for p in spec if p.free and p.label}
    unlabelled = sum(p.free and not p.label for p in spec)
    return unlabelled + len(labels) - sum(c.op == "==" for c in spec.constraints)


def _count(spec: ModelSpec) -> str:
    parameters = parameter_count(spec)
    if spec.composites or (spec.ordered and not any(p.op == "|" for p in spec)):
        return f"{parameters} parameters; the number of moments is known with the data"
    moments = moment_count(spec)
    df = moments - parameters
    verdict = (
        "more parameters than moments, so the model is not identified"
        if df < 0
        else "just identified, so its fit cannot be tested"
        if df == 0
        else "its fit can be tested"
    )
    return f"{moments} moments, {parameters} parameters, df = {df}: {verdict}"
