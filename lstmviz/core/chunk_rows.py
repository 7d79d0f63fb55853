"""What a loop over time works on: the rows of one chunk of steps after the other."""

from __future__ import annotations

from collections.abc import Callable

from lstmviz.core.arrays import Array
from lstmviz.core.workspace import empty_arrays

Rows = list[tuple[Array, ...]]
"""For every step, in time order, the views that its equations read and write."""

_FEW_UNITS = 256
"""Numbers in a state up to which it takes longer to make the views of a step than to copy what the step computed."""


class ChunkRows:
    """Gives each chunk of steps arrays to work on: those of the pass itself, or for few units always the same copies.

    The rows of the copies are made only once, and the copies stay in the cache.

    arrays      [T, B, ...] each, those of the pass
    rows_of     makes the rows of such arrays
    most_steps  in a chunk
    units       numbers in a state
    """

    def __init__(self, arrays: tuple[Array, ...], rows_of: Callable[..., Rows], most_steps: int, units: int) -> None:
        self._arrays, self._rows_of = arrays, rows_of
        self._copies: tuple[Array, ...] = ()
        if units <= _FEW_UNITS:
            steps = min(most_steps, len(arrays[0]))
            self._copies = empty_arrays(arrays[0].dtype, *((steps, *array.shape[1:]) for array in arrays))
            self._rows = rows_of(*self._copies)

    def of(self, steps: slice) -> tuple[tuple[Array, ...], Rows]:
        """The arrays to work on for these steps, which may hold anything yet, and their rows."""
        if not self._copies:
            arrays = tuple(array[steps] for array in self._arrays)
            return arrays, self._rows_of(*arrays)
        count = steps.stop - steps.start
        return tuple(copy[:count] for copy in self._copies), self._rows[:count]

    def keep(self, steps: slice) -> None:
        """Put what was worked out for these steps into the arrays of the pass."""
        count = steps.stop - steps.start
        for array, copy in zip(self._arrays, self._copies, strict=False):
            array[steps] = copy[:count]
