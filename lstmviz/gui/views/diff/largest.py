"""Many steps and units on few pixels, for differences: the one with the largest size stands for its neighbours.

A mean would let opposite differences cancel, and one odd step vanish among many equal ones.
"""

from __future__ import annotations

import numpy as np

from lstmviz.core.analysis.binning import unit_edges
from lstmviz.core.arrays import Array
from lstmviz.core.comparison.diff import QuantityDiff

_BASE = 16
"""Bins of fewer steps are made from the values, larger ones from bins of this many that are kept."""

_ROWS = _BASE * 64


class LargestDifferences:
    """b - a of one quantity by bins of consecutive steps: with its sign, the largest in size; nan where one is nan."""

    def __init__(self, row: QuantityDiff) -> None:
        self.row = row
        self._levels: dict[int, Array] = {}
        self._limit: float | None = None

    @property
    def length(self) -> int:
        """The number of steps compared."""
        return len(self.row.a)

    @property
    def limit(self) -> float:
        """The largest finite |b - a|; 0 where nothing differs."""
        if self._limit is None:
            self._limit = self.row.largest if np.isfinite(self.row.largest) else self._largest_finite()
        return self._limit

    def bins(self, size: int, start: int, stop: int) -> Array:
        """The bins ``start`` to ``stop`` - 1, [stop - start, H]; ``size`` is a power of two."""
        if size < _BASE:
            return _largest(self.row.difference(start * size, stop * size), size)
        return self._level(size)[start:stop]

    def within(self, steps: range, units: range) -> tuple[int, int]:
        """The step (from 1) and the unit with the largest difference among ``steps`` and ``units``."""
        part = np.abs(self.row.difference(steps.start - 1, steps.stop - 1)[:, units.start : units.stop])
        step, unit = np.unravel_index(int(np.argmax(part)), part.shape)
        return steps.start + int(step), units.start + int(unit)

    def _level(self, size: int) -> Array:
        if size not in self._levels:
            if size == _BASE:
                parts = [
                    _largest(self.row.difference(start, start + _ROWS), _BASE) for start in range(0, self.length, _ROWS)
                ]
                self._levels[size] = np.concatenate(parts)
            else:
                self._levels[size] = _largest(self._level(size // 2), 2)
        return self._levels[size]

    def _largest_finite(self) -> float:
        sizes = (np.abs(self.row.difference(start, start + _ROWS)) for start in range(0, self.length, _ROWS))
        return max(float(part.max(where=np.isfinite(part), initial=0.0)) for part in sizes)


def largest_of_units(values: Array, lines: int) -> Array:
    """The largest in size of neighbouring units of [T, H], [T, lines]; the values where every unit has a line."""
    units = values.shape[1]
    if lines >= units:
        return values
    starts = unit_edges(units, max(lines, 1))[:-1]
    high, low = np.maximum.reduceat(values, starts, axis=1), np.minimum.reduceat(values, starts, axis=1)
    return _larger(high, low)


def _largest(values: Array, size: int) -> Array:
    """The largest in size of every ``size`` rows; the last bin may hold fewer."""
    if size == 1:
        return values
    starts = np.arange(0, len(values), size)
    return _larger(np.maximum.reduceat(values, starts, axis=0), np.minimum.reduceat(values, starts, axis=0))


def _larger(high: Array, low: Array) -> Array:
    return np.where(high >= -low, high, low)
