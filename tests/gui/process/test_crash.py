"""An exception that nobody caught is shown, written down, and survived."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QObject, QThread, QTimer, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PyQt6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.process import crash, crash_dialog
from lstmviz.gui.process.crash import REPORTS_KEPT, CrashHandler, report_folder
from lstmviz.gui.process.crash_dialog import CrashDialog

pytestmark = pytest.mark.qt_no_exception_capture


@pytest.fixture
def handler(qapp: QApplication) -> Iterator[CrashHandler]:
    handler = CrashHandler()
    handler.install()
    handler.attach(qapp)
    yield handler
    handler.uninstall()
    for dialog in dialogs():
        dialog.close()


def dialogs() -> list[CrashDialog]:
    return [
        widget for widget in QApplication.topLevelWidgets() if isinstance(widget, CrashDialog) and widget.isVisible()
    ]


def only_dialog(qtbot: QtBot) -> CrashDialog:
    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    return dialogs()[0]


def press(dialog: QWidget, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button is not None
    button.click()


def text_of(dialog: QWidget, name: str) -> str:
    label = dialog.findChild(QLabel, name)
    assert label is not None
    return label.text()


def details(dialog: QWidget) -> str:
    edit = dialog.findChild(QPlainTextEdit, "crash_details")
    assert edit is not None
    return edit.toPlainText()


def fail(message: str = "the fault") -> None:
    raise ZeroDivisionError(message)


class Painting(QWidget):
    """Fails in every paint, with its painter still open."""

    def __init__(self) -> None:
        super().__init__()
        self.paints = 0

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.drawLine(0, 0, 9, 9)
        self.paints += 1
        fail("while painting")


class Failing(QThread):
    """Fails on a thread of Qt's."""

    def run(self) -> None:
        fail("on a thread")


def test_an_exception_in_a_slot_shows_the_dialog_and_the_app_goes_on(qtbot: QtBot, handler: CrashHandler) -> None:
    QTimer.singleShot(0, fail)
    dialog = only_dialog(qtbot)
    assert "went wrong" in text_of(dialog, "crash_heading")
    assert "ZeroDivisionError" not in text_of(dialog, "crash_sentence")
    assert "ZeroDivisionError: the fault" in details(dialog)
    assert not dialog.findChild(QPlainTextEdit, "crash_details").isVisible()
    press(dialog, "crash_show_details")
    assert dialog.findChild(QPlainTextEdit, "crash_details").isVisible()
    press(dialog, "crash_copy")
    assert QGuiApplication.clipboard().text() == details(dialog)
    press(dialog, "crash_continue")
    qtbot.waitUntil(lambda: dialogs() == [])
    alive: list[bool] = []
    QTimer.singleShot(0, lambda: alive.append(True))
    qtbot.waitUntil(lambda: alive == [True])


def test_an_exception_in_every_paint_shows_one_dialog(qtbot: QtBot, handler: CrashHandler) -> None:
    widget = Painting()
    qtbot.addWidget(widget)
    widget.show()
    dialog = only_dialog(qtbot)
    for _ in range(5):
        widget.repaint()
    assert details(dialog).count("ZeroDivisionError: while painting") == 1
    press(dialog, "crash_continue")
    qtbot.waitUntil(lambda: dialogs() == [])
    painted = widget.paints
    widget.update()
    qtbot.waitUntil(lambda: widget.paints > painted)
    qtbot.wait(20)
    assert dialogs() == []
    assert handler.crash_count == widget.paints
    widget.hide()


def test_other_faults_are_added_to_the_open_dialog(qtbot: QtBot, handler: CrashHandler) -> None:
    QTimer.singleShot(0, fail)
    dialog = only_dialog(qtbot)
    QTimer.singleShot(0, lambda: [][1])
    qtbot.waitUntil(lambda: "IndexError" in details(dialog))
    assert dialogs() == [dialog]


@pytest.mark.parametrize("thread", ["python", "qt"])
def test_an_exception_in_a_thread_is_shown_by_the_gui_thread(
    qtbot: QtBot, handler: CrashHandler, thread: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_on: list[threading.Thread] = []
    original = CrashDialog.__init__

    def noted(self: CrashDialog, *arguments: object) -> None:
        made_on.append(threading.current_thread())
        original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(CrashDialog, "__init__", noted)
    if thread == "python":
        worker = threading.Thread(target=fail)
        worker.start()
        worker.join()
    else:
        qthread = Failing()
        qthread.start()
        assert qthread.wait(5000)
    dialog = only_dialog(qtbot)
    assert made_on == [threading.main_thread()]
    assert "ZeroDivisionError" in details(dialog)


def test_the_report_holds_version_and_every_traceback_and_says_where_it_is(qtbot: QtBot, handler: CrashHandler) -> None:
    QTimer.singleShot(0, fail)
    dialog = only_dialog(qtbot)
    path = handler.report_path
    assert path is not None
    assert str(path) in text_of(dialog, "crash_report_path")
    report = path.read_text()
    assert report.startswith("lstmviz ")
    assert "Python 3." in report
    assert "ZeroDivisionError: the fault" in report


def test_a_fault_60_times_a_second_does_not_fill_the_disk(qtbot: QtBot, handler: CrashHandler) -> None:
    for _ in range(1000):
        raised_and_hooked(fail)
    assert handler.crash_count == 1000
    report = handler.report_path.read_text()
    assert report.count("Traceback") == 1
    assert "again, 512 times by now" in report


def raised_and_hooked(function: Callable[[], None]) -> None:
    try:
        function()
    except Exception:
        sys.excepthook(*sys.exc_info())


def test_old_reports_go(qtbot: QtBot, handler: CrashHandler) -> None:
    shutil.rmtree(report_folder(), ignore_errors=True)
    report_folder().mkdir(parents=True)
    for day in range(REPORTS_KEPT + 5):
        (report_folder() / f"crash-200001{day + 1:02}-000000-1.txt").write_text("old")
    raised_and_hooked(fail)
    kept = sorted(path.name for path in report_folder().glob("crash-*.txt"))
    assert len(kept) == REPORTS_KEPT
    assert kept[-1] == handler.report_path.name


def test_a_report_that_cannot_be_written_is_said_and_the_app_goes_on(
    qtbot: QtBot, handler: CrashHandler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(crash, "report_folder", lambda: tmp_path / "file" / "folder")
    QTimer.singleShot(0, fail)
    dialog = only_dialog(qtbot)
    assert "No report" in text_of(dialog, "crash_report_path")
    assert dialog.findChild(QPushButton, "crash_show_report") is None


def test_what_can_be_saved_is_saved_and_said(qtbot: QtBot, handler: CrashHandler) -> None:
    handler.on_crash = lambda: "Your session was saved."
    QTimer.singleShot(0, fail)
    assert text_of(only_dialog(qtbot), "crash_saved") == "Your session was saved."


def test_a_fault_while_saving_does_not_hide_the_first(qtbot: QtBot, handler: CrashHandler) -> None:
    def saving() -> str:
        raise IndexError("while saving")

    handler.on_crash = saving
    QTimer.singleShot(0, fail)
    dialog = only_dialog(qtbot)
    assert "could not be saved" in text_of(dialog, "crash_saved")
    assert "the fault" in details(dialog)
    assert "while saving" in handler.report_path.read_text()


ERROR = LstmvizError("The file is no model", where="model.bin", how="Choose another file.")


def raise_error() -> None:
    raise ERROR


def test_what_the_user_can_mend_is_shown_as_its_sentence(qtbot: QtBot, handler: CrashHandler) -> None:
    QTimer.singleShot(0, raise_error)
    dialog = only_dialog(qtbot)
    assert text_of(dialog, "crash_sentence") == "The file is no model (model.bin). Choose another file."
    assert dialog.findChild(QPushButton, "crash_show_details") is None
    assert dialog.findChild(QPushButton, "crash_close") is None
    assert handler.report_path is None
    assert handler.crash_count == 0


def test_where_the_window_shows_errors_itself_there_is_no_dialog(qtbot: QtBot, handler: CrashHandler) -> None:
    shown: list[LstmvizError] = []
    handler.on_error = shown.append
    QTimer.singleShot(0, raise_error)
    qtbot.waitUntil(lambda: bool(shown))
    assert shown == [ERROR]
    assert dialogs() == []


def test_close_lstmviz_closes_every_window(qtbot: QtBot, handler: CrashHandler) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    QTimer.singleShot(0, fail)
    press(only_dialog(qtbot), "crash_close")
    qtbot.waitUntil(lambda: not window.isVisible() and dialogs() == [])


def test_a_fault_of_the_dialog_itself_does_not_go_round_in_circles(
    qtbot: QtBot, handler: CrashHandler, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(crash_dialog, "CrashDialog", lambda *_: fail("no dialog either"))
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: handler.crash_count == 1)
    qtbot.wait(20)
    assert handler.crash_count == 1
    assert "no dialog either" in capsys.readouterr().err


def test_the_hook_survives_pyqtgraphs_and_gives_back_what_it_replaced(qapp: QApplication) -> None:
    before = sys.excepthook, threading.excepthook
    handler = CrashHandler()
    handler.install()
    sys.excepthook = lambda *_: None  # what importing pyqtgraph does
    handler.install()
    assert sys.excepthook is handler
    handler.uninstall()
    assert (sys.excepthook, threading.excepthook) == before


def test_a_keyboard_interrupt_is_left_to_python(
    qtbot: QtBot, handler: CrashHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    handler(KeyboardInterrupt, KeyboardInterrupt(), None)
    qtbot.wait(1)
    assert "KeyboardInterrupt" in capsys.readouterr().err
    assert dialogs() == []
    assert handler.crash_count == 0


class Emitting(QObject):
    emitted = pyqtSignal()


def test_the_slots_after_a_failing_one_are_called(qtbot: QtBot, handler: CrashHandler) -> None:
    emitting, called = Emitting(), []
    emitting.emitted.connect(fail)
    emitting.emitted.connect(lambda: called.append(True))
    emitting.emitted.emit()
    assert called == [True]
    only_dialog(qtbot)
