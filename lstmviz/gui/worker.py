"""Drives a generator off the GUI thread."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from typing import Any

from PyQt6.QtCore import QObject, QThread, pyqtBoundSignal, pyqtSignal

REPORT_SECONDS = 0.05
"""Progress is reported at 20 Hz at most, and the last one always."""

TURN_SECONDS = 0.001
"""How long a thread that computes keeps the window waiting for its turn; Python's own 5 ms add up while it paints."""


class Worker(QThread):
    """Runs one generator to its end; what it yields is progress, what it returns is the result.

    The signals arrive on the thread that made the worker. After ``cancel`` only ``stopped`` is emitted, unless the
    result was already on its way.
    """

    progressed = pyqtSignal(object)
    succeeded = pyqtSignal(object)
    raised = pyqtSignal(object)
    stopped = pyqtSignal()

    def __init__(self, steps: Generator[Any, None, Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: Generator[Any, None, Any] | None = steps

    def cancel(self) -> None:
        """Ask it to stop at the next yield; returns at once."""
        self.requestInterruption()

    def run(self) -> None:
        """The thread's body."""
        assert self._steps is not None, "a worker runs once"
        sys.setswitchinterval(TURN_SECONDS)
        try:
            result = self._drive(self._steps)
        except Exception as error:
            # handed on to the GUI thread, where it meets the error dialog
            self._end(self.raised, error)
        else:
            self._end(self.succeeded, result)
        finally:
            self._steps.close()
            self._steps = None  # frees what a stopped generator holds, now and in this thread

    def _end(self, outcome: pyqtBoundSignal, value: object) -> None:
        if self.isInterruptionRequested():
            self.stopped.emit()
        else:
            outcome.emit(value)

    def _drive(self, steps: Generator[Any, None, Any]) -> Any:
        """What ``steps`` returns; None when it was asked to stop before."""
        reported, unreported = 0.0, None
        while not self.isInterruptionRequested():
            try:
                progress = next(steps)
            except StopIteration as end:
                if unreported is not None:
                    self.progressed.emit(unreported)
                return end.value
            now = time.monotonic()
            unreported = progress
            if now - reported >= REPORT_SECONDS:
                reported, unreported = now, None
                self.progressed.emit(progress)
        return None
