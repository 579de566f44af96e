"""From model text to a parameter table: the user's rows and lavaan's automatic rules."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sopsem.errors import ModelError, UsageError
from sopsem.sem.model.automatic import add_automatic_rows
from sopsem.sem.model.groups import formulas_of_groups, free_in_later_groups, tie_groups, tie_labels
from sopsem.sem.model.names import VariableNames, classify
from sopsem.sem.model.ordinal_rows import ordered_variables
from sopsem.sem.model.parameter_table import Definition, ModelSpec, Parameter
from sopsem.sem.model.syntax import Formula, Relation, parse_syntax
from sopsem.sem.model.table_constraints import (
    coding_constraints,
    equal_constraints,
    written_constraints,
    written_definitions,
)
from sopsem.sem.model.table_options import TableOptions, table_options
from sopsem.sem.model.user_rows import Key, Rows, user_rows

__all__ = ["Definition", "ModelSpec", "Parameter", "model_spec"]

_NOTHING_ORDERED: Mapping[str, int] = MappingProxyType({})


def model_spec(
    model: str | ModelSpec,
    *,
    std_lv: bool = False,
    orthogonal: bool = False,
    meanstructure: bool = False,
    fixed_x: bool = True,
    effect_coding: bool | str | Sequence[str] = False,
    growth: bool = False,
    groups: Sequence[str] = ("",),
    group_equal: str | Sequence[str] = (),
    group_partial: str | Sequence[str] = (),
    ordered: Mapping[str, int] = _NOTHING_ORDERED,
    parameterization: str = "delta",
    conditional_x: bool = False,
    auto_fix_first: bool = True,
    int_ov_free: bool | None = None,
    int_lv_free: bool | None = None,
) -> ModelSpec:
    """Turn model text into a parameter table with lavaan's automatic rules (those of ``cfa`` and ``sem``).

    Parameters
    ----------
    model : str or ModelSpec
        A ModelSpec is returned as it is.
    std_lv : bool
        Scale factors by variance 1 instead of a marker loading of 1.
    orthogonal : bool
        Fix the automatic covariances of factors to 0.
    meanstructure : bool
        Add intercepts (also added when the model text has ``~1``, when a variable is ordered, and when
        intercepts, means or thresholds are equal over groups).
    fixed_x : bool
        Treat exogenous observed variables as given: their moments are not parameters.
    effect_coding : bool or {"loadings", "intercepts"}
        Scale factors by an average loading of 1; with a mean structure True also sets intercepts that sum to 0.
    growth : bool
        lavaan's ``growth`` defaults: intercepts of observed variables 0, factor means free.
    groups : sequence of str
        Label of every group, in order; each group gets its own rows.
    group_equal, group_partial : str or sequence of str
        Kinds of parameters held equal over groups (``loadings``, ``intercepts``, ``means``, ``thresholds``,
        ``regressions``, ``residuals``, ``residual.covariances``, ``lv.variances``, ``lv.covariances``;
        dots or underscores), and parameters (``"x3~1"``) left free all the same.
    ordered : mapping of str to int
        Ordered variables and how many thresholds each has in the data; variables with ``|`` rows in the text
        are ordered too.
    parameterization : {"delta", "theta"}
        Whether scales or residual variances of latent responses are parameters.
    conditional_x : bool
        Whether the moments analysed are those given the exogenous variables.
    auto_fix_first : bool
        Fix the first loading of every factor to 1 (unless ``std_lv`` or effect coding scales it).
    int_ov_free, int_lv_free : bool, optional
        Whether automatic intercepts of observed variables and of factors are free; None follows ``growth``.

    Raises
    ------
    ModelSyntaxError, ModelError
        Text that does not parse; a duplicate path; a path from a variable to itself; a modifier with a wrong
        number of values; thresholds that the data do not have; groups with different variables.
    UsageError
        Options outside their values.

    Notes
    -----
    Rules follow lavaan 0.7 (Rosseel, 2012), with those of Wu & Estabrook (2016) for equal thresholds: see
    ``free_in_later_groups``.

    Examples
    --------
    >>> spec = model_spec("f =~ x1 + x2 + x3")
    >>> [p.name for p in spec if p.free]
    ['f=~x2', 'f=~x3', 'x1~~x1', 'x2~~x2', 'x3~~x3', 'f~~f']

    """
    options = table_options(
        std_lv=std_lv,
        orthogonal=orthogonal,
        meanstructure=meanstructure,
        fixed_x=fixed_x,
        effect_coding=effect_coding,
        growth=growth,
        groups=groups,
        group_equal=group_equal,
        group_partial=group_partial,
        ordered=ordered,
        parameterization=parameterization,
        conditional_x=conditional_x,
        auto_fix_first=auto_fix_first,
        int_ov_free=int_ov_free,
        int_lv_free=int_lv_free,
    )
    if isinstance(model, ModelSpec):
        if options != TableOptions():
            raise UsageError(
                "options of the parameter table go with model text; this model is a table already"
            )
        return model
    if not isinstance(model, str):
        raise UsageError(f"model is a {type(model).__name__}; give lavaan model syntax as text")
    return _spec_of_text(model, options)


def _spec_of_text(text: str, options: TableOptions) -> ModelSpec:
    parsed = parse_syntax(text)
    formulas = [f for f in parsed if isinstance(f, Formula)]
    relations = [r for r in parsed if isinstance(r, Relation)]
    if not formulas:
        raise ModelError("the model has no formula; write at least one, e.g. f =~ x1 + x2 + x3")
    notes: list[str] = []
    tables, equalities = _user_tables(formulas, options.groups)
    names = _common_names(tables, options.groups)
    ordered = ordered_variables(tables, names, options.ordered, notes)
    has_means = options.meanstructure or bool(ordered) or any(k[1] == "~1" for rows in tables for k in rows)
    options = replace(options, meanstructure=has_means)
    _note_shared_labels(formulas, options, notes)
    for group, rows in enumerate(tables, start=1):
        add_automatic_rows(rows, names, ordered, options, group=group, notes=notes)
        if group > 1:
            free_in_later_groups(rows, names, ordered, options)
    parameters = tie_labels(tie_groups(tables, names, options), notes)
    constraints = [*written_constraints(relations), *equal_constraints(parameters, equalities)]
    for group in range(1, len(tables) + 1):
        coding = tuple(c for c in options.coding if group == 1 or not options.equal(c))
        constraints += coding_constraints(parameters, names, coding, group)
    return ModelSpec(
        parameters=parameters,
        definitions=written_definitions(relations, parameters),
        constraints=tuple(constraints),
        observed=names.observed,
        latent=names.latent,
        exogenous=names.exogenous_x,
        meanstructure=options.meanstructure,
        text=text,
        notes=tuple(dict.fromkeys(notes)),
        groups=options.groups,
        ordered=tuple(ordered),
        parameterization=options.parameterization,
        conditional_x=options.conditional_x,
    )


def _user_tables(
    formulas: Sequence[Formula], groups: tuple[str, ...]
) -> tuple[list[Rows], list[tuple[int, Key, str]]]:
    """Return the user's rows of every group, and (group, row, target) of every ``equal()``."""
    tables: list[Rows] = []
    equalities: list[tuple[int, Key, str]] = []
    for group, own in enumerate(formulas_of_groups(formulas, groups), start=1):
        rows, equal = user_rows(own, group=group, n_groups=len(groups))
        tables.append(rows)
        equalities += [(group, key, target) for key, target in equal]
    return tables, equalities


def _common_names(tables: Sequence[Rows], groups: tuple[str, ...]) -> VariableNames:
    """Return the roles of the variables, which must be the same ones in every group."""
    first, *others = (classify(rows) for rows in tables)
    if not first.observed:
        raise ModelError(
            "the model has no observed variable; give a factor indicators, e.g. f =~ x1 + x2 + x3"
        )
    for label, other in zip(groups[1:], others, strict=True):
        for what in ("observed", "latent", "exogenous_x"):
            here, there = set(getattr(first, what)), set(getattr(other, what))
            if here != there:
                raise ModelError(
                    f"{', '.join(sorted(here ^ there))} is among the {what.replace('_x', '')} variables of one of "
                    f"the groups {groups[0]!r} and {label!r} only; a variable must play one role in all groups "
                    "(a factor that a group lacks can be written f =~ 0)"
                )
    return first


def _note_shared_labels(formulas: Sequence[Formula], options: TableOptions, notes: list[str]) -> None:
    """Say that one label without ``c()`` stands for one parameter in all groups."""
    if len(options.groups) == 1 or options.group_equal:
        return
    labels = [
        t.label[0]
        for f in formulas
        if not f.block
        for t in f.terms
        if t.label is not None and len(t.label) == 1
    ]
    if labels:
        notes.append(
            f"the label(s) {', '.join(dict.fromkeys(labels))} given without c() hold the parameter equal over "
            f"all {len(options.groups)} groups; for one label per group write e.g. c(a1, a2)*x"
        )
