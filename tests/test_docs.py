"""Every example in a docstring runs and gives what it says; every command is in the README."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import sopsem
from sopsem.cli.app import OVERVIEW, app
from sopsem.cli.main import COMMANDS

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(sopsem.__path__, "sopsem.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", ["sopsem", *MODULES])
def test_examples_of_a_module_run(name: str) -> None:
    """The doctests of one module."""
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


def test_every_command_is_in_the_overview_and_the_readme() -> None:
    """A command that nobody documents does not exist."""
    assert COMMANDS
    readme = (ROOT / "README.md").read_text("utf-8")
    for command in app.registered_commands:
        assert f"sopsem {command.name}" in OVERVIEW
        assert f"sopsem {command.name}" in readme


def test_the_readme_names_only_commands_that_exist() -> None:
    """Each ``sopsem COMMAND`` of the README is registered."""
    known = {command.name for command in app.registered_commands}
    readme = (ROOT / "README.md").read_text("utf-8")
    used = set(re.findall(r"(?:bin/|run |^|`)sopsem ([a-z]+)\b", readme, flags=re.MULTILINE))
    assert used <= known
    assert used


def test_the_public_names_are_these() -> None:
    """The public list is pinned: a name that appears or goes is a decision."""
    assert (
        sorted(sopsem.__all__) == (ROOT / "tests" / "golden" / "public_names.txt").read_text("utf-8").split()
    )
    assert all(hasattr(sopsem, name) for name in sopsem.__all__)
