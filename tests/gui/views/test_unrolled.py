from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective, ObjectiveKind
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import Run, analyse
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.style import DARK, LIGHT
from lstmviz.gui.views.time_axis import whole
from lstmviz.gui.views.unrolled.layout import LEAST_CARD
from lstmviz.gui.views.unrolled.rivers import smooth
from lstmviz.gui.views.unrolled.rows import flow_scale, unrolled
from lstmviz.gui.views.unrolled.scene import Scene, scene_of, story_of
from lstmviz.gui.views.unrolled.unrolled_view import UnrolledView
from lstmviz.gui.views.unrolled.words import dried_in_words, headline, step_sentence, zeros_in_words
from lstmviz.gui.views.view import Hovered
from lstmviz.io.experiments import load_example
from tests.experiments import company_b, letters, linear_loop, random_lstm, squared_error
from tests.gui.views.mouse import turn_wheel

Show = Callable[..., tuple[UnrolledView, Run]]


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    """Shows an experiment's run in an Unrolled view of 900 x 520."""

    def shown(experiment: Experiment, cursor: Cursor | None = None) -> tuple[UnrolledView, Run]:
        view, run = UnrolledView(), analyse(experiment)
        qtbot.addWidget(view)
        view.resize(900, 520)
        view.show_run(run, cursor or Cursor(1))
        view.show()
        QApplication.processEvents()
        return view, run

    return shown


def scene_in(view: UnrolledView) -> Scene:
    """What the view's picture shows now."""
    assert view.run is not None
    assert view.cursor_at is not None
    story = story_of(view.run, view.cursor_at.layer)
    return scene_of(story, None, view.time_range, view.rect().toRectF(), view.theme)


def place_of(view: UnrolledView, t: int) -> QPoint:
    """The middle of the first node of step t."""
    scene = scene_in(view)
    return scene.layout.node(scene.layout.rows[0], t).center().toPoint()


def thickness(view: UnrolledView, t: float, row: int = 0, river: int = 0) -> int:
    """How many pixels of the colour of a river stand above one another at time t."""
    scene, image = scene_in(view), view.grab().toImage()
    network, place = scene.rows[row]
    hue, middle = network.rivers[river].colour(view.theme), place.rivers[river]
    x, half = round(scene.layout.time.x(t)), scene.layout.river / 2 + 3
    ground = QColor(view.theme.surface)
    heights = range(round(middle - half), round(middle + half) + 1)
    return sum(_between(image.pixelColor(x, y), ground, hue) for y in heights)


def _between(colour: QColor, ground: QColor, hue: QColor) -> bool:
    """Whether ``colour`` is a mixture with a good share of the hue."""
    spans = [(g, h, c) for g, h, c in zip(ground.getRgb()[:3], hue.getRgb()[:3], colour.getRgb()[:3], strict=True)]
    shares = [(c - g) / (h - g) for g, h, c in spans if abs(h - g) > 40]
    return min(shares) > 0.25 and max(shares) - min(shares) < 0.1


def test_rivers_are_as_wide_as_the_log_of_what_flows(show: Show) -> None:
    view, run = show(company_b(), Cursor(1))
    rows = unrolled(run, "l0")
    for row, river in ((0, 0), (0, 1), (1, 0)):
        for t in (1, 2, 3):
            fraction = (rows.rows[row].rivers[river].log10[t - 1] - rows.scale.low) / (rows.scale.high - rows.scale.low)
            # beside the chevron in the middle between two steps
            widest = scene_in(view).layout.river
            assert thickness(view, t + 0.42, row, river) == pytest.approx(max(fraction * widest, 1), abs=3)


def test_all_networks_share_one_scale_that_ends_where_gradients_have_vanished() -> None:
    rows = unrolled(analyse(company_b()), "l0")
    assert (rows.scale.low, rows.scale.high) == (-6, -2)
    assert flow_scale(np.array([-40.0, -0.3, -np.inf, np.nan])).low == -6
    assert flow_scale(np.array([-9.5, -8.2])) == replace(rows.scale, low=-14.0, high=-8.0)
    assert flow_scale(np.array([3.0, 200.0, np.inf])).high == 12
    assert flow_scale(np.array([-np.inf])).low < flow_scale(np.array([-np.inf])).high


def test_width_changes_inside_the_nodes_and_not_between_them() -> None:
    values = np.array([1.0, 3.0, 2.0])
    assert smooth(values, np.array([0.3, 0.5, 0.7, 1.3, 1.7]), 0.5).tolist() == [1, 1, 1, 3, 3]
    assert smooth(values, np.array([0.0, 1.0, 2.0, 3.0]), 0.5) == pytest.approx([1, 2, 2.5, 2])
    across = smooth(values, np.linspace(0.7, 1.3, 50), 0.5)
    assert (np.diff(across) >= 0).all()


def test_without_nodes_the_width_is_a_curve_that_makes_up_no_extremes() -> None:
    assert smooth(np.array([1.0, 3.0, 2.0]), np.array([0.0, 0.5, 1.5, 2.5, 3.0]), 0.0).tolist() == [1, 1, 3, 2, 2]
    level = smooth(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.5, 1.75, 2.25, 2.5]), 0.0)
    assert level == pytest.approx([2, 2.25, 2.75, 3])
    values = np.random.default_rng(0).standard_normal(30)
    curve = smooth(values, np.linspace(0, 30, 1000), 0.0)
    assert values.min() <= curve.min() < curve.max() <= values.max()
    assert smooth(np.array([5.0]), np.array([0.2, 0.9]), 0.0).tolist() == [5, 5]


def test_headline_says_what_the_first_step_receives() -> None:
    rows = unrolled(analyse(load_example("long-lag").experiment), "l0")
    assert headline(rows) == (
        "At step 1 the LSTM still receives 0.0552 through c, 0.0159 through h; the RNN 9.98×10⁻³²."
    )
    assert dried_in_words(rows) == "The RNN’s river dries up, below 10⁻⁶, from step 81 back."
    assert rows.rows[1].rivers[0].log10[80] < -6 <= rows.rows[1].rivers[0].log10[81]


def test_exploding_gradient_is_told() -> None:
    rows = unrolled(analyse(linear_loop(1.5, 60)), "l0")
    assert headline(rows) == "At step 1 the RNN receives 2.45×10¹⁰."
    assert dried_in_words(rows) == "The RNN’s river swells, above 10³, from step 42 back."


def test_sentence_has_the_exact_numbers_of_all_paths() -> None:
    run = analyse(letters("hello"))
    lstm, f = run.gradients["l0"], run.trace["l0"].f
    into_c = np.linalg.norm(f[2, 0] * lstm.c[2, 0])
    into_h = np.linalg.norm(lstm.z[2, 0] @ run.trace["l0"].parameters.weight_hh)
    rnn = run.baseline
    assert rnn is not None
    into_rnn = np.linalg.norm(rnn.gradients["l0"].z[2, 0] @ rnn.trace["l0"].parameters.weight_hh)
    said = step_sentence(unrolled(run, "l0"), 2)
    assert said.startswith(
        f"Into step 2 flow from step 3: LSTM {into_c:.6f} through c and {into_h:.7f} through h; "
        f"RNN {into_rnn:.6f} through h. From the loss L: LSTM 0."
    )
    last = step_sentence(unrolled(run, "l0"), 5)
    assert last == "Step 5 is the last that the layer reads: no step sends gradient to it."


def test_zeros_and_overflows_are_told_with_their_places(show: Show) -> None:
    halfway = unrolled(analyse(replace(random_lstm(6), objective=Objective(ObjectiveKind.ONE_UNIT, t=3))), "l0")
    assert zeros_in_words(halfway) == "Exactly 0, a dotted line: every river into steps 3 to 5."
    still, _ = show(replace(linear_loop(0.0, 4), objective=squared_error([[0.0]])))
    assert still.summary().startswith("No gradient flows between the steps: it is exactly 0 everywhere.")
    exploding, _ = show(linear_loop(1e200, 6))
    assert "hatched: RNN through h from step 4 back." in exploding.summary()
    assert "At step 1 the RNN receives ∞." in exploding.summary()


def test_what_overflowed_has_the_warning_colour(show: Show) -> None:
    view, _ = show(linear_loop(1e200, 6))
    scene, image = scene_in(view), view.grab().toImage()
    middle = scene.layout.rows[0].rivers[0]
    found = set()
    for t in (1.5, 5.5):
        column = round(scene.layout.time.x(t)) + 12
        ink = {image.pixelColor(column, round(middle + y)).name() for y in range(-16, 17)}
        found.add((t, LIGHT.warning in ink))
    assert found == {(1.5, True), (5.5, False)}


def test_reverse_layer_flows_to_the_right(show: Show) -> None:
    recipe = NetworkRecipe(cell=Cell.LSTM, hidden_size=3, num_layers=2, bidirectional=True, seed=1)
    view, run = show(replace(random_lstm(9), recipe=recipe), Cursor(3, "l0_reverse"))
    rows = unrolled(run, "l0_reverse")
    assert headline(rows).startswith("At step 9 the LSTM receives")
    assert step_sentence(rows, 3).startswith("Into step 3 flow from step 2:")
    assert "From the layer l1:" in step_sentence(rows, 3)
    assert "no step sends gradient to it" in step_sentence(rows, 1)
    scene = scene_in(view)
    assert scene.bed.back == 1
    assert len(view.table()[1]) == 9
    assert view.table()[1][0][1] == 0


def test_nodes_give_way_to_rivers_when_steps_are_narrow(show: Show) -> None:
    few, _ = show(letters())
    assert scene_in(few).layout.card >= LEAST_CARD
    many, _ = show(random_lstm(100))
    assert scene_in(many).layout.card == 0
    many.show_time_range(40.5, 50.5)
    assert scene_in(many).layout.card >= LEAST_CARD
    assert list(scene_in(many).steps) == list(range(41, 51))


def test_long_runs_are_drawn_as_means_of_logs(show: Show) -> None:
    level, _ = show(linear_loop(1.0, 5000))
    assert scene_in(level).bed.bin_size == 16
    assert thickness(level, 2500) == pytest.approx(scene_in(level).layout.river, abs=2)
    falling, _ = show(linear_loop(0.1, 5000))
    scene = scene_in(falling)
    assert thickness(falling, 2500) <= 2 < thickness(falling, 5000 - 1 / scene.layout.time.step_width)


def test_click_and_drag_ask_for_the_step_and_keep_the_stage(show: Show, qtbot: QtBot) -> None:
    view, _ = show(letters(), Cursor(2, stage=Stage.CELL, unit=3))
    asked: list[Cursor] = []
    view.cursor_requested.connect(asked.append)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=place_of(view, 7))
    qtbot.mouseMove(view, place_of(view, 9))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=place_of(view, 9))
    assert [cursor.t for cursor in asked] == [7, 9]
    assert asked[0] == Cursor(7, stage=Stage.CELL, unit=3)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place_of(view, 2))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(20, 200))
    qtbot.mouseClick(view, Qt.MouseButton.RightButton, pos=place_of(view, 4))
    assert len(asked) == 2


@pytest.mark.parametrize("layer", ["l0", "l0_reverse"])
def test_a_click_on_a_number_or_a_river_in_a_node_asks_about_the_pinned_unit(
    show: Show, qtbot: QtBot, layer: str
) -> None:
    view, _ = show(random_lstm(length=6, bidirectional=layer != "l0"), Cursor(2, layer, unit=3))
    view.resize(1100, 800)
    events: list[object] = []
    view.cursor_requested.connect(events.append)
    view.value_asked.connect(events.append)
    scene = scene_in(view)
    node = scene.layout.node(scene.layout.rows[0], 5)

    def asked(y: float, x: float = node.center().x()) -> list[object]:
        events.clear()
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPointF(x, y).toPoint())
        return list(events)

    for row, (network, place) in enumerate(scene.rows):
        symbols = ["dh", *(river.symbol for river in network.rivers)]
        heights = [line.center().y() for line in place.values] + list(place.rivers)
        assert len(place.values) == len(symbols)
        for symbol, y in zip(symbols + [f"d{each}" for each in symbols[1:]], heights, strict=True):
            reference = ValueReference(symbol, 5, layer, 3, baseline=row == 1)
            assert asked(y) == [Cursor(5, layer, unit=3), reference]
    between = scene.layout.time.x(5) + scene.layout.time.step_width * 0.45
    assert asked(scene.layout.rows[0].rivers[0], between) == [Cursor(5, layer, unit=3)]


def test_hover_says_what_flows_and_where(show: Show, qtbot: QtBot) -> None:
    view, run = show(company_b())
    said: list[str] = []
    places: list[Hovered | None] = []
    view.hovered.connect(said.append)
    view.place_hovered.connect(places.append)
    qtbot.mouseMove(view, place_of(view, 3))
    assert said == [step_sentence(unrolled(run, "l0"), 3)]
    assert places == [Hovered(3)]
    qtbot.mouseMove(view, QPoint(20, 200))
    assert said[-1] == ""
    assert places[-1] is None


def test_step_hovered_elsewhere_is_marked(show: Show) -> None:
    view, _ = show(letters())
    before = view.grab().toImage()
    view.show_hovered(Hovered(6, unit=2))
    assert view.grab().toImage() != before
    view.show_hovered(None)
    assert view.grab().toImage() == before


def test_wheel_zooms_about_the_mouse_and_pans(show: Show, qtbot: QtBot) -> None:
    view, _ = show(random_lstm(50))
    asked: list[tuple[float, float]] = []
    view.time_range_requested.connect(lambda first, last: asked.append((first, last)))
    turn_wheel(view, QPointF(place_of(view, 20)), 1)
    ((first, last),) = asked
    assert last - first == pytest.approx(50 / 1.25)
    assert (20 - first) / (last - first) == pytest.approx((20 - 0.5) / 50, abs=0.01)
    view.show_time_range(first, last)
    turn_wheel(view, QPointF(place_of(view, 20)), -1, shift=True)
    assert asked[-1] == pytest.approx((first + 4, last + 4))
    qtbot.mousePress(view, Qt.MouseButton.MiddleButton, pos=place_of(view, 30))
    qtbot.mouseMove(view, place_of(view, 28))
    qtbot.mouseRelease(view, Qt.MouseButton.MiddleButton, pos=place_of(view, 28))
    assert asked[-1] == pytest.approx((first + 2, last + 2), abs=0.1)
    axis = scene_in(view).layout.axis.center().toPoint()
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=axis)
    assert asked[-1] == whole(50)


def test_another_run_of_the_same_length_keeps_the_zoom(show: Show) -> None:
    view, _ = show(random_lstm(50))
    view.show_time_range(10.5, 20.5)
    view.show_run(analyse(random_lstm(50, hidden_size=4)), Cursor(1))
    assert view.time_range == (10.5, 20.5)
    view.show_run(analyse(random_lstm(20)), Cursor(1))
    assert view.time_range == whole(20)


def test_moving_the_cursor_moves_its_frame_and_nothing_else(show: Show) -> None:
    view, _ = show(letters(), Cursor(4))
    before = view.grab().toImage()
    view.show_cursor(Cursor(5))
    moved = view.grab().toImage()
    scene = scene_in(view)
    x = round(scene.layout.time.x(9.5))
    assert moved != before
    assert all(moved.pixel(x, y) == before.pixel(x, y) for y in range(moved.height()))
    view.show_cursor(Cursor(4))
    assert view.grab().toImage() == before


def test_exports_draw_the_same_picture(show: Show) -> None:
    view, _ = show(letters(), Cursor(4))
    picture = QImage(view.size(), QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    view.draw(painter, QSize(900, 520))
    painter.end()
    assert picture == view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def test_table_is_the_twin_of_the_rivers(show: Show) -> None:
    view, _ = show(company_b())
    headers, rows = view.table()
    assert headers == (
        "step",
        "LSTM through c",
        "LSTM through h",
        "LSTM from the loss L",
        "RNN through h",
        "RNN from the loss L",
    )
    assert [row[2] for row in rows] == pytest.approx([5.434823e-3, 3.026626e-3, 4.195797e-3, 0], rel=1e-6)
    assert [row[3] for row in rows] == pytest.approx([0, 0, 0, 6.121308e-2], rel=1e-6)
    assert UnrolledView().table() == (("step",), [])


def test_network_without_cell_state_has_one_river(show: Show) -> None:
    alone, _ = show(linear_loop(1.1, 8))
    assert [len(row.rivers) for row in scene_in(alone).shown.rows] == [1]
    beside, _ = show(replace(linear_loop(1.1, 8), baseline=BaselineRecipe()))
    assert [row.network for row in scene_in(beside).shown.rows] == ["RNN", "baseline RNN"]


def test_one_step_is_a_picture_like_any_other(show: Show) -> None:
    view, _ = show(random_lstm(1, features=1))
    assert view.summary().startswith("There is one step only: no gradient flows between steps.")
    assert len(view.table()[1]) == 1


def test_titles_explain_the_rivers(show: Show) -> None:
    view, _ = show(company_b())
    place = scene_in(view).layout.rows[0]
    assert view.tooltip_at(QPointF(80, place.rivers[0])).startswith("LSTM through c: f[t+1] · dc[t+1], what step t+1")
    assert "recurrent weights" in view.tooltip_at(QPointF(80, place.rivers[1]))
    assert view.tooltip_at(QPointF(500, place.rivers[0])) == ""


@pytest.mark.parametrize("size", [(360, 260), (700, 440), (1350, 720)])
def test_nothing_leaves_the_picture_or_overlaps(show: Show, size: tuple[int, int]) -> None:
    view, _ = show(letters())
    view.resize(*size)
    layout = scene_in(view).layout
    edges = [layout.words.bottom(), layout.axis.bottom()]
    for row in layout.rows:
        edges += [row.arrows.bottom(), row.cards.bottom()]
        assert all(row.cards.contains(QPointF(layout.plot.left(), middle)) for middle in row.rivers)
    edges += [layout.legend.top(), layout.legend.bottom()] if layout.legend else []
    assert edges == sorted(edges)
    assert edges[-1] <= size[1]


def test_theme_changes_every_colour(show: Show) -> None:
    view, _ = show(letters())
    light = view.grab().toImage()
    view.set_theme(DARK)
    dark = view.grab().toImage()
    assert dark.pixelColor(1, 1) == QColor(DARK.surface)
    view.set_theme(LIGHT)
    assert view.grab().toImage() == light


def test_view_without_a_run_is_empty(qtbot: QtBot) -> None:
    view = UnrolledView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    assert view.summary() == "Unrolled networks: no run yet."
    assert view.grab().toImage().pixelColor(200, 150) == QColor(LIGHT.surface)
    assert view.objectName() == "unrolled_view"
    assert view.accessibleName()
