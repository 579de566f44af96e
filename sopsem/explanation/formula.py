"""Formulas as text that is both read by people and evaluated: arithmetic, a few matrix and distribution functions.

``^`` is a power, ``@`` a matrix product, everything else acts element by element as in NumPy.  Only numbers, the names
of inputs and the functions listed in ``FUNCTIONS`` have a meaning; nothing of the text is run.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sopsem.errors import UsageError
from sopsem.sem.distributions import chi2_ppf, chi2_sf
from sopsem.sem.fit_measures.noncentrality import ncp_with_cdf, noncentral_cdf

__all__ = ["FUNCTIONS", "evaluate", "names_of"]

Value = Any
CONSTANTS = {"pi": np.pi}
OPERATORS: dict[type, Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.true_divide,
    ast.Pow: np.float_power,
    ast.MatMult: operator.matmul,
}


def _lower(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(matrix[np.tril_indices(len(matrix))])


def _below(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(matrix[np.tril_indices(len(matrix), -1)])


def _sd(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.sqrt(np.diag(matrix)))


def _correlations(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(matrix / np.outer(_sd(matrix), _sd(matrix)))


# name -> function and what it means, for who reads a formula
FUNCTIONS: dict[str, tuple[Callable[..., Value], str]] = {
    "abs": (np.abs, "size without sign"),
    "below": (_below, "the elements below the diagonal"),
    "chi2_ppf": (lambda a, df: float(chi2_ppf(a, df)), "quantile of a chi-square"),
    "chi2_sf": (lambda x, df: float(chi2_sf(x, df)), "chance of a larger chi-square"),
    "corr": (_correlations, "correlations of a covariance matrix"),
    "count": (np.size, "number of elements"),
    "det": (np.linalg.det, "determinant"),
    "diag": (np.diag, "diagonal of a matrix"),
    "eigenvalues": (np.linalg.eigvalsh, "eigenvalues of a symmetric matrix"),
    "exp": (np.exp, "exponential"),
    "floor": (np.floor, "whole number below"),
    "identity": (lambda n: np.eye(int(n)), "identity matrix"),
    "inv": (np.linalg.inv, "inverse of a matrix"),
    "ln": (np.log, "natural logarithm"),
    "lower": (_lower, "the elements on and below the diagonal"),
    "max": (lambda *x: np.max(x if len(x) > 1 else x[0]), "largest"),
    "mean": (np.mean, "mean of all elements"),
    "min": (lambda *x: np.min(x if len(x) > 1 else x[0]), "smallest"),
    "ncp": (ncp_with_cdf, "noncentrality at which a chi-square is the quantile with that probability"),
    "ncx2_cdf": (noncentral_cdf, "chance of a smaller noncentral chi-square"),
    "outer": (np.outer, "all products of two vectors"),
    "Phi": (ndtr, "normal distribution function"),
    "Phi_inv": (ndtri, "its quantile"),
    "prod": (np.prod, "product of all elements"),
    "sd": (_sd, "roots of the diagonal"),
    "sqrt": (np.sqrt, "square root"),
    "sum": (np.sum, "sum of all elements"),
    "tr": (np.trace, "sum of the diagonal"),
}


def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula.replace("^", "**"), mode="eval").body


def names_of(formula: str) -> list[str]:
    """Return the inputs of a formula in their order.

    >>> names_of("1 - max(chisq - df, 0) / n")
    ['chisq', 'df', 'n']
    """
    found = [n.id for n in ast.walk(_parsed(formula)) if isinstance(n, ast.Name)]
    return sorted(set(found) - set(FUNCTIONS) - set(CONSTANTS), key=formula.index)


def evaluate(formula: str, values: Mapping[str, Value]) -> Value:
    """Return the value of a formula.

    Parameters
    ----------
    formula : str
    values : mapping
        The inputs by name: numbers, vectors and matrices.

    Raises
    ------
    UsageError
        A name without a value, or anything that is no arithmetic.

    Examples
    --------
    >>> evaluate("sum(l)^2 / (sum(l)^2 + tr(Theta))", {"l": np.array([0.8, 0.8]), "Theta": 0.36 * np.eye(2)}).round(6)
    np.float64(0.780488)

    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return _value(_parsed(formula), values)


def _value(node: ast.expr, values: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, values)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
            return OPERATORS[type(sign)](_value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name][0](*(_value(one, values) for one in arguments))
    raise UsageError(f"the formula has {ast.unparse(node)!r}, which is no input and no function of formulas")
