from __future__ import annotations

from functools import partial

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.run import analyse
from lstmviz.gui.views.time_axis import whole
from tests.experiments import company_b, random_lstm
from tests.gui.views.mouse import turn_wheel
from tests.gui.views.timelines import LAST, Show, cell, scene_of, timeline_of


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    return partial(timeline_of, qtbot)


def test_a_click_asks_for_the_step_and_pins_the_unit(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(), Cursor(2, stage=Stage.FORGET))
    with qtbot.waitSignal(view.cursor_requested) as asked:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=cell(view, 4, 7, 5).toPoint())
    assert asked.args == [Cursor(7, "l0", Stage.HIDDEN, 5)]


def test_a_click_on_the_axis_keeps_the_pinned_unit(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(), Cursor(2, unit=3))
    point = QPoint(int(scene_of(view).axis.x(9)), 10)
    with qtbot.waitSignal(view.cursor_requested) as asked:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=point)
    assert asked.args == [Cursor(9, unit=3)]


def test_a_click_on_the_gutter_pins_the_unit_only(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(), Cursor(2, stage=Stage.FORGET))
    point = QPointF(scene_of(view).layout.cells.left() - 5, cell(view, 1, 1, 6).y())
    with qtbot.waitSignal(view.cursor_requested) as asked:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=point.toPoint())
    assert asked.args == [Cursor(2, stage=Stage.FORGET, unit=6)]


def test_dragging_scrubs_through_the_steps_and_stops_at_the_end(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(), Cursor(2))
    view.cursor_requested.connect(view.show_cursor)
    steps: list[int] = []
    view.cursor_requested.connect(lambda cursor: steps.append(cursor.t))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=cell(view, 0, 3).toPoint())
    for t in (4, 5, 40):
        qtbot.mouseMove(view, cell(view, 0, t).toPoint())
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton)
    qtbot.mouseMove(view, cell(view, 0, 6).toPoint())
    assert steps == [3, 4, 5, 11]


def test_the_wheel_zooms_about_the_step_under_the_mouse(show: Show) -> None:
    view = show(random_lstm(200, 4), Cursor(1))
    point = QPointF(scene_of(view).axis.x(60), 100)
    for _ in range(5):
        turn_wheel(view, point, 1)
    first, last = view.time_range
    assert last - first == pytest.approx(200 / 1.25**5)
    assert scene_of(view).axis.time(point.x()) == pytest.approx(60)


def test_shift_and_wheel_and_a_sideways_wheel_pan(show: Show) -> None:
    view = show(random_lstm(200, 4), Cursor(1))
    view.show_time_range(50, 100)
    point = QPointF(600, 100)
    turn_wheel(view, point, -1, shift=True)
    assert view.time_range == pytest.approx((55, 105))
    turn_wheel(view, point, across=1)
    assert view.time_range == pytest.approx((50, 100))


def test_dragging_with_the_middle_button_pans(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(200, 4), Cursor(1))
    view.show_time_range(50, 100)
    start = QPoint(600, 100)
    moved = round(10 * scene_of(view).axis.step_width)
    qtbot.mousePress(view, Qt.MouseButton.MiddleButton, pos=start)
    qtbot.mouseMove(view, start - QPoint(moved, 0))
    qtbot.mouseRelease(view, Qt.MouseButton.MiddleButton)
    assert view.time_range == pytest.approx((60, 110), abs=0.1)


def test_a_double_click_on_the_axis_shows_all(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(200, 4), Cursor(1))
    view.show_time_range(50, 100)
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(600, 8))
    assert view.time_range == whole(200)


def test_a_time_range_is_kept_through_a_run_of_the_same_length_only(show: Show) -> None:
    view = show(random_lstm(200, 4), Cursor(1))
    view.show_time_range(50, 100)
    view.show_run(analyse(random_lstm(200, 5)), Cursor(1))
    assert view.time_range == (50, 100)
    view.show_run(analyse(random_lstm(120, 5)), Cursor(1))
    assert view.time_range == whole(120)


def test_hovering_reads_the_value(show: Show, qtbot: QtBot) -> None:
    view = show(company_b(), Cursor(1))
    with qtbot.waitSignal(view.hovered) as said:
        qtbot.mouseMove(view, cell(view, 0, 3).toPoint())
    assert said.args == ["f[3] of unit 0 = 0.975: forget gate, the share of the old memory that is kept."]
    with qtbot.waitSignal(view.hovered) as said:
        qtbot.mouseMove(view, cell(view, 6, 2).toPoint())
    assert said.args[0].startswith("RNN h[2] of unit 0 = ")
    assert "vanilla RNN" in said.args[0]
    with qtbot.waitSignal(view.hovered) as said:
        qtbot.mouseMove(view, QPoint(2, 2))
    assert said.args == [""]


def test_hovering_marks_the_cell(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(), LAST)
    before = view.grab().toImage()
    qtbot.mouseMove(view, cell(view, 2, 5, 4).toPoint())
    assert view.grab().toImage() != before
    qtbot.mouseMove(view, QPoint(2, 2))
    assert view.grab().toImage() == before


def test_a_title_explains_itself(show: Show) -> None:
    view = show(random_lstm(), LAST)
    title = QPointF(20, cell(view, 0, 1, 4).y())
    assert view.tooltip_at(title) == (
        "f: forget gate, the share of the old memory that is kept. 0 to 1. 8 units × 11 steps, unit 0 on top."
    )
    assert view.tooltip_at(cell(view, 0, 1)) == ""
