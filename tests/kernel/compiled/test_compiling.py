"""Where compiled code is kept: the user's cache, under a name made of all its sources."""

import gc
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from sopsem.kernel import prepare_compiled

compiling = import_module("sopsem.kernel.compiled.compiling")
SCRIPT = """
from sopsem.kernel import prepare_compiled
prepare_compiled()
from sopsem.kernel.compiled import search
print(sum(search.stats.cache_hits.values()), sum(search.stats.cache_misses.values()))
"""


def prepared(cache):
    """Return hits and misses of the cache in a new process."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    made = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
    )
    return made.stdout.split()


def test_code_is_compiled_once_and_then_taken_from_the_cache(tmp_path):
    """The second process compiles nothing."""
    assert prepared(tmp_path) == ["0", "1"]
    assert [p.name for p in (tmp_path / "sopsem").iterdir()] == [Path(compiling._FOLDER).name]
    assert prepared(tmp_path) == ["1", "0"]


def test_without_a_place_to_keep_it_code_is_compiled_all_the_same(tmp_path):
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    assert not compiling._can_be_written(str(tmp_path / "file" / "sopsem"))
    assert compiling._can_be_written(str(tmp_path / "new" / "folder"))


def test_the_folder_is_named_by_the_sources(monkeypatch):
    """A change in any file of the kernel gives new code: numba would look at one file only."""
    before = compiling._cache_folder()
    assert before == compiling._cache_folder()
    read = Path.read_bytes

    def changed(path):
        return read(path) + (b"#" if path.name == "algebra.py" else b"")

    monkeypatch.setattr(Path, "read_bytes", changed)
    assert compiling._cache_folder() != before


@pytest.mark.parametrize("collecting", [True, False])
def test_compiling_leaves_the_collector_as_it_was(collecting):
    """It stands still while code is compiled, and goes on only where it went before."""
    before = gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    try:
        prepare_compiled()
        assert gc.isenabled() == collecting
    finally:
        (gc.enable if before else gc.disable)()
