from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QImage, QWheelEvent
from PyQt6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Cursor
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective, ObjectiveKind
from lstmviz.core.experiments.recipe import NetworkRecipe
from lstmviz.core.experiments.what_if import DeleteStep, WhatIf
from lstmviz.core.gradients.gradient_check import gradient_check
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import Run, analyse
from lstmviz.gui.style import DARK, LIGHT
from lstmviz.gui.views.gradients.gradients_view import TITLE, GradientsView
from lstmviz.gui.views.log_plot import clear_side
from lstmviz.gui.views.plotting import MagnitudeAxis, magnitude_scale
from lstmviz.io.experiments import load_example
from tests.experiments import company_b, letters, linear_loop, random_lstm

Show = Callable[..., tuple[GradientsView, Run]]


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    """Shows an experiment's run in a Gradients view of 900 x 520."""

    def shown(experiment: Experiment, cursor: Cursor | None = None) -> tuple[GradientsView, Run]:
        view, run = GradientsView(), analyse(experiment)
        qtbot.addWidget(view)
        view.resize(900, 520)
        view.show_run(run, cursor or Cursor(1))
        view.show()
        QApplication.processEvents()
        return view, run

    return shown


def drawn(view: GradientsView, key: str) -> Array:
    """The heights of a curve as pyqtgraph has them."""
    heights: Array = view.plot.items_by_key[key].getOriginalDataset()[1]
    return heights


def place_of(view: GradientsView, t: float) -> QPoint:
    """Where step t is in the middle of the plot, in the plot's pixels."""
    box = view.plot.getViewBox()
    middle = np.mean(box.viewRange()[1])
    place: QPoint = view.plot.mapFromScene(box.mapViewToScene(QPointF(t, float(middle))))
    return place


def turn_wheel(view: GradientsView, t: float, notches: int, modifier: Qt.KeyboardModifier) -> None:
    place = place_of(view, t)
    event = QWheelEvent(
        QPointF(place),
        QPointF(view.plot.mapToGlobal(place)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.plot.viewport(), event)


def words(view: GradientsView, name: str) -> str:
    label = view.findChild(QLabel, name)
    assert label is not None
    return label.text()


def test_a_step_that_a_what_if_deletes_is_not_drawn(show: Show) -> None:
    view, run = show(replace(letters(), what_ifs=(WhatIf(DeleteStep(3)),)))
    assert view.plot.length == run.length == 10
    assert len(drawn(view, "h")) == 10


def test_curves_are_drawn_at_the_lengths_of_the_gradients(show: Show) -> None:
    view, run = show(random_lstm(30))
    assert run.baseline is not None
    for key, gradients in (
        ("h", run.gradients["l0"].h),
        ("c", run.gradients["l0"].c),
        ("baseline", run.baseline.gradients["l0"].h),
    ):
        assert 10 ** drawn(view, key) == pytest.approx(np.linalg.norm(gradients[:, 0], axis=1), rel=1e-12)


@pytest.mark.parametrize(
    ("company", "dh", "dc"),
    [
        (
            "company-a",
            (7.947633e-3, 4.108217e-3, 6.093486e-3, 1.278632e-2),
            (1.265835e-2, 8.704856e-3, 7.957352e-3, 5.352621e-3),
        ),
        (
            "company-b",
            (5.434823e-3, 3.026626e-3, 4.195797e-3, 6.121308e-2),
            (6.231331e-3, 3.823748e-3, 2.666324e-3, 1.918319e-3),
        ),
    ],
)
def test_worked_example_shows_its_known_gradients(
    show: Show, company: str, dh: tuple[float, ...], dc: tuple[float, ...]
) -> None:
    view, _ = show(load_example(company).experiment)
    assert 10 ** drawn(view, "h") == pytest.approx(dh, rel=1e-6)
    assert 10 ** drawn(view, "c") == pytest.approx(dc, rel=1e-6)


def test_exact_zeros_stand_on_a_labelled_floor(show: Show) -> None:
    view, _ = show(replace(random_lstm(6), objective=Objective(ObjectiveKind.ONE_UNIT, t=1)))
    scale = view.plot.magnitude_scale
    assert scale.floor is not None
    assert drawn(view, "h")[1:] == pytest.approx(scale.floor)
    assert scale.bottom < scale.floor < scale.low <= drawn(view, "h")[0]
    assert view.plot.floor.shown
    assert view.plot.floor.label.toPlainText() == "exactly 0"
    assert not view.plot.ceiling.shown


def test_infinite_gradients_stand_on_a_labelled_ceiling(show: Show) -> None:
    view, _ = show(linear_loop(1e200, 6), Cursor(2))
    scale = view.plot.magnitude_scale
    assert scale.ceiling is not None
    assert drawn(view, "h")[:4] == pytest.approx(scale.ceiling)
    assert drawn(view, "h")[4:] == pytest.approx([200.0, 0.0])
    assert view.plot.ceiling.shown
    assert "infinite or not a number from step 4 back" in words(view, "remarks")


def test_curve_of_zeros_alone_is_a_line_on_the_floor() -> None:
    scale = magnitude_scale([np.full(5, -np.inf)])
    assert scale.floor is not None
    assert scale.bottom < scale.floor < scale.low < scale.high == scale.top


def test_thresholds_are_drawn_only_near_the_curves() -> None:
    near = magnitude_scale([np.array([-5.9, 0.0])])
    assert near.low < -6
    far = magnitude_scale([np.array([-2.0, 0.0])])
    assert -2.2 < far.low < -2
    assert 0 < far.high < 0.2
    exploding = magnitude_scale([np.array([0.0, 2.9])])
    assert exploding.high > 3


def test_thresholds_in_sight_are_named(show: Show) -> None:
    view, _ = show(linear_loop(2.0, 40))
    assert view.plot.exploding.shown
    assert not view.plot.vanishing.shown
    assert "rule of thumb" in view.plot.exploding.label.toPlainText()
    shrinking, _ = show(linear_loop(0.5, 40))
    assert shrinking.plot.vanishing.shown
    assert not shrinking.plot.exploding.shown


def test_axis_writes_powers_of_ten_and_names_floor_and_ceiling(qapp: QApplication) -> None:
    axis = MagnitudeAxis()
    scale = magnitude_scale([np.array([-np.inf, -5.0, 0.0, np.nan])])
    axis.show_scale(scale)
    ((spacing, values),) = axis.tickValues(scale.bottom, scale.top, 400)
    assert axis.tickStrings(values, 1, spacing) == [
        "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰", "0", "∞, nan"
    ]  # fmt: skip
    axis.show_scale(magnitude_scale([np.array([0.0, 0.5])]))
    ((spacing, values),) = axis.tickValues(-0.25, 0.75, 400)
    assert axis.tickStrings(values, 1, spacing) == ["10⁰", "2×10⁰", "5×10⁰"]


def test_names_of_zones_stand_where_no_curve_crosses() -> None:
    falling = np.array([[5.0, 5.0, 5.0, 5.0, 0.0, 0.0]])
    assert clear_side(falling, 1, 2) == 0
    assert clear_side(falling[:, ::-1], 1, 2) == 1
    assert clear_side(falling[:, :1], 1, 2) == 0


def test_words_say_ratio_and_decay(show: Show) -> None:
    view, run = show(random_lstm(40))
    assert run.baseline is not None
    lstm = np.linalg.norm(run.gradients["l0"].h[:, 0], axis=1)
    rnn = np.linalg.norm(run.baseline.gradients["l0"].h[:, 0], axis=1)
    assert f"10<sup>{np.log10(lstm[0] / rnn[0]):.1f}</sup> times the RNN's" in words(view, "headline")
    per_step = [(norms[0] / norms[-1]) ** (1 / 39) for norms in (lstm, rnn)]
    assert words(view, "decay") == f"Per step back in time: LSTM {per_step[0]:.3f}×, RNN {per_step[1]:.3f}×."


def test_words_follow_the_cursor(show: Show) -> None:
    view, _ = show(linear_loop(1.2, 30), Cursor(20))
    assert words(view, "cursor_words") == "At step 20 (cursor) the RNN's gradient is 6.19."
    view.show_cursor(Cursor(1))
    assert words(view, "cursor_words") == "The cursor is at step 1."
    assert view.plot.cursor_line.value() == 1
    assert view.plot.dots["h"].pos().y() == pytest.approx(29 * np.log10(1.2))
    assert "198" in view.summary()


def test_moving_the_cursor_neither_changes_curves_nor_ranges(show: Show) -> None:
    view, _ = show(random_lstm(50))
    before, range_before = drawn(view, "h"), view.plot.getViewBox().viewRange()
    view.show_cursor(Cursor(33))
    QApplication.processEvents()
    assert drawn(view, "h") is before
    assert view.plot.getViewBox().viewRange() == range_before
    assert view.plot.cursor_line.value() == 33


def test_click_and_drag_ask_for_the_step(show: Show, qtbot: QtBot) -> None:
    view, _ = show(random_lstm(20), Cursor(2, unit=3))
    asked: list[Cursor] = []
    view.cursor_requested.connect(asked.append)
    viewport = view.plot.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=place_of(view, 7))
    qtbot.mouseMove(viewport, place_of(view, 9))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=place_of(view, 9))
    assert asked[0] == Cursor(7, unit=3)
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place_of(view, 2))
    assert asked[-1].t != 2
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(1, 40))
    assert asked[-1] == Cursor(1, unit=3)


def test_right_click_asks_nothing_and_opens_nothing(show: Show, qtbot: QtBot) -> None:
    view, _ = show(random_lstm(20))
    asked: list[Cursor] = []
    view.cursor_requested.connect(asked.append)
    qtbot.mouseClick(view.plot.viewport(), Qt.MouseButton.RightButton, pos=place_of(view, 7))
    QApplication.processEvents()
    assert asked == []
    assert QApplication.activePopupWidget() is None
    assert not any(menu.isVisible() for menu in view.findChildren(QMenu))


def test_hover_writes_the_values_of_all_curves(show: Show, qtbot: QtBot) -> None:
    view, _ = show(company_b())
    said: list[str] = []
    view.hovered.connect(said.append)
    qtbot.mouseMove(view.plot.viewport(), place_of(view, 3))
    assert "step 3" in view.plot.read_out
    assert "0.00420" in view.plot.read_out
    assert "0.00267" in view.plot.read_out
    assert said[-1].startswith("Step 3: LSTM ‖dL/dh[3]‖ 0.00420, LSTM ‖dL/dc[3]‖ 0.00267, RNN ‖dL/dh[3]‖")
    view.plot.step_hovered.emit(0)
    assert view.plot.read_out == said[-1] == ""


def test_wheel_asks_for_a_nearer_range_about_the_mouse(show: Show) -> None:
    view, _ = show(random_lstm(50))
    asked: list[tuple[float, float]] = []
    view.time_range_requested.connect(lambda first, last: asked.append((first, last)))
    turn_wheel(view, 20, 1, Qt.KeyboardModifier.NoModifier)
    ((first, last),) = asked
    assert last - first == pytest.approx(50 / 1.25)
    assert (20 - first) / (last - first) == pytest.approx((20 - 0.5) / 50, abs=0.01)
    view.show_time_range(first, last)
    assert view.plot.getViewBox().viewRange()[0] == pytest.approx([first, last])
    turn_wheel(view, 20, -1, Qt.KeyboardModifier.ShiftModifier)
    assert asked[-1] == pytest.approx((first + 4, last + 4))
    view.show_time_range(0.5, 50.5)
    turn_wheel(view, 20, -1, Qt.KeyboardModifier.NoModifier)
    assert len(asked) == 2


def test_height_fits_the_visible_steps(show: Show) -> None:
    view, _ = show(linear_loop(0.5, 60))
    view.show_time_range(50.5, 60.5)
    low, high = view.plot.getViewBox().viewRange()[1]
    assert -3.5 < low < 9 * np.log10(0.5)
    assert 0 < high < 0.5
    view.show_run(analyse(linear_loop(0.5, 60)), Cursor(1))
    assert view.plot.getViewBox().viewRange()[0] == [50.5, 60.5]
    view.show_run(analyse(linear_loop(0.5, 9)), Cursor(1))
    assert view.plot.getViewBox().viewRange()[0] == [0.5, 9.5]


def test_few_steps_are_marked_and_many_are_not(show: Show) -> None:
    view, _ = show(random_lstm(80))
    assert view.plot.items_by_key["h"].opts["symbol"] is None
    view.show_time_range(10.5, 40.5)
    markers = {item.opts["symbol"] for item in view.plot.items_by_key.values()}
    assert len(markers - {None}) == 3


def test_steps_are_named_after_what_they_read(show: Show) -> None:
    view, _ = show(letters("hello"))
    ((spacing, values),) = view.plot.steps.tickValues(0.5, 5.5, 500)
    assert view.plot.steps.tickStrings(values, 1, spacing) == ["1\nh", "2\ne", "3\nl", "4\nl", "5\no"]


def test_recurrent_network_under_study_is_called_by_its_name(show: Show) -> None:
    view, _ = show(linear_loop(1.1, 8))
    headers, rows = view.table()
    assert headers == ("step", "RNN ‖dL/dh[t]‖")
    assert [row[1] for row in rows] == pytest.approx([1.1 ** (8 - t) for t in range(1, 9)])
    assert not view.plot.items_by_key["c"].isVisible()
    assert not view.plot.dots["baseline"].isVisible()


def test_table_says_zero_and_infinite(show: Show) -> None:
    view, _ = show(replace(random_lstm(4), objective=Objective(ObjectiveKind.ONE_UNIT, t=1)))
    headers, rows = view.table()
    assert headers == ("step", "LSTM ‖dL/dh[t]‖", "LSTM ‖dL/dc[t]‖", "RNN ‖dL/dh[t]‖")
    assert rows[3] == (4, 0, 0, 0)
    overflowing, _ = show(linear_loop(1e200, 4))
    assert overflowing.table()[1][1] == (2, float("inf"))


def test_one_step_is_a_picture_like_any_other(show: Show) -> None:
    view, _ = show(random_lstm(1, features=1))
    assert view.plot.getViewBox().viewRange()[0] == [0.5, 1.5]
    assert "one step only" in words(view, "decay")
    assert len(view.table()[1]) == 1


def test_another_layer_brings_its_own_curves(show: Show) -> None:
    recipe = NetworkRecipe(cell=Cell.LSTM, hidden_size=3, num_layers=2, bidirectional=True, seed=1)
    view, run = show(replace(random_lstm(9), recipe=recipe))
    view.show_cursor(Cursor(4, "l1_reverse"))
    expected = np.linalg.norm(run.gradients["l1_reverse"].h[:, 0], axis=1)
    assert 10 ** drawn(view, "h")[8] == pytest.approx(expected[8])
    assert "layer l1_reverse" in view.summary()


def test_theme_changes_every_colour_after_the_fact(show: Show) -> None:
    view, _ = show(random_lstm(20))

    def ground_and_curve() -> tuple[str, str]:
        picture: QImage = view.grab().toImage()
        return picture.pixelColor(5, 5).name(), view.plot.items_by_key["h"].opts["pen"].color().name()

    assert ground_and_curve() == (LIGHT.surface, LIGHT.hidden)
    view.set_theme(DARK)
    QApplication.processEvents()
    assert ground_and_curve() == (DARK.surface, DARK.hidden)
    inside = view.plot.grab().toImage().pixelColor(view.plot.width() - 4, 4).name()
    assert inside == DARK.surface


def test_weights_fold_away_where_there_is_no_room(show: Show, qtbot: QtBot) -> None:
    view, _ = show(random_lstm(20))
    assert view.parameters.isVisible()
    view.resize(560, 420)
    QApplication.processEvents()
    assert not view.parameters.isVisible()
    view.findChild(object, "show_parameter_gradients").click()
    assert view.parameters.isVisible()
    assert not view.plot.isVisible()
    assert view.parameters.width() > 500
    view.resize(700, 420)
    QApplication.processEvents()
    assert view.parameters.isVisible()
    assert view.plot.isVisible()
    view.resize(560, 420)
    view.findChild(object, "show_parameter_gradients").click()
    assert view.plot.isVisible()


def test_the_heading_is_whole_beside_the_weights_in_a_small_window(show: Show) -> None:
    view, run = show(company_b())
    view.show_check(gradient_check(run.trace, run.main.dy))
    view.resize(754, 440)
    QApplication.processEvents()
    view.findChild(object, "show_parameter_gradients").click()
    QApplication.processEvents()
    assert view.badge.isVisible()
    (heading,) = [label for label in view.findChildren(QLabel) if label.text() == TITLE]
    assert heading.width() >= heading.sizeHint().width()


def test_without_a_run_there_is_nothing_to_tell(qtbot: QtBot) -> None:
    view = GradientsView()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.show_cursor(Cursor(3))
    view.show_time_range(1, 4)
    assert view.summary() == "Gradients: no run yet."
    assert view.table() == (("step",), [])
