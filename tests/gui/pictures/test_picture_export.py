"""Pictures and animations from the window: what is asked, what is written, progress and Cancel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PyQt6.QtGui import QAction, QGuiApplication, QImage
from PyQt6.QtWidgets import QProgressDialog, QPushButton
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.process import TrainingProcess, beginning
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.pictures.desk import Desk
from lstmviz.gui.pictures.dialogs import AnimationDialog, Answer, PictureDialog
from lstmviz.gui.pictures.formats import APNG, GIF, PNG, SVG, PictureRequest
from lstmviz.gui.pictures.picture_export import PictureExport
from lstmviz.gui.settings import Settings
from lstmviz.gui.style import DARK, LIGHT, ThemeName
from lstmviz.io.experiments import load_example
from tests.gui.training.plans import driven, tiny_plan


class User:
    """Somebody who exports: a window, and what they answer."""

    def __init__(self, folder: Path) -> None:
        self.window = window = MainWindow(load_example("company-b"), Settings(theme=ThemeName.LIGHT))
        self.desk = Desk(
            window.session, window.checker, window.tabs, window.timeline_view, window.inspector_view,
            lambda: ThemeName.LIGHT, window.set_theme,
        )  # fmt: skip
        self.file = str(folder / "picture")
        self.answer: Callable[[PictureDialog | AnimationDialog], Answer | None] = lambda dialog: dialog.answer()
        self.errors: list[LstmvizError] = []
        self.written: list[str] = []
        self.export = PictureExport(
            window, window.session, self.desk,
            ask=lambda dialog: self.answer(dialog), choose=lambda *_: self.file,
        )  # fmt: skip
        self.export.failed.connect(self.errors.append)
        self.export.exported.connect(self.written.append)


@pytest.fixture
def user(qtbot: QtBot, tmp_path: Path) -> Iterator[User]:
    user = User(tmp_path)
    qtbot.addWidget(user.window)
    user.window.resize(1100, 700)
    user.window.show()
    yield user
    user.export.close()
    user.window.close()


def test_the_dialog_offers_what_is_on_show(user: User) -> None:
    offered = []

    def look(dialog: PictureDialog | AnimationDialog) -> None:
        offered.extend(dialog.subject.itemData(k) for k in range(dialog.subject.count()))
        dialog.kind.setCurrentIndex(dialog.kind.findData("svg"))
        assert isinstance(dialog, PictureDialog)
        assert not dialog.scale.isEnabled()

    user.answer = look
    user.export.ask_for_picture()
    assert offered == ["cell", "timeline", "inspector", "window"]
    assert not user.written


def test_a_picture_of_the_open_view_at_twice_its_size(user: User) -> None:
    user.export.ask_for_picture()
    assert user.written == [user.file + ".png"]
    assert QImage(user.written[0]).size() == user.window.cell_view.size() * 2


@pytest.mark.parametrize("view", ["cell", "window"])
def test_another_theme_is_that_of_the_picture_alone(user: User, view: str) -> None:
    user.answer = lambda _: Answer(PictureRequest(view, theme="dark"), PNG)
    user.export.ask_for_picture()
    image = QImage(user.written[0])
    assert image.pixelColor(2, image.height() // 2).name() in (DARK.surface, DARK.panel)
    assert user.window.theme is LIGHT
    assert user.window.cell_view.theme is LIGHT


def test_a_picture_that_cannot_be_written_is_said(user: User) -> None:
    user.file += "/gone/picture.svg"
    user.answer = lambda _: Answer(PictureRequest("cell"), SVG)
    user.export.ask_for_picture()
    assert "folder does not exist" in str(user.errors[0])


def test_an_animation_leaves_the_window_where_it_is(user: User, qtbot: QtBot) -> None:
    cursor = user.window.session.cursor

    def choose(dialog: PictureDialog | AnimationDialog) -> Answer:
        assert isinstance(dialog, AnimationDialog)
        dialog.first.setValue(2)
        dialog.last.setValue(2)
        dialog.wide.setValue(600)
        dialog.high.setValue(400)
        dialog.frames.setValue(3)
        return dialog.answer()

    user.answer = choose
    user.export.ask_for_animation()
    qtbot.waitUntil(lambda: bool(user.written), timeout=20_000)
    assert user.window.session.cursor == cursor
    assert not user.errors
    with Image.open(user.file + ".gif") as film:
        assert (film.size, film.n_frames) == ((600, 400), 14)
    assert not user.export.busy


def test_cancel_leaves_nothing(user: User, qtbot: QtBot, tmp_path: Path) -> None:
    user.export.animate(Answer(PictureRequest("cell", (600, 400), first=1, last=4), APNG), tmp_path / "x.apng")
    (dialog,) = user.window.findChildren(QProgressDialog)
    qtbot.waitUntil(lambda: dialog.value() > 0)
    (cancel,) = dialog.findChildren(QPushButton)
    cancel.click()
    assert not user.export.busy
    assert not list(tmp_path.glob("*"))
    assert not user.written


def test_steps_that_there_are_not_are_said(user: User, tmp_path: Path) -> None:
    user.export.animate(Answer(PictureRequest("cell", first=1, last=99), GIF), tmp_path / "x.gif")
    assert "no steps 1 to 99" in str(user.errors[0])
    assert not user.export.busy


def test_picture_and_table_go_to_the_clipboard(user: User) -> None:
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    user.export.copy_picture()
    assert clipboard.image().size() == user.window.cell_view.size() * 2
    user.window.session.seek(Cursor(2, stage=Stage.FORGET))
    user.export.copy_table()
    titles, *rows = clipboard.text().splitlines()
    f = dict(zip(titles.split("\t"), rows[1].split("\t"), strict=True))["f"]
    assert float(f) == user.window.session.run.trace["l0"].f[1, 0, 0]
    assert len(rows) == 4


@pytest.mark.parametrize("name", ["cell", "unrolled", "gradients", "paths", "memory", "diff", "table", "timeline"])
def test_every_view_can_be_had_again(user: User, name: str) -> None:
    view = user.desk.new_view(name, DARK)
    try:
        assert view.run is user.window.session.run
        assert view.cursor_at == user.window.session.cursor
        assert view.theme is DARK
        assert name in dict(user.desk.all_views())
    finally:
        view.stop()
        view.deleteLater()


def test_the_request_of_an_animation_has_all_that_was_chosen(user: User) -> None:
    dialog = AnimationDialog((("cell", "Cell"),), "dark", 9, (640, 480))
    dialog.last.setValue(5)
    dialog.speed.setCurrentIndex(0)
    wanted = PictureRequest("cell", (640, 480), "dark", first=1, last=5, speed=0.25)
    assert dialog.answer() == Answer(replace(wanted, frames_a_second=10), GIF)
    dialog.deleteLater()


@pytest.mark.parametrize(
    ("action", "method"),
    [
        ("export_picture", "ask_for_picture"),
        ("export_animation", "ask_for_animation"),
        ("copy_picture", "copy_picture"),
        ("copy_table", "copy_table"),
    ],
)
def test_each_action_of_the_menus_does_what_it_says(
    user: User, action: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    for name in ("ask_for_picture", "ask_for_animation", "copy_picture", "copy_table"):
        monkeypatch.setattr(PictureExport, name, lambda _, name=name: called.append(name))
    (found,) = user.window.findChildren(QAction, action)
    found.trigger()
    assert called == [method]


def test_a_failure_behind_the_menus_is_shown_in_the_window(user: User) -> None:
    user.window.pictures.export.failed.emit(LstmvizError("The disk is full"))
    assert user.window.messages.isVisible()


def test_a_training_can_be_had_again_in_other_colours(user: User) -> None:
    training = user.window.tabs.view("training")
    training.show_training(driven(TrainingProcess(beginning(tiny_plan())), 12))
    view = user.desk.new_view("training", DARK)
    try:
        assert view.training is training.training
        assert view.summary() == training.summary()
    finally:
        view.stop()
        view.deleteLater()
