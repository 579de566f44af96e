"""Arithmetic on labels written for another program."""

from collections.abc import Mapping

from sopsem.sem.model.expressions import Binary, Call, Expression, Name, Number

__all__ = ["MPLUS", "Dialect", "R", "written"]

_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
Dialect = Mapping[str, str]
R: Dialect = {"^": "^"}
MPLUS: Dialect = {"^": "**", "log": "LN", "exp": "EXP", "sqrt": "SQRT", "abs": "ABS"}


def written(tree: Expression, names: Mapping[str, str], dialect: Dialect) -> str:
    """Return an expression as text.

    Parameters
    ----------
    tree : Expression
    names : mapping of str to str
        What each label is called there.
    dialect : mapping of str to str
        Operators and functions that are written differently.

    Examples
    --------
    >>> tree = Binary("*", Name("a"), Binary("+", Name("b"), Number(1.0)))
    >>> written(tree, {"a": "a", "b": "b2"}, R)
    'a*(b2 + 1)'

    """
    if isinstance(tree, Number):
        short = f"{tree.value:.10g}"
        text = short if float(short) == tree.value else repr(tree.value)
        return f"({text})" if tree.value < 0 else text
    if isinstance(tree, Name):
        return names.get(tree.name, tree.name)
    if isinstance(tree, Call):
        return f"{dialect.get(tree.function, tree.function)}({written(tree.argument, names, dialect)})"
    strength = _STRENGTH[tree.operator]
    right_assoc = tree.operator == "^"
    left = _inside(tree.left, strength + right_assoc, names, dialect)
    right = _inside(tree.right, strength + (not right_assoc), names, dialect)
    operator = dialect.get(tree.operator, tree.operator)
    return f"{left} {operator} {right}" if strength == 1 else f"{left}{operator}{right}"


def _inside(tree: Expression, least: int, names: Mapping[str, str], dialect: Dialect) -> str:
    text = written(tree, names, dialect)
    weak = isinstance(tree, Binary) and _STRENGTH[tree.operator] < least
    return f"({text})" if weak else text
