"""What the Memory view is drawn from: the scene, which the cursor's step does not change, and the moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from PyQt6.QtCore import QPointF, QRectF

from lstmviz.core.run import Run
from lstmviz.core.saturation import Saturation
from lstmviz.core.text import number
from lstmviz.gui.style import Theme
from lstmviz.gui.views.memory.axis import StepAxis, ValueScale
from lstmviz.gui.views.memory.bars import Bins, largest_bins, summed_bins, writes_scale
from lstmviz.gui.views.memory.layout import Layout, StepsPlot
from lstmviz.gui.views.memory.numbers import Contributions, Fate, UnitMemory
from lstmviz.gui.views.memory.saturation_plot import Point, point_at, point_sentence, points_of
from lstmviz.gui.views.memory.stack import Segment, Stack, segment_sentence, stack_of
from lstmviz.gui.views.memory.survival import steps_at, survival_sentence
from lstmviz.gui.views.memory.words import StepNames, fate_sentence, write_sentence
from lstmviz.gui.views.time_axis import TimeRange


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything but the cursor's step."""

    run: Run
    memory: UnitMemory
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
class Moment:
    """What the cursor's step and the followed write bring.

    parts  what makes up c[t]
    fate   what became of the write that is followed: that under the mouse, else the cursor's
    """

    t: int
    parts: Contributions
    stack: Stack
    bins: Bins
    scale: ValueScale
    fate: Fate
    fate_bins: Bins
    fate_scale: ValueScale


def moment_of(scene: Scene, t: int, followed: int) -> Moment:
    """The numbers at step ``t``, and of the write at step ``followed``."""
    parts, fate = scene.memory.contributions(t), scene.memory.fate(followed)
    bins = summed_bins(parts, scene.writes_axis)
    return Moment(
        t,
        parts,
        stack_of(parts),
        bins,
        writes_scale(scene.memory, bins, parts.initial if parts.finite else 0.0, scene.layout.writes.cells.height()),
        fate,
        largest_bins(fate, scene.fate_axis),
        _fate_scale(scene, fate),
    )


def following(scene: Scene, moment: Moment, followed: int) -> Moment:
    """The same step with another write followed."""
    fate = scene.memory.fate(followed)
    kept = (moment.t, moment.parts, moment.stack, moment.bins, moment.scale)
    return Moment(*kept, fate, largest_bins(fate, scene.fate_axis), _fate_scale(scene, fate))


def _fate_scale(scene: Scene, fate: Fate) -> ValueScale:
    return ValueScale.of(fate.first, fate.first, scene.fate_axis.plot.cells.height())


@dataclass(frozen=True)
class Pointed:
    """What the mouse is over.

    sentence  what that says
    step      the step to go to; None for the initial state and for what has no step
    write     the step of the write that it is about; None where it is about none
    point     a point of the saturation panels
    scrubs    whether dragging goes on moving the cursor
    """

    sentence: str
    step: int | None = None
    write: int | None = None
    point: Point | None = None
    scrubs: bool = False


def pointed_at(
    scene: Scene, moment: Moment, segments: list[tuple[QRectF, Segment]], position: QPointF
) -> Pointed | None:
    """What is at ``position``; None for empty ground."""
    layout, memory, length = scene.layout, scene.memory, scene.memory.length
    for place, segment in segments:
        if place.contains(position):
            step = segment.step if segment.step != memory.initial_step else None
            return Pointed(segment_sentence(segment, moment.parts, scene.names), step, segment.step)
    if layout.writes.initial.contains(position):
        start = memory.initial_step
        return Pointed(write_sentence(moment.parts, memory, scene.names, start), write=start)
    if layout.writes.cells.contains(position):
        s = scene.writes_axis.axis.step(position.x(), length)
        return Pointed(_sentence_of_write(scene, moment, s), s, s, scrubs=True)
    if layout.fate is not None and layout.fate.cells.contains(position):
        t = scene.fate_axis.axis.step(position.x(), length)
        # the mouse is over no write any more, so that the cursor's own is shown
        return Pointed(fate_sentence(memory.fate(moment.t), memory, scene.names, t), t, scrubs=True)
    if layout.survival is not None and layout.survival.contains(position):
        s, t = steps_at(layout.survival, scene.shown, length, position)
        return Pointed(survival_sentence(memory, scene.names, s, t), t)
    point = point_at(scene.points, position)
    return Pointed(point_sentence(point, scene.saturation), point=point) if point else None


def _sentence_of_write(scene: Scene, moment: Moment, s: int) -> str:
    sentence = write_sentence(moment.parts, scene.memory, scene.names, s)
    first, last = moment.bins.steps(s, scene.memory.length)
    if first == last:
        return sentence
    up, down = moment.bins.sums(s)
    added = f"{number(up, signed=True)} and {number(down, signed=True)}"
    return f"Steps {first:,} to {last:,} together: {added}. {sentence}"
