"""What happens to an exception that nobody caught: it is written down and shown, and the app goes on.

Without this, PyQt aborts the process at the first exception in a slot or a paintEvent.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PyQt6 import sip
from PyQt6.QtCore import PYQT_VERSION_STR, QT_VERSION_STR, QCoreApplication, QObject, QStandardPaths, Qt, pyqtSignal
from PyQt6.QtWidgets import QApplication, QMainWindow

from lstmviz import __version__
from lstmviz.core.errors import LstmvizError

if TYPE_CHECKING:
    from lstmviz.gui.process.crash_dialog import CrashDialog

QUIET_SECONDS = 10.0
"""A fault that was shown is not shown again before it has been quiet for so long: a paintEvent fails at every paint."""

REPORTS_KEPT = 20


@dataclass(frozen=True)
class Crash:
    """One uncaught exception, as text alone: keeping the exception would keep its frames, and a QPainter among them.

    place  where it was raised, to tell whether it is the same fault again;  error  set if the user can mend it
    """

    text: str
    place: str
    error: LstmvizError | None = None


class CrashHandler:
    """The excepthook of the process: prints, writes the report and, once attached to an application, shows.

    on_crash  saves what can be saved and says so in a sentence for the dialog
    on_error  shows an LstmvizError that nobody caught, in place of the dialog
    """

    def __init__(self) -> None:
        self.on_crash: Callable[[], str] | None = None
        self.on_error: Callable[[LstmvizError], None] | None = None
        self.report_path: Path | None = None
        self._bridge: _Bridge | None = None
        self._times_seen: Counter[str] = Counter()
        self._replaced: tuple[Callable[..., object], Callable[..., object]] | None = None

    @property
    def crash_count(self) -> int:
        """How many exceptions have come by that the user could not have mended."""
        return self._times_seen.total()

    def install(self) -> None:
        """Become the excepthook of the process, of threads too. Needed again after ``import pyqtgraph``."""
        if self._replaced is None:
            self._replaced = sys.excepthook, threading.excepthook
        sys.excepthook = self
        threading.excepthook = self._thread_hook

    def uninstall(self) -> None:
        """Give the excepthooks back to who had them."""
        if self._replaced:
            sys.excepthook, threading.excepthook = self._replaced
            self._replaced = None
        if self._attached:
            self._attached.deleteLater()
        self._bridge = self.on_crash = self.on_error = None

    def attach(self, app: QCoreApplication) -> None:
        """From now on show what happens in a dialog, on the thread of ``app``."""
        if not self._attached:
            self._bridge = _Bridge(self, app)

    @property
    def _attached(self) -> _Bridge | None:
        """The bridge, while its application lives."""
        return None if self._bridge is None or sip.isdeleted(self._bridge) else self._bridge

    def __call__(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        """The signature of ``sys.excepthook``. Never raises."""
        if not issubclass(kind, Exception):
            sys.__excepthook__(kind, error or kind(), trace)
            return
        try:
            # Python keeps the last exception for a debugger: it would keep a painter on its widget
            for name in ("last_exc", "last_value", "last_traceback"):
                setattr(sys, name, None)
            self._take(_described(kind, error, trace))
        except Exception:
            sys.__excepthook__(*sys.exc_info())

    def _thread_hook(self, arguments: threading.ExceptHookArgs) -> None:
        self(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _take(self, crash: Crash) -> None:
        if crash.error:
            _print(f"lstmviz: {crash.error}\n")
        else:
            self._times_seen[crash.place] += 1
            times = self._times_seen[crash.place]
            if times == 1:
                _print(crash.text)
                self._write(crash.text)
            elif times & (times - 1) == 0:  # 2, 4, 8 ...: 60 a second must not fill the disk
                self._write(f"again, {times} times by now: {crash.text.splitlines()[-1]}\n")
        if self._attached:
            self._attached.crashed.emit(crash)

    def _write(self, text: str) -> None:
        """Append to the report of this process. A disk that refuses is no reason to fail once more."""
        try:
            if self.report_path is None:
                path = _new_report()
                path.write_text(_header(), encoding="utf-8")
                self.report_path = path
            with self.report_path.open("a", encoding="utf-8") as report:
                report.write(f"\n{time.strftime('%Y-%m-%d %H:%M:%S')}\n{text}")
        except OSError as error:
            _print(f"lstmviz: the report could not be written: {error}\n")

    def saved_words(self) -> str:
        """What ``on_crash`` could save, in a sentence; its own faults go into the report."""
        if not self.on_crash:
            return ""
        try:
            return self.on_crash()
        except Exception as error:
            text = _described(type(error), error, error.__traceback__).text
            _print(text)
            self._write(text)
            return "What you have made could not be saved."


HANDLER = CrashHandler()
"""The one of the process, as there is only one excepthook."""


def install() -> CrashHandler:
    """Put HANDLER in charge and return it; again and again as needed."""
    HANDLER.install()
    return HANDLER


def report_folder() -> Path:
    """Where reports are written: the user's folder for the state of programs."""
    state = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericStateLocation)
    return Path(state, "lstmviz")


class _Bridge(QObject):
    """Brings crashes to the GUI thread, and out of the paintEvent or slot that they happened in."""

    crashed = pyqtSignal(object)

    def __init__(self, handler: CrashHandler, parent: QObject) -> None:
        super().__init__(parent)
        self._handler = handler
        self._dialog: CrashDialog | None = None
        self._last_seen: dict[str, float] = {}
        self.crashed.connect(self._show, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]

    def _show(self, crash: Crash) -> None:
        try:
            if crash.error and self._handler.on_error:
                self._handler.on_error(crash.error)
            else:
                self._show_dialog(crash)
        except Exception:
            # a dialog about the dialog would never end
            sys.__excepthook__(*sys.exc_info())

    def _show_dialog(self, crash: Crash) -> None:
        quiet_since, now = self._last_seen.get(crash.place, float("-inf")), time.monotonic()
        self._last_seen[crash.place] = now
        if self._dialog and not sip.isdeleted(self._dialog) and self._dialog.isVisible():
            self._dialog.add(crash.text)
        elif now - quiet_since >= QUIET_SECONDS:
            saved = "" if crash.error else self._handler.saved_words()
            from lstmviz.gui.process.crash_dialog import CrashDialog

            self._dialog = CrashDialog(crash.text, crash.error, saved, self._handler.report_path, _main_window())
            self._dialog.close_requested.connect(QApplication.closeAllWindows)
            self._dialog.show()


def _main_window() -> QMainWindow | None:
    """The window to stand in front of. Not any other dialog: one that closes would take ours along."""
    windows = (window for window in QApplication.topLevelWidgets() if isinstance(window, QMainWindow))
    return next((window for window in windows if window.isVisible()), None)


def _described(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> Crash:
    import traceback  # here: most starts of the app need nothing of it

    text = "".join(traceback.format_exception(kind, error, trace))
    frames = traceback.extract_tb(trace)
    place = f"{kind.__name__} at {[(frame.filename, frame.lineno) for frame in frames[-5:]]}"
    return Crash(text, place, error if isinstance(error, LstmvizError) else None)


def _print(text: str) -> None:
    if sys.stderr is not None:  # a Windows program without a console has none
        sys.stderr.write(text)


def _new_report() -> Path:
    """The path of a report for this process; the oldest reports go."""
    folder = report_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("crash-*.txt"))[: -REPORTS_KEPT + 1]:
        old.unlink(missing_ok=True)
    return folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"


def _header() -> str:
    import platform  # here: most starts of the app write no report

    return (
        f"lstmviz {__version__}\n"
        f"Python {platform.python_version()}, Qt {QT_VERSION_STR}, PyQt {PYQT_VERSION_STR}\n"
        f"{platform.platform()}\n"
    )
