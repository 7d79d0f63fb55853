from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, QRectF
from PyQt6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.quantity import Quantity
from lstmviz.gui.style import DARK, LIGHT, Theme
from lstmviz.gui.views.timeline import labels as timeline_labels
from lstmviz.gui.views.timeline import timeline_view as timeline
from lstmviz.gui.views.timeline.scene import Scene
from lstmviz.gui.views.timeline.timeline_view import TimelineView
from tests.experiments import company_b, letters, linear_loop, random_lstm
from tests.gui.views.mouse import turn_wheel
from tests.gui.views.timelines import LAST, Show, cell, pixel, scene_of, timeline_of


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    return partial(timeline_of, qtbot)


def titles(view: TimelineView) -> list[str]:
    return [row.title for row in scene_of(view).rows.all]


def test_there_is_a_row_for_every_quantity_and_network(show: Show) -> None:
    assert titles(show(random_lstm(), LAST)) == [
        "forget f",
        "input i",
        "candidate g",
        "output o",
        "cell c",
        "hidden h",
        "RNN h",
        "gradient",
        "RNN gradient",
    ]


def test_a_vanilla_rnn_alone_has_its_hidden_state_and_its_gradient(show: Show) -> None:
    assert titles(show(linear_loop(1.2, 30), Cursor(5))) == ["hidden h", "gradient"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_cell_has_the_colour_of_its_value(show: Show, theme: Theme) -> None:
    view = show(random_lstm(), LAST)
    view.set_theme(theme)
    assert view.run is not None
    trace = view.run.trace["l0"]
    picture = view.grab().toImage()
    largest = float(np.abs(trace.h).max())
    assert largest < 1
    for row, quantity in enumerate(scene_of(view).rows.quantities[:6]):
        values = quantity.quantity.of(trace)
        for t, unit in ((1, 0), (4, 7), (10, 3)):
            colour = picture.pixelColor(cell(view, row, t, unit).toPoint())
            assert colour == quantity.scale.colour(values[t - 1, unit], theme)


def test_gates_run_from_0_to_1_and_the_cell_state_as_far_as_it_goes(show: Show) -> None:
    view = show(company_b(), Cursor(1))
    assert view.run is not None
    scales = {row.quantity: (row.scale.low, row.scale.high) for row in scene_of(view).rows.quantities[:6]}
    largest = float(np.abs(view.run.trace["l0"].c).max())
    assert scales[Quantity.FORGET_GATE] == (0, 1)
    assert scales[Quantity.CANDIDATE] == scales[Quantity.HIDDEN_STATE] == (-1, 1)
    assert scales[Quantity.CELL_STATE] == (-largest, largest)


def test_the_hidden_state_of_a_linear_rnn_goes_as_far_as_its_values(show: Show) -> None:
    (row,) = scene_of(show(linear_loop(1.5, 10), Cursor(1))).rows.quantities
    assert row.scale.high == pytest.approx(1.5**9)


def test_what_has_not_happened_yet_is_paler(show: Show) -> None:
    view = show(random_lstm(), Cursor(5))
    past, future = cell(view, 0, 4), cell(view, 0, 6)
    before = [pixel(view, past), pixel(view, future)]
    view.show_cursor(LAST)
    after = [pixel(view, past), pixel(view, future)]
    assert before[0] == after[0]
    assert before[1].lightnessF() > after[1].lightnessF()


def test_later_stages_of_the_step_are_paler_too(show: Show) -> None:
    view = show(random_lstm(), Cursor(5, stage=Stage.CANDIDATE))
    points = [cell(view, row, 5) for row in range(7)]
    during = [pixel(view, point) for point in points]
    view.show_cursor(Cursor(5, stage=Stage.HIDDEN))
    assert [pixel(view, point) == colour for point, colour in zip(points, during, strict=True)] == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_a_layer_that_reads_from_the_end_is_paler_on_the_left(show: Show) -> None:
    view = show(random_lstm(bidirectional=True), Cursor(5, "l0_reverse"))
    left, right = cell(view, 0, 3), cell(view, 0, 8)
    before = [pixel(view, left), pixel(view, right)]
    view.show_cursor(Cursor(1, "l0_reverse"))
    assert pixel(view, right) == before[1]
    assert pixel(view, left) != before[0]


def test_another_layer_brings_its_own_values(show: Show) -> None:
    view = show(random_lstm(num_layers=2), LAST)
    view.show_cursor(replace(LAST, layer="l1"))
    assert view.run is not None
    row = scene_of(view).rows.quantities[0]
    expected = row.scale.colour(view.run.trace["l1"].f[2, 0, 4], LIGHT)
    assert pixel(view, cell(view, 0, 3, 4)) == expected


def test_a_gradient_of_exactly_zero_is_hatched_and_said(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(bidirectional=True), Cursor(5, "l0_reverse"))  # only step T counts in the loss
    assert view.run is not None
    assert np.isneginf(view.run.main.log10_dh["l0_reverse"][2])
    rect = scene_of(view).column(3).intersected(scene_of(view).layout.rows[7]).toAlignedRect()
    inner = view.grab().toImage().copy(rect.adjusted(3, 3, -3, -3))
    colours = {inner.pixelColor(x, y).name() for x in range(inner.width()) for y in range(inner.height())}
    assert {LIGHT.surface, LIGHT.faint} <= colours
    with qtbot.waitSignal(view.hovered) as said:
        qtbot.mouseMove(view, cell(view, 7, 3).toPoint())
    assert said.args[0].startswith("‖dL/dh[3]‖ is exactly 0")


def test_what_is_not_finite_is_seen_and_said(show: Show, qtbot: QtBot) -> None:
    view = show(linear_loop(1e200, 4), Cursor(4))
    assert view.run is not None
    assert np.isposinf(view.run.trace["l0"].h[2, 0, 0])
    assert pixel(view, cell(view, 0, 3)) == QColor(LIGHT.warning)
    with qtbot.waitSignal(view.hovered) as said:
        qtbot.mouseMove(view, cell(view, 0, 3).toPoint())
    assert said.args == [
        "h[3] of unit 0 = ∞: hidden state, what the cell shows to the outside and to its next step. "
        "Not a finite number."
    ]


def test_many_steps_are_drawn_as_their_means(show: Show) -> None:
    view = show(random_lstm(6000, 2), Cursor(6000))
    assert view.run is not None
    scene = scene_of(view)
    forget = scene.rows.quantities[0]
    line = scene.layout.unit_line(0, 1, 2)
    point = QPoint(round(scene.layout.cells.left()) + 500, int(line.center().y()))
    start = (scene.axis.step(point.x() + 0.5, 6000) - 1) // 8 * 8
    mean = float(view.run.trace["l0"].f[start : start + 8, 0, 1].mean())
    assert view.grab().toImage().pixelColor(point) == forget.scale.colour(mean, LIGHT)


def test_more_units_than_pixels_are_drawn_as_their_means(show: Show) -> None:
    view = show(random_lstm(3, 300), Cursor(3, unit=299), size=(1280, 230))
    assert view.run is not None
    row, rect = scene_of(view).rows.quantities[0], scene_of(view).layout.rows[0]
    lines = int(rect.height())
    units = range(5 * 300 // lines, 6 * 300 // lines)
    mean = float(view.run.trace["l0"].f[0, 0, units].mean())
    point = QPoint(int(cell(view, 0, 1).x()), int(rect.top()) + 5)
    assert view.grab().toImage().pixelColor(point) == row.scale.colour(mean, LIGHT)


def test_moving_the_cursor_draws_no_heat_map_anew(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    view = show(random_lstm(), Cursor(1))
    drawn: list[Scene] = []
    monkeypatch.setattr(timeline, "draw_cells", lambda painter, scene, ratio: drawn.append(scene))
    before = view.grab().toImage()
    view.show_cursor(Cursor(7, stage=Stage.CELL, unit=4))
    assert view.grab().toImage() != before
    assert view.run is not None
    view.show_run(view.run, Cursor(1))
    assert view.grab().toImage() == before
    assert drawn == []


def test_few_large_cells_hold_their_numbers(show: Show) -> None:
    view = show(company_b(), Cursor(4))
    with_numbers = view.grab().toImage()
    row = scene_of(view).layout.rows[0]
    column = scene_of(view).column(3).intersected(row).toRect().adjusted(6, 6, -6, -6)
    inner = with_numbers.copy(column)
    colours = {inner.pixelColor(x, y).name() for x in range(inner.width()) for y in range(inner.height())}
    assert len(colours) > 1


def test_the_picture_without_a_screen_is_that_of_the_widget(show: Show) -> None:
    view = show(company_b(), Cursor(3, stage=Stage.CELL))
    image = QImage(view.size(), QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    view.draw(painter, QRectF(view.rect()))
    painter.end()
    shown = view.grab().toImage()
    for row in range(9):
        for t in range(1, 5):
            point = cell(view, row, t).toPoint()
            assert image.pixelColor(point) == shown.pixelColor(point), (row, t)


@pytest.mark.parametrize("size", [(240, 96), (520, 120), (700, 180), (1920, 300), (1280, 1000)])
def test_nothing_overlaps_at_any_size(show: Show, size: tuple[int, int]) -> None:
    view = show(letters(), Cursor(5), size)
    layout = scene_of(view).layout
    rows = [row for row in layout.rows if row.height() > 0]
    assert len(rows) >= 7
    assert layout.labels[-1].bottom() <= rows[0].top()
    assert all(above.bottom() <= below.top() for above, below in itertools.pairwise(rows))
    assert rows[-1].bottom() <= view.height()
    assert layout.cells.right() <= (layout.legend.left() if layout.legend else view.width())
    for line in timeline_labels.axis_labels(scene_of(view)):
        assert all(a.rect.right() <= b.rect.left() for a, b in itertools.pairwise(line))


def test_tokens_stand_over_their_steps(show: Show) -> None:
    tokens, steps = timeline_labels.axis_labels(scene_of(show(letters("hello"), Cursor(1))))
    assert [label.text for label in tokens] == list("hello")
    assert [label.text for label in steps] == ["1", "2", "3", "4", "5"]


def test_a_long_sequence_has_round_step_numbers_and_no_tokens(show: Show) -> None:
    tokens, steps = timeline_labels.axis_labels(scene_of(show(random_lstm(3000, 1, features=1), Cursor(1))))
    assert tokens == ()
    assert [label.text for label in steps][:3] == ["1", "200", "400"]


def test_one_step_of_one_unit(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(1, 1, features=1), Cursor(1))
    assert view.run is not None
    assert pixel(view, cell(view, 0, 1)) == scene_of(view).rows.quantities[0].scale.colour(
        view.run.trace["l0"].f[0, 0, 0], LIGHT
    )
    turn_wheel(view, QPointF(500, 100), 1)
    assert view.time_range == (0.5, 1.5)


def test_the_summary_is_the_accessible_description(show: Show) -> None:
    view = show(company_b(), Cursor(1))
    view.show_cursor(Cursor(3))
    expected = "Timeline of layer l0: 1 unit over 4 steps; at step 3 the forget gate of unit 0 is 0.975."
    assert view.summary() == view.accessibleDescription() == expected
