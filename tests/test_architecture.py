"""The laws of the house, read from the source: who imports whom, where, and how large things may be."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "sopsem"
FILES = sorted(PACKAGE.rglob("*.py"))
# a room -> the rooms it may import, besides itself, registry and errors
ROOMS = {
    "errors": set(),
    "registry": set(),
    "on_demand": set(),
    "kernel": set(),
    "runs": set(),
    "survey": set(),
    "executive": set(),
    "sem": {"kernel", "runs"},
    "study": {"survey", "sem", "kernel", "runs"},
    "client": {"survey", "sem", "kernel", "runs"},
    "explanation": {"client", "survey", "sem", "kernel", "runs"},
    "report": {"explanation", "study", "client", "survey", "sem", "kernel", "runs", "executive"},
    "cli": {"report", "explanation", "study", "client", "survey", "sem", "kernel", "runs", "executive"},
    "app": {"report", "study", "client", "survey", "sem", "kernel", "runs"},
    "__main__": {"cli"},
    "__init__": {"explanation", "study", "client", "survey", "sem", "report"},
}
MODULES = {".".join(("sopsem", *p.relative_to(PACKAGE).with_suffix("").parts)) for p in FILES}
MODULES = {name.removesuffix(".__init__") for name in MODULES}
HOMES = {
    "matplotlib": "report",
    "docx": "report",
    "xlsxwriter": "report",
    "shiny": "app",
    "uvicorn": "app",
    "jinja2": "report",
    "typer": "cli",
}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "core", "misc"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_IMPORTS = {"pickle", "joblib", "cloudpickle", "dill", "marshal", "shelve"}
COMPILED = PACKAGE / "kernel" / "compiled"
PARSERS = PACKAGE / "survey" / "formats" / "child"
READERS = {"python_calamine", "pyreadstat", "pyarrow"}
CROSSCHECK = PACKAGE / "sem" / "crosscheck.py"


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def tree(path):
    return ast.parse(path.read_text("utf-8"))


def imported(node):
    """Return the dotted modules that an import statement names."""
    if isinstance(node, ast.ImportFrom):
        whole = node.module or ""
        return [f"{whole}.{a.name}" if f"{whole}.{a.name}" in MODULES else whole for a in node.names]
    return [a.name for a in node.names] if isinstance(node, ast.Import) else []


def imports(path):
    return [name for node in ast.walk(tree(path)) for name in imported(node)]


def every_name(path):
    """Return the dotted names of everything that is imported, also what comes out of a module."""
    found = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    return [*imports(path), *(f"{node.module}.{a.name}" for node in found for a in node.names)]


def label(path):
    return str(path.relative_to(PACKAGE))


every_file = pytest.mark.parametrize("path", FILES, ids=label)


@every_file
def test_rooms_import_only_the_rooms_below(path):
    allowed = ROOMS[room(path)] | {room(path), "registry", "errors", "on_demand"}
    if room(path) in {"errors", "on_demand"}:
        allowed = set()
    for name in imports(path):
        top, *rest = name.split(".")
        if top == "sopsem" and rest:
            assert rest[0] in allowed, f"{label(path)} imports {name}"


@every_file
def test_libraries_stay_in_their_rooms(path):
    for name in imports(path):
        top = name.split(".")[0]
        assert top not in FORBIDDEN_IMPORTS, f"{label(path)} imports {name}"
        assert HOMES.get(top, room(path)) == room(path), f"{label(path)} imports {name}"
        assert top != "semopy" or path == CROSSCHECK, f"{label(path)} imports semopy"
        assert top not in {"numba", "llvmlite"} or path.parent == COMPILED, f"{label(path)} imports {top}"


EXECUTIVE_LIBRARIES = {"numpy", "scipy", "pandas", "statsmodels", "highspy"}


@every_file
def test_the_executive_part_and_the_survey_part_do_not_know_each_other(path):
    """Neither side imports the other; operations need numbers, tables and regressions, nothing that draws."""
    for name in imports(path):
        top, *rest = name.split(".")
        if room(path) == "executive":
            assert top in EXECUTIVE_LIBRARIES | {"sopsem"} | sys.stdlib_module_names, f"{label(path)}: {name}"
        elif room(path) in {"kernel", "sem", "survey", "study", "client", "runs"}:
            assert rest[:1] != ["executive"] or top != "sopsem", f"{label(path)} imports {name}"


@every_file
def test_compiled_readers_are_imported_in_their_own_process_only(path):
    """A damaged file can crash them, and the child that runs them has nothing else of sopsem."""
    inside = path.parent == PARSERS
    for name in imports(path):
        assert inside or name.split(".")[0] not in READERS, f"{label(path)} imports {name}"
        known = not name.startswith("sopsem") or name.startswith("sopsem.survey.formats.child.")
        assert known or not inside, f"{label(path)} imports {name}"


# tests and descriptives that only scipy.stats has
STATS = {
    "sem/exploratory/descriptives.py",
    "sem/exploratory/normality.py",
    "report/operations/pipeline_panel.py",
}


@every_file
def test_distributions_come_without_scipy_stats(path):
    """It takes half a second to import; ``sem/distributions.py`` has the same tails and quantiles."""
    fast = room(path) != "executive" and path.relative_to(PACKAGE).as_posix() not in STATS
    assert not fast or not any(f"{name}.".startswith("scipy.stats.") for name in every_name(path))


@every_file
def test_the_compiled_kernel_is_loaded_by_those_who_ask_for_it(path):
    """By name, in one place: importing numba takes a second, and it may not be there."""
    inside = path.parent == COMPILED
    assert inside or not any(name.startswith("sopsem.kernel.compiled") for name in imports(path))


# the compiled kernel when a run asks for it, a public name when it is first used, a command when it is called
BY_NAME = {PACKAGE / "kernel" / "backend.py", PACKAGE / "on_demand.py", PACKAGE / "cli" / "app.py"}


@every_file
def test_modules_are_imported_by_name_in_three_places_only(path):
    """So that everything else can be read off the import statements."""
    assert path in BY_NAME or "import_module" not in path.read_text("utf-8")


@every_file
def test_nothing_is_imported_inside_a_function(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inside = [name for n in ast.walk(node) for name in imported(n)]
            wrong = [n for n in inside if not (path == CROSSCHECK and n.split(".")[0] == "semopy")]
            assert not wrong, f"{label(path)}: {node.name} imports {wrong}"


@every_file
def test_nothing_evaluates_text_or_unpickles(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in FORBIDDEN_CALLS, f"{label(path)} line {node.lineno}"
        if isinstance(node, ast.keyword):
            assert node.arg not in {"allow_pickle", "shell"}, f"{label(path)} line {node.value.lineno}"
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"read_pickle", "to_pickle"}, f"{label(path)} line {node.lineno}"


@every_file
def test_errors_are_caught_by_name(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            caught = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {""}
            assert not caught & {"", "Exception", "BaseException"}, f"{label(path)} line {node.lineno}"


@every_file
def test_files_are_short_and_have_telling_names(path):
    assert len(path.read_text("utf-8").splitlines()) < 400
    assert path.stem not in FORBIDDEN_NAMES


@every_file
def test_public_functions_and_modules_say_what_they_do(path):
    module = tree(path)
    assert ast.get_docstring(module)
    for node in module.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{label(path)}: {node.name}"


def test_no_cycle_of_modules():
    """Each file imports only files above it, so the modules can be put in a line."""
    graph = {}
    for path in FILES:
        own = ".".join(("sopsem", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        graph[own] = {n for n in imports(path) if n.startswith("sopsem.")}
    known = {m: {t for t in targets if t in graph and t != m} for m, targets in graph.items()}
    while known:
        free = [m for m, targets in known.items() if not targets & known.keys()]
        assert free, f"import cycle among {sorted(known)}"
        for module in free:
            del known[module]


SEM_FLOORS = (
    "model",
    "sample",
    "estimation",
    "fit_measures",
    "invariance",
    "resampling",
    "effects",
    "constructs",
    "exploratory",
    "simulation",
    "power",
    "export",
)


def test_each_folder_of_sem_imports_only_folders_before_it():
    """Text, estimates, fit, draws, effects, constructs: in this order."""
    for path in FILES:
        parts = path.relative_to(PACKAGE).parts
        if parts[0] != "sem" or len(parts) < 3:
            continue
        floor = SEM_FLOORS.index(parts[1])
        used = {n.split(".")[2] for n in imports(path) if n.startswith("sopsem.sem.") and n.count(".") > 2}
        assert all(SEM_FLOORS.index(u) <= floor for u in used & set(SEM_FLOORS)), label(path)
