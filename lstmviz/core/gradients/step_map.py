"""Maps of norms over pairs of steps, computed row by row and coarse rows first."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array
from lstmviz.core.errors import LstmvizError
from lstmviz.core.gradients.scaled import Exponents, Norm, Scaled, block_norms
from lstmviz.core.networks.memory import BYTES_LIMIT, in_words

BYTES_OF_COLUMNS = 2**19
"""Gradients that travel together: as many as the processor's cache holds beside the matrices."""

_BYTES_PER_PAIR = 12
_NANOSECONDS_BETWEEN_YIELDS = 25e6
_STRIDES = (64, 16, 4, 1)
_ROWS_OF_A_PREVIEW = 8


@dataclass(frozen=True, eq=False)
class StepMap:
    """Norms of the derivative of something at step tau with respect to something at step t.

    ends    [N]     the steps tau of the rows, from 1, ascending
    starts  [M]     the steps t of the columns
    norms   [N, M]  exactly 0 where tau does not depend on t
    """

    ends: NDArray[np.int_]
    starts: NDArray[np.int_]
    norms: Scaled


@dataclass(frozen=True, eq=False)
class MapProgress:
    """How far a map is: the fraction done, 0 to 1, and the finest coarse map so far, with some of the rows."""

    fraction: float
    coarse: StepMap | None


class Pause:
    """Counts the work between two yields, to make it about as long as a frame."""

    def __init__(self) -> None:
        self._nanoseconds = 0.0

    def due(self, nanoseconds: float) -> bool:
        """Whether it is time to yield, after work of about so many nanoseconds more."""
        self._nanoseconds += nanoseconds
        if self._nanoseconds < _NANOSECONDS_BETWEEN_YIELDS:
            return False
        self._nanoseconds = 0.0
        return True


class NormRecorder:
    """Measures matrices side by side, those of many steps at once: one call of NumPy costs as much as a small one.

    ``norms`` [N, T] is filled: row n of column t is the norm of matrix number n of step t, [height, width].
    """

    def __init__(self, norms: Scaled, height: int, width: int, norm: Norm) -> None:
        self._norms, self._width, self._norm = norms, width, norm
        room = max(len(norms.mantissa) * width, BYTES_OF_COLUMNS // (8 * height))
        self._columns, self._exponents = np.empty((height, room)), np.empty(room, np.int32)
        self._used = 0
        self._steps: list[tuple[int, int]] = []

    def add(self, t: int, columns: Array, exponents: Exponents) -> None:
        """The matrices [height, n * width] of step t; ``exponents`` [n * width] of their columns."""
        count = columns.shape[1]
        if self._used + count > len(self._exponents):
            self.flush()
        place = slice(self._used, self._used + count)
        self._columns[:, place], self._exponents[place] = columns, exponents
        self._used += count
        self._steps.append((t, count // self._width))

    def flush(self) -> None:
        """Measure what has been added since the last time."""
        columns, exponents = self._columns[:, : self._used], self._exponents[: self._used]
        mantissas, powers = block_norms(columns, exponents, self._width, self._norm)
        first = 0
        for t, count in self._steps:
            place = slice(first, first + count)
            self._norms.mantissa[:count, t], self._norms.exponent[:count, t] = mantissas[place], powers[place]
            first += count
        self._steps, self._used = [], 0


Work = tuple[float, float]
"""What has been done since the last time: the amount, in any unit, and about how many nanoseconds it took."""

FillRows = Callable[[Sequence[int], Scaled], Iterator[Work]]
"""Fills norms [len(rows), M] for some rows of a map, telling of its work after every small piece."""


def refining(
    ends: Sequence[int], starts: Sequence[int], work: Sequence[float], group: int, fill: FillRows, previews: bool
) -> Generator[MapProgress, None, StepMap]:
    """A map in pieces: every ``yield`` is a place to stop; no work is done twice.

    work      [N]  what each row costs, in the unit in which ``fill`` counts
    group     how many rows to compute at once
    previews  whether rows far apart come first; each set of them ends with the last row
    """
    count, done, total, pause = len(ends), 0.0, float(sum(work)), Pause()
    norms, coarse, finished = Scaled.zeros(count, len(starts)), None, set[int]()
    for stride in [each for each in _STRIDES if each == 1 or (previews and count // each >= _ROWS_OF_A_PREVIEW)]:
        level = [row for row in range(count - 1, -1, -stride) if row not in finished]
        for first in range(0, len(level), group):
            rows = level[first : first + group]
            found = Scaled.zeros(len(rows), len(starts))
            for more, nanoseconds in fill(rows, found):
                done += more
                if pause.due(nanoseconds):
                    yield MapProgress(min(done / total, 1.0), coarse)
            norms.mantissa[rows], norms.exponent[rows] = found.mantissa, found.exponent
        finished.update(level)
        if stride > 1:
            chosen = sorted(finished)
            part = Scaled(norms.mantissa[chosen], norms.exponent[chosen])
            coarse = StepMap(np.asarray(ends)[chosen], np.asarray(starts), part)
            yield MapProgress(min(done / total, 1.0), coarse)
    yield MapProgress(1.0, coarse)
    return StepMap(np.asarray(ends), np.asarray(starts), norms)


def checked_steps(steps: Any, length: int) -> list[int]:
    """The steps wanted, ascending; all where None.

    Raises LstmvizError for none, for one that is not there, and for more than a map of them has memory for.
    """
    wanted = list(range(1, length + 1)) if steps is None else sorted(set(steps))
    if not wanted:
        raise LstmvizError("There are no steps to show", where="steps", how="Give at least one step.")
    for step in (wanted[0], wanted[-1]):
        if not 1 <= step <= length:
            raise LstmvizError(f"There is no step {step}", where="steps", how=f"Choose from 1 to {length}.")
    needed = _BYTES_PER_PAIR * len(wanted) ** 2
    if needed > BYTES_LIMIT:
        raise LstmvizError(
            f"A map of {len(wanted):,} x {len(wanted):,} steps would take {in_words(needed)}",
            where="steps",
            how="Ask for every tenth step, or for a part of them.",
        )
    return wanted
