"""Clicking and turning the wheel in the views."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtTest import QTest

from lstmviz.core.cursor import Stage
from lstmviz.core.quantity import Quantity
from lstmviz.gui.views.time_axis import TimeAxis
from tests.stories.conftest import Open
from tests.stories.person import KEYS, SHIFT, Person


@pytest.fixture
def letters(open_window: Open) -> Person:
    """Somebody before eight units that read eleven letters, with every picture finished."""
    person = open_window("letters")
    person.press(KEYS.Key_End)
    person.pictures()
    return person


def in_timeline(person: Person, t: float, row: int = 0, unit: int = 0) -> QPointF:
    """Where a step of a unit stands in the timeline."""
    scene = person.window.timeline_view._scene_now()
    assert scene is not None
    band = scene.layout.rows[row]
    units = scene.rows.all[row].units
    return QPointF(scene.axis.x(t), band.top() + (unit + 0.5) * band.height() / units)


def test_a_click_in_the_timeline_goes_to_the_step_and_pins_the_unit(letters: Person) -> None:
    letters.click(letters.window.timeline_view, in_timeline(letters, 4, unit=5))
    cursor = letters.window.session.cursor
    assert (cursor.t, cursor.unit, cursor.stage) == (4, 5, Stage.HIDDEN)
    assert "of unit 5" in letters.reads("sentence")
    assert "[4]" in letters.window.inspector_view.summary()
    assert letters.window.cell_view.cursor_at == cursor
    assert letters.reads("step_label") == "step 4 of 11"


def test_a_click_in_the_gradient_plot_goes_to_the_step(letters: Person) -> None:
    view = letters.window.tabs.view("gradients")
    letters.window.tabs.setCurrentWidget(view)
    letters.pictures()
    box = view.plot.getViewBox()
    centre = view.plot.mapFromScene(box.mapViewToScene(QPointF(6, sum(box.viewRange()[1]) / 2)))
    letters.click(view.plot.viewport(), QPointF(centre))
    assert letters.window.session.cursor.t == 6
    assert letters.window.timeline_view.cursor_at == letters.window.session.cursor
    assert "the cursor" in view.summary().lower() or "(cursor)" in view.summary()


@pytest.mark.parametrize("quantity", [Quantity.FORGET_GATE, Quantity.CELL_STATE, Quantity.HIDDEN_STATE])
def test_a_click_on_a_strip_of_the_cell_pins_the_unit_everywhere(letters: Person, quantity: Quantity) -> None:
    cell = letters.window.cell_view
    region = next(each for each in cell.regions if each.quantity is quantity and each.units == (3, 3))
    letters.click(cell, region.rect.center() * cell._to_drawing)
    assert letters.window.session.cursor.unit == 3
    assert all(view.cursor_at.unit == 3 for view in letters.window.views if view.isVisible())
    letters.press(KEYS.Key_Left)
    assert "of unit 3" in letters.reads("sentence")


def test_hovering_reads_the_value_and_leaving_brings_the_sentence_back(letters: Person) -> None:
    sentence = letters.reads("sentence")
    timeline = letters.window.timeline_view
    QTest.mouseMove(timeline, in_timeline(letters, 2, unit=1).toPoint())
    assert letters.reads("sentence").startswith("f[2] of unit 1 = ")
    QTest.mouseMove(timeline, QPoint(2, 2))
    assert letters.reads("sentence") == sentence


def test_the_wheel_zooms_timeline_and_gradient_plot_together(open_window: Open) -> None:
    person = open_window("long-lag")
    window = person.window
    person.wheel(window.timeline_view, in_timeline(person, 80), 5)
    first, last = window.timeline_view.time_range
    assert last - first == pytest.approx(100 / 1.25**5)
    assert first < 80 < last
    window.tabs.setCurrentWidget(window.tabs.view("gradients"))
    person.pictures()
    assert window.tabs.view("gradients").plot.getViewBox().viewRange()[0] == pytest.approx([first, last])

    # a tab that was not on show meanwhile follows when it is opened again
    window.tabs.setCurrentWidget(window.cell_view)
    person.wheel(window.timeline_view, in_timeline(person, 80), 2)
    nearer = window.timeline_view.time_range
    assert nearer != (first, last)
    window.tabs.setCurrentWidget(window.tabs.view("gradients"))
    assert window.tabs.view("gradients").plot.getViewBox().viewRange()[0] == pytest.approx(nearer)
    person.wheel(window.timeline_view, in_timeline(person, 80), -2)

    # and the other way round
    plot = window.tabs.view("gradients").plot
    person.wheel(plot.viewport(), QPointF(plot.width() / 2, plot.height() / 2), -20)
    assert window.timeline_view.time_range == (0.5, 100.5)
    person.wheel(plot.viewport(), QPointF(plot.width() / 2, plot.height() / 2), 3)
    person.wheel(plot.viewport(), QPointF(plot.width() / 2, plot.height() / 2), 1, SHIFT)
    assert window.timeline_view.time_range == pytest.approx(tuple(plot.getViewBox().viewRange()[0]))
    QTest.mouseDClick(window.timeline_view, Qt.MouseButton.LeftButton, pos=QPoint(400, 4))
    assert plot.getViewBox().viewRange()[0] == pytest.approx([0.5, 100.5])


def test_the_cursor_stays_in_sight_when_it_walks_out_of_the_zoomed_part(open_window: Open) -> None:
    person = open_window("long-lag")
    timeline = person.window.timeline_view
    person.wheel(timeline, in_timeline(person, 40), 12)
    before = timeline.time_range
    person.press(KEYS.Key_End)
    first, last = timeline.time_range
    assert first <= 100 <= last
    assert last - first == pytest.approx(before[1] - before[0])
    assert TimeAxis(first, last, 0, 1).visible(100)[1] == 100
