"""What the debugger puts on the timeline: marks above the axis, tracks below the rows; and what was before what-ifs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.debugger.watch_values import Track
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.what_if import Clamp, DeleteStep, WhatIf
from lstmviz.core.run import analyse
from lstmviz.core.value_reference import LENGTH, ValueReference
from lstmviz.gui.style import LIGHT
from lstmviz.gui.views.timeline.step_marks import StepMarks
from lstmviz.gui.views.timeline.timeline_view import TimelineView
from lstmviz.gui.views.timeline.tracks import TrackRow
from lstmviz.gui.views.view import Hovered
from tests.experiments import random_lstm
from tests.gui.views.timelines import Show, cell, pixel, scene_of, timeline_of


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    return partial(timeline_of, qtbot)


def at(steps: list[int], length: int = 11, *, label: str = "f[2] < 0.1", enabled: bool = True) -> StepMarks:
    mask = np.zeros(length, np.bool_)
    mask[np.array(steps) - 1] = True
    return StepMarks(label, mask, enabled)


def mark(view: TimelineView, line: int, t: float) -> QPoint:
    scene = scene_of(view)
    return QPointF(scene.axis.x(t), scene.layout.marks[line].center().y()).toPoint()


def held(experiment: Experiment, *clamps: Clamp) -> Experiment:
    return replace(experiment, what_ifs=tuple(map(WhatIf, clamps)))


# Marks


def test_a_dot_stands_over_every_step_at_which_the_condition_holds(show: Show) -> None:
    view = show(random_lstm(), Cursor(11))
    before = scene_of(view).layout.rows[0].top()
    view.show_marks((at([2, 7]), at([3], label="h[0] > 0", enabled=False)))
    image = view.grab().toImage()
    warning, ground = QColor(LIGHT.warning), QColor(LIGHT.surface)
    assert {t for t in range(1, 12) if image.pixelColor(mark(view, 0, t)) == warning} == {2, 7}
    assert all(image.pixelColor(mark(view, 1, t)) == ground for t in range(1, 12))
    ring = mark(view, 1, 3) - QPoint(3, 0)
    assert image.pixelColor(ring) != ground
    assert scene_of(view).layout.rows[0].top() > before
    view.show_marks(())
    assert scene_of(view).layout.rows[0].top() == before


def test_hover_and_click_on_a_mark(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(), Cursor(5, stage=Stage.CELL, unit=3))
    view.show_marks((at([2, 7]), at([7], label="h[0] > 0", enabled=False)))
    view.grab()
    told: list[str] = []
    places: list[Hovered | None] = []
    asked: list[Cursor] = []
    view.hovered.connect(told.append)
    view.place_hovered.connect(places.append)
    view.cursor_requested.connect(asked.append)
    for line, t in ((0, 7), (0, 4), (1, 7)):
        qtbot.mouseMove(view, mark(view, line, t))
    assert told == [
        "Breakpoint f[2] < 0.1 holds at step 7, one of 2 steps.",
        "Breakpoint f[2] < 0.1: holds at 2 steps. Not at step 4.",
        "Breakpoint h[0] > 0 (switched off) holds at step 7, the only step.",
    ]
    assert places == [Hovered(7), Hovered(4), Hovered(7)]
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=mark(view, 0, 2))
    assert asked == [Cursor(2, unit=3)]


def test_marks_share_a_line_where_there_is_little_room(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(), Cursor(5), (1280, 230))
    view.show_marks((at([2, 7]), at([3, 7], label="h[0] > 0", enabled=False)))
    image = view.grab().toImage()
    assert len(scene_of(view).layout.marks) == 1
    assert scene_of(view).marks[0].title == "2 breakpoints"
    warning = QColor(LIGHT.warning)
    assert {t for t in range(1, 12) if image.pixelColor(mark(view, 0, t)) == warning} == {2, 7}
    with qtbot.waitSignal(view.hovered) as said:
        qtbot.mouseMove(view, mark(view, 0, 7))
    assert said.args == ["Breakpoints f[2] < 0.1, h[0] > 0 (switched off) hold at step 7, one of 3 steps."]


def test_of_thousands_of_steps_the_nearest_mark_is_meant(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(6000, 2), Cursor(1))
    view.show_marks((at([3000], 6000),))
    image = view.grab().toImage()
    line = scene_of(view).layout.marks[0]
    row = [image.pixelColor(x, int(line.center().y())) for x in range(int(line.left()), int(line.right()))]
    assert 1 <= sum(colour != QColor(LIGHT.surface) for colour in row) <= 3
    asked: list[Cursor] = []
    view.cursor_requested.connect(asked.append)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=mark(view, 0, 3000) + QPoint(2, 0))
    assert asked == [Cursor(3000)]


def test_marks_and_tracks_of_another_length_wait_for_their_run(show: Show) -> None:
    view = show(random_lstm(), Cursor(1))
    view.show_marks((at([2], 20),))
    view.show_tracks((Track("loss", np.zeros(20)),))
    assert not scene_of(view).layout.marks
    assert not scene_of(view).rows.tracks
    view.show_run(analyse(random_lstm(20)), Cursor(1))
    assert len(scene_of(view).layout.marks) == len(scene_of(view).rows.tracks) == 1


# Tracks


def track_rect(view: TimelineView) -> QRectF:
    scene = scene_of(view)
    return scene.layout.rows[len(scene.rows.all) - len(scene.rows.tracks)]


def test_a_track_is_a_curve_from_its_lowest_to_its_highest_value(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(), Cursor(11))
    view.show_tracks((Track("norm(c)", np.arange(11.0)),))
    image, rect, axis = view.grab().toImage(), track_rect(view), scene_of(view).axis
    ink = QColor(LIGHT.text)

    def heights(t: float) -> list[int]:
        x = round(axis.x(t))
        return [y for y in range(int(rect.top()), int(rect.bottom()) + 1) if image.pixelColor(x, y) == ink]

    assert heights(1)[0] == pytest.approx(rect.bottom() - 2, abs=2)
    assert heights(10)[0] == pytest.approx(rect.top() + 2 + 0.1 * (rect.height() - 4), abs=3)
    (row,) = scene_of(view).rows.tracks
    assert (row.span, row.units) == ("0.00 to 10.00", 1)
    with qtbot.waitSignal(view.hovered) as said:
        qtbot.mouseMove(view, QPointF(axis.x(4), rect.center().y()).toPoint())
    assert said.args == ["norm(c) = 3.000 at step 4."]


def test_a_gap_is_marked_where_a_value_is_not_finite(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(), Cursor(11))
    values = np.ones(11)
    values[[3, 4]] = np.nan, np.inf
    view.show_tracks((Track("loss", values),))
    image, rect, axis = view.grab().toImage(), track_rect(view), scene_of(view).axis
    lowest = int(rect.bottom()) - 2
    warning = QColor(LIGHT.warning)
    assert {t for t in range(1, 12) if image.pixelColor(round(axis.x(t + 0.2)), lowest) == warning} == {4, 5}
    assert image.pixelColor(round(axis.x(4.5)), round(rect.center().y())) == QColor(LIGHT.surface)
    title = QPointF(20, rect.center().y())
    assert view.tooltip_at(title) == "loss: 1.00, 11 steps. Not a finite number at 2 steps."
    with qtbot.waitSignal(view.hovered) as said:
        qtbot.mouseMove(view, QPointF(axis.x(5), rect.center().y()).toPoint())
    assert said.args == ["loss = ∞ at step 5. Not a finite number."]


def test_a_track_without_any_finite_value_says_so(show: Show) -> None:
    view = show(random_lstm(), Cursor(11))
    view.show_tracks((Track("x / 0", np.full(11, np.nan)),))
    view.grab()
    assert "no finite value" in view.tooltip_at(QPointF(20, track_rect(view).center().y()))


def test_several_values_a_step_are_a_heat_map(show: Show) -> None:
    view = show(random_lstm(), Cursor(11))
    values = np.linspace(-1, 2, 22).reshape(11, 2)
    view.show_tracks((Track("h", values),))
    row = len(scene_of(view).rows.all) - 1
    track = scene_of(view).rows.tracks[0]
    assert isinstance(track, TrackRow)
    assert pixel(view, cell(view, row, 3, 1)) == track.scale.colour(values[2, 1], LIGHT)
    assert track.sentence(9, 1) == f"Entry 1 of h = {values[8, 1]:.3f} at step 9."


def test_a_single_high_value_of_many_is_seen(show: Show) -> None:
    view = show(random_lstm(6000, 2), Cursor(1))
    values = np.zeros(6000)
    values[3333] = 1.0
    view.show_tracks((Track("spike", values),))
    image, rect = view.grab().toImage(), track_rect(view)
    top = int(rect.top()) + 4
    row = [image.pixelColor(x, top) for x in range(int(rect.left()), int(rect.right()))]
    assert 1 <= sum(colour == QColor(LIGHT.text) for colour in row) <= 3


@pytest.mark.parametrize("size", [(240, 96), (700, 180), (1280, 230), (1280, 1000)])
def test_marks_and_tracks_overlap_nothing(show: Show, size: tuple[int, int]) -> None:
    view = show(random_lstm(), Cursor(5), size)
    view.show_marks(tuple(at([k], label=str(k)) for k in (1, 2, 3)))
    view.show_tracks((Track("a", np.zeros(11)), Track("b", np.zeros((11, 3)))))
    layout = scene_of(view).layout
    parts = [*layout.marks, *layout.labels, *(row for row in layout.rows if row.height() > 0)]
    assert all(above.bottom() <= below.top() for above, below in pairwise(parts))
    assert parts[-1].bottom() <= view.height()
    view.grab()


# Before the what-ifs


def test_hover_says_what_a_value_was_before(show: Show, qtbot: QtBot) -> None:
    view = show(held(random_lstm(), Clamp("f", "l0", 2, 4, 5, 1.0)), Cursor(11))
    assert view.run is not None
    assert view.run.before is not None
    was = float(view.run.before.trace["l0"].f[3, 0, 2])  # type: ignore[union-attr]
    told: list[str] = []
    view.hovered.connect(told.append)
    qtbot.mouseMove(view, cell(view, 0, 4, 2).toPoint())
    qtbot.mouseMove(view, cell(view, 0, 3, 2).toPoint())
    assert told[0].endswith(f" Before: {was:.3f}, now 1.000.")
    assert "Before" not in told[1]


def test_the_gradient_before_stands_under_the_gradient(show: Show) -> None:
    view = show(held(random_lstm(), Clamp("f", "l0", None, 4, 5, 1.0)), Cursor(11))
    assert view.run is not None
    assert view.run.before is not None
    rows = scene_of(view).rows.gradients
    assert [row.title for row in rows] == ["gradient", "before", "RNN gradient"]
    assert rows[1].log10_dh is view.run.before.main.log10_dh["l0"]
    assert "before the what-ifs" in rows[1].sentence(3, 0)
    assert "Before: " in rows[0].sentence(3, 0)
    assert "Before: " not in rows[2].sentence(3, 0)


def test_what_a_what_if_changed_has_a_dashed_line(show: Show) -> None:
    view = show(held(random_lstm(), Clamp("f", "l0", 0, 5, 5, 1.0)), Cursor(11))
    changed = scene_of(view).rows.quantities[0].changed
    assert not changed[:4].any()
    assert changed[4:].all()
    assert not scene_of(view).rows.quantities[6].changed.any()
    image, rect, axis = view.grab().toImage(), scene_of(view).layout.rows[0], scene_of(view).axis

    def dashes(t: int) -> int:
        """How many pixels over step t are drawn, off the edges of its column."""
        columns = range(round(axis.x(t - 0.4)), round(axis.x(t + 0.4)))
        y = int(rect.top()) - 1
        return sum(image.pixelColor(x, y) == QColor(LIGHT.muted) for x in columns)

    assert [dashes(t) > 0 for t in (2, 4, 6, 9)] == [False, False, True, True]


def test_steps_that_cannot_be_laid_over_one_another_have_no_ghost(show: Show) -> None:
    view = show(replace(random_lstm(), what_ifs=(WhatIf(DeleteStep(3)),)), Cursor(5))
    assert [row.title for row in scene_of(view).rows.gradients] == ["gradient", "RNN gradient"]
    assert scene_of(view).length == 10


# The backward pass


@pytest.mark.parametrize(("layer", "pale", "full"), [("l0", 4, 6), ("l0_reverse", 6, 4)])
def test_what_the_backward_pass_has_not_reached_is_paler(show: Show, layer: str, pale: int, full: int) -> None:
    experiment = random_lstm(bidirectional=True, num_layers=2)
    end = 1 if layer == "l0" else 11
    view = show(experiment, Cursor(end, layer, stage=BackwardStage.CARRY))
    gradient = len(scene_of(view).rows.quantities)
    places = [cell(view, gradient, pale), cell(view, gradient, full), cell(view, gradient, 5), cell(view, 0, pale)]
    reached = [pixel(view, place) for place in places]
    view.show_cursor(Cursor(5, layer, stage=BackwardStage.ARRIVE))
    now = [pixel(view, place) for place in places]
    assert now[0].lightnessF() > reached[0].lightnessF()
    assert now[1:] == reached[1:]


# Asking why


def test_a_click_on_a_cell_asks_about_its_value(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(), Cursor(2, unit=4))
    asked: list[ValueReference] = []
    view.value_asked.connect(asked.append)
    gradient = len(scene_of(view).rows.quantities)
    for place in (cell(view, 4, 7, 5), cell(view, 6, 3, 1), cell(view, gradient, 8), cell(view, gradient + 1, 9)):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert asked == [
        ValueReference("c", 7, "l0", 5),
        ValueReference("h", 3, "l0", 1, baseline=True),
        ValueReference("dh", 8, "l0", LENGTH),
        ValueReference("dh", 9, "l0", LENGTH, baseline=True),
    ]
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(int(scene_of(view).axis.x(9)), 10))
    assert len(asked) == 4


def test_a_click_in_the_backward_pass_stays_there(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(), Cursor(9, stage=BackwardStage.CELL))
    with qtbot.waitSignal(view.cursor_requested) as asked:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(int(scene_of(view).axis.x(4)), 10))
    assert asked.args == [Cursor(4, stage=BackwardStage.CELL)]
