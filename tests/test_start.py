"""What starts light: packages load their names on demand, and the command line loads the module of one command."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sopsem
from sopsem import kernel, survey
from sopsem.cli import app as app_module
from sopsem.cli.commands import GROUPS
from sopsem.report.client import operations

NUMBERS = {"numpy", "pandas"}
STATISTICS = {"scipy", "statsmodels", "semopy", "numba"}
ENGINE_DOES_WITHOUT = {"scipy.stats", "sopsem.study.published", "sopsem.sem.constructs.validation"}
DRAWING = {"matplotlib", "docx", "xlsxwriter", "rich", "shiny"}


def loaded(code):
    """Return the names of the modules that a fresh process has after running some code."""
    ending = "\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code + ending], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def command(*arguments):
    return f"""
import sys
sys.argv = ["sopsem", *{arguments!r}]
from sopsem.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
"""


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import sopsem", NUMBERS | STATISTICS | DRAWING | {"typer", "jinja2"}),
        (command("--version"), NUMBERS | STATISTICS | DRAWING | {"jinja2"}),
        (command("--help"), NUMBERS | STATISTICS | DRAWING | {"jinja2"}),
        (command(), NUMBERS | STATISTICS | DRAWING | {"jinja2"}),
        (command("inspect", "SURVEY"), STATISTICS | DRAWING),
        (command("ops", "check", "--help"), STATISTICS | DRAWING),
        (command("score", "--help"), {"scipy.stats", "sopsem.sem.estimation.fit"} | DRAWING),
        (command("fit", "MODEL", "SURVEY"), (STATISTICS - {"scipy"}) | ENGINE_DOES_WITHOUT | DRAWING),
        (command("draw"), {"scipy.stats", "statsmodels", "sopsem.study.published"} | DRAWING),
        (command("audit"), {"scipy.stats", "statsmodels"} | DRAWING),
        (command("report", "--help"), {"statsmodels", "sopsem.executive"}),
    ],
    ids=[
        "import",
        "version",
        "help",
        "overview",
        "inspect",
        "ops",
        "score",
        "fit",
        "draw",
        "audit",
        "report",
    ],
)
def test_what_is_not_needed_is_not_loaded(code, absent, tmp_path):
    """Numbers only where answers are read, statistics where something is fitted, drawing where something is drawn."""
    model = tmp_path / "model.txt"
    model.write_text("coordination =~ col1 + col2 + col3 + col4\n", "utf-8")
    there = loaded(code.replace("SURVEY", str(sopsem.find_survey())).replace("MODEL", str(model)))
    assert there & absent == set()


@pytest.mark.parametrize("package", [sopsem, survey, kernel, operations], ids=lambda p: p.__name__)
def test_the_names_of_a_package_are_the_same_for_a_type_checker_and_at_run_time(package):
    """The imports that only type checkers read, the modules where names are found, and ``__all__`` agree."""
    tree = ast.parse(package.__loader__.get_source(package.__name__))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    typed = {a.name: node.module for node in block.body for a in node.names}
    found = {
        name: f"{package.__name__}.{module}"
        for module, names in package._HOMES.items()
        for name in names.split()
    }
    assert found == typed
    eager = {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
    assert set(package.__all__) == set(found) | (eager & set(sopsem.__all__))
    assert all(hasattr(package, name) for name in package.__all__)
    assert set(package.__all__) <= set(dir(package))


def test_a_misspelled_public_name_is_answered_with_the_nearest():
    """By Python itself, which is told where to look."""
    with pytest.raises(AttributeError, match="has no attribute 'reliabilty'") as caught:
        sopsem.reliabilty  # noqa: B018
    assert caught.value.obj is sopsem
    assert caught.value.name == "reliabilty"


def test_the_version_is_one():
    assert sopsem.__version__[0].isdigit()
    out = subprocess.run(
        [sys.executable, "-m", "sopsem", "--version"], capture_output=True, text=True, check=True
    )
    assert out.stdout.startswith(f"sopsem {sopsem.__version__} (kernel: ")


@pytest.mark.parametrize(
    ("group", "each"),
    [(group, each) for group, listed in GROUPS.items() for each in listed],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_command_is_in_the_module_that_the_list_names(group, each):
    """And what the overview says of it fits a line."""
    assert app_module.called(group, each.name).name == each.name
    assert len(f"  sopsem {each.usage:<21}{each.line}") <= 100


def test_every_module_that_has_a_command_is_listed():
    """One that nobody lists is never loaded, so its commands do not exist."""
    folder = Path(app_module.__file__).parent
    decorated = re.compile(r"^@\w+\.command\(", re.MULTILINE)
    holding = {path.stem for path in folder.glob("*.py") if decorated.search(path.read_text("utf-8"))}
    assert holding == {each.module for listed in GROUPS.values() for each in listed}
