"""The Diff view: its numbers are those of the runs, it leads the cursor, and it says when there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QMouseEvent
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.comparison.diff import diff
from lstmviz.core.cursor import Cursor
from lstmviz.core.run import Run, analyse
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.style import DARK, LIGHT
from lstmviz.gui.views.diff.diff_view import NOTHING, DiffView
from lstmviz.gui.views.diff.largest import LargestDifferences, largest_of_units
from lstmviz.gui.views.diff.layout import layout_of
from lstmviz.gui.views.view import Hovered
from tests.experiments import letters, linear_loop, random_lstm

MakeView = Callable[..., DiffView]


def with_before(run: Run, before: Run) -> Run:
    return replace(run, before=before)


def changed(length: int = 11, hidden_size: int = 8, **options: object) -> Run:
    """A run whose forget-gate bias is another than in the run before."""
    experiment = random_lstm(length, hidden_size, **options)
    other = replace(experiment, recipe=replace(experiment.recipe, forget_bias=2.0))
    return with_before(analyse(other), analyse(experiment))


@pytest.fixture
def make_view(qtbot: QtBot) -> Iterator[MakeView]:
    views = []

    def make(run: Run, cursor: Cursor | None = None, size: tuple[int, int] = (1100, 640)) -> DiffView:
        view = DiffView()
        qtbot.addWidget(view)
        views.append(view)
        view.resize(*size)
        view.show()
        view.show_run(run, cursor or Cursor(3))
        qtbot.waitUntil(lambda: not view.busy)
        return view

    yield make
    for view in views:
        view.stop()


def move(widget: QWidget, place: QPoint) -> None:
    """Move the mouse over a child of a window, which pytest-qt does not do off-screen."""
    none, local = Qt.MouseButton.NoButton, QPointF(place)
    event = QMouseEvent(
        QEvent.Type.MouseMove, local, QPointF(widget.mapToGlobal(place)), none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def row_of(view: DiffView, name: str) -> tuple[str, ...]:
    return next(row for row in view.table.texts() if row[0].startswith(name))


def test_the_table_shows_the_numbers_of_the_runs(make_view: MakeView) -> None:
    run = changed()
    view = make_view(run)
    assert [row[0].split()[0] for row in view.table.texts()] == ["x", "f", "i", "g", "o", "c", "h", "dL/dc", "dL/dh"]
    change = np.abs(run.trace["l0"].c[:, 0] - run.before.trace["l0"].c[:, 0])
    t, unit = np.unravel_index(change.argmax(), change.shape)
    _, largest, step, of_unit, mean, relative, steps = row_of(view, "c ")
    assert (step, of_unit, steps) == (str(t + 1), str(unit), str(np.count_nonzero(change.any(axis=1))))
    assert float(largest) == pytest.approx(change.max(), rel=5e-3)
    assert float(mean) == pytest.approx(change.mean(), rel=5e-3)
    share = change.max() / np.abs(run.before.trace["l0"].c).max()
    assert relative == f"{100 * share:.1f} %"
    assert row_of(view, "x ")[1:] == ("0", "–", "–", "0", "0", "0")
    assert view.headline.text().startswith(
        "The first step that differs is step 1: the sum that goes into the forget gate"
    )
    assert "before" in view.headline.text()


def test_nothing_to_compare_says_how_to_get_a_comparison(make_view: MakeView) -> None:
    run = analyse(letters())
    view = make_view(run)
    assert view.comparison is None
    assert view.message.isVisible()
    assert view.message.text() == NOTHING
    assert not view.table.isVisible()
    assert not view.picture.isVisible()
    assert "Nothing to compare yet" in view.summary()
    view.show_run(with_before(analyse(letters()), run), Cursor(2))
    assert view.table.isVisible()
    assert not view.message.isVisible()
    assert view.headline.text() == "No difference: every number is the same, to the last bit."
    assert view.chosen == "c"
    view.show_run(analyse(letters()), Cursor(2))
    assert view.comparison is None
    assert view.message.isVisible()


def test_a_row_chooses_the_quantity_and_the_choice_stays(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(changed())
    assert view.chosen == "f"  # where the difference begins
    place = view.table.visualRect(view.table.model().index(5, 1)).center()
    qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert view.chosen == "c"
    qtbot.keyClick(view.table, Qt.Key.Key_Down)
    assert view.chosen == "h"
    view.show_run(changed(), Cursor(3))
    assert view.chosen == "h"
    with qtbot.waitSignal(view.cursor_requested) as asked:
        qtbot.keyClick(view.table, Qt.Key.Key_Return)
    row = view.comparison["l0"]["h"]
    assert asked.args == [Cursor(row.t, unit=row.unit)]


def test_headings_sort(make_view: MakeView) -> None:
    view = make_view(changed())
    view.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    values = {row.symbol: row.largest for row in view.comparison["l0"].values()}
    order = [row[0].split()[0].replace("dL/", "") for row in view.table.texts()]
    assert order == sorted(values, key=lambda symbol: -values[symbol])
    assert view.chosen == "f"
    assert view.table.currentIndex().row() == order.index("f")


def test_the_mouse_reads_and_leads(make_view: MakeView, qtbot: QtBot) -> None:
    run = changed()
    view = make_view(run, Cursor(3, unit=1))
    layout = layout_of(QRectF(view.picture.rect()), 8, 1)
    cell = QPoint(
        round(layout.map.left() + 6.5 / 11 * layout.map.width()),
        round(layout.map.top() + 4.5 / 8 * layout.map.height()),
    )
    with qtbot.waitSignal(view.hovered) as said, qtbot.waitSignal(view.place_hovered) as place:
        move(view.picture, cell)
    assert place.args == [Hovered(7, 4)]
    a, b = run.before.trace["l0"].f[6, 0, 4], run.trace["l0"].f[6, 0, 4]
    assert said.args[0] == f"f[7] of unit 4: {a:.3f} before, {b:.3f} now, difference +{b - a:.3f}."
    with qtbot.waitSignal(view.cursor_requested) as asked, qtbot.waitSignal(view.value_asked) as value:
        qtbot.mouseClick(view.picture, Qt.MouseButton.LeftButton, pos=cell)
    assert asked.args == [Cursor(7, unit=4)]
    assert value.args == [ValueReference("f", 7, "l0", 4)]
    below = QPoint(cell.x(), round(layout.curves.center().y()))
    with qtbot.waitSignal(view.place_hovered) as place:
        move(view.picture, below)
    assert place.args == [Hovered(7, 1)]  # the pinned unit
    with qtbot.waitSignal(view.hovered) as said:
        move(view.picture, QPoint(2, 2))
    assert said.args == [""]


def test_features_of_the_input_are_no_units(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(changed(), Cursor(3, unit=6))
    view.table.chosen.emit("x")
    assert view.chosen == "x"
    assert view.picture.unit_of(Cursor(3, unit=6)) == 2  # of three features
    layout = layout_of(QRectF(view.picture.rect()), 3, 1)
    with qtbot.waitSignal(view.cursor_requested) as asked:
        qtbot.mouseClick(view.picture, Qt.MouseButton.LeftButton, pos=layout.map.topLeft().toPoint() + QPoint(3, 3))
    assert asked.args == [Cursor(1, unit=6)]


def test_the_map_has_the_colours_of_the_differences(make_view: MakeView) -> None:
    view = make_view(changed(), Cursor(11, unit=0))
    view.table.chosen.emit("c")
    scene = view.picture.scene_in(QRectF(view.picture.rect()), 1.0)
    image = view.picture.grab().toImage()
    change, rect = view.comparison["l0"]["c"].difference(), scene.layout.map
    assert scene.shown.scale.high == -scene.shown.scale.low == np.abs(change).max()
    for t, unit in ((2, 3), (7, 6), (9, 1)):
        middle = QPointF(scene.axis.x(t), rect.top() + (unit + 0.5) * rect.height() / 8).toPoint()
        expected = scene.shown.scale.colour(float(change[t - 1, unit]), LIGHT)
        assert QColor(image.pixel(middle)).name() == expected.name()


def test_another_run_is_compared_with_and_dismissed(make_view: MakeView, qtbot: QtBot) -> None:
    run, other = changed(), analyse(random_lstm(9))
    view = make_view(run)
    view.show_other(other, "sine.lstmviz")
    qtbot.waitUntil(lambda: not view.busy)
    assert view.which.isVisible()
    assert "in sine.lstmviz" in view.headline.text()
    assert "There are 9 steps in sine.lstmviz, 11 now: steps 1 to 9 are compared." in view.details.text()
    assert len(view.comparison["l0"]["c"].a) == 9
    view.which.choose(0)
    assert "before" in view.headline.text()
    view.which.choose(1)
    with qtbot.waitSignal(view.comparison_dismissed):
        view.dismiss.click()
    assert "before" in view.headline.text()
    assert not view.which.isVisible()


def test_steps_of_this_run_only_are_hatched_and_said(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(analyse(random_lstm(11)), Cursor(11))
    view.show_other(analyse(random_lstm(4)))
    layout = layout_of(QRectF(view.picture.rect()), 8, 1)
    with qtbot.waitSignal(view.hovered) as said:
        move(view.picture, QPointF(layout.map.right() - 5, layout.map.center().y()).toPoint())
    assert said.args == ["Step 11 is in this run only: there is nothing to compare it with."]
    view.picture.grab()  # the cursor stands beyond what is compared


def test_runs_that_do_not_fit_say_why(make_view: MakeView) -> None:
    view = make_view(analyse(letters()))
    view.show_other(analyse(linear_loop(0.5, 3)), "the loop")
    assert "one is an LSTM and the other a vanilla RNN" in view.message.text()
    assert view.dismiss.isVisible()
    assert not view.table.isVisible()


def test_time_is_zoomed_with_the_other_views(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(changed(length=200))
    view.show_time_range(50.5, 100.5)
    assert view.picture.time_range == (50.5, 100.5)
    scene = view.picture.scene_in(QRectF(view.picture.rect()), 1.0)
    assert scene.axis.x(50.5) == pytest.approx(scene.layout.map.left())
    with qtbot.waitSignal(view.hovered) as said:
        move(view.picture, scene.layout.map.topLeft().toPoint() + QPoint(1, 1))
    assert said.args[0].startswith("f[51] of unit 0:")


def test_another_layer_has_its_own_table(make_view: MakeView) -> None:
    run = changed(num_layers=2)
    view = make_view(run, Cursor(3, layer="l1"))
    largest = view.comparison["l1"]["f"].largest
    assert float(row_of(view, "f ")[1]) == pytest.approx(largest, rel=5e-3)
    view.show_cursor(Cursor(3, layer="l0"))
    assert float(row_of(view, "f ")[1]) == pytest.approx(view.comparison["l0"]["f"].largest, rel=5e-3)
    assert "in layer l0" in view.headline.text()


@pytest.mark.parametrize("size", [(1100, 640), (360, 300)])
def test_everything_can_be_drawn(make_view: MakeView, size: tuple[int, int]) -> None:
    nan = analyse(random_lstm(11))
    layer = nan.trace["l0"]
    c = layer.c_states.copy()
    c[4, 0, 2], c[5, 0, 2] = np.nan, np.inf
    trace = replace(nan.trace, layers={"l0": replace(layer, c_states=c)})
    broken = replace(nan, main=replace(nan.main, trace=trace))
    c = layer.c_states.copy()
    c[4, 0, 2], c[5, 0, 2] = -1.7e308, 1.7e308
    trace = replace(nan.trace, layers={"l0": replace(layer, c_states=c)})
    huge = replace(nan, main=replace(nan.main, trace=trace))
    for run in (
        changed(),
        with_before(broken, nan),
        with_before(huge, nan),
        with_before(analyse(linear_loop(0.5, 3)), analyse(linear_loop(2, 3))),
    ):
        for theme in (LIGHT, DARK):
            view = make_view(run, Cursor(2, unit=2), size)
            view.set_theme(theme)
            for symbol in view.comparison["l0"]:
                view.table.chosen.emit(symbol)
                ground = view.grab().toImage().pixelColor(2, 2)
                assert ground.name() == theme.surface


def test_nan_has_a_colour_of_its_own_and_leaves_the_scale_alone(make_view: MakeView) -> None:
    a = analyse(random_lstm(6))
    layer = a.trace["l0"]
    c = layer.c_states.copy()
    c[3, 0, 1], c[4, 0, 2] = np.nan, c[4, 0, 2] + 0.25
    trace = replace(a.trace, layers={"l0": replace(layer, c_states=c)})
    shown = LargestDifferences(diff(a.trace, trace)["l0"]["c"])
    assert shown.limit == pytest.approx(0.25)
    assert np.isnan(shown.bins(1, 0, 6)[2, 1])


def test_bins_keep_the_largest_difference_with_its_sign() -> None:
    run = changed(length=150, hidden_size=5)
    row = diff(run.before, run)["l0"]["g"]
    change, shown = row.difference(), LargestDifferences(row)
    for size in (1, 2, 8, 16, 64, 256):
        bins = -(-150 // size)
        found = shown.bins(size, 0, bins)
        for number in range(bins):
            part = change[number * size : (number + 1) * size]
            at = np.abs(part).argmax(axis=0)
            assert_array_equal(found[number], part[at, range(5)])
    assert_array_equal(shown.bins(16, 3, 5), shown.bins(16, 0, 10)[3:5])
    t, unit = shown.within(range(20, 60), range(1, 4))
    part = np.abs(change[19:59, 1:4])
    assert part.max() == abs(change[t - 1, unit])
    assert 20 <= t < 60
    assert 1 <= unit < 4


def test_folded_units_keep_the_largest_too() -> None:
    values = np.array([[1.0, -3.0, 2.0, 0.5, -0.25]])
    assert_array_equal(largest_of_units(values, 2), [[-3.0, 2.0]])
    assert largest_of_units(values, 5) is values


def test_a_comparison_that_is_left_is_taken_up_again(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(analyse(letters()))
    view.hide()
    view.show_run(changed(), Cursor(1))
    view.show()
    qtbot.waitUntil(lambda: view.comparison is not None)
    assert view.table.isVisible()
