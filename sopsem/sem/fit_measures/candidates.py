"""Which parameters a model leaves out: the rows whose release modification indices look at."""

from collections.abc import Iterator
from itertools import combinations_with_replacement, product

from sopsem.sem.estimation.composites import components_of, is_derived
from sopsem.sem.model.names import classify
from sopsem.sem.model.spec import ModelSpec, Parameter

__all__ = ["candidate_rows", "fixed_rows"]


def fixed_rows(spec: ModelSpec) -> tuple[Parameter, ...]:
    """Return the rows of the table that are not free.

    The mark of a factor without indicators is no parameter, nor are moments that follow from components.
    """
    composites = components_of(spec)
    return tuple(
        p
        for p in spec
        if not p.free and not (p.op == "=~" and p.lhs == p.rhs) and not is_derived(p, composites)
    )


def candidate_rows(spec: ModelSpec) -> tuple[Parameter, ...]:
    """Return the fixed rows of the table and the absent rows that could be added, as free parameters.

    The set is lavaan's: every loading of every factor, residual covariances among the modelled observed
    variables, covariances among exogenous variables and among factors, regressions among the variables that
    stand in regressions, and intercepts of a model that has them.
    """
    absent = [p for g in range(1, spec.n_groups + 1) for p in _absent_rows(spec.of_group(g), g)]
    return (*fixed_rows(spec), *absent)


def _absent_rows(spec: ModelSpec, group: int) -> list[Parameter]:
    """Return what the table of one group does not hold."""
    known = {(p.lhs, p.op, p.rhs) for p in spec} | {(p.rhs, p.op, p.lhs) for p in spec if p.op == "~~"}
    closed = {v for items in components_of(spec).values() for v in items}  # related through composites alone
    loaded = set(spec.composites)
    possible = (
        (a, op, b)
        for a, op, b in _possible(spec)
        if (a, op, b) not in known and not {a, b} & closed and not (op == "=~" and a in loaded)
    )
    return [Parameter(lhs=a, op=op, rhs=b, group=group) for a, op, b in possible]


def _possible(spec: ModelSpec) -> Iterator[tuple[str, str, str]]:
    """List lhs, op, rhs of everything that could be free."""
    exogenous = {p.lhs for p in spec if p.exo}
    roles = classify({(p.lhs, p.op, p.rhs): p for p in spec if p.user})
    exogenous |= set(roles.exogenous_x)
    modelled = [v for v in spec.observed if v not in exogenous]
    regressed = _in_regressions(spec)
    indicators = {p.rhs for p in spec if p.op == "=~"}
    for factor, item in product(spec.latent, modelled):
        if item not in regressed:
            yield factor, "=~", item
    for block in (modelled, [v for v in spec.observed if v in exogenous], spec.latent):
        for a, b in combinations_with_replacement(block, 2):
            yield a, "~~", b
    for outcome, source in product(regressed, repeat=2):
        if outcome != source and not (outcome in indicators - set(spec.latent) and source in spec.latent):
            yield outcome, "~", source
    if spec.meanstructure:
        for v in (*spec.observed, *spec.latent):
            yield v, "~1", ""


def _in_regressions(spec: ModelSpec) -> tuple[str, ...]:
    rows = [p for p in spec if p.op == "~"]
    return tuple(dict.fromkeys([*(p.lhs for p in rows), *(p.rhs for p in rows)]))
