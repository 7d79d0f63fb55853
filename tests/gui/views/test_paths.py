"""The view of paths: curves, words, switches, the job behind it, sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

import lstmviz
from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Cursor
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.recipe import NetworkRecipe
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.gradients.jacobians import jacobian_singular_values
from lstmviz.core.run import Run, analyse
from lstmviz.gui.style import DARK, LIGHT
from lstmviz.gui.views.paths import paths_view as paths
from lstmviz.gui.views.paths.analysis import PathCurve
from lstmviz.gui.views.paths.parts import PathsPanel
from lstmviz.gui.views.paths.paths_view import PathsView
from lstmviz.gui.views.paths.plot import PathsPlot
from lstmviz.gui.views.view import Hovered
from lstmviz.io.experiments import load_example
from lstmviz.io.sequences import parse_sequence
from tests.experiments import company_b, linear_loop, random_lstm

Show = Callable[..., tuple[PathsView, Run]]


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    """Shows an experiment's run in a Paths view, and waits until all is computed."""
    views: list[PathsView] = []

    def shown(
        experiment: Experiment, cursor: Cursor | None = None, size: tuple[int, int] = (1350, 720)
    ) -> tuple[PathsView, Run]:
        view, run = PathsView(), analyse(experiment)
        views.append(view)
        qtbot.addWidget(view)
        view.resize(*size)
        view.show()
        view.show_run(run, cursor or Cursor(1))
        qtbot.waitUntil(lambda: not view.busy)
        QApplication.processEvents()
        return view, run

    yield shown
    for view in views:
        view.stop()


def drawn(panel: PathsPanel, key: str) -> Array:
    """The heights of a curve as pyqtgraph has them."""
    heights: Array = panel.plot.items_by_key[key].getOriginalDataset()[1]
    return heights


def place_of(panel: PathsPanel, t: float) -> QPoint:
    """Where step t is in the middle of the plot, in the plot's pixels."""
    box = panel.plot.getViewBox()
    place: QPoint = panel.plot.mapFromScene(box.mapViewToScene(QPointF(t, float(np.mean(box.viewRange()[1])))))
    return place


def unit_text(view: PathsView) -> str:
    return view.which_unit.findChildren(QToolButton)[1].text()


@pytest.mark.parametrize(
    ("company", "expected"),
    [("company-a", (0.716545, 1.432684, 2.340150)), ("company-b", (0.933006, 1.335263, 2.238723))],
)
def test_worked_example_shows_the_three_known_numbers(show: Show, company: str, expected: tuple[float, ...]) -> None:
    view, _ = show(load_example(company).experiment)
    for key, number in zip(("forget", "held_h", "total"), expected, strict=True):
        assert 10 ** drawn(view.cell, key)[0] == pytest.approx(number, rel=1e-6)
        assert drawn(view.cell, key)[3] == 0
    assert f"truth {expected[2]:.2f}" in view.cell.headline.text()
    assert not view.which_unit.isVisible()


@pytest.mark.parametrize("norm", ["fro", "spectral"])
def test_norms_drawn_are_the_librarys(show: Show, qtbot: QtBot, norm: str) -> None:
    view, run = show(random_lstm(20))
    view.which_norm.choose(1 if norm == "spectral" else 0)
    qtbot.waitUntil(lambda: not view.busy)
    split = lstmviz.path_split(run.trace, norm=norm)
    for key, path in (("forget", split.forget_product), ("held_h", split.held_h), ("total", split.total)):
        assert drawn(view.cell, key) == pytest.approx(path.log10_norm[1:])
    assert run.baseline is not None
    for key, trace in (("main", run.trace), ("baseline", run.baseline.trace)):
        expected = lstmviz.jacobian_norms(trace, norm=norm, log10=True)
        assert drawn(view.hidden, key) == pytest.approx(expected)


def test_switch_shows_the_pinned_unit_with_its_sign(show: Show) -> None:
    view, run = show(random_lstm(20, recurrent_scale=3.0), Cursor(3, unit=2))
    assert unit_text(view) == "unit 2"
    view.which_unit.choose(1)
    split = lstmviz.path_split(run.trace)
    assert drawn(view.cell, "total") == pytest.approx(split.total.log10[1:, 2])
    headers, rows = view.table()
    assert headers[:4] == (
        "step", "product of forget gates", "dc[T]/dc[t] with h[t] held", "dc[T]/dc[t], total"
    )  # fmt: skip
    assert [row[3] for row in rows] == pytest.approx(split.total.values[1:, 2])
    view.show_cursor(Cursor(3, unit=5))
    assert drawn(view.cell, "total") == pytest.approx(split.total.log10[1:, 5])
    assert unit_text(view) == "unit 5"
    t, unit = (int(place) for place in np.argwhere(split.total.values[1:] < 0)[0])
    view.show_cursor(Cursor(t + 1, unit=unit))
    assert "the truth −" in view.summary()


def test_reverse_direction_is_drawn_in_real_time(show: Show) -> None:
    recipe = NetworkRecipe(hidden_size=3, num_layers=2, bidirectional=True, seed=1)
    view, run = show(replace(random_lstm(9), recipe=recipe), Cursor(4, "l1_reverse"))
    split = lstmviz.path_split(run.trace, layer="l1_reverse")
    at = {int(step): place for place, step in enumerate(split.steps)}
    expected = [split.total.log10_norm[at[t]] for t in range(1, 10)]
    assert drawn(view.cell, "total") == pytest.approx(expected)
    assert drawn(view.cell, "total")[0] == pytest.approx(np.log10(3) / 2)
    assert "T = 1" in view.cell.title.accessibleName()


def test_moving_the_cursor_moves_lines_and_repaints_no_curve(show: Show, qtbot: QtBot) -> None:
    view, _ = show(random_lstm(50))
    before = drawn(view.cell, "total")
    view.show_cursor(Cursor(33))
    assert drawn(view.cell, "total") is before
    assert view.cell.plot.cursor_line.value() == view.hidden.plot.cursor_line.value() == 33
    assert view.cell.plot.dots["total"].pos().y() == pytest.approx(before[32])
    assert "At step 33" in view.hidden.headline.text()
    qtbot.waitUntil(lambda: not view.busy)
    assert view.directions.shown is not None
    assert view.directions.shown.t == 33


def test_singular_values_are_those_at_the_cursor(show: Show) -> None:
    view, run = show(random_lstm(12), Cursor(5))
    found = view.directions.shown
    assert found is not None
    assert run.baseline is not None
    assert [name for name, *_ in found.log10] == ["LSTM", "RNN"]
    for (_, _, values), trace in zip(found.log10, (run.trace, run.baseline.trace), strict=True):
        assert values == pytest.approx(jacobian_singular_values(trace, 5, log10=True), nan_ok=True)
    low, high = view.directions.limits()
    assert low < 0 < high


def test_recurrent_network_has_its_hidden_path_only(show: Show) -> None:
    view, _ = show(linear_loop(0.5, 8), Cursor(3))
    assert not view.cell.isVisible()
    assert not view.which_plot.isVisible()
    assert view.hidden.isVisible()
    assert drawn(view.hidden, "main") == pytest.approx([(8 - t) * np.log10(0.5) for t in range(1, 9)])
    assert view.table()[0] == ("step", "RNN dh[T]/dh[t]")
    assert view.summary() == (
        "Paths of layer l0, back from step 8. dh[T]/dh[t]: At step 3: RNN 0.0312. "
        "h[3] still depends on h back to step 1 (above 1 % of the largest)."
    )


def test_one_step_is_a_picture_like_any_other(show: Show) -> None:
    view, _ = show(random_lstm(1, 4, features=1))
    assert drawn(view.cell, "total") == pytest.approx([np.log10(2)])
    assert len(view.table()[1]) == 1
    assert view.cell.plot.getViewBox().viewRange()[0] == [0.5, 1.5]


def test_dead_network_stands_on_a_labelled_floor(show: Show) -> None:
    view, _ = show(linear_loop(0.0, 6))
    scale = view.hidden.plot.magnitude_scale
    assert scale.floor is not None
    assert drawn(view.hidden, "main")[:5] == pytest.approx(scale.floor)
    assert view.hidden.plot.floor.label.toPlainText() == "exactly 0"
    assert view.directions.sentence() == "RNN: exactly 0."


def test_exploding_network_keeps_its_numbers(show: Show) -> None:
    view, _ = show(linear_loop(1e200, 6))
    assert drawn(view.hidden, "main")[0] == pytest.approx(1000)
    assert "10¹⁰⁰⁰" in view.summary()


def test_infinite_and_nan_stand_on_a_labelled_ceiling(qtbot: QtBot) -> None:
    plot = PathsPlot(("main",))
    qtbot.addWidget(plot)
    curve = PathCurve("main", "RNN dh[T]/dh[t]", "", "", "RNN", np.array([np.nan, np.inf, 2.0, 0.0]))
    plot.show_curves((curve,), linear_loop(1.0, 4).sequence, (0.5, 4.5))
    heights = plot.items_by_key["main"].getOriginalDataset()[1]
    assert plot.ceiling.shown
    assert plot.ceiling.label.toPlainText() == "infinite or not a number"
    assert heights[:2] == pytest.approx(plot.magnitude_scale.ceiling)
    assert heights[2:] == pytest.approx([2, 0])
    assert [curve.at(t) for t in (1, 2, 3)] == ["nan", "∞", "100"]


def test_click_asks_for_the_step_and_hover_reads_the_values(show: Show, qtbot: QtBot) -> None:
    view, _ = show(company_b(), Cursor(4))
    asked: list[Cursor] = []
    said: list[str] = []
    places: list[Hovered | None] = []
    view.cursor_requested.connect(asked.append)
    view.hovered.connect(said.append)
    view.place_hovered.connect(places.append)
    qtbot.mouseMove(view.cell.plot.viewport(), place_of(view.cell, 1))
    assert said[-1] == (
        "Step 1: product of forget gates 0.933, dc[T]/dc[t] with h[t] held 1.34, dc[T]/dc[t], total 2.24"
    )
    assert places[-1] == Hovered(1)
    assert "2.24" in view.cell.plot.read_out
    qtbot.mouseClick(view.cell.plot.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view.cell, 2))
    assert asked[-1] == Cursor(2)
    view.cell.plot.step_hovered.emit(0)
    assert said[-1] == view.cell.plot.read_out == ""
    assert places[-1] is None


def test_wheel_asks_for_a_nearer_range_and_everything_follows(show: Show) -> None:
    view, _ = show(random_lstm(50))
    asked: list[tuple[float, float]] = []
    view.time_range_requested.connect(lambda first, last: asked.append((first, last)))
    place = QPointF(place_of(view.cell, 20))
    turned = QWheelEvent(
        place, QPointF(view.cell.plot.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.cell.plot.viewport(), turned)
    ((first, last),) = asked
    assert last - first == pytest.approx(40)
    view.show_time_range(first, last)
    for panel in (view.cell, view.hidden):
        assert panel.plot.getViewBox().viewRange()[0] == pytest.approx([first, last])
    assert view.map.drawn()[0][1].shown == pytest.approx((first, last))


def test_slow_run_is_computed_on_a_thread_and_dropped_for_a_newer_one(
    show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "HERE_SECONDS", 0.0)
    view, _ = show(company_b())
    view.show_run(analyse(random_lstm(300, 32)), Cursor(7))
    assert view.busy
    assert view.table() == (("step",), [])  # nothing of the older run stands under the newer one
    assert view.cell.plot.items_by_key["total"].getData() == (None, None)
    assert view.cell.headline.text() == "Being computed …"
    qtbot.waitUntil(lambda: bool(view.map.grids))
    newer = analyse(random_lstm(9, 3))
    view.show_run(newer, Cursor(2))
    qtbot.waitUntil(lambda: not view.busy)
    QApplication.processEvents()
    assert len(view.table()[1]) == 9
    assert [len(grid.steps) for grid in view.map.grids] == [9, 9]
    assert drawn(view.cell, "total") == pytest.approx(lstmviz.path_split(newer.trace).total.log10_norm[1:])


def test_cancel_stops_and_go_on_finishes(show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "HERE_SECONDS", 0.0)
    view, _ = show(company_b())
    view.show_run(analyse(random_lstm(200, 32)), Cursor(7))
    button = view.findChild(QToolButton, "paths_cancel")
    assert button is not None
    qtbot.waitUntil(lambda: bool(view.map.grids) and button.text() == "Cancel")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.text() == "Go on"
    assert not all(grid.found.complete for grid in view.map.grids)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not view.busy, timeout=20000)
    assert [grid.found.complete for grid in view.map.grids] == [True, True]
    assert not button.isVisible()


def test_hidden_view_stops_computing_and_goes_on_when_seen(
    show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "HERE_SECONDS", 0.0)
    view, _ = show(company_b())
    view.show_run(analyse(random_lstm(100, 16)), Cursor(7))
    assert view.busy
    view.close()
    assert not view.busy
    view.show()
    assert view.busy
    qtbot.waitUntil(lambda: not view.busy, timeout=20000)
    assert [len(grid.steps) for grid in view.map.grids] == [100, 100]


@pytest.mark.parametrize(
    ("size", "plots", "with_map", "with_directions"),
    [
        ((1350, 720), 2, True, True),
        ((900, 520), 1, True, True),
        ((770, 440), 1, True, False),
        ((700, 440), 1, False, False),
    ],
)
def test_what_there_is_no_room_for_is_left_out(
    show: Show, size: tuple[int, int], plots: int, with_map: bool, with_directions: bool
) -> None:
    view, _ = show(random_lstm(30), size=size)
    assert (view.width(), view.height()) == size
    panels = (view.cell, view.hidden)
    assert sum(panel.isVisible() for panel in panels) == plots
    assert view.map.isVisible() is with_map
    assert view.directions.isVisible() is with_directions
    shown = [part for part in (*panels, view.map, view.directions) if part.isVisible()]
    areas = [part.rect().translated(part.mapTo(view, QPoint())) for part in shown]
    assert all(view.rect().contains(area) for area in areas)
    assert not any(one.intersects(other) for n, one in enumerate(areas) for other in areas[:n])
    if plots == 1:
        view.which_plot.choose(1)
        assert view.hidden.isVisible()
        assert not view.cell.isVisible()


def test_theme_changes_every_colour_after_the_fact(show: Show) -> None:
    view, _ = show(random_lstm(20))

    def colours() -> tuple[str, str, str]:
        ground = view.grab().toImage().pixelColor(5, 5).name()
        button = view.which_norm.findChildren(QToolButton)[1].grab().toImage().pixelColor(4, 4).name()
        return ground, button, view.cell.plot.items_by_key["total"].opts["pen"].color().name()

    assert colours() == (LIGHT.surface, LIGHT.surface, LIGHT.cell)
    view.set_theme(DARK)
    QApplication.processEvents()
    assert colours() == (DARK.surface, DARK.surface, DARK.cell)


def test_without_a_run_there_is_nothing_to_tell(qtbot: QtBot) -> None:
    view = PathsView()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.show_cursor(Cursor(3))
    view.show_time_range(1, 4)
    assert view.summary() == "Paths: no run yet."
    assert view.table() == (("step",), [])


def test_gates_closed_by_inputs_of_1e176(show: Show) -> None:
    """Their product has a logarithm that is far beyond the whole numbers of the machine."""
    sequence = parse_sequence("t**99", SequenceKind.FORMULA, length=60)
    view, _ = show(replace(random_lstm(), sequence=sequence, recipe=NetworkRecipe(hidden_size=1, seed=0)))
    view.grab()
    assert "10^(−" in view.summary()
