"""Saving, opening, dropping, closing and losing work, through the real window."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QDialog, QListWidget, QPlainTextEdit, QPushButton, QWidget

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.experiments.breakpoints import Breakpoint
from lstmviz.core.experiments.watches import Watch
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from lstmviz.gui.files.recovery import recovery_folder
from lstmviz.gui.settings import SettingsStore
from lstmviz.io.experiments import load_example
from lstmviz.io.sessions import SessionFile, load_session, save_session
from tests.stories.conftest import Open
from tests.stories.person import CONTROL, KEYS, Person

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what the off-screen one says of every menu


@pytest.fixture
def asked(open_window: Open) -> Person:
    """Somebody in a window that asks before work is lost, as every window does that remembers its settings."""
    return open_window(store=SettingsStore())


@pytest.fixture
def letters_file(tmp_path: Path) -> Path:
    """A session with everything in it."""
    example = load_example("letters")
    experiment = replace(
        example.experiment,
        what_ifs=(WhatIf(Clamp("f", "l0", 2, 3, 8, 1.0)),),
        breakpoints=(Breakpoint('token == "l"'),),
        watches=(Watch("norm(c)", True),),
        notes="unit 2 counts",
    )
    path = tmp_path / "letters.lstmviz"
    save_session(path, SessionFile(experiment, Cursor(5, "l0", Stage.CELL, 2)))
    return path


def write_notes(person: Person, text: str) -> None:
    """Type notes and wait until they are part of the experiment."""
    person.open_fold("notes")
    notes = person.find(QPlainTextEdit, "notes")
    person.bring_into_sight(notes)
    person.click(notes.viewport())
    person.type(text)
    person.leave_field()
    person.qtbot.waitUntil(lambda: person.window.session.experiment.notes.endswith(text))


def title(person: Person) -> str:
    """The window's title as the window manager shows it."""
    return person.window.windowTitle().replace("[*]", "*" if person.window.isWindowModified() else "")


def choose_file(person: Person, path: Path) -> None:
    """The file dialogs answer with this path."""
    actions = person.window.files.actions
    actions._choose_to_open = actions._choose_to_save = lambda *_: str(path)


def drop(widget: QWidget, path: Path) -> bool:
    """Drag a file over a widget and let it go there; whether the window takes it."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    window = widget.window()
    assert window is not None
    handle = window.windowHandle()
    assert handle is not None
    place, copy = QPointF(widget.mapTo(window, QPoint(8, 8))), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place.toPoint(), copy, mime, buttons, keys)
    enter.ignore()
    QApplication.sendEvent(handle, enter)
    event = QDropEvent(place, copy, mime, buttons, keys)
    event.ignore()
    QApplication.sendEvent(handle, event)
    return event.isAccepted()


# Saving and opening


def test_save_as_edit_save_and_open_again(asked: Person, tmp_path: Path) -> None:
    assert title(asked) == "Company B, the worked example"
    asked.write_sequence("1, 2, 3")
    asked.leave_field()
    assert title(asked) == "Company B, the worked example*"
    choose_file(asked, tmp_path / "mine")
    asked.press(KEYS.Key_S, CONTROL)
    assert title(asked) == "mine.lstmviz"
    write_notes(asked, "a note")
    assert title(asked) == "mine.lstmviz*"
    asked.press(KEYS.Key_Z, CONTROL)
    assert title(asked) == "mine.lstmviz"
    asked.press(KEYS.Key_Y, CONTROL)
    asked.press(KEYS.Key_S, CONTROL)
    assert title(asked) == "mine.lstmviz"
    mine = asked.window.session.experiment
    assert load_session(tmp_path / "mine.lstmviz").experiment == mine
    asked.choose_in_menu("File", "Examples", "Company A")
    assert title(asked) == "Company A, the worked example"
    asked.choose_in_menu("File", "Open recent", "1")
    assert title(asked) == "mine.lstmviz"
    assert asked.window.session.experiment == mine
    assert asked.find(QPlainTextEdit, "notes").toPlainText() == "a note"
    assert SettingsStore().load().recent == (str(tmp_path / "mine.lstmviz"),)


def test_everything_is_where_it_was_after_opening(person: Person, letters_file: Path) -> None:
    choose_file(person, letters_file)
    person.press(KEYS.Key_O, CONTROL)
    assert title(person) == "letters.lstmviz"
    assert person.at == (5, Stage.CELL)
    assert person.window.session.cursor.unit == 2
    for fold in ("what_if", "breakpoints", "watches", "notes"):
        person.open_fold(fold)
    rows = person.find(QListWidget, "what_ifs")
    assert rows.item(0).text() == "clamp f[2] = 1, steps 3-8"  # type: ignore[union-attr]
    assert person.cells("breakpoints_table", 1) == ["4 of 11"]
    assert person.cells("watches_table", 1) == [f"{np.linalg.norm(person.run.trace['l0'].c[4, 0]):.3f}"]
    assert person.find(QPlainTextEdit, "notes").toPlainText() == "unit 2 counts"
    assert person.window.undo_action.text() == "Undo open letters.lstmviz"
    person.press(KEYS.Key_Escape)
    person.press(KEYS.Key_Z, CONTROL)
    assert title(person) == "Company B, the worked example"
    person.press(KEYS.Key_Y, CONTROL)
    assert title(person) == "letters.lstmviz"


def test_revert_goes_back_to_the_file_and_undo_forth(person: Person, letters_file: Path) -> None:
    choose_file(person, letters_file)
    person.press(KEYS.Key_O, CONTROL)
    assert not person.menu_entry("File", "Revert").isEnabled()
    person.write_sequence("hello world")
    person.leave_field()
    person.choose_in_menu("File", "Revert")
    assert person.editor.toPlainText() == "hello hello"
    assert title(person) == "letters.lstmviz"
    person.press(KEYS.Key_Z, CONTROL)
    assert person.editor.toPlainText() == "hello world"
    assert title(person) == "letters.lstmviz*"


@pytest.mark.parametrize("over", ["window", "timeline", "cell", "sequence", "notes", "inspector", "gradients"])
def test_a_session_is_dropped_anywhere_on_the_window(person: Person, letters_file: Path, over: str) -> None:
    window = person.window
    person.open_fold("notes")
    if over == "gradients":
        window.tabs.setCurrentWidget(window.tabs.view("gradients"))
    notes = person.find(QPlainTextEdit, "notes")
    places: dict[str, Callable[[], QWidget | None]] = {
        "window": lambda: window,
        "timeline": lambda: window.timeline_view,
        "cell": lambda: window.cell_view,
        "sequence": lambda: person.editor.viewport(),
        "notes": lambda: notes.viewport(),
        "inspector": lambda: window.inspector_view.page,
        "gradients": lambda: window.tabs.view("gradients").plot.viewport(),  # type: ignore[attr-defined]
    }
    widget = places[over]()
    assert widget is not None
    before = person.editor.toPlainText()
    assert drop(widget, letters_file)
    assert person.editor.toPlainText() == before
    person.qtbot.waitUntil(lambda: title(person) == "letters.lstmviz")
    assert person.editor.toPlainText() == "hello hello"
    assert person.find(QPlainTextEdit, "notes").toPlainText() == "unit 2 counts"


def test_a_recent_file_that_is_gone_is_forgotten_and_said(asked: Person, letters_file: Path) -> None:
    choose_file(asked, letters_file)
    asked.press(KEYS.Key_O, CONTROL)
    before = asked.window.session.experiment
    letters_file.unlink()
    asked.choose_in_menu("File", "Open recent", "1")
    assert "letters.lstmviz" in asked.reads("error_what") + asked.reads("error_how")
    assert asked.window.session.experiment is before
    assert not asked.menu_entry("File", "Open recent").isEnabled()


# Files that are not what they say


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def foreign(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def newer(path: Path) -> None:
    edit_header(path, lambda header: header.update(version=999))


def not_a_number(path: Path) -> None:
    edit_header(path, lambda header: header["cursor"].update(t=float("nan")))


def outside(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../outside.npy", b"x")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def edit_header(path: Path, edit: Callable[[dict[str, object]], None]) -> None:
    """Change the JSON in a session file."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = next(name for name in parts if name.endswith(".json"))
    header = json.loads(parts[name])
    edit(header)
    parts[name] = json.dumps(header).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in parts.items():
            archive.writestr(each, content)


@pytest.mark.parametrize("spoil", [truncated, foreign, empty, newer, not_a_number, outside, folder])
def test_a_file_that_cannot_be_opened_says_why_and_changes_nothing(
    person: Person, letters_file: Path, spoil: Callable[[Path], None]
) -> None:
    person.write_sequence("1, 2")
    person.leave_field()
    session = person.window.session
    before, cursor, undo = session.experiment, session.cursor, person.window.undo_action.text()
    spoil(letters_file)
    choose_file(person, letters_file)
    person.will_answer("ask_to_save", "Don’t save")
    person.press(KEYS.Key_O, CONTROL)
    assert "letters.lstmviz" in person.reads("error_what") + person.reads("error_how"), person.reads("error_what")
    assert session.experiment is before
    assert session.cursor == cursor
    assert person.window.undo_action.text() == undo
    assert title(person) == "Company B, the worked example*"
    person.click(person.find(QPushButton, "dismiss_error"))
    assert not person.reads("error_what")


def test_what_cannot_be_saved_is_said_and_is_still_unsaved(asked: Person, tmp_path: Path) -> None:
    write_notes(asked, "mine")
    choose_file(asked, tmp_path / "no such folder" / "mine.lstmviz")
    asked.press(KEYS.Key_S, CONTROL)
    assert "no such folder" in asked.reads("error_what") + asked.reads("error_how")
    assert title(asked) == "Company B, the worked example*"
    asked.will_answer("ask_to_save", "Save")
    asked.window.close()
    assert asked.window.isVisible(), "what cannot be saved must not be lost by closing"
    asked.activate()
    choose_file(asked, tmp_path / "mine.lstmviz")
    asked.press(KEYS.Key_S, CONTROL)
    assert title(asked) == "mine.lstmviz"


# Closing


@pytest.mark.parametrize(
    ("answer", "closed", "kept"), [("Save", True, True), ("Don’t save", True, False), ("Cancel", False, False)]
)
def test_closing_asks_about_what_is_not_saved(
    asked: Person, tmp_path: Path, answer: str, closed: bool, kept: bool
) -> None:
    write_notes(asked, "mine")
    choose_file(asked, tmp_path / "mine.lstmviz")
    words = asked.will_answer("ask_to_save", answer)
    asked.press(KEYS.Key_Q, CONTROL)
    assert "Save the changes to Company B, the worked example?" in words
    assert asked.window.isVisible() is not closed
    assert (tmp_path / "mine.lstmviz").exists() is kept
    if not closed:
        asked.activate()
        asked.press(KEYS.Key_Right)
        assert asked.at == (3, Stage.OUTPUT)


def test_what_was_typed_a_moment_ago_is_asked_about_and_saved(asked: Person, tmp_path: Path) -> None:
    asked.open_fold("notes")
    notes = asked.find(QPlainTextEdit, "notes")
    asked.bring_into_sight(notes)
    asked.click(notes.viewport())
    asked.type("typed and closed at once")
    choose_file(asked, tmp_path / "mine.lstmviz")
    words = asked.will_answer("ask_to_save", "Save")
    asked.window.close()
    assert words
    assert load_session(tmp_path / "mine.lstmviz").experiment.notes == "typed and closed at once"


def test_what_was_typed_a_moment_ago_is_in_the_file_that_is_saved(asked: Person, tmp_path: Path) -> None:
    asked.open_fold("notes")
    notes = asked.find(QPlainTextEdit, "notes")
    asked.bring_into_sight(notes)
    asked.click(notes.viewport())
    asked.type("typed and saved at once")
    choose_file(asked, tmp_path / "mine.lstmviz")
    asked.press(KEYS.Key_S, CONTROL)
    assert load_session(tmp_path / "mine.lstmviz").experiment.notes == "typed and saved at once"
    assert title(asked) == "mine.lstmviz"


def test_nothing_is_asked_when_all_is_saved(asked: Person) -> None:
    asked.press(KEYS.Key_Home)
    asked.window.close()
    assert not asked.window.isVisible()


# After a crash

CRASHING = """
import sys
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtTest import QTest
from lstmviz.gui.process import launch, window_opening
from lstmviz.gui import main_window

class Window(main_window.MainWindow):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        QTimer.singleShot(0, self.edit)
    def edit(self):
        editor = self.experiment_panel.sequence_section.field.editor
        QTest.keyClick(editor, Qt.Key.Key_End)
        QTest.keyClicks(editor, ", 0.75, 0.125")
        QTimer.singleShot(400, lambda: print("edited", flush=True))

window_opening.MainWindow = Window
sys.exit(launch.run_windows([], reset=False))
"""


def test_a_killed_window_loses_nothing_that_is_five_seconds_old(open_window: Open, tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", CRASHING], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "edited\n"
    began = time.monotonic()
    mine = f"recovery-{process.pid}-*.lstmviz"
    while not list(recovery_folder().glob(mine)) and time.monotonic() - began < 5:
        time.sleep(0.02)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()

    person = open_window()
    person.window.files.offer_recovery()
    person.settle()
    dialog = person.find(QDialog, "recovery_dialog")
    rows = person.find(QListWidget, "recovery_list")
    assert rows.count() == 1
    assert "Company B, the worked example" in rows.item(0).text()  # type: ignore[union-attr]
    assert "was never saved to a file" in rows.item(0).text()  # type: ignore[union-attr]
    assert dialog.isVisible()
    person.click(person.find(QPushButton, "recovery_open"), QPointF(8, 8))
    person.qtbot.waitUntil(lambda: person.run.length == 6)
    assert person.editor.toPlainText() == "1, 0.5, 0.25, 1, 0.75, 0.125"
    assert title(person) == "Company B, the worked example*"
    assert person.window.undo_action.text() == "Undo recover Company B, the worked example"
    assert not list(recovery_folder().glob(mine))
