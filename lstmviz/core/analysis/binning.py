"""Many steps and units on few pixels: means of neighbours, exact and cheap to zoom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array

DIRECT = 16
"""Bins of up to this many steps are averaged from the values; larger ones from kept sums."""


def bin_size(steps: float, columns: int) -> int:
    """The smallest power of two that puts ``steps`` into at most ``columns`` bins of that many steps.

    Powers of two on a fixed grid: panning moves the same bins, and each zoom level is made from the last.
    """
    size = 1
    while steps > size * max(columns, 1):
        size *= 2
    return size


class BinnedSteps:
    """Means of consecutive steps of values [T, H]; bin b holds the steps b * size to (b + 1) * size - 1.

    A bin with a nan or an infinite value has a mean that is not finite either: nothing is hidden.
    """

    def __init__(self, values: Array) -> None:
        self._values = values
        self._sums: dict[int, Array] = {}

    def means(self, size: int, start: int, stop: int) -> Array:
        """Means of the bins ``start`` to ``stop`` - 1, [stop - start, H]; ``size`` is a power of two."""
        if size == 1:
            return self._values[start:stop]
        with np.errstate(all="ignore"):
            if size <= DIRECT:
                sums = _sums(self._values[start * size : stop * size], size)
            else:
                sums = self._level(size)[start:stop]
            return sums / _counts(len(self._values), size, start, stop)[:, None]

    def _level(self, size: int) -> Array:
        if size not in self._sums:
            self._sums[size] = _sums(self._values, DIRECT) if size == DIRECT else _sums(self._level(size // 2), 2)
        return self._sums[size]


def log_means(log_values: Array, size: int, start: int, stop: int) -> Array:
    """Means of log values [T] by bins as in ``BinnedSteps``, over the steps that are not zero (-inf).

    The mean of logs is the log of the geometric mean. -inf where all steps of a bin are zero; nan and +inf stay.
    """
    logs = log_values[start * size : stop * size, None]
    with np.errstate(all="ignore"):
        zero = np.isneginf(logs)
        sums = _sums(np.where(zero, 0.0, logs), size)
        counts = _sums((~zero).astype(np.float64), size)
        return np.where(counts == 0, -np.inf, sums / counts)[:, 0]


def unit_edges(units: int, lines: int) -> NDArray[np.intp]:
    """Where ``lines`` nearly equal groups of units begin, and the end: lines + 1 whole numbers."""
    return np.arange(lines + 1) * units // lines


def mean_of_units(values: Array, lines: int) -> Array:
    """Means of neighbouring units of [T, H], [T, lines]; the values themselves where every unit has a line."""
    units = values.shape[1]
    if lines >= units:
        return values
    edges = unit_edges(units, max(lines, 1))
    with np.errstate(all="ignore"):
        means: Array = np.add.reduceat(values, edges[:-1], axis=1) / np.diff(edges)
    return means


def _sums(values: Array, size: int) -> Array:
    """Sums of every ``size`` rows of [T, H]; the last one may hold fewer."""
    if size == 1:
        return values
    whole = len(values) // size
    with np.errstate(all="ignore"):
        sums: Array = values[: whole * size].reshape(whole, size, values.shape[1]).sum(axis=1)
        if whole * size < len(values):
            sums = np.concatenate([sums, values[whole * size :].sum(axis=0, keepdims=True)])
    return sums


def _counts(steps: int, size: int, start: int, stop: int) -> NDArray[np.intp]:
    """How many steps each of the bins ``start`` to ``stop`` - 1 holds."""
    edges = np.minimum(np.arange(start, stop + 1) * size, steps)
    return np.diff(edges)
