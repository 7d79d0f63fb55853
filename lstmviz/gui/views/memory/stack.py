"""One bar that adds up to c[t]: what the steps wrote end to end, the largest named, the rest together."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QLineF, QRectF
from PyQt6.QtGui import QColor, QFontMetricsF

from lstmviz.core.analysis.retention import Contributions
from lstmviz.core.quantity import Quantity
from lstmviz.core.text import count, number
from lstmviz.gui.style import number_font, readable_on
from lstmviz.gui.views.cell.canvas import Canvas, mixed
from lstmviz.gui.views.memory.axis import ValueScale
from lstmviz.gui.views.memory.words import StepNames
from lstmviz.gui.views.pens import line_pen

NAMED = 5
"""So many parts have a segment of their own."""

_SHADES = (0.0, 0.16, 0.30, 0.42, 0.52)


@dataclass(frozen=True)
class Segment:
    """A piece of the bar from ``start`` to ``end``: one step, or all the others of one sign together.

    step   the step; None for the rest
    rank   0 for the largest part
    steps  how many steps it stands for
    """

    step: int | None
    rank: int
    steps: int
    start: float
    end: float

    @property
    def value(self) -> float:
        """What it adds."""
        return self.end - self.start


@dataclass(frozen=True)
class Stack:
    """The positive parts from 0 to the right, then the negative ones from there back to c[t]."""

    rising: tuple[Segment, ...]
    falling: tuple[Segment, ...]

    @property
    def lanes(self) -> tuple[tuple[Segment, ...], ...]:
        """What is drawn one under the other."""
        return tuple(lane for lane in (self.rising, self.falling) if lane)

    @property
    def end(self) -> float:
        """What everything adds up to."""
        return self.lanes[-1][-1].end if self.lanes else 0.0


def stack_of(parts: Contributions) -> Stack:
    """The parts of c[t] in the order of their size, those of one sign together."""
    if not parts.finite:
        return Stack((), ())
    named = parts.largest(NAMED)
    values = {s: parts.value(s) for s in named}
    rising, end = _lane(values, 1, parts.sums[0], parts.counted[0], 0.0)
    falling, _ = _lane(values, -1, parts.sums[1], parts.counted[1], end)
    return Stack(rising, falling)


def _lane(
    values: dict[int, float], sign: int, total: float, steps: int, start: float
) -> tuple[tuple[Segment, ...], float]:
    """The segments of one sign, and where they end."""
    segments, position = [], start
    for rank, (s, value) in enumerate(values.items()):
        if value * sign > 0:
            segments.append(Segment(s, rank, 1, position, position + value))
            position += value
            total -= value
    others = steps - len(segments)
    if others > 0:
        segments.append(Segment(None, len(values), others, position, position + total))
        position += total
    return tuple(segments), position


def draw_stack(canvas: Canvas, rect: QRectF, stack: Stack, names: StepNames) -> list[tuple[QRectF, Segment]]:
    """Draw the bar; returns where its segments are."""
    ends = [0.0, *(end for lane in stack.lanes for segment in lane for end in (segment.start, segment.end))]
    scale = ValueScale.around(min(ends), max(ends), 0.0) if max(ends) > min(ends) else ValueScale(0.0, 1.0)
    painter, theme = canvas.painter, canvas.theme

    def x(value: float) -> float:
        return rect.left() + scale.share(value) * rect.width()

    height = rect.height() / max(len(stack.lanes), 1)
    places = []
    for row, lane in enumerate(stack.lanes):
        for segment in lane:
            left, right = sorted((x(segment.start), x(segment.end)))
            place = QRectF(left, rect.top() + row * height + 1, right - left, height - 2)
            _draw_segment(canvas, place, segment, names)
            places.append((place, segment))
    # the start is marked on the first lane, the end on the last: longer lines would cross the words of the other
    start, end = x(0.0), x(stack.end)
    for at, top, colour in ((start, rect.top() - 3, theme.muted), (end, rect.bottom() - height, theme.text)):
        painter.setPen(line_pen(colour, width=1.6))
        painter.drawLine(QLineF(at, top, at, top + height + 3))
    return places


def _draw_segment(canvas: Canvas, place: QRectF, segment: Segment, names: StepNames) -> None:
    theme = canvas.theme
    colour = QColor(theme.faint)
    if segment.step is not None:
        colour = mixed(theme.colour(Quantity.CELL_STATE), QColor(theme.surface), _SHADES[segment.rank])
    gap = 1.0 if place.width() > 3 else 0.0
    canvas.painter.fillRect(place.adjusted(0, 0, -gap, 0), colour)
    metrics = QFontMetricsF(number_font(11))
    for text in _texts(segment, names):
        if metrics.horizontalAdvance(text) + 8 <= place.width():
            canvas.text(place, text, readable_on(colour), 11, mono=True)
            return


def _texts(segment: Segment, names: StepNames) -> list[str]:
    """What may stand in a segment, the longest first."""
    value = number(segment.value, signed=True)
    if segment.step is None:
        return [f"{count(segment.steps, 'other step')} {value}", f"{segment.steps:,} others", "rest"]
    name = names.name(segment.step).removeprefix("the ")
    return [f"{name} {value}", f"{name.partition(' “')[0]} {value}", name.partition(" “")[0], str(segment.step)]


def segment_sentence(segment: Segment, parts: Contributions, names: StepNames) -> str:
    """A segment in words, for the status line."""
    who = f"{count(segment.steps, 'smaller part')} together" if segment.step is None else names.name(segment.step)
    who = who[0].upper() + who[1:]
    verb = "add" if segment.steps > 1 else "adds"
    return f"{who} {verb} {number(segment.value, signed=True)} to c[{parts.t}] = {number(parts.c)}."
