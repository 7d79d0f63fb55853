"""The Memory view under what-ifs: what was before, and what a click asks about."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from lstmviz.core.analysis.retention import UnitMemory
from lstmviz.core.cursor import Cursor
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from lstmviz.core.run import analyse
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.views.memory.memory_view import MemoryView
from lstmviz.gui.views.memory.scene import Scene
from tests.experiments import letters

HELD = replace(letters(), what_ifs=(WhatIf(Clamp("f", "l0", 2, 3, 6, 1.0)),))


@pytest.fixture
def view(qtbot: QtBot) -> MemoryView:
    view = MemoryView()
    qtbot.addWidget(view)
    view.resize(1350, 720)
    view.show_run(analyse(HELD), Cursor(7, unit=2))
    view.show()
    view.grab()
    return view


def scene_of(view: MemoryView) -> Scene:
    picture = view._current_picture()
    assert picture is not None
    return picture.scene


def column(view: MemoryView, s: int) -> QPointF:
    axis = scene_of(view).writes_axis
    return QPointF(axis.axis.x(s), axis.plot.cells.center().y())


def test_the_sum_and_the_bars_say_what_they_were_before(view: MemoryView, qtbot: QtBot) -> None:
    was = UnitMemory(analyse(letters()).trace, "l0", 2)
    assert f"Before: {was.c(7):.3f}, now {scene_of(view).memory.c(7):.3f}." in view.summary()
    with qtbot.waitSignal(view.hovered) as said:
        qtbot.mouseMove(view, column(view, 4).toPoint())
    before, now = was.contributions(7).value(4), scene_of(view).memory.contributions(7).value(4)
    assert said.args[0].endswith(f" Before: {before:.3f}, now {now:.3f}.")


def test_the_bars_before_are_dashed_outlines(view: MemoryView) -> None:
    scene = scene_of(view)
    assert scene.before is not None
    axis, scale = scene.writes_axis, view._moment_in(scene).written.scale
    before = scene.before.contributions(7).value(4)
    place, image = axis.column(4), view.grab().toImage()
    columns = range(int(place.left()) + 8, int(place.right()) - 8)

    def dark(y: float) -> bool:
        """Whether a dash of the outline stands at that height."""
        return any(image.pixelColor(x, round(y) + k).lightness() < 60 for x in columns for k in (-1, 0, 1))

    top = scale.y(before, axis.plot.whole)
    assert dark(top)
    assert not dark(top - 8)
    assert not dark(top + 8)


def test_without_what_ifs_nothing_was_before(view: MemoryView) -> None:
    view.show_run(analyse(letters()), Cursor(7, unit=2))
    assert scene_of(view).before is None
    assert "Before" not in view.summary()


def test_a_click_asks_about_the_cell_state(view: MemoryView, qtbot: QtBot) -> None:
    asked: list[ValueReference] = []
    view.value_asked.connect(asked.append)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=column(view, 4).toPoint())
    start = scene_of(view).layout.writes.initial.center()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=start.toPoint())
    assert asked == [ValueReference("c", 4, "l0", 2), ValueReference("c", 0, "l0", 2)]
