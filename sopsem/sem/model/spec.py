"""From model text to a parameter table: the user's rows and lavaan's automatic rules."""

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from itertools import combinations, combinations_with_replacement
from typing import Any

import numpy as np

from sopsem.errors import ModelError, UsageError
from sopsem.sem.model.expressions import Binary, Expression, Name, Number
from sopsem.sem.model.names import VariableNames, classify
from sopsem.sem.model.parameter_table import Definition, ModelSpec, Parameter
from sopsem.sem.model.syntax import Formula, Relation, Term, parse_syntax

__all__ = ["Definition", "ModelSpec", "Parameter", "model_spec"]


def model_spec(
    model: str | ModelSpec,
    *,
    std_lv: bool = False,
    orthogonal: bool = False,
    meanstructure: bool = False,
    fixed_x: bool = True,
    effect_coding: bool | str = False,
    growth: bool = False,
) -> ModelSpec:
    """Turn model text into a parameter table with lavaan's automatic rules (those of ``cfa`` and ``sem``).

    Parameters
    ----------
    model : str or ModelSpec
        A ModelSpec is returned as it is.
    std_lv : bool
        Scale factors by variance 1 instead of a marker loading of 1.
    orthogonal : bool
        Fix the covariances of exogenous factors to 0.
    meanstructure : bool
        Add intercepts (also added when the model text has ``~1``).
    fixed_x : bool
        Treat exogenous observed variables as given: their moments are not parameters.
    effect_coding : bool or {"loadings", "intercepts"}
        Scale factors by an average loading of 1; with a mean structure True also sets intercepts that sum to 0.
    growth : bool
        lavaan's ``growth`` defaults: item intercepts 0, factor means free.

    Raises
    ------
    ModelSyntaxError, ModelError
        Text that does not parse; a duplicate path; a path from a variable to itself; an operator that belongs
        to ordinal or composite models, which this estimator does not fit.

    Examples
    --------
    >>> spec = model_spec("f =~ x1 + x2 + x3")
    >>> [p.name for p in spec if p.free]
    ['f=~x2', 'f=~x3', 'x1~~x1', 'x2~~x2', 'x3~~x3', 'f~~f']

    """
    if isinstance(model, ModelSpec):
        if std_lv or orthogonal or meanstructure or effect_coding or growth or not fixed_x:
            raise UsageError(
                "options of the parameter table go with model text; this model is a table already"
            )
        return model
    if not isinstance(model, str):
        raise UsageError(f"model is a {type(model).__name__}; give lavaan model syntax as text")
    parsed = parse_syntax(model)
    formulas = [f for f in parsed if isinstance(f, Formula)]
    relations = [r for r in parsed if isinstance(r, Relation)]
    if not formulas:
        raise ModelError("the model has no formula; write at least one, e.g. f =~ x1 + x2 + x3")
    rows, equalities = _user_rows(formulas)
    names = classify(rows)
    if not names.observed:
        raise ModelError(
            "the model has no observed variable; give a factor indicators, e.g. f =~ x1 + x2 + x3"
        )
    coding = _coding(effect_coding, meanstructure=meanstructure)
    meanstructure = (
        meanstructure or growth or "intercepts" in coding or any(p.op == "~1" for p in rows.values())
    )
    notes: list[str] = []
    _fix_scales(rows, names, std_lv=std_lv, free_first=bool(coding))
    _add_defaults(rows, names, notes, std_lv=std_lv, orthogonal=orthogonal, fixed_x=fixed_x)
    if meanstructure:
        _add_means(rows, names, growth=growth, fixed_x=fixed_x, free_latent="intercepts" in coding)
    constraints = [_definition(r) for r in relations if r.operator != ":="] + _label_equalities(
        rows, equalities
    )
    constraints += _coding_constraints(rows, names, coding)
    return ModelSpec(
        parameters=tuple(rows.values()),
        definitions=tuple(_definition(r) for r in relations if r.operator == ":="),
        constraints=tuple(constraints),
        observed=names.observed,
        latent=names.latent,
        exogenous=names.exogenous_x,
        meanstructure=meanstructure,
        text=model,
        notes=tuple(notes),
    )


Key = tuple[str, str, str]
Rows = dict[Key, Parameter]


def _definition(relation: Relation) -> Definition:
    left, right = relation.text
    return Definition(lhs=left, op=relation.operator, rhs=right, left=relation.left, right=relation.right)


def _coding(effect_coding: bool | str, *, meanstructure: bool) -> tuple[str, ...]:
    if effect_coding is True:
        return ("loadings", "intercepts") if meanstructure else ("loadings",)
    if effect_coding in (False, ""):
        return ()
    if effect_coding not in ("loadings", "intercepts"):
        raise ModelError(f"effect_coding is {effect_coding!r}; give True, False, 'loadings' or 'intercepts'")
    return (str(effect_coding),)


def _key(lhs: str, op: str, rhs: str, rows: Rows) -> Key:
    """Return the table key; a covariance written the other way round is the same row."""
    if op == "~~" and (rhs, op, lhs) in rows:
        return (rhs, op, lhs)
    return (lhs, op, rhs)


def _user_rows(formulas: Iterable[Formula]) -> tuple[Rows, list[tuple[Key, str]]]:
    rows: Rows = {}
    equalities: list[tuple[Key, str]] = []
    for formula in formulas:
        if formula.operator in ("|", "~*~", "<~"):
            kind = {"|": "thresholds", "~*~": "response scales", "<~": "composites"}[formula.operator]
            raise ModelError(
                f"model line {formula.line}: {kind} ({formula.operator}) are not estimated by this version"
            )
        for term in formula.terms:
            op, rhs = (
                ("~1", "")
                if formula.operator == "~" and not term.variable
                else (formula.operator, term.variable)
            )
            if op == "=~" and not rhs:
                rows[formula.lhs, op, formula.lhs] = Parameter(
                    lhs=formula.lhs, op=op, rhs=formula.lhs, free=False, value=0.0
                )
                continue
            if op in ("~", "=~") and rhs == formula.lhs:
                raise ModelError(
                    f"model line {term.line}: {rhs} {op} {rhs} is a path from a variable to itself; remove it"
                )
            key = _key(formula.lhs, op, rhs, rows)
            rows[key] = _modified(rows.get(key), key, term)
            if term.equal is not None:
                equalities.append((key, term.equal[0]))
    return rows, equalities


def _one(values: tuple[Any, ...], term: Term) -> Any:
    if len(set(map(str, values))) > 1:
        raise ModelError(
            f"model line {term.line}: a modifier with {len(values)} values needs as many groups; "
            "this fit has one"
        )
    return values[0]


def _modified(row: Parameter | None, key: Key, term: Term) -> Parameter:
    if row is not None and not term.modified():
        raise ModelError(
            f"model line {term.line}: {key[0]} {key[1]} {key[2]} stands twice in the model; remove one"
        )
    row = row or Parameter(lhs=key[0], op=key[1], rhs=key[2])
    changes: dict[str, Any] = {
        kind: _one(values, term)
        for kind in ("start", "label", "lower", "upper")
        if (values := getattr(term, kind)) is not None
    }
    if term.fixed is not None:
        value = float(_one(term.fixed, term))
        changes |= {"free": bool(np.isnan(value)), "freed": bool(np.isnan(value)), "value": value}
    _refuse_contradiction(row, changes, term)
    made = replace(row, **changes)
    if made.lower > made.upper:
        raise ModelError(
            f"model line {term.line}: {made.name} has the lower bound {made.lower:g} above its upper bound "
            f"{made.upper:g}; exchange them"
        )
    return made


def _refuse_contradiction(row: Parameter, changes: dict[str, Any], term: Term) -> None:
    """Refuse a second modifier of one kind on the same path when it says something else."""
    blank = Parameter(lhs=row.lhs, op=row.op, rhs=row.rhs)
    for kind in ("start", "label", "lower", "upper", "free", "freed", "value"):
        before, after = str(getattr(row, kind)), changes.get(kind)
        if after is not None and before not in {str(getattr(blank, kind)), str(after)}:
            raise ModelError(
                f"model line {term.line}: {row.lhs} {row.op} {row.rhs} stands twice in the model, "
                f"with modifiers that contradict each other ({kind}); keep one"
            )


def _fix_scales(rows: Rows, names: VariableNames, *, std_lv: bool, free_first: bool) -> None:
    """Fix the first loading of every factor to 1 unless it was freed or another scaling was asked for."""
    if std_lv or free_first:
        return
    for factor, items in names.indicators.items():
        if items and (row := rows[factor, "=~", items[0]]).free and not row.freed:
            rows[row.lhs, row.op, row.rhs] = replace(row, free=False, value=1.0)


def _add(rows: Rows, lhs: str, op: str, rhs: str, **settings: Any) -> None:
    """Add an automatic row unless the user wrote one."""
    key = _key(lhs, op, rhs, rows)
    if key not in rows:
        rows[key] = Parameter(lhs=lhs, op=op, rhs=rhs, user=False, **settings)


def _single_indicators(names: VariableNames) -> dict[str, str]:
    """Return item -> factor for items that are the only indicator of their only factor."""
    counts: dict[str, int] = {}
    for items in names.indicators.values():
        for item in items:
            counts[item] = counts.get(item, 0) + 1
    single = {items[0]: factor for factor, items in names.indicators.items() if len(items) == 1}
    return {item: factor for item, factor in single.items() if counts[item] == 1 and item not in names.latent}


def _add_defaults(
    rows: Rows, names: VariableNames, notes: list[str], *, std_lv: bool, orthogonal: bool, fixed_x: bool
) -> None:
    single = _single_indicators(names)
    for v in names.observed:
        if v in names.exogenous_x:
            continue
        if v in single and (v, "~~", v) not in rows:
            notes.append(f"{single[v]} has the one indicator {v}: its residual variance is fixed at 0")
            _add(rows, v, "~~", v, free=False, value=0.0)
        _add(rows, v, "~~", v)
    for f in names.latent:
        phantom = not names.indicators[f] and (f, "=~", f) in rows
        _add(rows, f, "~~", f, **({"free": False, "value": 1.0} if std_lv and not phantom else {}))
    zero: dict[str, Any] = {"free": False, "value": 0.0} if orthogonal else {}
    for a, b in combinations(names.latent_exogenous, 2):
        _add(rows, a, "~~", b, **zero)
    for a, b in combinations(names.dependent, 2):
        _add(rows, a, "~~", b)
    for a, b in combinations_with_replacement(names.exogenous_x, 2):
        _add(rows, a, "~~", b, free=not fixed_x, exo=fixed_x)
    if names.free_x and fixed_x:
        notes.append(
            f"exogenous variable(s) {', '.join(names.free_x)} have a variance, covariance or intercept in "
            "the model text and are therefore random, not fixed"
        )


def _add_means(rows: Rows, names: VariableNames, *, growth: bool, fixed_x: bool, free_latent: bool) -> None:
    zero: dict[str, Any] = {"free": False, "value": 0.0}
    for v in names.observed:
        if v in names.exogenous_x:
            _add(rows, v, "~1", "", free=not fixed_x, exo=fixed_x)
        else:
            _add(rows, v, "~1", "", **(zero if growth and v in _all_indicators(names) else {}))
    for f in names.latent:
        _add(rows, f, "~1", "", **({} if growth or free_latent else zero))


def _all_indicators(names: VariableNames) -> set[str]:
    return {item for items in names.indicators.values() for item in items}


def _label_equalities(rows: Rows, equalities: list[tuple[Key, str]]) -> list[Definition]:
    """Turn ``equal("f=~x2")`` into ``==`` on parameter names."""
    by_name = {f"{k[0]}{k[1]}{k[2]}": p for k, p in rows.items()} | {
        p.label: p for p in rows.values() if p.label
    }
    made = []
    for key, target in equalities:
        if target not in by_name:
            known = get_close_matches(target, by_name, 1)
            raise ModelError(
                f"equal({target!r}) names no parameter{f'; did you mean {known[0]!r}?' if known else ''}"
            )
        left, right = by_name[target].name, rows[key].name
        made.append(Definition(lhs=left, op="==", rhs=right, left=Name(left), right=Name(right)))
    return made


def _coding_constraints(rows: Rows, names: VariableNames, coding: tuple[str, ...]) -> list[Definition]:
    """Effect coding: loadings of a factor average 1, intercepts sum to 0 (Little, Slegers & Card, 2006)."""
    made = []
    for factor, items in names.indicators.items():
        for kind, keys, total in (
            ("loadings", [(factor, "=~", i) for i in items], float(len(items))),
            ("intercepts", [(i, "~1", "") for i in items], 0.0),
        ):
            labels = [rows[k].name for k in keys if k in rows and rows[k].free]
            if kind in coding and labels:
                tree: Expression = Name(labels[0])
                for label in labels[1:]:
                    tree = Binary("+", tree, Name(label))
                made.append(
                    Definition(
                        lhs="+".join(labels), op="==", rhs=f"{total:g}", left=tree, right=Number(total)
                    )
                )
    return made
