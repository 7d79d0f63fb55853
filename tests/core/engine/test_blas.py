"""The number of BLAS threads is one inside, and afterwards what it was before."""

from __future__ import annotations

import threading

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from lstmviz.core.engine.blas import single_threaded_blas


def counts():
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


@pytest.fixture(autouse=True)
def _two_threads():
    with threadpool_limits(2, user_api="blas"):
        if set(counts()) != {2}:
            pytest.fail("this BLAS cannot use two threads, so the test says nothing")
        yield


def test_one_thread_inside_and_two_after():
    with single_threaded_blas():
        assert set(counts()) == {1}
    assert set(counts()) == {2}


def test_an_error_restores_it():
    with pytest.raises(ZeroDivisionError), single_threaded_blas():
        _ = 1 / 0
    assert set(counts()) == {2}


def test_it_works_in_a_thread_after_the_main_thread_used_it():
    seen = []

    def work():
        with single_threaded_blas():
            seen.append(set(counts()))

    with single_threaded_blas():
        pass
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    assert seen == [{1}]
    assert set(counts()) == {2}


def test_whoever_leaves_last_restores_it():
    """Thread A enters, B enters, A leaves but lives on, B leaves: where saving and restoring go wrong."""
    inside, leave, left, end = (threading.Event() for _ in range(4))

    def enter_first_and_leave_first():
        with single_threaded_blas():
            inside.set()
            leave.wait(10)
        left.set()
        end.wait(10)

    thread = threading.Thread(target=enter_first_and_leave_first)
    thread.start()
    assert inside.wait(10)
    with single_threaded_blas():
        assert set(counts()) == {1}
        leave.set()
        assert left.wait(10)
        assert set(counts()) == {1}
    assert set(counts()) == {2}
    end.set()
    thread.join(10)
