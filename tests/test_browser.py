"""The core in a browser notebook (Pyodide): a pure wheel, and no compiled module but those that Pyodide brings.

Pyodide has NumPy, SciPy, pandas, matplotlib and pydantic's core compiled for it; everything else must be Python.  There
is no second process and no thread there.
"""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# compiled for Pyodide by Pyodide itself; what they need themselves is listed with them
IN_PYODIDE = {
    "numpy",
    "scipy",
    "pandas",
    "matplotlib",
    "pydantic_core",
    "PIL",
    "kiwisolver",
    "contourpy",
    "markupsafe",
}
SPEED_ONLY = {
    "chardet",
    "pyarrow",
}  # chardet has a pure wheel too; pandas looks for pyarrow and works without
ELSEWHERE = {"semopy", "statsmodels", "python-docx", "python-calamine", "pyreadstat", "numba"}

SESSION = """
import json, os, subprocess, sys, threading
import matplotlib, matplotlib.figure, numpy, pandas, pydantic, scipy.optimize, scipy.special, scipy.stats

sys.platform = "emscripten"

class Without:
    #The finders of this process, but for what is not there in a browser.

    def __init__(self, finders):
        self.finders = finders

    def find_spec(self, name, path=None, target=None):
        gone = set("numba llvmlite semopy statsmodels docx lxml pyreadstat python_calamine dask xlsxwriter".split())
        if name.split(".")[0] in gone:
            return None
        found = (finder.find_spec(name, path, target) for finder in self.finders)
        return next((spec for spec in found if spec is not None), None)

    def find_distributions(self, context=None, **_):
        for finder in self.finders:
            yield from getattr(finder, "find_distributions", lambda _: ())(context)

sys.meta_path[:] = [Without(list(sys.meta_path))]

def refuse(*_, **__):
    raise RuntimeError("there is no second process and no thread in a browser")

os.fork = subprocess.Popen = threading.Thread.start = refuse
before = set(sys.modules)
import sopsem

instrument = sopsem.load_instrument()
responses = sopsem.read_responses(sopsem.find_survey(), instrument)
fit = sopsem.fit(instrument.model, responses.items, mimic="amos")
draws = sopsem.bootstrap(fit, responses.items, draws=200, seed=1)
table = sopsem.effects(fit, draws)
told = sopsem.explain("cfi", fit)
compiled = sorted({
    name.split(".")[0] for name in set(sys.modules) - before
    if (getattr(sys.modules[name], "__file__", None) or "").endswith((".so", ".pyd"))
    and "site-packages" in sys.modules[name].__file__
})
print(json.dumps({"file": sopsem.__file__, "compiled": compiled, "chisq": float(fit.chisq),
    "effects": len(table), "draws": int(draws.used.sum()), "cfi": told.result}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built offline from a copy of nothing but this folder."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_is_pure_python(wheel):
    assert wheel.name.endswith("-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert not [n for n in names if n.endswith((".so", ".pyd", ".dylib", ".c", ".pyx"))]
    assert "sopsem/py.typed" in names
    assert not [n for n in names if "private" in n or n.startswith(("tests", "analysis", "surveys"))]


def test_what_a_browser_cannot_install_is_not_asked_of_it():
    """Dependencies that are compiled, or that only come as source, carry a marker."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    asked = {re.split(r"[<>=;\s\[]", d)[0] for d in listed if "emscripten" not in d}
    assert not asked & ELSEWHERE


def test_fit_bootstrap_and_table_run_there(wheel, tmp_path):
    """From the installed wheel, without threads, processes and what Pyodide has not."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", SESSION],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["file"].startswith(str(tmp_path))
    compiled = {name for name in found["compiled"] if not name.endswith("__mypyc")}  # chardet's
    assert compiled <= IN_PYODIDE | SPEED_ONLY
    assert round(found["chisq"], 2) == 169.04
    assert found["draws"] > 190
    assert found["effects"] > 10
