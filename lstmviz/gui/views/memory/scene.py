"""What the Memory view is drawn from: the scene, which the cursor's step does not change, and the moment."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

from PyQt6.QtCore import QPointF, QRectF

from lstmviz.core.analysis.retention import Contributions, Fate, UnitMemory
from lstmviz.core.analysis.saturation import Saturation
from lstmviz.core.run import Run
from lstmviz.core.text import number
from lstmviz.gui.style import Theme
from lstmviz.gui.views.ghost import before_in_words
from lstmviz.gui.views.memory.axis import StepAxis, ValueScale
from lstmviz.gui.views.memory.bars import Bins, largest_bins, summed_bins, writes_scale
from lstmviz.gui.views.memory.layout import Layout, StepsPlot
from lstmviz.gui.views.memory.saturated_steps import (
    SaturatedSteps,
    saturated_place_at,
    saturated_sentence,
)
from lstmviz.gui.views.memory.saturation_plot import Point, point_at, point_sentence, points_of
from lstmviz.gui.views.memory.stack import Segment, Stack, segment_sentence, stack_of
from lstmviz.gui.views.memory.survival import steps_at, survival_sentence
from lstmviz.gui.views.memory.words import StepNames, fate_sentence, write_sentence
from lstmviz.gui.views.time_axis import TimeRange


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything but the cursor's step. ``before``: the same unit without the what-ifs; None where there are none."""

    run: Run
    memory: UnitMemory
    before: UnitMemory | None
    saturation: Saturation
    names: StepNames
    layout: Layout
    shown: TimeRange
    theme: Theme

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """The points of the saturation panels; none where there is no room for panels."""
        return points_of(self.saturation, self.layout.panels) if self.layout.panels else ()

    @cached_property
    def saturated(self) -> SaturatedSteps:
        """When the gates of the pinned unit are saturated."""
        place = (self.layout.strip, self.shown, self.memory.length)
        return SaturatedSteps.of(self.saturation, self.memory.unit, *place)

    @cached_property
    def writes_axis(self) -> StepAxis:
        """Steps in the plot of who wrote."""
        return self._axis_of(self.layout.writes)

    def _axis_of(self, plot: StepsPlot) -> StepAxis:
        return StepAxis.over(plot, self.shown, self.memory.length, self.names, self.memory.initial_step)

    @cached_property
    def fate_axis(self) -> StepAxis:
        """Steps in the plot of what became of a write: the same columns."""
        return self._axis_of(self.layout.fate or self.layout.writes)


@dataclass(frozen=True, eq=False)
class Written:
    """What makes up c[t], ready to draw. ``ghost``: the bars without the what-ifs; None where there are none."""

    parts: Contributions
    stack: Stack
    bins: Bins
    ghost: Bins | None
    scale: ValueScale


@dataclass(frozen=True, eq=False)
class Followed:
    """What became of the write that is followed: that under the mouse, else the cursor's; ``ghost`` as above."""

    fate: Fate
    bins: Bins
    ghost: Bins | None
    scale: ValueScale


@dataclass(frozen=True, eq=False)
class Moment:
    """What the cursor's step and the followed write bring."""

    t: int
    written: Written
    followed: Followed


def moment_of(scene: Scene, t: int, followed: int) -> Moment:
    """The numbers at step ``t``, and of the write at step ``followed``."""
    return Moment(t, _written(scene, t), _followed(scene, followed))


def following(scene: Scene, moment: Moment, followed: int) -> Moment:
    """The same step with another write followed."""
    return replace(moment, followed=_followed(scene, followed))


def _written(scene: Scene, t: int) -> Written:
    parts, before = scene.memory.contributions(t), scene.before
    bins = summed_bins(parts, scene.writes_axis)
    ghost = summed_bins(before.contributions(t), scene.writes_axis) if before else None
    initial = parts.initial if parts.finite else 0.0
    scale = writes_scale(scene.memory, bins.beside(ghost), initial, scene.layout.writes.cells.height())
    return Written(parts, stack_of(parts), bins, ghost, scale)


def _followed(scene: Scene, s: int) -> Followed:
    fate, before = scene.memory.fate(s), scene.before
    then = before.fate(s) if before else None
    ends = [each.first for each in (fate, then) if each is not None and math.isfinite(each.first)]
    height = scene.fate_axis.plot.cells.height()
    ghost = largest_bins(then, scene.fate_axis) if then else None
    scale = ValueScale.of(min(ends, default=0.0), max(ends, default=0.0), height)
    return Followed(fate, largest_bins(fate, scene.fate_axis), ghost, scale)


@dataclass(frozen=True)
class Pointed:
    """What the mouse is over.

    sentence  what that says
    step      the step to go to; None for the initial state and for what has no step
    write     the step of the write that it is about; None where it is about none
    point     a point of the saturation panels
    gate      a gate at ``step``
    scrubs    whether dragging goes on moving the cursor
    """

    sentence: str
    step: int | None = None
    write: int | None = None
    point: Point | None = None
    gate: str | None = None
    scrubs: bool = False


def pointed_at(
    scene: Scene, moment: Moment, segments: list[tuple[QRectF, Segment]], position: QPointF
) -> Pointed | None:
    """What is at ``position``; None for empty ground."""
    layout, memory, length = scene.layout, scene.memory, scene.memory.length
    for place, segment in segments:
        if place.contains(position):
            step = segment.step if segment.step != memory.initial_step else None
            return Pointed(segment_sentence(segment, moment.written.parts, scene.names), step, segment.step)
    if layout.writes.initial.contains(position):
        start = memory.initial_step
        return Pointed(write_sentence(moment.written.parts, memory, scene.names, start), write=start)
    if layout.writes.cells.contains(position):
        s = scene.writes_axis.axis.step(position.x(), length)
        return Pointed(_sentence_of_write(scene, moment, s), s, s, scrubs=True)
    if layout.fate is not None and layout.fate.cells.contains(position):
        t = scene.fate_axis.axis.step(position.x(), length)
        # the mouse is over no write any more, so that the cursor's own is shown
        fate = memory.fate(moment.t)
        before = scene.before.fate(moment.t).values[t - 1] if scene.before else fate.values[t - 1]
        said = fate_sentence(fate, memory, scene.names, t)
        return Pointed(said + before_in_words(number(before), number(fate.values[t - 1])), t, scrubs=True)
    if layout.survival is not None and layout.survival.contains(position):
        s, t = steps_at(layout.survival, scene.shown, length, position)
        return Pointed(survival_sentence(memory, scene.names, s, t), t)
    at_step = saturated_place_at(scene.saturated, position)
    if at_step is not None:
        said = saturated_sentence(scene.saturated, at_step, scene.names)
        return Pointed(said, at_step.t, gate=at_step.gate, scrubs=True)
    point = point_at(scene.points, position)
    return Pointed(point_sentence(point, scene.saturation), point=point) if point else None


def _sentence_of_write(scene: Scene, moment: Moment, s: int) -> str:
    written = moment.written
    sentence = write_sentence(written.parts, scene.memory, scene.names, s)
    if scene.before:
        before = scene.before.contributions(moment.t).value(s)
        sentence += before_in_words(number(before), number(written.parts.value(s)))
    first, last = written.bins.steps(s, scene.memory.length)
    if first == last:
        return sentence
    up, down = written.bins.sums(s)
    added = f"{number(up, signed=True)} and {number(down, signed=True)}"
    return f"Steps {first:,} to {last:,} together: {added}. {sentence}"
