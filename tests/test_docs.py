"""Every example in a docstring runs and gives what it says; every command and public name is documented."""

import ast
import doctest
import importlib
import importlib.util
import pkgutil
import re
from pathlib import Path

import pytest

import sopsem
from sopsem.cli.app import OVERVIEW, leaf_commands
from sopsem.cli.commands import COMMANDS
from sopsem.executive.schema.definitions import SCHEMAS
from sopsem.explanation.fit_quantities import FORMULAS

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


def test_every_command_is_in_the_overview() -> None:
    """A command that nobody documents does not exist; it is registered by the module that the list names."""
    leaves = {words.split()[0] for words in leaf_commands()}
    assert leaves == {each.name for each in COMMANDS}
    for name in leaves:
        assert f"sopsem {name}" in OVERVIEW


@pytest.fixture(scope="module")
def pages():
    """The script that makes the pages of commands and public names."""
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "docs" / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["commands.md", "api.md", "formulas.md", "operations.md"])
def test_the_pages_of_commands_and_names_are_not_stale(name, pages) -> None:
    """Made again they are the same, so each command and each public name is on them."""
    made, there = pages.PAGES[name](), (ROOT / "docs" / name).read_text("utf-8")
    assert there == made, f"docs/{name} is stale: run python docs/make.py"
    titles = [f"## sopsem {words}" for words in leaf_commands()]
    names = {
        "api.md": [f"`sopsem.{n}" for n in sopsem.__all__],
        "formulas.md": [f"| `{n}` |" for n in FORMULAS],
        "operations.md": [f"| `{n}.csv` |" for n in SCHEMAS],
    }
    titles = names.get(name, titles)
    assert not [title for title in titles if title not in made]


def test_every_public_name_says_what_it_is(pages) -> None:
    """In its first paragraph."""
    assert not [n for n in sopsem.__all__ if len(pages.first_paragraph(getattr(sopsem, n).__doc__)) < 10]


def test_the_readme_names_only_commands_that_exist() -> None:
    """Each ``sopsem COMMAND`` of the README is registered."""
    known = {words.split()[0] for words in leaf_commands()}
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


def test_examples_of_the_readme_name_what_there_is() -> None:
    """Each block is Python, and each name of sopsem in it exists."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) >= 3
    for node in (node for block in blocks for node in ast.walk(ast.parse(block))):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module)
            assert all(hasattr(module, name.name) for name in node.names), ast.unparse(node)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sopsem":
            assert hasattr(sopsem, node.attr), node.attr
