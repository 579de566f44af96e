"""A quantity named by the user: a row of the table, a defined parameter, or an expression of labels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ModelError, ModelSyntaxError, UsageError
from sopsem.sem.model.definitions import labelled_values
from sopsem.sem.model.expressions import Expression, differentiate, names_in
from sopsem.sem.model.parameter_table import ModelSpec
from sopsem.sem.model.syntax import Relation, parse_syntax

__all__ = ["Target", "target_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A function of the table rows: one of them (``row``), or an expression.

    Attributes
    ----------
    name : str
        As the user wrote it.

    """

    spec: ModelSpec
    name: str
    row: int | None = None
    expression: Expression | None = None

    def evaluate(self, rows: Array, jacobian: Array) -> tuple[Array, Array]:
        """Return values (B,) and gradients (B, q) at rows (B, n_rows) with d rows / d parameters (n_rows, q)."""
        if self.row is not None:
            slope = np.broadcast_to(jacobian[self.row], (len(rows), jacobian.shape[1]))
            return rows[:, self.row], slope
        if self.expression is None:
            raise UsageError("a target is a row of the table or an expression")
        return differentiate(self.expression, labelled_values(self.spec, rows, jacobian))


def target_of(spec: ModelSpec, text: str) -> Target:
    """Return the quantity that a text names.

    Parameters
    ----------
    text : str
        A row (``"f =~ x2"``, from the second group on with ``.g2`` at its end), a label, the name of a
        ``:=`` parameter, or an expression of labels and these names (``"a*b + c"``).

    Raises
    ------
    ModelError
        Nothing of that name.
    ModelSyntaxError
        An expression that cannot be read.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> spec = model_spec("m ~ a*x; y ~ b*m; ab := a*b")
    >>> target_of(spec, "2*ab").evaluate(np.array([[2.0, 3.0, 1.0, 1.0, 1.0]]), np.eye(5))[0].tolist()
    [12.0]

    """
    plain = "".join(str(text).split())
    for i, p in enumerate(spec.parameters):
        turned = f"{p.rhs}~~{p.lhs}" + (f".g{p.group}" if p.group > 1 else "")
        if plain in (p.path(), p.label) or (p.op == "~~" and plain == turned):
            return Target(spec=spec, name=text, row=i)
    for d in spec.definitions:
        if plain == d.lhs:
            return Target(spec=spec, name=text, expression=d.right)
    return Target(spec=spec, name=text, expression=_expression(spec, text))


def _expression(spec: ModelSpec, text: str) -> Expression:
    """Parse an expression and check that its names exist."""
    try:
        statements = parse_syntax(f"target := {text}")
    except ModelSyntaxError as error:
        if "~" in text:
            raise ModelError(_unknown(spec, text)) from error
        raise
    found = statements[0]
    if len(statements) != 1 or not isinstance(found, Relation):
        raise UsageError(f"{text!r} is not one expression; give a parameter or an expression such as 'a*b'")
    labels = {p.label for p in spec if p.label} | {d.lhs for d in spec.definitions}
    unknown = [n for n in names_in(found.right) if n not in labels]
    if unknown:
        raise ModelError(_unknown(spec, unknown[0]))
    return found.right


def _unknown(spec: ModelSpec, name: str) -> str:
    known = list(dict.fromkeys([*(p.name for p in spec if p.free), *(d.lhs for d in spec.definitions)]))
    more = f" and {len(known) - 12} more" if len(known) > 12 else ""
    return f"{name!r} is no parameter or label of the model; it has {', '.join(known[:12])}{more}"
