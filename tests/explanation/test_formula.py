"""Formulas are arithmetic and nothing else."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.explanation.formula import FUNCTIONS, evaluate, names_of

S = np.array([[2.0, 0.5], [0.5, 1.0]])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3^2", 19.0),
        ("-2^2", -4.0),
        ("(1 + x) / 4", 1.0),
        ("max(x, 1, 5)", 5.0),
        ("max(eigenvalues(identity(x)))", 1.0),
        ("tr(S) + sum(S) + det(S)", 3.0 + 4.0 + 1.75),
        ("sum(lower(S)) - sum(below(S))", 3.0),
        ("mean(diag(S @ inv(S)))", 1.0),
        ("sqrt(2) * sd(S) @ sd(S) / sqrt(2)", 3.0),
        ("Phi(Phi_inv(0.3))", 0.3),
        ("chi2_sf(chi2_ppf(0.95, 3), 3)", 0.05),
        ("ncx2_cdf(85.3, 24, ncp(85.3, 24, 0.95))", 0.95),
        ("2 * pi", 6.283185307179586),
    ],
)
def test_values(text, value):
    assert evaluate(text, {"x": 3.0, "S": S}) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "y",
        "__import__('os')",
        "x.real",
        "[x]",
        "x[0]",
        "f(x)",
        "lambda: 1",
        "'a'",
        "x if x else 1",
        "x < 1",
        "max(*S)",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(UsageError, match="no input and no function"):
        evaluate(text, {"x": 3.0, "S": S})


def test_names_come_in_their_order_and_functions_are_none():
    assert names_of("n * (ln(det(Sigma)) - p) + pi") == ["n", "Sigma", "p"]
    assert all(meaning for _, meaning in FUNCTIONS.values())
