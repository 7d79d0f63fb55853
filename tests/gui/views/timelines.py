"""Timelines on show, for the tests that look at them."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.experiment import Experiment
from lstmviz.core.run import analyse
from lstmviz.gui.views.timeline.scene import Scene
from lstmviz.gui.views.timeline.timeline_view import TimelineView

Show = Callable[..., TimelineView]
LAST = Cursor(11, unit=2)


def timeline_of(
    qtbot: QtBot, experiment: Experiment, cursor: Cursor, size: tuple[int, int] = (1280, 800)
) -> TimelineView:
    """A timeline of the experiment's run that grants its own wishes for another time range."""
    view = TimelineView()
    qtbot.addWidget(view)
    view.resize(*size)
    view.show_run(analyse(experiment), cursor)
    view.show()
    view.time_range_requested.connect(view.show_time_range)
    view.grab()
    return view


def scene_of(view: TimelineView) -> Scene:
    """What the timeline is drawn from."""
    scene = view._scene_now()
    assert scene is not None
    return scene


def cell(view: TimelineView, row: int, t: int, unit: int = 0) -> QPointF:
    """A point in a cell, off its number and its outline."""
    scene = scene_of(view)
    line = scene.layout.unit_line(row, unit, scene.rows.all[row].units)
    return QPointF(scene.axis.x(t - 0.5) + 0.2 * scene.axis.step_width, line.center().y())


def pixel(view: TimelineView, point: QPointF) -> QColor:
    """The colour that is seen at ``point``."""
    return view.grab().toImage().pixelColor(point.toPoint())
