"""The time axis: which step is where, zooming and panning, and which labels fit. Step t fills t - 0.5 to t + 0.5."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

TimeRange = tuple[float, float]
"""The left and right edge of what is visible, in steps; (0.5, T + 0.5) is everything."""

ZOOM_A_NOTCH = 1.25
"""How much one notch of the wheel enlarges."""

CLOSEST = 1.0
"""The fewest steps that can fill the axis."""


@dataclass(frozen=True)
class TimeAxis:
    """Steps ``first`` to ``last`` (edges, in steps) drawn from x = ``left`` over ``width`` pixels."""

    first: float
    last: float
    left: float
    width: float

    @property
    def step_width(self) -> float:
        """Pixels a step."""
        return self.width / (self.last - self.first)

    def x(self, t: float) -> float:
        """Where step ``t`` has its centre."""
        return self.left + (t - self.first) * self.step_width

    def time(self, x: float) -> float:
        """The inverse of ``x``: a whole number in the middle of a step."""
        return self.first + (x - self.left) / self.step_width

    def step(self, x: float, length: int) -> int:
        """The step at ``x``, of 1 to ``length``; the nearest one outside."""
        return min(max(math.floor(self.time(x) + 0.5), 1), length)

    def visible(self, length: int) -> tuple[int, int]:
        """The first and the last step of which anything is seen."""
        return (
            min(max(math.floor(self.first + 0.5), 1), length),
            min(max(math.ceil(self.last - 0.5), 1), length),
        )


def whole(length: int) -> TimeRange:
    """The range that shows all of ``length`` steps."""
    return 0.5, length + 0.5


def clamped_range(first: float, last: float, length: int) -> TimeRange:
    """The nearest range inside the sequence that is at least ``CLOSEST`` steps wide."""
    span = min(max(last - first, CLOSEST), float(length))
    centre = (first + last) / 2
    left = min(max(centre - span / 2, 0.5), length + 0.5 - span)
    return left, left + span


def zoomed_range(shown: TimeRange, anchor: float, notches: float, length: int) -> TimeRange:
    """``notches`` nearer (or farther, when negative); the time ``anchor`` stays where it is if the ends allow."""
    first, last = shown
    span = min(max((last - first) / ZOOM_A_NOTCH**notches, CLOSEST), float(length))
    left = anchor - (anchor - first) * span / (last - first)
    return clamped_range(left, left + span, length)


def panned_range(shown: TimeRange, steps: float, length: int) -> TimeRange:
    """The same width, ``steps`` later (earlier, when negative), stopping at the ends."""
    return clamped_range(shown[0] + steps, shown[1] + steps, length)


def paged_range(shown: TimeRange, t: int, length: int) -> TimeRange:
    """The same width, with step ``t`` a little inside the edge that it had passed; as it is when ``t`` is in sight."""
    first, last = shown
    before = 0.1 if t > last else 0.9 if t < first else None
    if before is None:
        return shown
    return panned_range(shown, t - before * (last - first) - first, length)


def round_interval(at_least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 ... that is not below ``at_least``."""
    if at_least <= 1:
        return 1
    power = int(10 ** math.floor(math.log10(at_least)))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= at_least)


def ticks(first: int, last: int, interval: int) -> list[int]:
    """The steps of ``first`` to ``last`` that get a tick: 1, and multiples of ``interval`` (odd ones for 2)."""
    offset = 1 if interval == 2 else 0
    start = first + (offset - first) % interval
    marks = list(range(start, last + 1, interval))
    if first <= 1 and interval > 2:
        marks.insert(0, 1)
    return marks


def fitting_interval(
    axis: TimeAxis, length: int, width_of: Callable[[int], float], gap: float, largest: int | None = None
) -> int | None:
    """The smallest round interval at which the labels of neighbouring ticks keep ``gap`` pixels apart.

    width_of  the width of a step's label in pixels
    Returns None where it would be above ``largest``.
    """
    first, last = axis.visible(length)
    interval = round_interval(2 * gap / axis.step_width)
    while largest is None or interval <= largest:
        marks = ticks(first, last, interval)
        edges = [(axis.x(t) - width_of(t) / 2, axis.x(t) + width_of(t) / 2) for t in marks]
        if all(right + gap <= left for (_, right), (left, _) in pairwise(edges)):
            return interval
        interval = round_interval(interval + 1)
    return None
