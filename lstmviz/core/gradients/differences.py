"""Derivatives by central differences as exact as float64 allows, each with an estimate of its own error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array, BoolArray

_LARGEST_STEP = 2.0**-5
_SHRINK = 4.0
_LEVELS = 9
_AIM = 1e-10
_EPS = float(np.finfo(np.float64).eps)

Change = Callable[[Array, Array], Array]
"""L(w + a) - L(w + b) of n entries, each moved on its own by its a and its b: (a [n], b [n]) to [n]."""


@dataclass(frozen=True, eq=False)
class Differences:
    """Derivatives [n] and how far each may be off."""

    values: Array
    errors: Array


def central_differences(change: Change, sizes: Array, magnitude: float) -> Differences:
    """(L(w + s) - L(w - s)) / 2s extrapolated to s = 0 (Richardson), the step shrinking until nothing is gained.

    sizes      [n] powers of two, so that moving w loses no digits: about how far each entry may be moved
    magnitude  the size of the numbers whose difference is taken, for the rounding error

    Romberg's table, of which the entry with the smallest estimated error is taken (Ridders 1982).
    """
    steps = _LARGEST_STEP * sizes
    rows = [change(steps, -steps) / (2 * steps)]
    best, errors = rows[0], np.full(sizes.shape, np.inf)
    for _ in range(_LEVELS - 1):
        steps = steps / _SHRINK
        row = [change(steps, -steps) / (2 * steps)]
        # of L itself, and of all the states on the way to it, which grow as the derivative does
        rounding = _EPS * (magnitude + np.abs(row[0])) / steps
        for order, coarser in enumerate(rows, start=1):
            power = _SHRINK ** (2 * order)
            row.append((power * row[-1] - coarser) / (power - 1))
            error = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - coarser)) + rounding
            better = error < errors
            best, errors = np.where(better, row[-1], best), np.where(better, error, errors)
        rows = row
        if (errors <= np.maximum(_AIM * np.abs(best).max(initial=0), 2 * rounding)).all():
            break
    return Differences(best, errors)


def at_kinks(change: Change, sizes: Array, magnitude: float, tolerance: float) -> BoolArray:
    """Where the two one-sided differences disagree however small the step: L has no derivative there, [n].

    A smooth L makes them differ in proportion to the step; at a kink of relu their difference stays.
    """
    steps = _LARGEST_STEP * sizes / _SHRINK ** (_LEVELS - 1)
    gap, finer = (_one_sided_gap(change, each) for each in (steps, steps / _SHRINK))
    largest = np.abs(change(steps, -steps) / (2 * steps))
    rounding = _EPS * (magnitude + largest) * _SHRINK / steps
    kinks: BoolArray = (finer > 0.5 * gap) & (finer > tolerance * largest + 4 * rounding)
    return kinks


def _one_sided_gap(change: Change, steps: Array) -> Array:
    nowhere = np.zeros_like(steps)
    return np.abs((change(steps, nowhere) - change(nowhere, -steps)) / steps)
