"""Ctrl+C in the terminal closes the windows, as their close buttons would."""

from __future__ import annotations

import signal
import socket
from types import FrameType

from PyQt6 import sip
from PyQt6.QtCore import QObject, QSocketNotifier
from PyQt6.QtWidgets import QApplication


class InterruptWatcher(QObject):
    """Turns SIGINT and SIGTERM into closing every window; a second one leaves the event loop at once.

    Python runs a signal handler only between two of its own instructions, and Qt's event loop has none while it
    waits. So the signal also writes into a socket that the event loop watches.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._interrupted = False
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._notifier = QSocketNotifier(sip.voidptr(self._read.fileno()), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._drain)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._interrupt)

    def _drain(self) -> None:
        """Being called at all lets Python run the handler."""
        self._read.recv(64)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._interrupted:
            QApplication.exit(128 + number)
            return
        self._interrupted = True
        QApplication.closeAllWindows()
        if not any(window.isVisible() for window in QApplication.topLevelWidgets()):
            QApplication.quit()
