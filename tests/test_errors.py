"""Every error has its exit code, and every kind that is raised somewhere is provoked by some test."""

import ast
from pathlib import Path

import pytest

from sopsem import errors

ROOT = Path(__file__).parent.parent
CODES = {
    "SopsemError": 1,
    "UsageError": 2,
    "FileError": 3,
    "DataError": 4,
    "MissingTable": 4,
    "PolicyError": 2,
    "ModelError": 5,
    "ModelSyntaxError": 5,
    "ConvergenceError": 6,
    "PrivacyError": 7,
    "ResourceLimitError": 8,
    "VerificationError": 9,
}


def test_exit_codes_never_change():
    assert {name: getattr(errors, name).exit_code for name in errors.__all__} == CODES


def test_all_are_errors_of_ours_and_syntax_is_a_kind_of_model_error():
    assert all(issubclass(getattr(errors, name), errors.SopsemError) for name in CODES)
    assert issubclass(errors.ModelSyntaxError, errors.ModelError)


def raised():
    """Return every error class that the package constructs somewhere."""
    found = set()
    for path in (ROOT / "sopsem").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODES:
                found.add(node.func.id)
    return found


def expected_in_tests():
    """Return every error class that a test waits for."""
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "raises":
                found |= {
                    n.id for argument in node.args for n in ast.walk(argument) if isinstance(n, ast.Name)
                }
    return found


@pytest.mark.parametrize("name", sorted(raised()))
def test_every_kind_of_error_is_provoked_by_a_test(name):
    assert name in expected_in_tests()


def test_the_module_imports_nothing():
    tree = ast.parse((ROOT / "sopsem" / "errors.py").read_text("utf-8"))
    assert not [n for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom))]
