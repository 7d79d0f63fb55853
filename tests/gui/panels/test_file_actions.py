"""The File menu: what it asks, what it opens and saves, and what is dropped on the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QTimer, QUrl
from PyQt6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.gui.files.document import Document
from lstmviz.gui.files.recovery import Recovery, recoverable
from lstmviz.gui.panels import file_actions
from lstmviz.gui.panels.ask_to_save import SaveChoice, ask_to_save
from lstmviz.gui.panels.file_actions import FileActions, session_paths
from lstmviz.gui.session import Session
from lstmviz.io.sessions import SessionFile, save_session
from tests.experiments import random_lstm
from tests.gui.files.long_analyses import LongAnalyses


class Desk:
    """Somebody with a File menu, and what they answer."""

    def __init__(self, folder: Path) -> None:
        self.window = QWidget()
        self.session = Session(random_lstm(4, 2, 1), parent=self.window)
        self.document = Document(self.session, parent=self.window)
        self.answer = SaveChoice.CANCEL
        self.chosen = ""
        self.asked: list[str] = []
        self.errors: list[LstmvizError] = []
        self.actions = FileActions(
            self.document, self.window, ask=self._ask, choose_to_open=self._choose, choose_to_save=self._choose
        )
        self.actions.failed.connect(self.errors.append)
        self.other = folder / "other.lstmviz"
        save_session(self.other, SessionFile(replace(random_lstm(6, 3, 1), title="other"), Cursor(2)))

    def _ask(self, _: QWidget | None, name: str) -> SaveChoice:
        self.asked.append(name)
        return self.answer

    def _choose(self, _: QWidget | None, start: str) -> str:
        self.asked.append(start)
        return self.chosen

    def edit(self) -> None:
        self.session.apply("note", replace(self.session.wanted, notes=self.session.wanted.notes + "!"))


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    qtbot.addWidget(desk.window)
    yield desk
    desk.session.close()


def test_leaving_asks_only_about_unsaved_changes(desk: Desk) -> None:
    assert desk.actions.may_leave()
    assert desk.asked == []
    desk.edit()
    assert not desk.actions.may_leave()
    desk.answer = SaveChoice.DISCARD
    assert desk.actions.may_leave()
    assert desk.asked == ["random", "random"]


def test_leaving_saves_when_that_is_the_answer_and_stays_when_it_fails(desk: Desk, tmp_path: Path) -> None:
    desk.edit()
    desk.answer = SaveChoice.SAVE
    assert not desk.actions.may_leave()  # no file was chosen
    desk.chosen = str(tmp_path / "gone" / "it")
    assert not desk.actions.may_leave()
    assert desk.errors[0].what == "The folder does not exist any more"
    desk.chosen = str(tmp_path / "it")
    assert desk.actions.may_leave()
    assert (tmp_path / "it.lstmviz").exists()
    assert not desk.document.unsaved


def test_open(desk: Desk) -> None:
    desk.actions.open_action.trigger()
    assert desk.document.path is None
    desk.chosen = str(desk.other)
    desk.actions.open_action.trigger()
    assert desk.document.path == desk.other
    desk.edit()
    desk.chosen = "/nowhere"
    desk.actions.open_action.trigger()
    assert desk.asked[-1] == "other.lstmviz"
    assert desk.errors == []  # cancelled before
    desk.answer = SaveChoice.DISCARD
    desk.actions.open_action.trigger()
    assert desk.errors[0].what == "There is no such file"
    assert desk.document.unsaved


def test_an_example_asks_only_about_changes_to_a_file(desk: Desk) -> None:
    desk.edit()
    desk.actions.open_example("company-b")
    assert desk.asked == []
    assert desk.session.experiment.title.startswith("Company B")
    desk.actions.open_path(desk.other)
    desk.edit()
    desk.actions.open_example("company-b")
    assert desk.asked == ["other.lstmviz"]
    assert desk.document.path == desk.other


def test_save_asks_for_a_file_once(desk: Desk, tmp_path: Path) -> None:
    desk.chosen = str(tmp_path / "mine.lstmviz")
    desk.actions.save_action.trigger()
    assert Path(desk.asked[0]).name == "random.lstmviz"
    desk.edit()
    desk.actions.save_action.trigger()
    assert len(desk.asked) == 1
    assert not desk.document.unsaved
    desk.chosen = str(tmp_path / "copy.lstmviz")
    desk.actions.save_as_action.trigger()
    assert desk.asked[1] == str(tmp_path / "mine.lstmviz")
    assert desk.document.name == "copy.lstmviz"


def test_revert(desk: Desk) -> None:
    assert not desk.actions.revert_action.isEnabled()
    desk.actions.open_path(desk.other)
    desk.edit()
    assert desk.actions.revert_action.isEnabled()
    desk.actions.revert_action.trigger()
    assert not desk.document.unsaved
    assert not desk.actions.revert_action.isEnabled()
    desk.edit()
    desk.other.unlink()
    desk.actions.revert_action.trigger()
    assert desk.errors[0].what == "There is no such file"


def test_recent_files_open_and_those_that_are_gone_leave_the_menu(desk: Desk, tmp_path: Path) -> None:
    assert not desk.actions.recent_menu.isEnabled()
    desk.document.save_as(tmp_path / "a & b.lstmviz")
    desk.actions.open_path(desk.other)
    first, second = desk.actions.recent_menu.actions()
    assert [first.text(), second.text()] == ["&1  other.lstmviz", "&2  a && b.lstmviz"]
    second.trigger()
    assert desk.document.name == "a & b.lstmviz"
    assert desk.actions.recent_menu.actions()[0].toolTip() == str(tmp_path / "a & b.lstmviz")
    desk.other.unlink()
    desk.actions.recent_menu.actions()[1].trigger()
    assert desk.errors[0].what == "There is no such file"
    assert len(desk.actions.recent_menu.actions()) == 1


def test_the_menu(desk: Desk) -> None:
    texts = [item.title() if isinstance(item, QMenu) else item.text() for item in desk.actions.items if item]
    assert texts == [
        "&Open a session…",
        "Open &recent",
        "&Save",
        "Save &as…",
        "Re&vert to the saved file",
    ]


def test_what_was_recovered_is_kept_here_before_it_is_deleted_there(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "recovery"
    folder.mkdir()
    left = folder / "recovery-1-20260101-000000-1.lstmviz"
    desk.other.rename(left)
    recovery = Recovery(desk.document, folder, desk.window)
    (found,) = recoverable(folder)
    desk.actions.open_recovered(recovery, found)
    assert desk.session.experiment.title == "other"
    assert desk.document.unsaved
    assert recovery.path.exists()
    assert not left.exists()
    recovery.close()


def test_what_cannot_be_kept_here_stays_there(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "recovery"
    folder.mkdir()
    left = folder / "recovery-1-20260101-000000-1.lstmviz"
    desk.other.rename(left)
    recovery = Recovery(desk.document, desk.other / "no folder", desk.window)
    (found,) = recoverable(folder)
    desk.other.touch()
    desk.actions.open_recovered(recovery, found)
    assert desk.errors[0].what.startswith("The folder cannot be used")
    assert left.exists()
    (again,) = recoverable(folder)
    again.release()
    recovery.close()


@pytest.fixture
def left(desk: Desk, tmp_path: Path) -> Path:
    """A recovery file of a window that is gone."""
    folder = tmp_path / "recovery"
    folder.mkdir()
    left = folder / "recovery-1-20260101-000000-1.lstmviz"
    desk.other.rename(left)
    return left


def offered(folder: Path) -> list[str]:
    """The titles of what the next start offers."""
    found = recoverable(folder)
    for each in found:
        each.release()
    return [each.title for each in found]


@pytest.mark.parametrize("end", ["stands", "refused", "cancelled", "closed"])
def test_what_was_recovered_is_kept_until_it_stands(
    desk: Desk, left: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    analyses = LongAnalyses(qtbot, monkeypatch)
    recovery = Recovery(desk.document, left.parent, desk.window)
    (found,) = recoverable(left.parent)
    desk.actions.open_recovered(recovery, found)
    assert left.exists()
    assert offered(left.parent) == []  # no other window may take it meanwhile
    if end == "stands":
        analyses.end(desk.session)
        assert recovery.path.exists()
        assert not left.exists()
    elif end == "refused":
        analyses.end(desk.session, refused=(desk.session.wanted,))
    elif end == "cancelled":
        analyses.cancel(desk.session)
    else:
        desk.actions.close()
    recovery.close()
    assert offered(left.parent) == ([] if end == "stands" else ["other"])


def longer(desk: Desk) -> None:
    """A change of what is wanted, whose analysis is long."""
    wanted = desk.session.wanted
    desk.session.apply("edit", replace(wanted, recipe=replace(wanted.recipe, seed=9)))


@pytest.mark.parametrize("undone", [False, True])
def test_what_was_recovered_stands_with_a_note_and_after_undo_of_what_was_built_on_it(
    desk: Desk, left: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, undone: bool
) -> None:
    analyses = LongAnalyses(qtbot, monkeypatch)
    recovery = Recovery(desk.document, left.parent, desk.window)
    (found,) = recoverable(left.parent)
    desk.actions.open_recovered(recovery, found)
    if undone:
        longer(desk)
        desk.session.undo()
    else:
        desk.edit()
    analyses.end(desk.session)
    assert desk.session.experiment.notes == ("" if undone else "!")
    assert recovery.path.exists()
    assert not left.exists()
    recovery.close()


def test_what_was_recovered_under_another_change_is_offered_again(
    desk: Desk, left: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyses = LongAnalyses(qtbot, monkeypatch)
    recovery = Recovery(desk.document, left.parent, desk.window)
    (found,) = recoverable(left.parent)
    desk.actions.open_recovered(recovery, found)
    longer(desk)
    analyses.end(desk.session)
    recovery.close()
    assert offered(left.parent) == ["other"]


def test_what_is_dropped(tmp_path: Path) -> None:
    dropped = QMimeData()
    dropped.setUrls(
        [QUrl.fromLocalFile("/a/b c.lstmviz"), QUrl("https://example.org/x.lstmviz"), QUrl.fromLocalFile("/a/x.csv")]
    )
    dropped.setUrls([*dropped.urls(), QUrl.fromLocalFile("/a/D.LSTMVIZ")])
    assert session_paths(dropped) == (Path("/a/b c.lstmviz"), Path("/a/D.LSTMVIZ"))
    assert session_paths(QMimeData()) == session_paths(None) == ()


@pytest.mark.parametrize(
    ("press", "choice"),
    [
        ("Save", SaveChoice.SAVE),
        ("Do&n’t save", SaveChoice.DISCARD),
        ("Cancel", SaveChoice.CANCEL),
        ("", SaveChoice.CANCEL),
    ],
)
def test_the_question(qtbot: QtBot, press: str, choice: SaveChoice) -> None:
    asked: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        buttons = {button.text(): button for button in box.findChildren(QPushButton)}
        assert set(buttons) == {"Save", "Do&n’t save", "Cancel"}
        (buttons[press].click if press else box.reject)()

    QTimer.singleShot(0, answer)
    assert ask_to_save(None, "mine.lstmviz") is choice
    assert asked == ["Save the changes to mine.lstmviz?"]


@pytest.mark.parametrize("name", ["getOpenFileName", "getSaveFileName"])
def test_the_file_dialogs_offer_sessions(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    given: list[tuple[object, ...]] = []

    def dialog(*arguments: object) -> tuple[str, str]:
        given.append(arguments)
        return "/a/b.lstmviz", ""

    monkeypatch.setattr(QFileDialog, name, dialog)
    choose: Callable[[QWidget | None, str], str] = {
        "getOpenFileName": file_actions.choose_file_to_open,
        "getSaveFileName": file_actions.choose_file_to_save,
    }[name]
    assert choose(None, "/a") == "/a/b.lstmviz"
    assert given[0][2:] == ("/a", "lstmviz sessions (*.lstmviz);;All files (*)")
