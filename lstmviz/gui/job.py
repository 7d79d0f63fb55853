"""Drives a generator: here while that is quick, then on a thread; a newer one replaces an older one."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.timers import single_shot
from lstmviz.gui.worker import Worker

QUIET_SECONDS = 0.15
"""So long after the last ``give_way`` a thread goes on: a person who steps faster than that is not kept waiting."""

NAP_SECONDS = 0.005


class Job(QObject):
    """At most one generator counts at a time; what an older one still reports is dropped."""

    advanced = pyqtSignal(object)
    """What the generator yielded last."""
    finished = pyqtSignal(object)
    """What it returned; it does not count any more."""
    failed = pyqtSignal(str)
    """It cannot be done, and why."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._worker: Worker | None = None
        self._workers: set[Worker] = set()
        self._quiet_until = 0.0

    @property
    def busy(self) -> bool:
        """Whether a thread is at work on something that counts."""
        return self._worker is not None

    def start(self, steps: Generator[Any, None, Any], here_seconds: float) -> None:
        """Drive ``steps`` in place of what is under way: at once for so many seconds, and the rest on a thread."""
        self.cancel()
        began, progress = time.monotonic(), None
        while time.monotonic() - began < here_seconds:
            try:
                progress = next(steps)
            except StopIteration as end:
                self.finished.emit(end.value)
                return
            except (LstmvizError, MemoryError) as error:
                self.failed.emit(in_words(error))
                return
        if progress is not None:
            self.advanced.emit(progress)
        worker = Worker(self._giving_way(steps), self)
        worker.progressed.connect(self._report)
        worker.succeeded.connect(self._finish)
        worker.raised.connect(self._fail)
        worker.finished.connect(self._retire)
        self._worker = worker
        self._workers.add(worker)
        worker.start()

    def give_way(self) -> None:
        """Let the thread rest for a moment: while it computes, Python gives the window its turn only now and then."""
        self._quiet_until = time.monotonic() + QUIET_SECONDS

    def cancel(self) -> None:
        """Let what is under way stop at its next yield; returns at once."""
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None

    def close(self) -> None:
        """Cancel, and wait for every thread."""
        self.cancel()
        for worker in self._workers:
            worker.wait()

    def _giving_way(self, steps: Generator[Any, None, Any]) -> Generator[Any, None, Any]:
        """``steps``, resting at a yield while it is to give way; each nap is a place to stop, too."""
        while True:
            try:
                progress = next(steps)
            except StopIteration as end:
                return end.value
            yield progress
            while time.monotonic() < self._quiet_until:
                time.sleep(NAP_SECONDS)
                yield progress

    def _is_current(self) -> bool:
        return self._worker is not None and self.sender() is self._worker

    def _report(self, progress: object) -> None:
        if self._is_current():
            self.advanced.emit(progress)

    def _finish(self, result: object) -> None:
        if self._is_current():
            self._worker = None
            self.finished.emit(result)

    def _fail(self, error: Exception) -> None:
        if self._is_current():
            self._worker = None
            if not isinstance(error, (LstmvizError, MemoryError)):
                raise error
            self.failed.emit(in_words(error))

    def _retire(self) -> None:
        worker = self.sender()
        if isinstance(worker, Worker):
            worker.wait()  # the signal comes a moment before the thread has ended
            self._workers.discard(worker)
            worker.deleteLater()


def quiet_timer(parent: QObject, slot: Callable[[], object]) -> QTimer:
    """A timer for what may wait until nobody has started it again for ``QUIET_SECONDS``."""
    return single_shot(parent, slot, round(1000 * QUIET_SECONDS))


def in_words(error: LstmvizError | MemoryError) -> str:
    """What went wrong, for people."""
    return str(error) if isinstance(error, LstmvizError) else "There is not enough memory for this."
