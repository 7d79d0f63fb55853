from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PyQt6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.networks.network import Network
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import analyse
from lstmviz.gui.style import DARK, LIGHT
from lstmviz.gui.views.memory.memory_view import MemoryView
from lstmviz.gui.views.memory.scene import Moment, Scene
from lstmviz.gui.views.memory.words import EXACT, NO_MEMORY, residual_in_words
from lstmviz.gui.views.time_axis import zoomed_range
from lstmviz.gui.views.view import Hovered
from lstmviz.io.experiments import load_example
from lstmviz.io.sequences import parse_sequence
from tests.experiments import company_b, letters, linear_loop, random_lstm
from tests.gui.views.mouse import turn_wheel

Show = Callable[..., MemoryView]
WORKED = {
    "company-a": [-0.144203, -0.018596, -0.143235, 0.321304],
    "company-b": [0.466056, 0.421706, 0.587337, 0.933994],
}
LAST = Cursor(4)


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    def _show(experiment: Experiment, cursor: Cursor, size: tuple[int, int] = (900, 520)) -> MemoryView:
        view = MemoryView()
        qtbot.addWidget(view)
        view.resize(*size)
        view.show_run(analyse(experiment), cursor)
        view.show()
        view.time_range_requested.connect(view.show_time_range)
        view.grab()
        return view

    return _show


def scene_of(view: MemoryView) -> Scene:
    picture = view._current_picture()
    assert picture is not None
    return picture.scene


def moment_of(view: MemoryView) -> Moment:
    return view._moment_in(scene_of(view))


def in_writes(view: MemoryView, s: int) -> QPoint:
    axis = scene_of(view).writes_axis
    return QPointF(axis.axis.x(s), axis.plot.cells.center().y()).toPoint()


def in_fate(view: MemoryView, t: int) -> QPoint:
    axis = scene_of(view).fate_axis
    return QPointF(axis.axis.x(t), axis.plot.cells.center().y()).toPoint()


def weights_of(experiment: Experiment, **changes: object) -> Experiment:
    """The experiment with entries of its weights replaced: name=(row, value)."""
    weights = {name: array.copy() for name, array in experiment.build_network().state_dict().items()}
    for name, (row, value) in changes.items():  # type: ignore[misc]
        weights[name][row] = value
    return replace(experiment, recipe=replace(experiment.recipe, weights=Network.from_state_dict(weights)))


def broken() -> Experiment:
    """Unit 1 reads infinity times zero at step 7, and every unit is nan from then on."""
    rows = "\n".join(["1,0,0"] * 6 + ["0,1,1"] + ["1,0,0"] * 5)
    experiment = replace(random_lstm(12, 4), sequence=parse_sequence(rows, SequenceKind.NUMBERS))
    return weights_of(experiment, weight_ih_l0=((1, 0), np.inf))


# The numbers


@pytest.mark.parametrize("name", WORKED)
def test_worked_numbers(show: Show, name: str) -> None:
    view = show(load_example(name).experiment, LAST)
    header, rows = view.table()
    assert header[3] == "left of it in c[4]"
    assert [row[0] for row in rows] == ["0, the initial state", "1", "2", "3", "4"]
    shown = [float(row[3].replace("−", "-")) for row in rows]
    assert_allclose(shown, [0, *WORKED[name]], atol=1e-6)


def test_the_parts_add_up_and_the_view_says_so(show: Show) -> None:
    view = show(company_b(), Cursor(3))
    parts = moment_of(view).written.parts
    assert parts.c == pytest.approx(1.480604, abs=5e-7)
    words = residual_in_words(parts)
    assert re.fullmatch("adds up to 1.481, residual (0|−?[0-9.]+×10⁻¹[⁵⁶], rounding)", words)
    assert residual_in_words(replace(parts, c=parts.c + 0.25)) == "adds up to 1.481, residual 0.25"
    assert f"{words[0].upper()}{words[1:]}. {EXACT}" in view.summary()


def test_segments_are_as_long_as_what_they_stand_for(show: Show) -> None:
    view = show(company_b(), LAST)
    segments = view._segments
    widths = {segment.step: place.width() for place, segment in segments}
    whole = sum(WORKED["company-b"])
    for s, value in enumerate(WORKED["company-b"], 1):
        assert widths[s] == pytest.approx(scene_of(view).layout.stack.width() * value / whole, abs=0.01)


# The bars


def bar_pixels(view: MemoryView, image: QImage, place: QRectF, colour: QColor) -> int:
    """How many pixels of ``colour`` lie on the line down the left quarter of a column."""
    x = int(place.left() + 0.25 * place.width())
    return sum(image.pixelColor(x, y) == colour for y in range(int(place.top()), int(place.bottom()) + 1))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_bars_are_as_high_as_their_values(show: Show, theme: object) -> None:
    view = show(company_b(), LAST)
    view.set_theme(theme)  # type: ignore[arg-type]
    image, hue = view.grab().toImage(), view.theme.colour(Quantity.CELL_STATE)
    scale, axis = moment_of(view).written.scale, scene_of(view).writes_axis
    pixels_of_one = axis.plot.cells.height() / (scale.high - scale.low)
    for s, value in enumerate(WORKED["company-b"], 1):
        height = bar_pixels(view, image, axis.column(s), hue)
        assert height == pytest.approx(value * pixels_of_one, abs=2.1)


def test_what_is_left_of_a_write_shrinks_by_the_forget_gates(show: Show) -> None:
    view = show(company_b(), Cursor(1))
    image, hue = view.grab().toImage(), view.theme.colour(Quantity.CELL_STATE)
    assert view.run is not None
    f, axis = view.run.trace["l0"].f[:, 0, 0], scene_of(view).fate_axis  # type: ignore[union-attr]
    heights = [bar_pixels(view, image, axis.column(t), hue) for t in range(1, 5)]
    assert_allclose(np.array(heights) / heights[0], np.append(1, np.cumprod(f[1:])), atol=2.5 / heights[0])


def test_negative_parts_hang_below_the_line(show: Show) -> None:
    view = show(load_example("company-a").experiment, LAST)
    image, hue = view.grab().toImage(), view.theme.colour(Quantity.CELL_STATE)
    axis, zero = scene_of(view).writes_axis, moment_of(view).written.scale.y(0.0, scene_of(view).layout.writes.whole)
    for s, value in enumerate(WORKED["company-a"], 1):
        x = int(axis.column(s).left() + 0.25 * axis.column(s).width())
        assert image.pixelColor(x, int(zero) + (-2 if value > 0 else 2)) == hue
        assert image.pixelColor(x, int(zero) + (2 if value > 0 else -4)) != hue


def test_bars_of_many_steps_still_add_up(show: Show) -> None:
    view = show(random_lstm(3000, 2, forget_bias=4.0), Cursor(2500, unit=1))
    moment = moment_of(view)
    assert moment.written.bins.size > 1
    assert float(moment.written.bins.up.sum() + moment.written.bins.down.sum()) == pytest.approx(
        moment.written.parts.c, abs=1e-12
    )
    first, last = moment.written.bins.steps(2499, 3000)
    inside = moment.written.parts.values[first - 1 : last]
    up, down = moment.written.bins.sums(2499)
    assert (up, down) == (pytest.approx(inside[inside > 0].sum()), pytest.approx(inside[inside < 0].sum()))
    first, last = moment.followed.bins.steps(2600, 3000)
    followed = moment.followed.fate.values[first - 1 : last]
    assert moment.followed.bins.sums(2600) in ((followed.max(), 0), (0, followed.min()))


def test_a_zoomed_long_run_shows_single_steps(show: Show) -> None:
    view = show(random_lstm(3000, 2), Cursor(1500))
    view.show_time_range(1480.5, 1520.5)
    view.grab()
    moment = moment_of(view)
    assert moment.written.bins.size == 1
    assert_allclose(moment.written.bins.up + moment.written.bins.down, moment.written.parts.values[1480:1520])


def test_the_scale_stands_still_while_the_bars_shrink(show: Show) -> None:
    view = show(company_b(), Cursor(3))
    before = moment_of(view).written.scale
    view.show_cursor(Cursor(4))
    assert moment_of(view).written.scale == before


# Moving, hovering, clicking


def test_a_move_of_the_cursor_draws_only_what_moves(show: Show) -> None:
    view = show(letters(), Cursor(5, unit=2))
    still, before = view._picture, view.grab().toImage()
    view.show_cursor(Cursor(6, unit=2))
    assert view.grab().toImage() != before
    assert view._picture is still
    view.show_cursor(Cursor(5, unit=2))
    assert view.grab().toImage() == before
    view.show_cursor(Cursor(5, unit=3))
    view.grab()
    assert view._picture is not still


def test_a_click_on_a_bar_goes_to_its_step(show: Show, qtbot: QtBot) -> None:
    view = show(letters(), Cursor(9, unit=2))
    asked: list[Cursor] = []
    view.cursor_requested.connect(asked.append)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=in_writes(view, 4))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=in_fate(view, 11))
    survival = scene_of(view).layout.survival
    assert survival is not None
    place = QPointF(survival.left() + 6.5 / 11 * survival.width(), survival.top() + 1.5 / 11 * survival.height())
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place.toPoint())
    place = next(place for place, segment in view._segments if segment.step == 7).center()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert asked == [Cursor(t, unit=2) for t in (4, 11, 7, 7)]


def test_dragging_scrubs(show: Show, qtbot: QtBot) -> None:
    view = show(letters(), Cursor(9))
    view.cursor_requested.connect(view.show_cursor)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=in_writes(view, 8))
    qtbot.mouseMove(view, in_writes(view, 6))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=in_writes(view, 6))
    qtbot.mouseMove(view, in_writes(view, 2))
    assert view.cursor_at == Cursor(6)


def test_the_write_under_the_mouse_is_followed(show: Show, qtbot: QtBot) -> None:
    view = show(letters(), Cursor(9, unit=2))
    told: list[str] = []
    places: list[Hovered | None] = []
    view.hovered.connect(told.append)
    view.place_hovered.connect(places.append)
    assert moment_of(view).followed.fate.s == 9
    qtbot.mouseMove(view, in_writes(view, 3))
    assert moment_of(view).followed.fate.s == 3
    assert places == [Hovered(3, 2)]
    assert told[0].startswith("Step 3 “l” wrote i × g = +0.089; of that 10.7 % is left at step 9")
    qtbot.mouseMove(view, in_fate(view, 10))
    assert moment_of(view).followed.fate.s == 9
    assert told[1].startswith("At step 10 +0.092 is left of what step 9 “l” wrote")
    qtbot.mouseMove(view, QPoint(2, 2))
    assert (told[-1], places[-1]) == ("", None)


def test_hovering_the_initial_state_and_the_survival_map(show: Show, qtbot: QtBot) -> None:
    view = show(letters(), Cursor(9, unit=2))
    told: list[str] = []
    view.hovered.connect(told.append)
    qtbot.mouseMove(view, scene_of(view).layout.writes.initial.center().toPoint())
    assert told[-1].startswith("The initial state is +0.000")
    assert moment_of(view).followed.fate.s == 0
    survival = scene_of(view).layout.survival
    assert survival is not None
    place = QPointF(survival.left() + 6.5 / 11 * survival.width(), survival.top() + 4.5 / 11 * survival.height())
    qtbot.mouseMove(view, place.toPoint())
    assert view.run is not None
    f = view.run.trace["l0"].f[:, 0, 2]  # type: ignore[union-attr]
    assert told[-1].startswith(f"S[5, 7] = {f[5] * f[6]:.3f}: ")


def test_what_is_hovered_elsewhere_is_followed_and_let_go(show: Show) -> None:
    view = show(letters(), Cursor(9, unit=2))
    plain = view.grab().toImage()
    view.show_hovered(Hovered(3, unit=6))
    assert view.grab().toImage() != plain
    assert moment_of(view).followed.fate.s == 3
    view.show_hovered(None)
    assert view.grab().toImage() == plain


def test_the_wheel_zooms_about_the_mouse_and_pans_with_shift(show: Show) -> None:
    view = show(letters(), Cursor(9))
    place = in_writes(view, 4)
    anchor = scene_of(view).writes_axis.axis.time(place.x())
    turn_wheel(view, QPointF(place), 2)
    assert view.time_range == pytest.approx(zoomed_range((0.5, 11.5), anchor, 2, 11))
    assert scene_of(view).writes_axis.axis.time(place.x()) == pytest.approx(anchor)
    first, last = view.time_range
    turn_wheel(view, QPointF(place), -1, shift=True)
    assert view.time_range == pytest.approx((first + 0.1 * (last - first), last + 0.1 * (last - first)))


def test_dragging_with_the_middle_button_pans(show: Show, qtbot: QtBot) -> None:
    view = show(random_lstm(100, 2), Cursor(9))
    view.show_time_range(20.5, 40.5)
    qtbot.mousePress(view, Qt.MouseButton.MiddleButton, pos=in_writes(view, 30))
    qtbot.mouseMove(view, in_writes(view, 27))
    qtbot.mouseRelease(view, Qt.MouseButton.MiddleButton)
    assert view.time_range == pytest.approx((23.5, 43.5), abs=0.1)


# The survival map


@pytest.mark.parametrize("layer", ["l0", "l0_reverse"])
def test_the_map_has_the_colours_of_the_shares_left(show: Show, layer: str) -> None:
    view = show(random_lstm(8, 2, bidirectional=True, forget_bias=2.0), Cursor(8 if layer == "l0" else 1, layer=layer))
    survival, image = scene_of(view).layout.survival, view.grab().toImage()
    assert survival is not None
    memory = scene_of(view).memory
    colours = view.theme.colours(signed=False)
    for s, t in ((1, 4), (3, 3), (2, 7)) if layer == "l0" else ((4, 1), (3, 3), (7, 2)):
        place = QPointF(
            survival.left() + (t - 0.8) / 8 * survival.width(), survival.top() + (s - 0.8) / 8 * survival.height()
        )
        share = 10 ** memory.log10_survival(s, t)
        assert image.pixelColor(place.toPoint()) == colours[round(255 * share)]


def test_the_map_can_be_logarithmic(show: Show, qtbot: QtBot) -> None:
    view = show(letters(), Cursor(9))
    before = view.grab().toImage()
    qtbot.mouseClick(view.log_button, Qt.MouseButton.LeftButton)
    assert view.log_button.isChecked()
    assert view.grab().toImage() != before


# Other networks and sizes


def test_a_vanilla_rnn_gets_a_sentence_and_nothing_else(show: Show, qtbot: QtBot) -> None:
    view = show(linear_loop(0.9, 20), Cursor(5))
    told: list[str] = []
    view.hovered.connect(told.append)
    qtbot.mouseMove(view, view.rect().center())
    assert not told
    assert view.summary() == f"Memory: {NO_MEMORY}"
    assert view.table()[1] == view.saturation_table()[1] == []
    assert not view.log_button.isVisible()
    image = view.grab().toImage()
    assert any(image.pixelColor(x, 260) != QColor(view.theme.surface) for x in range(200, 700))


def test_an_lstm_after_an_rnn_is_drawn_again(show: Show) -> None:
    view = show(linear_loop(0.9, 20), Cursor(5))
    view.show_run(analyse(letters()), Cursor(5))
    view.grab()
    assert view.log_button.isVisible()
    assert moment_of(view).written.parts.t == 5


def test_what_is_not_finite_is_said(show: Show) -> None:
    view = show(broken(), Cursor(10, unit=1))
    assert "c[10] of unit 1 is nan: not every number on the way is finite." in view.summary()
    assert "they cannot be added up" in view.summary()
    assert not view._segments
    moment = moment_of(view)
    assert not moment.written.bins.finite[:10].any()
    axis, image = scene_of(view).writes_axis, view.grab().toImage()
    column = axis.column(4).toRect()
    warning = QColor(view.theme.warning)
    assert any(image.pixelColor(column.center().x(), y) == warning for y in range(column.top(), column.bottom()))
    view.show_cursor(Cursor(6, unit=1))
    assert moment_of(view).written.parts.finite


def test_a_run_that_wrote_nothing_says_so(show: Show) -> None:
    experiment = weights_of(company_b(), weight_ih_l0=(2, 0), weight_hh_l0=(2, 0), bias_ih_l0=(2, 0), bias_hh_l0=(2, 0))
    view = show(experiment, LAST)
    assert "nothing has been written yet" in view.summary()
    assert "there is nothing to follow" in view.summary()


def test_a_layer_that_reads_from_the_end(show: Show) -> None:
    view = show(random_lstm(9, 2, bidirectional=True), Cursor(3, layer="l0_reverse"))
    moment, layout = moment_of(view), scene_of(view).layout
    assert moment.written.parts.values[:2].tolist() == [0, 0]
    assert (moment.written.parts.values[2:] != 0).all()
    assert (moment.followed.fate.values[:3] != 0).all()
    assert moment.followed.fate.values[3:].tolist() == [0] * 6
    assert layout.writes.initial.left() > layout.writes.cells.right()
    assert view.table()[1][0][0] == "10, the initial state"


def test_the_picture_can_be_drawn_anywhere(show: Show) -> None:
    view = show(letters(), Cursor(5, unit=2))
    picture = QImage(QSize(900, 520), QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    view.draw(painter, QRectF(0, 0, 900, 520))
    painter.end()
    view.log_button.hide()
    assert view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32) == picture


def test_one_step_is_a_sequence_too(show: Show) -> None:
    view = show(replace(company_b(), sequence=parse_sequence("1", SequenceKind.NUMBERS)), Cursor(1))
    assert "It is the last step: nothing has happened to it yet." in view.summary()
