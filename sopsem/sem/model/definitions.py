"""Values and gradients of labelled and defined parameters, for one solution or for many draws."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ModelError
from sopsem.sem.model.expressions import differentiate, names_in
from sopsem.sem.model.spec import Definition, ModelSpec

__all__ = ["check_definitions", "constraint_value", "defined_values", "labelled_values"]

Array = NDArray[np.float64]
Values = dict[str, tuple[Array, Array]]


def check_definitions(spec: ModelSpec) -> None:
    """Refuse a model with a definition that cannot be worked out, before it is estimated.

    Raises
    ------
    ModelError
        A definition uses a label that does not exist, or that a later line defines.

    """
    known = dict.fromkeys([p.path() for p in spec] + [p.label for p in spec])
    for d in spec.definitions:
        _require_names(d, names_in(d.right), known)
        known[d.lhs] = None


def labelled_values(spec: ModelSpec, rows: Array, jacobian: Array) -> Values:
    """Return name -> (value (B,), gradient (B, q)) of every row, label and definition.

    Parameters
    ----------
    rows : (B, n_rows) array
        Values of the table rows, raw or standardized.
    jacobian : (n_rows, q) array
        d rows / d parameters.

    Raises
    ------
    ModelError
        A definition uses a label that does not exist.

    """
    values: Values = {}
    for i, p in enumerate(spec.parameters):
        entry = (rows[:, i], np.broadcast_to(jacobian[i], (len(rows), jacobian.shape[1])))
        values.setdefault(p.path(), entry)
        if p.label:
            values.setdefault(p.label, entry)
    for d in spec.definitions:
        _require_names(d, names_in(d.right), values)
        values[d.lhs] = differentiate(d.right, values)
    return values


def defined_values(spec: ModelSpec, rows: Array, jacobian: Array) -> tuple[Array, Array]:
    """Return the ``:=`` parameters (B, d) and their gradients (B, d, q)."""
    values = labelled_values(spec, rows, jacobian)
    if not spec.definitions:
        return np.empty((len(rows), 0)), np.empty((len(rows), 0, jacobian.shape[1]))
    pairs = [values[d.lhs] for d in spec.definitions]
    return np.stack([v for v, _ in pairs], axis=1), np.stack([g for _, g in pairs], axis=1)


def constraint_value(
    spec: ModelSpec, constraint: Definition, rows: Array, jacobian: Array
) -> tuple[Array, Array]:
    """Return left - right of a constraint (B,) and its gradient (B, q)."""
    values = labelled_values(spec, rows, jacobian)
    _require_names(constraint, (*names_in(constraint.left), *names_in(constraint.right)), values)
    left, left_slope = differentiate(constraint.left, values)
    right, right_slope = differentiate(constraint.right, values)
    return left - right, left_slope - right_slope


def _require_names(d: Definition, used: tuple[str, ...], values: Mapping[str, object]) -> None:
    unknown = [n for n in used if n not in values]
    if unknown:
        raise ModelError(
            f"{d.lhs} {d.op} {d.rhs} uses {', '.join(map(repr, unknown))}, which is no label of the model; "
            "give the path that label, e.g. a*x, or define it in an earlier line"
        )
