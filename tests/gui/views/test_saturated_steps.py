"""When gates are saturated: marks on a line of steps, what they say, and where they lead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lstmviz.core.analysis.saturation import SIGMOID_GATES, Side
from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.networks.network import Network
from lstmviz.core.run import analyse
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.style import DARK, LIGHT, Theme
from lstmviz.gui.views.memory.memory_view import MemoryView
from lstmviz.gui.views.memory.saturated_steps import SaturatedSteps
from lstmviz.gui.views.memory.saturation_plot import GATES
from lstmviz.gui.views.view import Hovered
from lstmviz.io.sequences import parse_sequence
from tests.experiments import random_lstm


def input_gate_follows(values: list[float]) -> Experiment:
    """Two units whose input gate is sigmoid(10 x), and whose other gates stay at 0.5."""
    weights = {
        "weight_ih_l0": np.array([10.0, 10, 0, 0, 0, 0, 0, 0])[:, None],
        "weight_hh_l0": np.zeros((8, 2)),
        "bias_ih_l0": np.zeros(8),
        "bias_hh_l0": np.zeros(8),
    }
    experiment = random_lstm(len(values), 2)
    return replace(
        experiment,
        sequence=parse_sequence(", ".join(map(str, values)), SequenceKind.NUMBERS),
        recipe=replace(experiment.recipe, weights=Network.from_state_dict(weights)),
    )


@pytest.fixture
def view(qtbot: QtBot) -> MemoryView:
    view = MemoryView()
    qtbot.addWidget(view)
    view.resize(1350, 720)
    view.show_run(analyse(input_gate_follows([1, -1, 0, 0, -1])), Cursor(3, unit=1))
    view.show()
    view.grab()
    return view


def found_in(view: MemoryView) -> SaturatedSteps:
    picture = view._current_picture()
    assert picture is not None
    return picture.scene.saturated


def place(view: MemoryView, gate: str, t: float, side: Side) -> QPoint:
    """The middle of the upper or lower half of a gate's line at step t."""
    found = found_in(view)
    line = found.lines[SIGMOID_GATES.index(gate)]
    quarter = line.height() / 4
    return QPointF(found.axis.x(t), line.center().y() + (-quarter if side is Side.RIGHT else quarter)).toPoint()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_open_steps_stand_above_the_line_and_closed_ones_below(view: MemoryView, theme: Theme) -> None:
    view.set_theme(theme)
    image, hue = view.grab().toImage(), theme.colour(GATES["i"])
    seen = {(t, side) for t in range(1, 6) for side in Side if image.pixelColor(place(view, "i", t + 0.2, side)) == hue}
    assert seen == {(1, Side.RIGHT), (2, Side.LEFT), (5, Side.LEFT)}
    ground = QColor(theme.panel)
    assert all(image.pixelColor(place(view, "f", t + 0.2, side)) == ground for t in range(1, 6) for side in Side)


def test_hover_says_how_saturated_the_gate_is(view: MemoryView, qtbot: QtBot) -> None:
    told: list[str] = []
    places: list[Hovered | None] = []
    view.hovered.connect(told.append)
    view.place_hovered.connect(places.append)
    qtbot.mouseMove(view, place(view, "i", 2, Side.LEFT))
    qtbot.mouseMove(view, place(view, "o", 4, Side.LEFT))
    assert told == [
        "The input gate of unit 1 is 4.54×10⁻⁵ at step 2 “-1”: nearly closed, below 0.1.",
        "The output gate of unit 1 is 0.500 at step 4 “0”: not saturated.",
    ]
    assert places == [Hovered(2, 1), Hovered(4, 1)]


def test_a_click_goes_to_the_step_and_asks_about_the_gate(view: MemoryView, qtbot: QtBot) -> None:
    asked: list[Cursor] = []
    values: list[ValueReference] = []
    view.cursor_requested.connect(asked.append)
    view.value_asked.connect(values.append)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place(view, "i", 5, Side.LEFT))
    assert asked == [Cursor(5, unit=1)]
    assert values == [ValueReference("i", 5, "l0", 1)]


def test_the_triangle_says_where_the_gate_is_now(view: MemoryView) -> None:
    def axes(t: int) -> list[bool]:
        """Whether the left and the lower edge of the input gate's triangle are stressed."""
        view.show_cursor(Cursor(t, unit=1))
        image, picture = view.grab().toImage(), view._current_picture()
        assert picture is not None
        panel = picture.scene.layout.panels[1]
        hue = view.theme.colour(GATES["i"])
        upright = QPointF(panel.left(), panel.center().y()).toPoint()
        level = QPointF(panel.center().x(), panel.bottom()).toPoint()
        return [image.pixelColor(point) == hue for point in (upright, level)]

    assert [axes(1), axes(2), axes(3)] == [[True, False], [False, True], [False, False]]


def test_time_is_that_of_the_other_plots(view: MemoryView, qtbot: QtBot) -> None:
    view.show_time_range(3.5, 5.5)
    image, hue = view.grab().toImage(), view.theme.colour(GATES["i"])
    found = found_in(view)
    assert found.axis.x(4.5) == pytest.approx(found.lines[0].center().x())
    assert image.pixelColor(place(view, "i", 5.2, Side.LEFT)) == hue


def test_many_steps_share_a_mark_as_long_as_their_share(qtbot: QtBot) -> None:
    view = MemoryView()
    qtbot.addWidget(view)
    view.resize(1350, 720)
    # of every 16 steps the third and the fourth are closed, in the first half of the sequence only
    values = [-1.0 if t % 16 in (2, 3) and t < 3000 else 0.0 for t in range(6000)]
    view.show_run(analyse(input_gate_follows(values)), Cursor(1, unit=0))
    view.show()
    QApplication.processEvents()
    found = found_in(view)
    assert found.bin_size == 16
    start, shares = found.shares("i", Side.LEFT)
    assert start == 0
    assert shares[:187].tolist() == [2 / 16] * 187
    assert not shares[188:].any()
    assert not found.shares("i", Side.RIGHT)[1].any()
    told: list[str] = []
    asked: list[Cursor] = []
    view.hovered.connect(told.append)
    view.cursor_requested.connect(asked.append)
    qtbot.mouseMove(view, place(view, "i", 16 * 50 + 12, Side.LEFT))
    assert "Steps 801 to 816 share this mark: 2 steps nearly closed, 0 nearly open." in told[-1]
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place(view, "i", 16 * 50 + 12, Side.LEFT))
    assert asked == [Cursor(804)]


def test_another_stage_of_the_same_step_draws_nothing_anew(view: MemoryView) -> None:
    summary = view.summary()
    view.setAccessibleDescription("as it was")
    view.show_cursor(Cursor(3, unit=1, stage=Stage.FORGET))
    assert view.cursor_at == Cursor(3, unit=1, stage=Stage.FORGET)
    assert view.accessibleDescription() == "as it was"
    view.show_cursor(Cursor(4, unit=1, stage=Stage.FORGET))
    assert view.accessibleDescription() != summary
