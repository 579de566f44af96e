"""Constraints and definitions beside the rows: written ones, those of ``equal()``, and effect coding."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from sopsem.errors import ModelError
from sopsem.sem.model.expressions import Binary, Expression, Name, Number
from sopsem.sem.model.names import VariableNames
from sopsem.sem.model.parameter_table import Definition, Parameter
from sopsem.sem.model.syntax import Relation
from sopsem.sem.model.user_rows import Key

__all__ = ["coding_constraints", "equal_constraints", "written_constraints", "written_definitions"]


def written_constraints(relations: Sequence[Relation]) -> list[Definition]:
    """Return the ``== < >`` rows of the text."""
    return [_definition(r) for r in relations if r.operator != ":="]


def _definition(relation: Relation) -> Definition:
    left, right = relation.text
    return Definition(lhs=left, op=relation.operator, rhs=right, left=relation.left, right=relation.right)


def written_definitions(
    relations: Sequence[Relation], parameters: Sequence[Parameter]
) -> tuple[Definition, ...]:
    """Return the ``:=`` rows in the order written; each may use those before it.

    Raises
    ------
    ModelError
        A name that is defined twice, or that is the label of a parameter already.

    """
    made: dict[str, Definition] = {}
    labels = {p.label for p in parameters if p.label}
    for r in relations:
        if r.operator != ":=":
            continue
        if r.name in made or r.name in labels:
            what = "is defined twice" if r.name in made else "is the label of a parameter already"
            raise ModelError(f"model line {r.line}: {r.name} := ... but {r.name} {what}; choose another name")
        made[r.name] = _definition(r)
    return tuple(made.values())


def equal_constraints(
    parameters: Sequence[Parameter], equalities: Sequence[tuple[int, Key, str]]
) -> list[Definition]:
    """Turn ``equal("f=~x2")`` into ``==`` on parameter names; ``equalities`` hold (group, row, target).

    Raises
    ------
    ModelError
        The target is no parameter.

    """
    by_name = {p.path(): p for p in parameters} | {p.label: p for p in parameters if p.label}
    own = {(p.group, p.lhs, p.op, p.rhs): p for p in parameters}
    made = []
    for group, key, target in equalities:
        name = "".join(target.split())
        if name not in by_name:
            known = get_close_matches(name, by_name, 1)
            raise ModelError(
                f"equal({target!r}) names no parameter{f'; did you mean {known[0]!r}?' if known else ''}"
            )
        left, right = by_name[name].name, own[group, *key].name
        made.append(Definition(lhs=left, op="==", rhs=right, left=Name(left), right=Name(right)))
    return made


def coding_constraints(
    parameters: Sequence[Parameter], names: VariableNames, coding: tuple[str, ...], group: int
) -> list[Definition]:
    """Effect coding in one group: loadings of a factor average 1, intercepts sum to 0 (Little et al., 2006).

    A factor with a fixed loading (intercept) has its scale (origin) from that and needs no constraint.
    """
    rows: Mapping[Key, Parameter] = {(p.lhs, p.op, p.rhs): p for p in parameters if p.group == group}
    made = []
    for factor, items in names.indicators.items():
        for kind, keys, total in (
            ("loadings", [(factor, "=~", i) for i in items], float(len(items))),
            ("intercepts", [(i, "~1", "") for i in items], 0.0),
        ):
            found = [rows[k] for k in keys if k in rows]
            if kind in coding and found and all(p.free for p in found):
                made.append(_sum_constraint([p.name for p in found], total))
    return made


def _sum_constraint(labels: Sequence[str], total: float) -> Definition:
    tree: Expression = Name(labels[0])
    for label in labels[1:]:
        tree = Binary("+", tree, Name(label))
    return Definition(lhs="+".join(labels), op="==", rhs=f"{total:g}", left=tree, right=Number(total))
