from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import STAGES, Cursor, Stage
from lstmviz.core.experiment import Experiment
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import analyse
from lstmviz.gui.style import DARK, LIGHT
from lstmviz.gui.views.cell import canvas
from lstmviz.gui.views.cell.cell_view import CellView
from lstmviz.gui.views.cell.reveal import Moment
from lstmviz.gui.views.view import Hovered
from tests.experiments import company_b, letters, linear_loop, random_lstm

Show = Callable[..., CellView]


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    def _show(experiment: Experiment, cursor: Cursor, size: tuple[int, int] = (840, 520)) -> CellView:
        view = CellView()
        qtbot.addWidget(view)
        view.resize(*size)
        view.show_run(analyse(experiment), cursor)
        view.grab()
        return view

    return _show


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the diagrams write, in order."""
    texts: list[str] = []
    original = canvas.Canvas.text

    def noted(self: canvas.Canvas, rect: object, text: str, *args: object, **options: object) -> None:
        hidden = options.get("value") and self._strength == 0
        if not hidden:
            texts.append(text)
        original(self, rect, text, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(canvas.Canvas, "text", noted)
    return texts


def test_one_unit_shows_its_plain_numbers(show: Show, written: list[str]) -> None:
    show(company_b(), Cursor(3, stage=Stage.HIDDEN))
    expected = ["0.914", "kept +0.891", "written +0.590", "1.481", "0.975", "0.905", "+0.651", "0.962", "0.867"]
    for text in [*expected, "keeps 97.5 %", "lets 90.5 % in", "shows 96.2 %", "0.612", "0.250"]:
        assert text in written, text


def test_what_has_not_happened_yet_is_not_told(show: Show, written: list[str]) -> None:
    show(company_b(), Cursor(3, stage=Stage.FORGET))
    assert "0.975" in written
    assert not {"0.905", "+0.651", "1.481", "0.962", "0.867"} & set(written)


def test_the_ledger_adds_up(show: Show, written: list[str]) -> None:
    show(company_b(), Cursor(3, stage=Stage.CELL))
    at = written.index("The memory’s ledger")
    assert written[at + 2 : at + 10] == [
        "before c[2]", "+0.914", "kept f × c", "+0.891", "written i × g", "+0.590", "now c[3]", "+1.481",
    ]  # fmt: skip


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    "experiment",
    [company_b(), letters(), linear_loop(1.2, 6), random_lstm(hidden_size=64, num_layers=2, bidirectional=True)],
)
def test_every_stage_of_every_layer_draws_a_picture_of_its_own(
    show: Show, experiment: Experiment, theme: object
) -> None:
    view = show(experiment, Cursor(2))
    view.set_theme(theme)  # type: ignore[arg-type]
    assert view.run is not None
    for layer in view.run.trace.layers:
        pictures = []
        for stage in STAGES[view.run.network.cell]:
            view.show_cursor(Cursor(2, layer, stage))
            pictures.append(view.grab().toImage())
        for earlier, later in pairwise(pictures):
            assert earlier != later


def test_a_frame_is_a_function_of_run_cursor_and_fraction(show: Show) -> None:
    view = show(letters(), Cursor(5, stage=Stage.CANDIDATE, unit=2))

    def frame(fraction: float) -> QImage:
        image = QImage(840, 520, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        view.draw(painter, image.size(), fraction)
        painter.end()
        return image

    frames = [frame(fraction) for fraction in (0.0, 0.2, 0.5, 0.8, 1.0)]
    assert all(one != other for one, other in pairwise(frames))
    view.show_cursor(Cursor(1))
    view.show_cursor(Cursor(5, stage=Stage.CANDIDATE, unit=2))
    assert frame(0.5) == frames[2]


def test_going_back_shows_the_same_picture(show: Show) -> None:
    view = show(letters(), Cursor(5, stage=Stage.CELL))
    before = view.grab().toImage()
    view.show_cursor(Cursor(6, stage=Stage.CELL))
    assert view.grab().toImage() != before
    view.show_cursor(Cursor(5, stage=Stage.CELL))
    assert view.grab().toImage() == before


def test_clicking_a_strip_pins_that_unit(show: Show, qtbot: QtBot) -> None:
    view = show(letters(), Cursor(5, stage=Stage.CELL, unit=2))
    asked: list[Cursor] = []
    view.cursor_requested.connect(asked.append)
    region = next(r for r in view.regions if r.quantity is Quantity.FORGET_GATE and r.units == (6, 6))
    place = (region.rect.center() * view._to_drawing).toPoint()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert asked == [Cursor(5, stage=Stage.CELL, unit=6)]


def test_clicking_a_gate_shows_its_stage(show: Show, qtbot: QtBot) -> None:
    view = show(company_b(), Cursor(3, stage=Stage.CELL))
    asked: list[Cursor] = []
    view.cursor_requested.connect(asked.append)
    box = max((r for r in view.regions if r.quantity is Quantity.OUTPUT_GATE), key=lambda r: r.rect.width())
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=(box.rect.center() * view._to_drawing).toPoint())
    assert asked == [Cursor(3, stage=Stage.OUTPUT)]


def test_hovering_tells_the_value_of_the_right_step(show: Show, qtbot: QtBot) -> None:
    view = show(letters(), Cursor(5, stage=Stage.CELL, unit=2))
    assert view.run is not None
    for before, t in ((True, 4), (False, 5)):
        region = next(
            r for r in view.regions if r.quantity is Quantity.CELL_STATE and r.before is before and r.units == (3, 3)
        )
        value = view.run.trace["l0"].c[t - 1, 0, 3]  # type: ignore[union-attr]
        assert f"c[{t}] of unit 3 = " in view.sentence_of(region)
        assert f"{abs(value):.6f}" in view.sentence_of(region)
    view.show()
    qtbot.mouseMove(view, QPoint(1, 1))
    with qtbot.waitSignal(view.hovered, check_params_cb=lambda text: "forget gate" in text):
        place = next(r for r in view.regions if r.quantity is Quantity.FORGET_GATE).rect.center()
        qtbot.mouseMove(view, (place * view._to_drawing).toPoint())


def test_the_rnn_stands_beside_on_demand(show: Show, written: list[str]) -> None:
    view = show(company_b(), Cursor(3, stage=Stage.CELL))
    assert not any("vanilla" in text for text in written)
    view.show_rnn(True)
    view.grab()
    assert view.run is not None
    assert view.run.baseline is not None
    h = float(view.run.baseline.trace["l0"].h[2, 0, 0])
    assert "vanilla RNN, same step" in written
    assert f"{h:.3f}" in written


def test_many_units_are_binned_to_their_means() -> None:
    values = np.arange(100.0)
    means, size = canvas.binned(values)
    assert size == 4
    np.testing.assert_allclose(means, values.reshape(25, 4).mean(1))
    assert canvas.binned(values[:32]) == (pytest.approx(values[:32]), 1)


def test_values_that_are_not_finite_are_drawn_and_told(show: Show, written: list[str]) -> None:
    view = show(linear_loop(1e200, 5), Cursor(4))
    assert "∞" in " ".join(written)
    assert "∞" in view.summary()


def test_a_stage_comes_up_while_it_is_animated() -> None:
    moment = Moment(Stage.INPUT, 0.5)
    assert moment.strength(Stage.FORGET) == 1
    assert moment.strength(Stage.CELL) == 0
    assert moment.strength(Stage.INPUT, begin=0.4) == pytest.approx(0.4)
    assert Moment(Stage.INPUT).strength(Stage.INPUT, begin=0.9) == 1


@pytest.mark.parametrize("size", [(420, 280), (700, 440), (1350, 720), (500, 900)])
def test_everything_stays_inside_the_widget(show: Show, size: tuple[int, int]) -> None:
    view = show(letters(), Cursor(5, stage=Stage.CELL), size)
    inside = view.rect().toRectF().adjusted(-1, -1, 1, 1)
    for region in view.regions:
        corners = region.rect.topLeft() * view._to_drawing, region.rect.bottomRight() * view._to_drawing
        assert all(inside.contains(QPointF(corner)) for corner in corners), region


def test_the_first_step_says_where_its_memory_came_from(show: Show) -> None:
    view = show(replace(letters()), Cursor(1, stage=Stage.CELL))
    before = next(r for r in view.regions if r.quantity is Quantity.CELL_STATE and r.before)
    assert "before the first step" in view.sentence_of(before)
    assert view.region_at(QPointF(QPoint(-5, -5))) is None


def test_a_unit_hovered_elsewhere_is_framed_and_let_go(show: Show) -> None:
    view = show(letters(), Cursor(5, stage=Stage.CELL, unit=2))
    plain = view.grab().toImage()
    view.show_hovered(Hovered(5, unit=6))
    assert view.grab().toImage() != plain
    view.show_hovered(None)
    assert view.grab().toImage() == plain
