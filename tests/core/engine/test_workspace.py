"""Memory that passes use again: never while somebody holds a view of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from lstmviz.core.arrays import Array
from lstmviz.core.engine import workspace
from lstmviz.core.engine.workspace import empty_arrays, lent

LARGE = (1000, 1, 64)


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    workspace._unused.clear()
    yield
    workspace._unused.clear()


def _address(array: Array) -> int:
    return int(array.ctypes.data)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shapes", [((3, 1, 5), (4, 1, 7)), (LARGE, (1001, 1, 63), LARGE), ((1,),)])
def test_arrays_start_at_cache_lines_and_do_not_overlap(dtype: type, shapes: tuple[tuple[int, ...], ...]) -> None:
    arrays = empty_arrays(dtype, *shapes)
    for number, array in enumerate(arrays):
        array[...] = number
    for number, (array, shape) in enumerate(zip(arrays, shapes, strict=True)):
        assert array.shape == shape
        assert array.dtype == dtype
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert _address(array) % 64 == 0
        assert (array == number).all()


def test_memory_is_used_again_when_the_last_view_is_gone() -> None:
    first, second = empty_arrays(float, LARGE, LARGE)
    start, view = _address(first), second[5:, :, 3]
    del first, second
    (other,) = empty_arrays(float, LARGE)
    assert not np.shares_memory(other, view)
    del view
    again, _ = empty_arrays(float, LARGE, LARGE)
    assert _address(again) == start


def test_memory_far_larger_than_needed_is_let_go() -> None:
    (large,) = empty_arrays(float, (10, *LARGE))
    del large
    assert len(workspace._unused) == 1
    (small,) = empty_arrays(float, LARGE)
    assert not workspace._unused
    assert small.base is not None
    assert small.base.nbytes == small.nbytes


def test_no_more_is_kept_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "_MOST_KEPT", 10 * 8 * 64_000)
    held = [empty_arrays(float, LARGE) for _ in range(20)]
    held.clear()
    assert 1 <= len(workspace._unused) < 10


def test_threads_never_share_memory() -> None:
    faults: list[int] = []

    def work(number: int) -> None:
        for _ in range(300):
            (array,) = empty_arrays(float, LARGE)
            array[...] = number
            if (array != number).any():
                faults.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


class Lent:
    """Takes as many bytes as it is asked for."""

    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes


def test_what_is_lent_belongs_to_one_at_a_time() -> None:
    workspace._returned.clear()
    with lent(Lent, 1) as first, lent(Lent, 1) as second:
        assert first is not second
    with lent(Lent, 1) as again:
        assert again is first
    with lent(Lent, 2) as other:
        assert other.nbytes == 2


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [((1, 2, 1, 3), [1, 3]), ((1, 2), [1, 2]), ((1, 2, 4), [4]), ((1, 5), []), ((2, 5, 2), [2])],
)
def test_what_was_lent_last_is_kept_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, ...], kept: list[int]
) -> None:
    monkeypatch.setattr(workspace, "_MOST_RETURNED", 4)
    workspace._returned.clear()
    for size in sizes:
        with lent(Lent, size):
            pass
    assert [size for _, size in workspace._returned] == kept
