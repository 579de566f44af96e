"""Draws are the same bytes for any executor and chunk, killed and resumed or not."""

import os
import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.kernel import backend, seconds_per_fit
from sopsem.kernel.backend import HAS_NUMBA
from sopsem.runs.processes import Processes
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.search import minimise_problem
from sopsem.sem.resampling import draw_runs, refit
from sopsem.sem.resampling.bootstrap import bootstrap, redo
from sopsem.sem.resampling.resampler import make_resampler

SLOW = os.environ.get("SOPSEM_SLOW_TESTS") == "1"
TWO = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6"
ONE = "f =~ y1 + y2 + y3 + y4 + y5"
# name -> model, whether values are missing, options of fit, draws
KINDS = {
    "ml": (TWO, False, {}, 60),
    "groups": (TWO, False, {"group": "group", "group_equal": "loadings"}, 60),
    "fiml": (TWO, True, {"missing": "ml"}, 60),
    "ordinal": (ONE, False, {"ordered": True}, 12),
}
KERNELS = ["numpy", pytest.param("numba", marks=pytest.mark.skipif(not HAS_NUMBA, reason="no numba"))]


@pytest.fixture(scope="module", params=KERNELS)
def kernel(request):
    """The kernel that makes all draws."""
    return request.param


@pytest.fixture(scope="module", params=KINDS)
def whole(request, kernel, whole_sample, sample_with_gaps):
    """A function that bootstraps a fit again, and draws made in this process in one chunk."""
    model, gaps, options, draws = KINDS[request.param]
    data = sample_with_gaps if gaps else whole_sample
    made = fit(model, data, **options)

    def again(draws=draws, **where):
        return bootstrap(made, data, draws=draws, seed=3, kernel=kernel, **where)

    return again, again(chunk=draws)


def assert_same(one, other):
    """Every byte of two results."""
    for name in ("kernel_theta", "status", "chisq", "indices", "estimates"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
        assert mine.tobytes() == theirs.tobytes(), name
    assert one.reason == other.reason


@pytest.mark.parametrize("chunk", [1, 7, 50])
def test_the_size_of_chunks_does_not_change_a_byte(whole, chunk):
    again, draws = whole
    assert_same(again(chunk=chunk), draws)


@pytest.mark.parametrize("pool", [Processes, ProcessPoolExecutor, ThreadPoolExecutor])
@pytest.mark.parametrize("workers", [2, 4])
def test_workers_do_not_change_a_byte(whole, pool, workers):
    again, draws = whole
    with pool(workers) as executor:
        assert_same(again(chunk=7, executor=executor), draws)


def test_a_run_that_lost_chunks_is_resumed_to_the_same_bytes(whole, tmp_path):
    again, draws = whole
    asked = {"chunk": 5, "store": tmp_path}
    assert_same(again(**asked), draws)
    for number in (0, 2):
        (tmp_path / f"chunk-{number:08d}.dat").unlink()
    with Processes(2) as executor:
        assert_same(again(**asked, resume=True, executor=executor), draws)
    assert_same(again(**asked, resume=True), draws)


def test_the_first_draws_are_those_of_a_shorter_run(whole):
    again, draws = whole
    few = again(draws=9)
    assert few.kernel_theta.tobytes() == draws.kernel_theta[:9].tobytes()
    assert few.reason == draws.reason[:9]


@pytest.mark.skipif(not HAS_NUMBA, reason="no numba")
def test_where_the_kernel_changes_depends_on_the_number_of_the_draw_alone(whole_sample, monkeypatch):
    """Chunks, a shorter run and one draw made again: draws before it are one kernel's, from it on the other's."""
    made = fit(TWO, whole_sample)
    seconds = seconds_per_fit((made.model.layout,))
    monkeypatch.setattr(backend, "COMPILING", 40.5 * seconds)

    def run(draws=60, kernel="auto", **where):
        return bootstrap(made, whole_sample, draws=draws, seed=3, kernel=kernel, **where)

    whole = run()
    assert whole.first_compiled == 40
    assert whole.backend == f"{backend.NUMPY} for draws 0 to 39, {backend.BACKEND} for those after"
    for chunk in (1, 7, 50):
        assert_same(run(chunk=chunk), whole)
    for kernel, at in (("numpy", slice(40)), ("numba", slice(40, None))):
        np.testing.assert_array_equal(run(kernel=kernel).kernel_theta[at], whole.kernel_theta[at])
    np.testing.assert_array_equal(run(draws=50).kernel_theta, whole.kernel_theta[:50])
    for b in (3, 39, 40, 59):
        np.testing.assert_array_equal(redo(whole, b).kernel_theta[0], whole.kernel_theta[b])
    assert redo(whole, 59).backend == whole.backend


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"seed": 4}, "seed is 3 there and 4 here"),
        ({"draws": 21}, "draws is 20 there and 21 here"),
        ({"chunk": 6}, "chunk is 5 there and 6 here"),
        ({"kind": "parametric"}, "kind is case there and parametric here"),
    ],
)
def test_another_run_is_refused_by_what_differs(whole_sample, tmp_path, change, what):
    made = fit(TWO, whole_sample)
    asked = {"draws": 20, "seed": 3, "chunk": 5, "store": tmp_path}
    bootstrap(made, whole_sample, **asked)
    with pytest.raises(UsageError, match=what):
        bootstrap(made, whole_sample, **{**asked, **change}, resume=True)


@pytest.mark.parametrize("what", ["model", "data", "settings"])
def test_another_model_other_data_and_other_settings_are_refused(whole_sample, tmp_path, what):
    bootstrap(fit(TWO, whole_sample), whole_sample, draws=5, store=tmp_path)
    changed = whole_sample.copy()
    changed.loc[changed.index[0], "x1"] += 1e-9
    other = {
        "model": (TWO + "\nx1 ~~ x4", whole_sample, {}),
        "data": (TWO, changed, {}),
        "settings": (TWO, whole_sample, {"bounds": "pos.var"}),
    }
    model, data, options = other[what]
    with pytest.raises(UsageError, match=f"{what} is .* there and .* here"):
        bootstrap(fit(model, data, **options), data, draws=5, store=tmp_path, resume=True)


@pytest.mark.parametrize("chunk", [0, -1, 2.5, True])
def test_a_chunk_is_a_whole_number_of_draws(whole_sample, chunk):
    with pytest.raises(UsageError, match="chunk is"):
        bootstrap(fit(TWO, whole_sample), whole_sample, draws=5, chunk=chunk)


def test_progress_counts_draws_with_any_executor(whole_sample):
    made, seen = fit(TWO, whole_sample), []
    with ThreadPoolExecutor(2) as executor:
        bootstrap(
            made, whole_sample, draws=20, chunk=8, executor=executor, progress=lambda *n: seen.append(n)
        )
    assert seen == [(8, 20), (16, 20), (20, 20)]


CHILD = """
import sys
import numpy as np, pandas as pd
from sopsem.runs.processes import Processes
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.search import minimise_problem
from sopsem.sem.resampling import draw_runs, refit
from sopsem.sem.resampling.bootstrap import bootstrap

rng = np.random.default_rng(0)
f = rng.normal(size=(60, 1))
data = pd.DataFrame(f + 1.2 * rng.normal(size=(60, 5)), columns=list("abcde"))
made = fit("f =~ a + b + c + d + e", data)
store, workers = sys.argv[1:]
asked = {"draws": 3000, "seed": 5, "chunk": 50}
print("ready", flush=True)
if workers == "0":
    draws = bootstrap(made, data, **asked)
else:
    with Processes(int(workers)) as executor:
        draws = bootstrap(made, data, **asked, store=store, resume=True, executor=executor)
np.savez(store + ".npz", theta=draws.kernel_theta, status=draws.status, reason=np.array(draws.reason))
"""


def child(store, workers):
    return subprocess.Popen([sys.executable, "-c", CHILD, str(store), str(workers)], stdout=subprocess.PIPE)


def finish(store, workers):
    with child(store, workers) as process:
        assert process.wait() == 0
    with np.load(f"{store}.npz") as found:
        return dict(found)


def test_runs_killed_at_random_moments_are_resumed_to_the_same_bytes(tmp_path):
    """kill -9, three times or (slow) twenty; the seed of the moments is fixed, the moments are not."""
    wanted, store = finish(tmp_path / "whole", 0), tmp_path / "killed"
    moments, before, grown = random.Random(1), 0, 0
    for number in range(20 if SLOW else 3):
        with child(store, 1 + number % 2) as process:
            process.stdout.readline()
            while not (number or process.poll() is not None or any(store.glob("chunk-*.dat"))):
                time.sleep(0.01)  # the first is killed after its first chunk, however slow the machine
            time.sleep(moments.uniform(0.0, 0.1 if SLOW else 0.4))
            process.kill()
        kept = len(list(store.glob("chunk-*.dat")))
        assert kept >= before
        grown += kept > before
        before = kept
    assert grown
    found = finish(store, 2)
    assert {name: array.tobytes() for name, array in found.items()} == {
        name: array.tobytes() for name, array in wanted.items()
    }


@pytest.mark.filterwarnings("ignore")  # of the cluster about its own sockets, ports and a busy machine
def test_a_dask_cluster_that_loses_a_worker_gives_the_same_bytes(whole_sample, tmp_path):
    distributed = pytest.importorskip("distributed")
    made = fit(TWO, whole_sample)
    wanted = bootstrap(made, whole_sample, draws=3000, seed=3)
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
            local_directory=str(tmp_path),
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        first = next(iter(client.run(os.getpid).values()))
        killed = threading.Event()

        def kill(done, _):
            if done >= 300 and not killed.is_set():
                killed.set()
                os.kill(first, 9)

        found = bootstrap(
            made, whole_sample, draws=3000, seed=3, chunk=50, executor=client.get_executor(), progress=kill
        )
        assert killed.is_set()
        end = time.monotonic() + 30.0  # the cluster takes a moment to notice
        while first in client.run(os.getpid, on_error="ignore").values():
            assert time.monotonic() < end
            time.sleep(0.1)
    assert_same(found, wanted)


@pytest.mark.skipif(not SLOW, reason="a million draws; SOPSEM_SLOW_TESTS=1 runs them")
def test_a_million_draws_in_little_memory_are_all_accounted_for(whole_sample, tmp_path):
    code = (
        "import resource, sys, pandas as pd\n"
        "from sopsem.sem.estimation.fit import fit\n"
        "from sopsem.sem.resampling.bootstrap import bootstrap\n"
        "data = pd.read_csv(sys.argv[1])\n"
        "made = fit('f =~ x1 + x2 + x3', data)\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
        "before = peak()\n"
        "draws = bootstrap(made, data, draws=1_000_000, chunk=2000)\n"
        "print(int(draws.counts()['count'].sum()), draws.kernel_theta.nbytes // 2**20, peak() - before)\n"
    )
    whole_sample[["x1", "x2", "x3"]].to_csv(tmp_path / "data.csv", index=False)
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "data.csv")], capture_output=True, check=True, text=True
    )
    counted, result, grown = map(int, said.stdout.split())
    assert counted == 1_000_000
    assert grown < 2 * result + 100  # megabytes


def test_chunks_are_even_in_number_and_of_one_size(whole_sample):
    """Two workers then end at one time."""
    made = fit(TWO, whole_sample)
    task = draw_runs.draw_task(made, make_resampler(made, whole_sample, "case", 1, None, "numpy"))
    most = draw_runs._chunk_size(task, 1)
    assert draw_runs._chunk_size(task, most) == most
    for draws in (most + 1, 3 * most, 7 * most + 5):
        size = draw_runs._chunk_size(task, draws)
        assert size <= most
        assert -(-draws // size) % 2 == 0
    assert draw_runs._chunk_size(task, 3 * most, 7) == 7


def test_the_last_steps_of_draws_are_trusted(whole_sample, monkeypatch):
    """What the kernels save by it is measured in their own tests."""
    asked = []

    def recorded(*given, trusting, **rest):
        asked.append(trusting)
        return minimise_problem(*given, trusting=trusting, **rest)

    monkeypatch.setattr(refit, "minimise_problem", recorded)
    bootstrap(fit(TWO, whole_sample), whole_sample, draws=3)
    assert asked
    assert all(asked)


def test_moments_of_many_draws_are_those_of_each(whole_sample):
    made = fit(TWO, whole_sample)
    resampler = make_resampler(made, whole_sample, "case", 1, None, "numpy")
    many = resampler.moments(range(600))
    for b in (0, 255, 256, 512, 599):
        np.testing.assert_array_equal(many[b], resampler.moments([b])[0])
