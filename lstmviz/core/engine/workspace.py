"""Memory of a pass over a sequence, used again by the next pass once nobody holds it any more.

Memory that is new to the process costs about 2 us for every 4 KiB when it is first written to, which is a third of
the time of forward and backward for some hundred units. A user who drags a slider analyses many times in a row.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array

_ALIGNMENT = 64
"""Bytes of a cache line: products with a matrix that starts elsewhere take up to a quarter longer."""

_SMALLEST_KEPT = 2**17
_MOST_KEPT = 2**28
"""Bytes of the smallest block worth keeping, and of all that are kept while nobody uses them."""

Question = TypeVar("Question", bound=Hashable)
Made = TypeVar("Made", bound="Reusable")

_MOST_RETURNED = 2**24
"""Bytes of all that was lent and is kept for the next caller."""

_returned: dict[Hashable, Any] = {}

_Block = NDArray[np.uint8]
_unused: dict[int, _Block] = {}


class Reusable(Protocol):
    """What can be lent to one caller after the other."""

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        ...


def empty_arrays(dtype: Any, *shapes: tuple[int, ...]) -> tuple[Array, ...]:
    """Uninitialised arrays of these shapes, one behind the other in one block, each starting at a cache line."""
    dtype = np.dtype(dtype)
    sizes = [math.prod(shape) * dtype.itemsize for shape in shapes]
    room = [size + -size % _ALIGNMENT for size in sizes]
    memory = _memory(sum(room))
    starts = np.cumsum([0, *room])
    return tuple(
        memory[start : start + size].view(dtype).reshape(shape)
        for start, size, shape in zip(starts, sizes, shapes, strict=False)
    )


def _memory(size: int) -> _Block:
    """``size`` bytes from a cache line on. When the last view of them is gone, their block may be used again."""
    if size < _SMALLEST_KEPT:
        return _aligned(np.empty(size + _ALIGNMENT, np.uint8), size)
    block = _taken(size + _ALIGNMENT)
    # views refer to the array they are made from, unless that one is itself a view of an array; hence the buffer
    memory = np.frombuffer(_aligned(block, size).data, np.uint8)
    weakref.finalize(memory, _give_back, block).atexit = False
    return memory


def _aligned(block: _Block, size: int) -> _Block:
    start = -block.ctypes.data % _ALIGNMENT
    return block[start : start + size]


def _taken(size: int) -> _Block:
    """The smallest unused block of ``size`` to twice as many bytes, or a new one.

    When none fits, sizes have changed: those that were kept are of no use any more and are let go.
    Several threads may do this at once: a block belongs to the one whose ``pop`` finds it.
    """
    for key, block in sorted(_unused.copy().items(), key=lambda entry: len(entry[1])):
        if size <= len(block) <= 2 * size and _unused.pop(key, None) is not None:
            return block
    _unused.clear()
    return np.empty(size, np.uint8)


def _give_back(block: _Block) -> None:
    if sum(map(len, _unused.copy().values())) + len(block) <= _MOST_KEPT:
        _unused[id(block)] = block


@contextmanager
def lent(make: Callable[[Question], Made], question: Question) -> Iterator[Made]:
    """``make(question)``, or what an earlier caller has given back for the same question.

    Nobody else has it until the end of the ``with``. Those used last are kept, up to ``_MOST_RETURNED`` bytes.
    """
    key = (make, question)
    made = _returned.pop(key, None) or make(question)
    try:
        yield made
    finally:
        _returned[key] = made
        kept = list(_returned.items())
        excess = sum(each.nbytes for _, each in kept) - _MOST_RETURNED
        for oldest, each in kept:
            if excess > 0:
                _returned.pop(oldest, None)
                excess -= each.nbytes
