"""BLAS has one thread where chunks are made."""

from threadpoolctl import threadpool_info, threadpool_limits

from sopsem.runs.blas import blas_names, one_blas_thread


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
