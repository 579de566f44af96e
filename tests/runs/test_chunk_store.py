"""A store gives back what was kept, refuses other runs, and sees damage."""

import json
import os
import resource
import subprocess
import sys

import numpy as np
import pytest

from sopsem.errors import FileError, UsageError
from sopsem.runs.chunk_store import ChunkStore, DamagedChunkWarning

RUN = {"run": "test", "seed": 1, "share": 0.1, "blas": ["a", "b"]}
CHUNK = {
    "theta": np.array([[1.5, np.nan], [-0.0, np.inf]]),
    "status": np.array([0, 3], dtype=np.int8),
    "why": np.array(["", "f~~f ü"]),
    "none": np.empty(0, dtype=np.str_),
    "flag": np.array(True),
}


@pytest.fixture
def filled(tmp_path):
    """A folder with chunks 0 and 5 of RUN."""
    with ChunkStore(tmp_path / "run", RUN) as store:
        store.save(0, CHUNK)
        store.save(5, CHUNK)
    return tmp_path / "run"


def test_a_chunk_comes_back_bit_for_bit(filled):
    with ChunkStore(filled, RUN, resume=True) as store:
        assert (0 in store, 1 in store, 5 in store, len(store)) == (True, False, True, 2)
        for name, array in store.load(5).items():
            assert array.dtype == CHUNK[name].dtype
            assert array.shape == CHUNK[name].shape
            assert array.tobytes() == CHUNK[name].tobytes()


def test_the_same_chunk_is_the_same_file(filled, tmp_path):
    with ChunkStore(tmp_path / "again", RUN) as store:
        store.save(5, CHUNK)
    name = "chunk-00000005.dat"
    assert (filled / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_a_run_is_not_continued_unasked(filled):
    with pytest.raises(UsageError, match=r"--resume \(resume=True\), or choose another folder"):
        ChunkStore(filled, RUN)


def test_another_run_is_refused_by_what_differs(filled):
    other = {**RUN, "seed": 2, "model": "f" * 64}
    with pytest.raises(UsageError) as refusal:
        ChunkStore(filled, other, resume=True)
    assert "seed is 1 there and 2 here" in str(refusal.value)
    assert "model is absent there and ffffffffffff... here" in str(refusal.value)
    assert "share" not in str(refusal.value)
    with ChunkStore(filled, RUN, resume=True) as store:
        assert len(store) == 2


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(UsageError, match="no run of sopsem"):
        ChunkStore(tmp_path, RUN, resume=True)
    assert (tmp_path / "thesis.txt").read_text() == "precious"


@pytest.mark.parametrize("content", ["", "{", "3", "[1]", "{}"])
def test_a_damaged_run_file_is_refused(filled, content):
    (filled / "run.json").write_text(content)
    with pytest.raises(UsageError, match=r"damaged|another run"):
        ChunkStore(filled, RUN, resume=True)


def torn(content):
    return content[: len(content) // 2]


def flipped(content):
    return content[:-60] + bytes([content[-60] ^ 1]) + content[-59:]


@pytest.mark.parametrize("damage", [torn, flipped, lambda _: b""])
def test_a_damaged_chunk_is_reported_and_made_again(filled, damage):
    path = filled / "chunk-00000005.dat"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.warns(DamagedChunkWarning, match=r"chunk-00000005.dat is damaged"):
        store = ChunkStore(filled, RUN, resume=True)
    with store:
        assert (0 in store, 5 in store) == (True, False)
        store.save(5, CHUNK)
        assert store.load(5)["why"].tolist() == CHUNK["why"].tolist()


def test_a_chunk_of_another_run_or_place_is_seen(filled, tmp_path):
    with ChunkStore(tmp_path / "other", {**RUN, "seed": 2}) as store:
        store.save(1, CHUNK)
    (tmp_path / "other" / "chunk-00000001.dat").rename(filled / "chunk-00000001.dat")
    (filled / "chunk-00000005.dat").rename(filled / "chunk-00000006.dat")
    with pytest.warns(DamagedChunkWarning), ChunkStore(filled, RUN, resume=True) as store:
        assert [number for number in range(10) if number in store] == [0]


def test_damage_while_the_run_is_under_way_is_an_error(filled):
    with ChunkStore(filled, RUN, resume=True) as store:
        (filled / "chunk-00000005.dat").write_bytes(b"x" * 100)
        with pytest.raises(FileError, match="damaged while"):
            store.load(5)


def test_what_a_killed_run_was_writing_is_removed(filled):
    left = filled / ".sopsem-0123.partial"
    left.write_bytes(b"half")
    with ChunkStore(filled, RUN, resume=True):
        assert not left.exists()


def test_a_run_killed_before_it_began_can_be_continued(tmp_path):
    (tmp_path / ".sopsem-0123.partial").write_bytes(b"half")
    with ChunkStore(tmp_path, RUN, resume=True) as store:
        assert len(store) == 0
    assert json.loads((tmp_path / "run.json").read_text()).items() >= RUN.items()


def test_python_objects_are_not_kept(tmp_path):
    with ChunkStore(tmp_path, RUN) as store, pytest.raises(TypeError, match="bad hold Python objects"):
        store.save(0, {"bad": np.array([None])})


HOLD = """
import sys, time
from sopsem.runs.chunk_store import ChunkStore
store = ChunkStore(sys.argv[1], {"seed": 1}, resume=True)
print("open", flush=True)
time.sleep(3600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
def test_two_runs_do_not_share_a_folder_but_a_killed_one_lets_go(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(UsageError, match="another run is under way"):
            ChunkStore(tmp_path, {"seed": 1}, resume=True)
        other.kill()
        other.wait()
    with ChunkStore(tmp_path, {"seed": 1}, resume=True) as store:
        assert len(store) == 0


def test_a_full_disk_leaves_the_chunks_before(filled):
    """The limit on the size of a file stands for a disk that is full."""
    large = {"theta": np.zeros(20_000)}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with ChunkStore(filled, RUN, resume=True) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        try:
            with pytest.raises(FileError, match=r"The 2 chunks before are intact: make room and .*--resume"):
                store.save(1, large)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert 1 not in store
    with ChunkStore(filled, RUN, resume=True) as store:
        assert [number for number in range(10) if number in store] == [0, 5]
        assert {path.name for path in filled.iterdir()} == {
            "run.json",
            "run.lock",
            "chunk-00000000.dat",
            "chunk-00000005.dat",
        }


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(FileError, match="cannot keep a run in"):
        ChunkStore(tmp_path / "run", RUN)


def test_a_file_in_place_of_the_folder_is_said(tmp_path):
    (tmp_path / "run").write_text("")
    with pytest.raises(FileError, match="cannot keep a run in"):
        ChunkStore(tmp_path / "run", RUN)
