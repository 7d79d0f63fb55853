"""Pictures without a display: the same as on it, of the right size, and nothing said on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lstmviz.commands.render import VIEWS
from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.errors import LstmvizError
from lstmviz.core.progress import drain
from lstmviz.core.training.process import TrainingProcess, beginning
from lstmviz.gui import render as render_module
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.pictures.formats import GIF, PNG, PictureRequest
from lstmviz.gui.process import crash
from lstmviz.gui.render import render, rendering
from lstmviz.gui.settings import Settings
from lstmviz.gui.style import DARK, LIGHT, Theme
from lstmviz.gui.views.cell.cell_view import CellView
from lstmviz.io.experiments import Example, load_example
from tests.gui.training.plans import driven, tiny_plan

SIZE = (1280, 800)


@pytest.fixture(autouse=True)
def application(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application of the tests in place of one that stays in charge of the process's exceptions."""
    monkeypatch.setattr(render_module, "create_application", lambda *_, **__: qapp)


def picture(example: Example | None = None, **options: object) -> QImage:
    """What ``render`` draws as PNG."""
    request = replace(PictureRequest(size=SIZE), **options)  # type: ignore[arg-type]
    return QImage.fromData(render(example or load_example("letters"), request, PNG), "PNG")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("theme_name", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_every_view_in_both_themes(view: str, theme_name: str, theme: Theme) -> None:
    drawn = picture(view=view, theme=theme_name)
    assert (drawn.width(), drawn.height()) == SIZE
    grid = [drawn.pixelColor(x, y) for x in range(0, SIZE[0], 5) for y in range(0, SIZE[1], 5)]
    assert len({colour.rgb() for colour in grid}) > 20
    dark = sum(colour.lightness() < 100 for colour in grid) > len(grid) / 2
    assert dark == theme.dark


def test_draws_the_same_picture_as_the_window(qtbot: QtBot) -> None:
    window = MainWindow(load_example("letters"), Settings(reduce_motion=True))
    qtbot.addWidget(window)
    window.resize(*SIZE)
    window.show()
    window.checker.check_now()
    QApplication.processEvents()
    drawn = picture()
    assert drawn == window.grab().toImage().convertToFormat(drawn.format())


def test_the_cursor_and_the_rnn_beside_make_another_picture() -> None:
    example = load_example("letters")
    elsewhere = replace(example, cursor=Cursor(2, stage=Stage.FORGET, unit=5))
    assert picture(view="cell") == picture(view="cell")
    assert picture(view="cell") != picture(elsewhere, view="cell")
    assert picture(view="cell") != picture(view="cell", beside=True)


def test_the_backward_pass_of_a_stage_is_not_its_forward_pass() -> None:
    example = load_example("letters")
    forward = replace(example, cursor=Cursor(2, stage=Stage.FORGET))
    backward = replace(example, cursor=Cursor(2, stage=BackwardStage.FORGET))
    assert picture(forward, view="cell") != picture(backward, view="cell")


def test_a_size_that_is_too_small_is_refused_with_one_that_is_not() -> None:
    with pytest.raises(LstmvizError, match=r"does not fit in 300x200 pixels\. It would fit in 1024x620"):
        picture(size=(300, 200))
    assert picture(size=(1024, 620)).width() == 1024


def test_a_fine_picture_shows_the_same_in_more_pixels() -> None:
    once, twice = (picture(view="cell", size=(600, 400), scale=scale) for scale in (1, 2))
    assert (twice.width(), twice.height()) == (1200, 800)
    shrunk = twice.scaled(600, 400, transformMode=Qt.TransformationMode.SmoothTransformation)
    differing = [abs(shrunk.pixelColor(x, y).lightness() - once.pixelColor(x, y).lightness()) > 60
                 for x in range(0, 600, 3) for y in range(0, 400, 3)]  # fmt: skip
    assert sum(differing) < 0.01 * len(differing)


def test_an_animation_of_the_window_and_of_a_view(tmp_path: Path) -> None:
    for view, frames in (("window", 7), ("timeline", 1)):
        path = tmp_path / f"{view}.gif"
        request = PictureRequest(view, (1100, 700), first=3, last=3, frames_a_second=1)
        drain(rendering(load_example("letters"), request, GIF, path))
        with Image.open(path) as film:
            assert (film.size, film.n_frames) == ((1100, 700), frames)


def test_an_animation_of_steps_that_there_are_not(tmp_path: Path) -> None:
    with pytest.raises(LstmvizError, match=r"There are no steps 3 to 99\. The run has steps 1 to 11"):
        drain(rendering(load_example("letters"), PictureRequest("cell", first=3, last=99), GIF, tmp_path / "x.gif"))
    assert not list(tmp_path.iterdir())


@pytest.mark.qt_no_exception_capture
def test_a_fault_while_painting_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the fault")

    monkeypatch.setattr(CellView, "draw", broken)
    handler = crash.CrashHandler()
    monkeypatch.setattr(crash, "HANDLER", handler)
    handler.install()
    try:
        with pytest.raises(LstmvizError, match="could not be drawn"):
            picture()
    finally:
        handler.uninstall()


def test_nothing_is_said_while_drawing(tmp_path: Path) -> None:
    """A process of its own: Qt writes to the real standard error."""
    program = f"""
from lstmviz.cli import main
from lstmviz.commands.render import VIEWS
for view in VIEWS:
    assert main(["render", "letters", "-o", r"{tmp_path}/" + view + ".png", "--view", view]) == 0
"""
    environ = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False, env=environ
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert {path.stem for path in tmp_path.glob("*.png")} == set(VIEWS)


def test_the_training_of_a_session_is_drawn() -> None:
    record = driven(TrainingProcess(beginning(tiny_plan())), 12)
    trained = replace(load_example("letters"), training=record)
    assert picture(trained, view="training") == picture(trained, view="training") != picture(view="training")
