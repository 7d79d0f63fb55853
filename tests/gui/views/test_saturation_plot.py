from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from lstmviz.core.analysis.saturation import Saturation, saturation
from lstmviz.core.cursor import Cursor
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.networks.network import Network
from lstmviz.core.run import analyse
from lstmviz.gui.style import DARK, LIGHT, Theme
from lstmviz.gui.views.memory.memory_view import MemoryView
from lstmviz.gui.views.memory.saturation_plot import GATES, next_unit, place_in, point_at, points_of, slope_note
from lstmviz.gui.views.memory.scene import Scene
from lstmviz.gui.views.view import Hovered
from lstmviz.io.sequences import parse_sequence
from tests.experiments import letters, random_lstm

PANELS = tuple(QRectF(200 * k, 10, 100, 100) for k in range(3))


def by_hand(*, units: int = 4) -> Experiment:
    """Gates that look at the input alone, over 1, −1, −1, −1 and 0.

    The forget gate of unit u is sigmoid(u x): never saturated for u < 3. The input gate is sigmoid(10 x): below 0.1
    in 3 of 5 steps, above 0.9 in one. The output gate is always sigmoid(5) = 0.993.
    """
    zeros = np.zeros(units)
    weight = np.concatenate([zeros + 10, np.arange(units), zeros, zeros])[:, None]
    bias = np.concatenate([zeros, zeros, zeros, zeros + 5])
    weights = {
        "weight_ih_l0": weight,
        "weight_hh_l0": np.zeros((4 * units, units)),
        "bias_ih_l0": bias,
        "bias_hh_l0": 0 * bias,
    }
    experiment = random_lstm(5, units)
    return replace(
        experiment,
        sequence=parse_sequence("1, -1, -1, -1, 0", SequenceKind.NUMBERS),
        recipe=replace(experiment.recipe, weights=Network.from_state_dict(weights)),
    )


def fractions() -> Saturation:
    return saturation(analyse(by_hand()).trace)


@pytest.fixture
def view(qtbot: QtBot) -> MemoryView:
    view = MemoryView()
    qtbot.addWidget(view)
    view.resize(900, 520)
    view.show_run(analyse(by_hand()), Cursor(3, unit=1))
    view.show()
    view.grab()
    return view


def scene_of(view: MemoryView) -> Scene:
    assert view._picture is not None
    return view._picture.scene


def test_points_stand_where_the_fractions_say() -> None:
    points = {(point.gate, point.units): (point.at.x(), point.at.y()) for point in points_of(fractions(), PANELS)}
    assert points == {
        ("f", (0, 1, 2)): (0, 110),
        ("f", (3,)): (pytest.approx(60), pytest.approx(90)),  # sigmoid(3) = 0.953
        ("i", (0, 1, 2, 3)): (pytest.approx(260), pytest.approx(90)),
        ("o", (0, 1, 2, 3)): (400, 10),
    }


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_points_have_the_hue_of_their_gate(view: MemoryView, theme: Theme) -> None:
    view.set_theme(theme)
    image, scene = view.grab().toImage(), None
    scene = scene_of(view)
    for gate, panel in zip("fio", scene.layout.panels, strict=True):
        left, right = scene.saturation.points(gate)[1]
        assert image.pixelColor(place_in(panel, left, right).toPoint()) == theme.colour(GATES[gate])


def test_the_line_where_a_gate_is_always_saturated_is_drawn(view: MemoryView) -> None:
    image = view.grab().toImage()
    panel = scene_of(view).layout.panels[1]
    beyond = QColor(view.theme.surface)
    assert image.pixelColor(place_in(panel, 0.8, 0.5).toPoint()) == beyond
    assert image.pixelColor(place_in(panel, 0.2, 0.2).toPoint()) != beyond
    line = [image.pixelColor(place_in(panel, x, 1 - x).toPoint()) for x in np.linspace(0.1, 0.9, 60)]
    assert sum(colour.lightness() < 190 for colour in line) > 10


def test_the_larger_point_stands_for_more_units() -> None:
    few, many = (next(p for p in points_of(fractions(), PANELS) if p.units == units) for units in ((3,), (0, 1, 2)))
    assert few.radius < many.radius


def test_the_nearest_point_is_meant() -> None:
    points = points_of(fractions(), PANELS)
    found = point_at(points, QPointF(63, 93))
    assert found is not None
    assert (found.gate, found.units) == ("f", (3,))
    assert point_at(points, QPointF(80, 40)) is None


def test_a_click_goes_round_the_units_that_share_a_point() -> None:
    point = next(p for p in points_of(fractions(), PANELS) if p.units == (0, 1, 2))
    assert [next_unit(point, pinned) for pinned in (0, 1, 2, 3)] == [1, 2, 0, 0]


def test_click_pins_and_hover_names(view: MemoryView, qtbot: QtBot) -> None:
    scene = scene_of(view)
    asked: list[Cursor] = []
    told: list[str] = []
    places: list[Hovered | None] = []
    view.cursor_requested.connect(asked.append)
    view.hovered.connect(told.append)
    view.place_hovered.connect(places.append)
    at = place_in(scene.layout.panels[0], *scene.saturation.points("f")[3]).toPoint()
    before = view.grab().toImage()
    qtbot.mouseMove(view, at)
    slope = scene.saturation.mean_slope["f"][3]
    assert told == [
        "The forget gate of unit 3 is nearly closed in 60.0 % of the steps, nearly open in 20.0 %; "
        f"mean slope {slope:.3f}."
    ]
    assert places == [Hovered(3, 3)]
    assert view.grab().toImage() != before
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    assert asked == [Cursor(3, unit=3)]


def test_mean_slopes_by_hand(view: MemoryView) -> None:
    header, rows = view.saturation_table()
    assert header == ("unit", "gate", "below 0.1", "above 0.9", "mean slope")
    sigmoid = 1 / (1 + np.exp(-10.0))
    slope = (4 * sigmoid * (1 - sigmoid) + 0.25) / 5
    assert rows[3 * 2 : 3 * 2 + 2] == [
        ("2", "forget gate", "0.0 %", "0.0 %", rows[6][4]),
        ("2", "input gate", "60.0 %", "20.0 %", f"{slope:.6f}"),
    ]
    a = 1 / (1 + np.exp(-2.0))
    assert float(rows[6][4]) == pytest.approx((4 * a * (1 - a) + 0.25) / 5, abs=1e-6)


def test_gates_that_are_not_finite_are_said() -> None:
    assert slope_note(fractions(), 0)[1] is False
    experiment = letters()
    weights = {name: array.copy() for name, array in experiment.build_network().state_dict().items()}
    weights["weight_ih_l0"][:] = np.nan
    broken = replace(experiment, recipe=replace(experiment.recipe, weights=Network.from_state_dict(weights)))
    words, is_warning = slope_note(saturation(analyse(broken).trace), 0)
    assert is_warning
    assert "not finite" in words


def test_the_pinned_unit_is_marked(view: MemoryView) -> None:
    before = view.grab().toImage()
    view.show_cursor(Cursor(3, unit=3))
    after = view.grab().toImage()
    scene = scene_of(view)
    at = place_in(scene.layout.panels[0], *scene.saturation.points("f")[3]).toPoint()
    assert after.pixelColor(at) == view.theme.colour(GATES["f"])
    assert before.pixelColor(at) != after.pixelColor(at)
