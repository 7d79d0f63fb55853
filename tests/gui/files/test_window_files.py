"""A window with files: title and mark, what is dropped on it, what a crash has left."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QMimeData, QPoint, QPointF, QProcess, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.gui.files.recovery import recoverable
from lstmviz.gui.files.window_files import WindowFiles
from lstmviz.gui.panels.ask_to_save import SaveChoice
from lstmviz.gui.panels.recovery_dialog import RecoveryDialog
from lstmviz.gui.session import Session
from lstmviz.io.sessions import SessionFile, load_session, save_session
from tests.experiments import random_lstm
from tests.gui.files.long_analyses import LongAnalyses

OTHER = SessionFile(replace(random_lstm(6, 3, 1), title="other"), Cursor(2))


class Window(QMainWindow):
    """The least that has files."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.session = Session(random_lstm(4, 2, 1), parent=self)
        self.files = WindowFiles(self, self.session, (), folder, ask=lambda *_: SaveChoice.DISCARD)

    def edit(self) -> None:
        self.session.apply("note", replace(self.session.wanted, notes="a note"))


def longer(window: Window) -> Experiment:
    """A change whose numbers must be worked out."""
    wanted = window.session.wanted
    return replace(wanted, recipe=replace(wanted.recipe, seed=5))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recovery"


@pytest.fixture
def window(qtbot: QtBot, folder: Path) -> Iterator[Window]:
    window = Window(folder)
    qtbot.addWidget(window)
    yield window
    window.files.close()
    window.session.close()


def send(window: Window, kind: type[QEvent], *urls: QUrl) -> bool:
    """Whether the window takes what is dragged over it, or dropped."""
    mime = QMimeData()
    mime.setUrls([*urls])
    place = QPointF(5, 5) if kind is QDropEvent else QPoint(5, 5)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = kind(place, Qt.DropAction.CopyAction, mime, buttons, keys)  # type: ignore[call-arg]
    event.ignore()
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def test_the_title_names_the_file_and_the_mark_says_unsaved(window: Window, tmp_path: Path) -> None:
    assert (window.windowTitle(), window.isWindowModified()) == ("random[*]", False)
    window.edit()
    assert window.isWindowModified()
    window.files.document.save_as(tmp_path / "mine")
    assert (window.windowTitle(), window.isWindowModified()) == ("mine.lstmviz[*]", False)


def test_a_session_can_be_dropped_and_nothing_else(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    path = tmp_path / "other.lstmviz"
    save_session(path, OTHER)
    picture, session = QUrl.fromLocalFile("/a/picture.png"), QUrl.fromLocalFile(str(path))
    assert not send(window, QDragEnterEvent, picture)
    assert send(window, QDragEnterEvent, picture, session)
    assert send(window, QDragMoveEvent, picture, session)
    QApplication.processEvents()
    assert window.windowTitle() == "random[*]"  # only held over it so far
    assert send(window, QDropEvent, picture, session)
    qtbot.waitUntil(lambda: window.windowTitle() == "other.lstmviz[*]")
    assert window.session.experiment == OTHER.experiment


def test_errors_come_together(qtbot: QtBot, window: Window, folder: Path) -> None:
    errors: list[LstmvizError] = []
    window.files.failed.connect(errors.append)
    window.files.actions.open_path("/nowhere/it.lstmviz")
    folder.write_text("in the way")
    window.edit()
    window.files.recovery._write()
    assert [error.what[:30] for error in errors] == ["There is no such file", "Unsaved work cannot be kept: T"]


def test_nothing_is_offered_after_a_good_end(window: Window) -> None:
    window.files.offer_recovery()
    assert window.findChildren(RecoveryDialog) == []


def test_what_a_crash_left_is_offered_and_opened(window: Window, folder: Path) -> None:
    folder.mkdir()
    left = folder / "recovery-1-20260101-000000-1.lstmviz"
    save_session(left, OTHER)
    window.files.offer_recovery()
    button = window.findChild(QPushButton, "recovery_open")
    assert button
    button.click()
    assert window.session.experiment == OTHER.experiment
    assert (window.windowTitle(), window.isWindowModified()) == ("other[*]", True)
    assert not left.exists()
    assert window.files.recovery.path.exists()
    window.files.close()
    assert list(folder.iterdir()) == []


def test_closing_while_recovered_work_is_worked_out_leaves_it(
    window: Window, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    LongAnalyses(qtbot, monkeypatch)
    folder.mkdir()
    save_session(folder / "recovery-1-20260101-000000-1.lstmviz", OTHER)
    window.files.offer_recovery()
    button = window.findChild(QPushButton, "recovery_open")
    assert button
    button.click()
    window.files.close()
    (found,) = recoverable(folder)
    found.release()


def test_closing_leaves_what_was_saved_while_it_was_worked_out(
    window: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    LongAnalyses(qtbot, monkeypatch)
    window.session.apply("edit", longer(window))
    window.files.document.save_as(tmp_path / "mine")
    window.files.close()
    window.session.close()
    qtbot.wait(20)
    assert load_session(tmp_path / "mine.lstmviz").experiment.recipe.seed == 5


def test_a_file_that_cannot_be_mended_is_said(
    window: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyses, errors = LongAnalyses(qtbot, monkeypatch), []
    window.files.failed.connect(errors.append)
    window.session.apply("edit", longer(window))
    (tmp_path / "gone").mkdir()
    window.files.document.save_as(tmp_path / "gone" / "it.lstmviz")
    shutil.rmtree(tmp_path / "gone")
    analyses.cancel(window.session)
    assert len(errors) == 1


def test_several_files_get_a_window_each(
    window: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(QProcess, "startDetached", lambda _, arguments: (started.append(arguments) or True, 1))
    save_session(tmp_path / "one.lstmviz", OTHER)
    others = [tmp_path / name for name in ("two.lstmviz", "model.pt", "numbers.csv")]
    paths = [tmp_path / "one.lstmviz", *others, tmp_path / "letter.doc"]
    urls = [QUrl.fromLocalFile(str(path)) for path in paths]
    assert send(window, QDragEnterEvent, *urls)
    assert send(window, QDropEvent, *urls)
    qtbot.waitUntil(lambda: window.session.experiment.title == "other")
    assert started == [["-m", "lstmviz", "open", "--errors-in-window", *map(str, others)]]


def test_an_archive_with_a_model_is_dropped_as_a_model(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    np.savez(tmp_path / "model.npz", **random_lstm(3, 2, 1).build_network().state_dict())
    asked: list[object] = []
    window.files.sequence_dropped.connect(asked.append)
    model = QUrl.fromLocalFile(str(tmp_path / "model.npz"))
    assert send(window, QDragEnterEvent, model)
    assert send(window, QDropEvent, model)
    qtbot.waitUntil(lambda: window.files.models.dialog is not None)
    assert not asked
