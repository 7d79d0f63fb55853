"""Arithmetic of charts: round axes, and curves with as many points as can be seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lstmviz.core.arrays import Array


def round_step(end: int, most: int) -> int:
    """1, 2 or 5 times a power of ten, so that ``end`` has at most ``most`` of them."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if end <= factor * power * most:
                return factor * power
        power *= 10


def round_end(update: int, planned: int) -> int:
    """Where the axis of updates ends while training goes on: it grows now and then, not at every update."""
    power = 1
    while True:
        for factor in (2, 5, 10):
            if update < factor * power:
                return max(min(factor * power, planned), update, 1)
        power *= 10


def thinned(x: Array, y: Array, pixels: int) -> tuple[Array, Array]:
    """At most a smallest and a largest value a pixel: more cannot be seen."""
    if len(x) <= 2 * max(pixels, 1):
        return x, y
    group = -(-len(x) // max(pixels, 1))
    whole = len(x) // group * group
    blocks = y[:whole].reshape(-1, group)
    first = np.arange(0, whole, group)
    index = np.unique(np.concatenate([first + blocks.argmin(1), first + blocks.argmax(1), [len(x) - 1]]))
    return x[index], y[index]


def sampled(x: Array, y: Array, most: int) -> tuple[Array, Array]:
    """About ``most`` points of a smooth curve, evenly, and the last one."""
    every = -(-len(x) // max(most, 2))
    if every <= 1:
        return x, y
    index = np.append(np.arange(0, len(x) - 1, every), len(x) - 1)
    return x[index], y[index]


def smoothed(values: Array, width: int) -> Array:
    """The mean of the ``width`` values up to each one; of what is finite."""
    finite = np.isfinite(values)
    total = np.concatenate([[0.0], np.where(finite, values, 0.0).cumsum()])
    count = np.concatenate([[0], finite.cumsum()])
    start = np.maximum(np.arange(1, len(values) + 1) - width, 0)
    with np.errstate(all="ignore"):
        return np.asarray((total[1:] - total[start]) / (count[1:] - count[start]))


def spread(places: Sequence[float], apart: float, top: float, bottom: float) -> list[float]:
    """Sorted heights moved down, then up, until they are ``apart`` from each other."""
    result = list(places)
    for k in range(1, len(result)):
        result[k] = max(result[k], result[k - 1] + apart)
    limit = bottom
    for k in reversed(range(len(result))):
        result[k] = min(result[k], limit)
        limit = result[k] - apart
    return [max(place, top) if k == 0 else place for k, place in enumerate(result)]
