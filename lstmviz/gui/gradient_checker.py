"""Checks every run's gradients in the background, while nobody waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from lstmviz.core.progress import Steps, drain
from lstmviz.core.run import Run
from lstmviz.gui.session import Session
from lstmviz.gui.timers import single_shot
from lstmviz.gui.worker import Worker

if TYPE_CHECKING:
    from lstmviz.core.gradients.gradient_check import GradientCheck

QUIET_MILLISECONDS = 400
"""A run that stands for less long, as while a slider is dragged, is not worth checking."""

LARGEST = 2_000_000
"""Steps times weights up to which a check takes a second or two."""


class GradientChecker(QObject):
    """Central differences against BPTT for the run that stands; the newest run only."""

    checked = pyqtSignal(object)
    """A GradientCheck of the run that stands; None while there is none yet, or when the run is too large for one."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._worker: Worker | None = None
        self._workers: set[Worker] = set()
        self.result: GradientCheck | None = None
        self._quiet = single_shot(self, self._start, QUIET_MILLISECONDS)
        session.run_changed.connect(self._forget)
        session.busy_changed.connect(self._give_way)
        self._quiet.start()

    @staticmethod
    def can_check(run: Run) -> bool:
        """Whether the run is small enough."""
        return run.length * run.network.num_parameters <= LARGEST

    def check_now(self) -> None:
        """Check here and now, as for a picture, where nobody could see the badge change later."""
        self._cancel()
        run = self._session.run
        if self.can_check(run):
            self._set(drain(self._steps(run)))

    def close(self) -> None:
        """Stop and wait for every thread."""
        self._quiet.stop()
        self._cancel()
        for worker in list(self._workers):
            worker.wait()

    def _forget(self, run: Run) -> None:
        """Another run stands: what was found out of the one before says nothing of it."""
        self._cancel()
        self._set(None)
        if self.can_check(run):
            self._quiet.start()

    def _give_way(self, busy: bool) -> None:
        """Two threads would halve each other's speed: while somebody waits for a long analysis, nothing is checked."""
        if self.result is None:
            self._cancel()
            if not busy and self.can_check(self._session.run):
                self._quiet.start()

    def _start(self) -> None:
        if not self.can_check(self._session.run):
            return
        worker = Worker(self._steps(self._session.run), self)
        worker.succeeded.connect(self._finish)
        worker.raised.connect(self._fail)
        worker.finished.connect(self._retire)
        self._worker = worker
        self._workers.add(worker)
        worker.start()

    def _steps(self, run: Run) -> Steps[GradientCheck]:
        from lstmviz.core.engine.bug_museum import backward_with
        from lstmviz.core.gradients.gradient_check import gradient_check_steps

        return gradient_check_steps(run.trace, run.main.dy, backward=backward_with(run.experiment.bug))

    def _cancel(self) -> None:
        self._quiet.stop()
        if self._worker:
            self._worker.cancel()
            self._worker = None

    def _finish(self, result: GradientCheck) -> None:
        if self.sender() is self._worker:
            self._worker = None
            self._set(result)

    def _fail(self, error: Exception) -> None:
        if self.sender() is self._worker:
            self._worker = None
            raise error

    def _retire(self) -> None:
        worker = self.sender()
        if isinstance(worker, Worker):
            worker.wait()  # the signal comes a moment before the thread has ended
            self._workers.discard(worker)
            worker.deleteLater()

    def _set(self, result: GradientCheck | None) -> None:
        if result is not self.result:
            self.result = result
            self.checked.emit(result)
