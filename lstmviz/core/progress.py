"""Long work as plain generators: each ``yield`` is progress, from 0 to 1, and a place to stop."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, TypeVar

Result = TypeVar("Result")

Steps = Generator[float, None, Result]
"""Work that yields the fraction done so far and returns its result."""

_NANOSECONDS_PER_CHUNK = 25e6
_BYTES_PER_CHUNK = 2**19
_STEPS_PER_CHUNK = 128


def drain(steps: Generator[Any, None, Result]) -> Result:
    """Run a generator to its end and give what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as finished:
            return finished.value  # type: ignore[no-any-return]


def part(steps: Steps[Result], number: int, total: int) -> Steps[Result]:
    """``steps`` as part ``number`` (from 0) of ``total`` equal parts of some longer work."""
    while True:
        try:
            fraction = next(steps)
        except StopIteration as finished:
            return finished.value  # type: ignore[no-any-return]
        yield (number + fraction) / total


def chunks(length: int, size: int, *, backwards: bool) -> Iterator[tuple[slice, float]]:
    """The time steps 0 ... length - 1 in slices of ``size``, with the fraction done after each.

    Backwards, the slices begin at the last step and each runs from late to early.
    """
    for first in range(0, length, size):
        stop = min(first + size, length)
        forwards = slice(first, stop)
        late_to_early = slice(length - 1 - first, length - 1 - stop if stop < length else None, -1)
        yield late_to_early if backwards else forwards, stop / length


def in_time_order(steps: slice, length: int) -> slice:
    """One of the slices of ``chunks``, from early to late."""
    rows = range(length)[steps]
    return slice(min(rows[0], rows[-1]), max(rows[0], rows[-1]) + 1)


def chunk_size(batch: int, hidden_size: int, itemsize: int) -> int:
    """How many time steps to compute between two yields: at most 128, about 25 ms of work and 512 KiB of gates.

    So few that what the loops over time work on stays in a cache. A step costs the fixed price of its NumPy calls,
    something for every unit, and a product with weight_hh.
    """
    units = batch * hidden_size
    nanoseconds = 5000 + units * (15 + 0.4 * hidden_size)
    in_memory = _BYTES_PER_CHUNK / (4 * units * itemsize)
    return max(1, int(min(_STEPS_PER_CHUNK, _NANOSECONDS_PER_CHUNK / nanoseconds, in_memory)))
