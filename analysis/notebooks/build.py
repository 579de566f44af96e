"""Build the notebook files: run every percent script under Jupyter and keep cells and outputs as .ipynb.

``python analysis/notebooks/build.py`` builds those that are missing or stale; ``--all`` builds every one.
"""

import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent
SECONDS = 120


def sources() -> list[Path]:
    """Return the percent scripts."""
    return sorted(FOLDER.glob("[0-9]*.py"))


def cells(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    """Return kind and text of every cell."""
    return [(cell.cell_type, cell.source.strip()) for cell in notebook.cells]


def is_stale(script: Path) -> bool:
    """Say whether the notebook file of a script is missing, or has other cells, or cells that were not run."""
    built = script.with_suffix(".ipynb")
    if not built.is_file():
        return True
    notebook = nbformat.read(built, as_version=4)
    run = all(
        cell.execution_count for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()
    )
    return cells(notebook) != cells(jupytext.read(script)) or not run


def build(script: Path) -> Path:
    """Run a script as a notebook and write it with its outputs."""
    notebook = jupytext.read(script)
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": folder}}
        ).execute()
    for number, cell in enumerate(notebook.cells):
        cell.id = (
            f"cell-{number}"  # a name of its place, so that a second build differs only where results do
        )
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("jupytext", None)
    notebook.metadata.pop("language_info", None)
    path = script.with_suffix(".ipynb")
    nbformat.write(notebook, path)
    return path


if __name__ == "__main__":
    for one in sources():
        if "--all" in sys.argv or is_stale(one):
            print(build(one).name)
