"""Faults of the program itself: they are shown, and the window can be used afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtWidgets import QApplication, QPushButton

from lstmviz.core.cursor import Stage
from lstmviz.core.errors import LstmvizError
from lstmviz.gui.process.crash import CrashHandler
from lstmviz.gui.process.crash_dialog import CrashDialog
from tests.stories.conftest import Open
from tests.stories.person import KEYS, Person

pytestmark = pytest.mark.qt_no_exception_capture


@pytest.fixture
def handler(qapp: QApplication, capsys: pytest.CaptureFixture[str]) -> Iterator[CrashHandler]:
    """The one in charge, as ``create_application`` puts it in place."""
    handler = CrashHandler()
    handler.install()
    handler.attach(qapp)
    yield handler
    handler.uninstall()


def dialogs() -> list[CrashDialog]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, CrashDialog) and each.isVisible()]


def broken(*_: object) -> None:
    raise ZeroDivisionError("the fault")


def test_an_exception_in_a_slot_reaches_the_dialog_and_the_window_goes_on(
    handler: CrashHandler, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(person.window.inspector_view, "show_cursor", broken)
        person.press(KEYS.Key_Right)
        person.qtbot.waitUntil(lambda: len(dialogs()) == 1)
    dialog = dialogs()[0]
    assert dialog.parent() is person.window
    assert handler.crash_count == 1
    continues = dialog.findChild(QPushButton, "crash_continue")
    assert continues is not None
    person.click(continues)
    assert not dialogs()
    person.window.activateWindow()  # off-screen there is no window manager to do so
    person.qtbot.waitUntil(person.window.isActiveWindow)
    person.press(KEYS.Key_Right)
    assert person.at == (3, Stage.HIDDEN)
    assert person.window.inspector_view.cursor_at == person.window.session.cursor


def test_a_picture_that_cannot_be_painted_is_reported_once(
    handler: CrashHandler, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(person.window.cell_view, "draw", broken)
        for _ in range(5):
            person.press(KEYS.Key_Left)
            person.window.cell_view.repaint()
        person.qtbot.waitUntil(lambda: handler.crash_count >= 5)
        person.qtbot.waitUntil(lambda: len(dialogs()) == 1)
    dialogs()[0].accept()
    person.window.cell_view.repaint()
    assert not dialogs()


def test_closing_from_the_dialog_closes_the_window(handler: CrashHandler, person: Person) -> None:
    person.window.undo_action.setEnabled(True)
    person.window.undo_action.triggered.connect(broken)
    person.window.undo_action.trigger()
    person.qtbot.waitUntil(lambda: len(dialogs()) == 1)
    close = dialogs()[0].findChild(QPushButton, "crash_close")
    assert close is not None
    person.click(close)
    assert not person.window.isVisible()


def test_a_mistake_of_the_user_that_nobody_caught_is_a_message_and_no_dialog(
    handler: CrashHandler, open_window: Open
) -> None:
    person = open_window()
    handler.on_error = person.window.messages.show_error
    try:
        raise LstmvizError("That cannot be done", how="Do something else.")
    except LstmvizError as error:
        handler(type(error), error, error.__traceback__)
    person.qtbot.waitUntil(lambda: person.reads("error_what") == "That cannot be done")
    assert not dialogs()
    person.click(person.find(QPushButton, "dismiss_error"))
    assert not person.reads("error_what")
