"""Arithmetic on parameter labels, as data: parse to a tree, evaluate with derivatives, never ``eval``.

Used by ``:=``, ``==``, ``<`` and ``>``.  Calls are limited to exp, log, sqrt and abs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ModelSyntaxError, ResourceLimitError
from sopsem.sem.model.scanner import Token

__all__ = [
    "FUNCTION_NAMES",
    "MAX_DEPTH",
    "Binary",
    "Call",
    "Expression",
    "Name",
    "Number",
    "differentiate",
    "names_in",
    "parse_expression",
]

MAX_DEPTH = 100
MAX_OPERATORS = 400  # bounds the depth of the tree, so that walking it cannot exhaust the stack
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter label, or the name of another defined parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right`` with one of + - * / ^."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """One of the four allowed functions of one argument."""

    function: str
    argument: "Expression"


Expression = Number | Name | Binary | Call

_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}
_UNARY = 3  # -a^2 is -(a^2), and -a*b is (-a)*b
_FUNCTIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "exp": (np.exp, np.exp),
    "log": (np.log, lambda x: 1.0 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "abs": (np.abs, np.sign),
}
FUNCTION_NAMES = tuple(_FUNCTIONS)


class _Parser:
    """Precedence climbing over a token list; every failure goes through ``fail(token or None, message)``."""

    def __init__(self, tokens: list[Token], fail: Callable[[Token | None, str], ModelSyntaxError]) -> None:
        self.tokens, self.fail, self.position, self.operators = tokens, fail, 0, 0

    def peek(self) -> Token | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def next(self) -> Token | None:
        token = self.peek()
        self.position += 1
        return token

    def binary(self, least: int, depth: int) -> Expression:
        left = self.unary(depth)
        while (token := self.peek()) is not None and _PRECEDENCE.get(token.text, 0) >= least:
            self.next()
            self.count_operator()
            strength = _PRECEDENCE[token.text]
            right_least = strength if token.text == "^" else strength + 1
            left = Binary(token.text, left, self.binary(right_least, depth + 1))
        return left

    def count_operator(self) -> None:
        self.operators += 1
        if self.operators > MAX_OPERATORS:
            raise ResourceLimitError(
                f"an expression in the model has more than {MAX_OPERATORS} operators; split it"
            )

    def unary(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise ResourceLimitError(
                f"an expression in the model is nested deeper than {MAX_DEPTH} levels; simplify it"
            )
        token = self.peek()
        if token is not None and token.text in "+-":
            self.next()
            operand = self.binary(_UNARY, depth + 1)
            return operand if token.text == "+" else Binary("*", Number(-1.0), operand)
        return self.atom(depth)

    def atom(self, depth: int) -> Expression:
        token = self.next()
        if token is None:
            raise self.fail(None, "the expression ends too early")
        if token.kind == "number":
            return Number(float(token.text))
        if token.text == "(":
            inner = self.binary(1, depth + 1)
            self.expect_close()
            return inner
        if token.kind not in ("name", "string"):
            raise self.fail(token, f"{token.text!r} cannot start a value")
        following = self.peek()
        if following is None or following.text != "(":
            return Name(token.text[1:-1] if token.kind == "string" else token.text)
        if token.text not in _FUNCTIONS:
            raise self.fail(
                token, f"there is no function {token.text!r}; exp, log, sqrt and abs are the ones allowed"
            )
        self.next()
        inner = self.binary(1, depth + 1)
        self.expect_close()
        return Call(token.text, inner)

    def expect_close(self) -> None:
        token = self.next()
        if token is None or token.text != ")":
            raise self.fail(token, "a closing bracket ) is missing")


def parse_expression(
    tokens: list[Token], fail: Callable[[Token | None, str], ModelSyntaxError]
) -> Expression:
    """Parse tokens into an expression tree; ``fail(token, message)`` builds the error to raise.

    Raises
    ------
    ModelSyntaxError
        Whatever ``fail`` builds.
    ResourceLimitError
        Nested deeper than ``MAX_DEPTH``.

    """
    parser = _Parser(tokens, fail)
    tree = parser.binary(1, 0)
    if (left_over := parser.peek()) is not None:
        raise fail(left_over, f"{left_over.text!r} does not continue the expression")
    return tree


def names_in(tree: Expression) -> tuple[str, ...]:
    """Return the labels an expression uses, each once, in order of appearance."""
    found: dict[str, None] = {}
    stack: list[Expression] = [tree]
    while stack:
        node = stack.pop()
        match node:
            case Name(name):
                found[name] = None
            case Binary(_, left, right):
                stack += [right, left]
            case Call(_, argument):
                stack.append(argument)
            case Number():
                pass
    return tuple(found)


def differentiate(tree: Expression, values: Mapping[str, tuple[Array, Array]]) -> tuple[Array, Array]:
    """Evaluate an expression and its gradient by forward differentiation.

    Parameters
    ----------
    tree : Expression
        What ``parse_expression`` returned.
    values : mapping of name -> (value, gradient)
        ``value`` has shape (B,), ``gradient`` shape (B, q).

    Returns
    -------
    value : (B,) array
    gradient : (B, q) array

    Examples
    --------
    >>> product = Binary("*", Name("a"), Name("b"))
    >>> one = lambda v, g: (np.array([v]), np.array([g]))
    >>> v, g = differentiate(product, {"a": one(2.0, [1.0, 0.0]), "b": one(3.0, [0.0, 1.0])})
    >>> float(v[0]), g[0].tolist()
    (6.0, [3.0, 2.0])

    """
    match tree:
        case Number(value):
            some_value, some_gradient = next(iter(values.values()))
            return np.full_like(some_value, value), np.zeros_like(some_gradient)
        case Name(name):
            return values[name]
        case Call(function, argument):
            inner, inner_gradient = differentiate(argument, values)
            apply, slope = _FUNCTIONS[function]
            with np.errstate(invalid="ignore", divide="ignore"):
                return apply(inner), slope(inner)[:, None] * inner_gradient
        case Binary(operator, left, right):
            return _combine(operator, differentiate(left, values), differentiate(right, values))


def _combine(operator: str, left: tuple[Array, Array], right: tuple[Array, Array]) -> tuple[Array, Array]:
    (a, da), (b, db) = left, right
    with np.errstate(invalid="ignore", divide="ignore"):
        if operator == "+":
            return a + b, da + db
        if operator == "-":
            return a - b, da - db
        if operator == "*":
            return a * b, da * b[:, None] + db * a[:, None]
        if operator == "/":
            return a / b, (da - (a / b)[:, None] * db) / b[:, None]
        power = a**b
        # d(a^b) = b a^(b-1) da + log(a) a^b db; the second term only where b varies, since log needs a > 0
        gradient = (b * a ** (b - 1.0))[:, None] * da
        varies = np.any(db != 0.0, axis=1)
        gradient[varies] += (np.log(a[varies]) * power[varies])[:, None] * db[varies]
        return power, gradient
