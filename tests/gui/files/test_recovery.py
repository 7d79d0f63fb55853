"""Recovery files: written soon after a change, gone when all is saved, found after a crash and by nobody else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.process import TrainingProcess, beginning
from lstmviz.gui.files import recovery as recovery_module
from lstmviz.gui.files.document import Document
from lstmviz.gui.files.recovery import Recovery, recoverable, recovery_folder
from lstmviz.gui.session import Session
from lstmviz.io.locks import FileLock
from lstmviz.io.sessions import load_session
from tests.experiments import random_lstm
from tests.gui.training.plans import driven, finished, tiny_plan

NOTHING_OLDER_THAN = 5.0
"""Seconds: what was changed longer ago is never lost."""


class Window:
    """What a window has to do with recovery."""

    def __init__(self, folder: Path) -> None:
        self.session = Session(random_lstm(4, 2, 1))
        self.document = Document(self.session, parent=self.session)
        self.recovery = Recovery(self.document, folder, self.session)
        self.errors: list[LstmvizError] = []
        self.recovery.failed.connect(self.errors.append)

    def note(self, notes: str) -> None:
        self.session.apply("note", replace(self.session.wanted, notes=notes))

    def kept(self) -> str:
        """The notes in the recovery file; empty if there is none."""
        path = self.recovery.path
        return load_session(path).experiment.notes if path.exists() else ""

    def vanish(self) -> None:
        """As if the process had been killed."""
        self.recovery._timer.stop()
        self.recovery._wait()
        assert self.recovery._lock
        os.close(self.recovery._lock._descriptor)
        self.recovery._lock = None
        self.session.close()

    def close(self) -> None:
        self.recovery.close()
        self.session.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recovery"


@pytest.fixture
def open_window(qapp: object, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Window]]:
    """Opens windows that write sooner than real ones do."""
    monkeypatch.setattr(recovery_module, "WRITE_AFTER", 20)
    windows: list[Window] = []

    def opened() -> Window:
        windows.append(Window(folder))
        return windows[-1]

    yield opened
    for window in windows:
        window.close()


@pytest.fixture
def window(open_window: Callable[[], Window]) -> Window:
    return open_window()


def test_nothing_is_written_while_nothing_is_unsaved(window: Window, folder: Path) -> None:
    window.session.seek(Cursor(1))
    assert not window.recovery._timer.isActive()
    assert not folder.exists()


def test_a_change_is_kept_soon_and_the_next_one_too(qtbot: QtBot, window: Window) -> None:
    for notes in ("one", "two"):
        window.note(notes)
        qtbot.waitUntil(lambda notes=notes: window.kept() == notes)
    assert str(os.getpid()) in window.recovery.path.name


def test_changes_that_go_on_do_not_put_it_off(qtbot: QtBot, window: Window) -> None:
    for number in range(1000):
        window.note(str(number))
        qtbot.wait(5)
        if window.kept():
            break
    assert window.kept()


@pytest.mark.parametrize("end", ["save", "undo", "close"])
def test_it_is_gone_when_all_is_saved_undone_or_closed(qtbot: QtBot, window: Window, tmp_path: Path, end: str) -> None:
    window.note("unsaved")
    qtbot.waitUntil(window.recovery.path.exists)
    if end == "save":
        window.document.save_as(tmp_path / "mine")
    elif end == "undo":
        window.session.undo()
    else:
        window.recovery.close()
    qtbot.waitUntil(lambda: not window.recovery.path.exists())
    window.note("after the end")
    assert window.recovery._timer.isActive() == (end != "close")


def test_closing_while_it_is_written_leaves_nothing(window: Window) -> None:
    window.note("unsaved")
    window.recovery._write()
    window.recovery.close()
    assert not list(window.recovery.path.parent.iterdir())


def test_what_the_crash_dialog_says(window: Window, folder: Path) -> None:
    assert window.recovery.saved_words() == ""
    window.note("unsaved")
    assert "offers it at the next start" in window.recovery.saved_words()
    assert window.kept() == "unsaved"
    window.note("more")
    window.recovery.close()
    folder.rmdir()
    folder.write_text("in the way")
    with pytest.raises(LstmvizError):
        window.recovery.saved_words()


def test_a_disk_that_refuses_is_reported_once_until_it_works_again(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[object] = []

    def refusing(*arguments: object) -> None:
        tries.append(arguments)
        raise LstmvizError("The disk is full", how="Make room.")

    with monkeypatch.context() as patch:
        patch.setattr(recovery_module, "save_session", refusing)
        window.note("unsaved")
        qtbot.waitUntil(lambda: len(tries) > 2)
    qtbot.waitUntil(lambda: window.kept() == "unsaved")
    assert [str(error) for error in window.errors] == ["Unsaved work cannot be kept: The disk is full. Make room."]


def test_a_folder_that_cannot_be_made_is_reported_once(qtbot: QtBot, window: Window, folder: Path) -> None:
    folder.write_text("in the way")
    window.note("unsaved")
    qtbot.waitUntil(lambda: bool(window.errors))
    qtbot.wait(100)
    assert len(window.errors) == 1
    assert recoverable(folder) == ()
    folder.unlink()
    qtbot.waitUntil(lambda: window.kept() == "unsaved")


def test_open_windows_do_not_offer_each_others(open_window: Callable[[], Window], folder: Path) -> None:
    first, second = open_window(), open_window()
    for window in (first, second):
        window.note("unsaved")
        window.recovery.write_now()
    assert first.recovery.path != second.recovery.path
    assert recoverable(folder) == ()


def test_what_a_crash_left_is_offered_once_and_can_be_thrown_away(
    open_window: Callable[[], Window], folder: Path, tmp_path: Path
) -> None:
    gone, living = open_window(), open_window()
    gone.document.save_as(tmp_path / "mine")
    for window in (gone, living):
        window.note("unsaved")
        window.recovery.write_now()
    gone.vanish()
    (found,) = recoverable(folder)
    assert found.session == gone.document.snapshot()
    assert found.session
    assert (found.title, found.session.origin) == ("mine.lstmviz", str(tmp_path / "mine.lstmviz"))
    assert abs(found.saved_at - time.time()) < 60
    assert recoverable(folder) == ()  # somebody is being asked about it
    found.release()
    (again,) = recoverable(folder)
    again.discard()
    assert recoverable(folder) == ()
    assert living.recovery.path.exists()
    assert not gone.recovery.path.exists()


def test_a_damaged_one_is_offered_with_what_is_wrong(folder: Path) -> None:
    folder.mkdir()
    (folder / "recovery-1-20260101-000000-1.lstmviz").write_bytes(b"PK\x03\x04 half of it")
    (found,) = recoverable(folder)
    assert found.session is None
    assert found.error
    assert "cut off" in found.error.what
    assert found.title == "recovery-1-20260101-000000-1.lstmviz"
    found.discard()
    assert not list(folder.iterdir())


def test_leftovers_that_hold_nothing_are_removed(folder: Path) -> None:
    folder.mkdir()
    (folder / "recovery-1-20260101-000000-1.lock").touch()
    old, new = folder / ".lstmviz-00.tmp", folder / ".lstmviz-11.tmp"
    held = FileLock.attempt(folder / "recovery-2-20260101-000000-1.lock")
    assert held
    for path in (old, new):
        path.touch()
    os.utime(old, (0, 0))
    assert recoverable(folder) == ()
    assert set(folder.iterdir()) == {new, held.path}
    held.release()


def test_the_folder_is_the_users_for_data(qapp: object) -> None:
    assert recovery_folder() == Path(os.environ["XDG_DATA_HOME"], "lstmviz", "recovery")


EDITING = """
import sys, time
from dataclasses import replace
from pathlib import Path
from PyQt6.QtCore import QCoreApplication, QTimer
from lstmviz.gui.files.document import Document
from lstmviz.gui.files.recovery import Recovery
from lstmviz.gui.session import Session
from lstmviz.io.experiments import load_example

app = QCoreApplication(sys.argv)
session = Session(load_example("company-b").experiment)
document = Document(session, parent=session)
recovery = Recovery(document, Path(sys.argv[1]), session)

def edit():
    now = time.monotonic()
    session.apply("note", replace(session.wanted, notes=str(now)))
    print(now, flush=True)

timer = QTimer(session)
timer.timeout.connect(edit)
timer.start(250)
app.exec()
"""


def test_kill_9_while_editing_loses_nothing_older_than_five_seconds(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", EDITING, folder], stdout=subprocess.PIPE, text=True) as editor:
        try:
            assert editor.stdout
            first = float(editor.stdout.readline())
            time.sleep(max(0.0, first + NOTHING_OLDER_THAN + 0.5 - time.monotonic()))
            assert recoverable(folder) == ()  # it is open
        finally:
            editor.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        edits = [first, *map(float, editor.stdout)]
    (found,) = recoverable(folder)
    assert found.session
    kept = float(found.session.experiment.notes)
    assert kept in edits
    assert kept >= max(made for made in edits if made <= killed - NOTHING_OLDER_THAN)
    assert found.title == "Company B, the worked example"
    found.discard()


def test_a_training_that_goes_on_is_kept_now_and_then(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery_module, "TRAINING_AFTER", 60)
    process = TrainingProcess(beginning(tiny_plan(updates=100)))
    written: list[int] = []

    def follow() -> int:
        """The window is told of every update, as while a training runs; what the file has of them."""
        window.document.follow_training(driven(process, 1))
        training = load_session(window.recovery.path).training if window.recovery.path.exists() else None
        if training is not None and training.update not in written:
            written.append(training.update)
        return len(written)

    qtbot.waitUntil(lambda: follow() >= 3)
    assert written[-1] > written[0] + 2  # not at every update
    last = window.document.training
    assert last is not None
    qtbot.waitUntil(lambda: (load_session(window.recovery.path).training or last).update == last.update)


def test_notes_are_kept_soon_while_a_training_waits(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.note("first")
    qtbot.waitUntil(lambda: window.kept() == "first")
    monkeypatch.setattr(recovery_module, "TRAINING_AFTER", 60_000)
    window.document.follow_training(finished(tiny_plan(updates=1)))
    assert window.recovery._timer.remainingTime() > 30_000
    window.note("second")
    qtbot.waitUntil(lambda: window.kept() == "second")


def test_a_recovery_file_has_few_checkpoints(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    record = finished(tiny_plan(updates=60))
    size = sum(state.nbytes for state in record.moments[-1].states.values())
    monkeypatch.setattr(recovery_module, "TRAINING_BYTES", 5 * size)
    window.document.follow_training(record)
    window.recovery.write_now()
    kept = load_session(window.recovery.path).training
    assert kept is not None
    assert len(kept.moments) <= 5
    assert kept.moments[-1].update == 60
