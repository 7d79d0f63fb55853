"""What the cell view keeps from one step to the next, and the size of its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize
from PyQt6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import STAGES, Cursor, Stage
from lstmviz.core.engine.backward_step import BACKWARD_STAGES, BackwardStage
from lstmviz.core.experiment import Experiment
from lstmviz.core.run import analyse
from lstmviz.gui.style import DARK, LIGHT, Theme
from lstmviz.gui.views.cell import grounds
from lstmviz.gui.views.cell.canvas import LEFT, Canvas
from lstmviz.gui.views.cell.cell_view import CellView
from lstmviz.gui.views.cell.gradient_scale import GradientScale
from lstmviz.gui.views.cell.grounds import Grounds
from lstmviz.gui.views.cell.scene import Scales, Scene
from tests.experiments import company_b, letters, linear_loop, random_lstm

SIZE = QSize(700, 440)


def _shown(qtbot: QtBot, experiment: Experiment, cursor: Cursor, *, beside: bool = False) -> CellView:
    view = CellView()
    qtbot.addWidget(view)
    view.resize(SIZE)
    view.show_run(analyse(experiment), cursor)
    view.show_rnn(beside)
    view.grab()
    return view


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside"])
@pytest.mark.parametrize("stage", [Stage.HIDDEN, BackwardStage.CARRY])
@pytest.mark.parametrize(
    "experiment",
    [company_b(), letters(), linear_loop(1.2, 6), random_lstm(hidden_size=64, bidirectional=True)],
    ids=["one unit", "eight units", "vanilla RNN", "bins"],
)
def test_a_picture_over_a_kept_ground_is_the_one_that_a_new_view_draws(
    qtbot: QtBot, experiment: Experiment, stage: Stage | BackwardStage, beside: bool
) -> None:
    view = _shown(qtbot, experiment, Cursor(2, stage=stage), beside=beside)
    view.show_cursor(Cursor(4, stage=stage))
    assert view.grab().toImage() == _shown(qtbot, experiment, Cursor(4, stage=stage), beside=beside).grab().toImage()


def test_the_ground_is_drawn_once_a_stage(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Cursor] = []
    original = Scene.draw_ground

    def noted(self: Scene, painter: QPainter) -> None:
        drawn.append(self.cursor)
        original(self, painter)

    monkeypatch.setattr(Scene, "draw_ground", noted)
    view = _shown(qtbot, letters(), Cursor(1, stage=Stage.CELL))
    for cursor in (Cursor(2, stage=Stage.CELL), Cursor(2, stage=Stage.OUTPUT), Cursor(3, stage=Stage.CELL)):
        view.show_cursor(cursor)
        view.grab()
    assert [cursor.stage for cursor in drawn] == [Stage.CELL, Stage.OUTPUT]


def test_another_theme_and_another_network_have_grounds_of_their_own(qtbot: QtBot) -> None:
    view = _shown(qtbot, letters(), Cursor(3, stage=Stage.CELL))
    view.set_theme(DARK)
    view.grab()
    view.set_theme(LIGHT)
    view.show_run(analyse(company_b()), Cursor(3, stage=Stage.CELL))
    fresh = _shown(qtbot, company_b(), Cursor(3, stage=Stage.CELL))
    assert view.grab().toImage() == fresh.grab().toImage()


def test_grounds_that_take_too_much_are_let_go_oldest_first(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grounds, "MOST_BYTES", 2 * 4 * 10 * 10)
    drawn: list[str] = []
    kept = Grounds()
    for key in ("a", "b", "a", "c", "a", "b"):
        kept.get(key, QSize(10, 10), 1.0, lambda painter, key=key: drawn.append(key))
    assert drawn == ["a", "b", "c", "b"]


def test_a_ground_has_the_screen_s_pixels(qtbot: QtBot) -> None:
    picture = Grounds().get("a", QSize(10, 20), 2.0, lambda painter: None)
    assert (picture.width(), picture.height(), picture.devicePixelRatio()) == (20, 40, 2.0)


def _height_of(scale: float, width: float, *, grows: bool = True) -> int:
    """The font size that a word of 10 units is drawn with in a box ``width`` units wide."""
    image = QImage(200, 50, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    canvas = Canvas(painter, LIGHT, scale)
    canvas.text(QRectF(0, 0, width, 40), "sigmoid(z)", "#000000", 10, align=LEFT, grows=grows)
    pixels = painter.font().pixelSize()
    painter.end()
    return pixels


def test_small_words_grow_on_a_small_screen_as_far_as_there_is_room(qtbot: QtBot) -> None:
    assert _height_of(1.0, 200) == 10
    assert _height_of(0.8, 200) == 13  # 10.4 pixels of the screen
    assert _height_of(0.8, 200, grows=False) == 10
    assert _height_of(0.8, 40) == 10
    assert 10 < _height_of(0.5, 75) < 20


def test_the_size_of_a_share_is_that_of_many() -> None:
    scale = GradientScale(-8, 0)
    values = [1.0, -1e-4, 0.0, 1e-20, -10.0, float("nan"), float("inf")]
    assert [scale.size_of(value) for value in values] == pytest.approx([1, 0.5, 0, 0, 1, 0, 1])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.999])
@pytest.mark.parametrize("experiment", [company_b(), letters(), linear_loop(1.2, 6)], ids=["one", "eight", "RNN"])
def test_a_stage_that_rises_over_its_beginning_looks_as_if_it_were_drawn_at_once(
    qtbot: QtBot, experiment: Experiment, fraction: float, theme: Theme
) -> None:
    run = analyse(experiment)
    for stage in (*STAGES[run.network.cell], *BACKWARD_STAGES[run.network.cell]):
        scene = Scene(run, Cursor(3, stage=stage), theme, SIZE, fraction, False, Scales())
        at_once = _pixels(scene.draw_ground)
        rising = _pixels(replace(scene, fraction=0.0).draw_ground, scene.draw_rising)
        far_off = np.abs(at_once - rising).max(-1) > 45
        # the bar of the plus comes up from a higher strength, and so a little ahead
        assert far_off.sum() < (300 if stage is Stage.CELL else 5), stage


def _pixels(*draws: Callable[[QPainter], None]) -> NDArray[np.int64]:
    """Red, green and blue of what is drawn, one over the other: [height, width, 3]."""
    image = QImage(SIZE, QImage.Format.Format_RGB32)
    for draw in draws:
        painter = QPainter(image)
        draw(painter)
        painter.end()
    bits = image.constBits()
    assert bits is not None
    bits.setsize(image.sizeInBytes())
    pixels = np.frombuffer(bits, np.uint8).reshape(SIZE.height(), SIZE.width(), 4)
    return pixels[..., :3].astype(np.int64)
