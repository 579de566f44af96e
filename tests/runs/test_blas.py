"""BLAS has one thread where chunks are made."""

import sys
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from sopsem.runs.blas import blas_names, one_blas_thread
from sopsem.runs.processes import Processes, usable_cores


def threads():
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_one_thread_inside_and_the_old_number_after():
    with threadpool_limits(limits=2, user_api="blas"):
        before = threads()
        with one_blas_thread():
            assert threads() == {1}
        assert threads() == before


def test_every_library_is_named_with_its_version_and_processor_kernel():
    names = blas_names()
    assert len(names) == sum(one["user_api"] == "blas" for one in threadpool_info())
    assert all(len(name.split()) == 3 for name in names)


def threads_of_a_worker():
    with one_blas_thread():
        np.ones((50, 50)) @ np.ones((50, 50))
    return len(list(Path("/proc/self/task").iterdir()))


@pytest.mark.skipif(sys.platform != "linux" or usable_cores() < 2, reason="needs forking and two processors")
def test_a_forked_worker_starts_no_blas_threads():
    with one_blas_thread(), Processes(1) as pool:
        alone = pool.submit(threads_of_a_worker).result()
    assert alone == 3  # one waits for calls, one makes them, one watches the parent
