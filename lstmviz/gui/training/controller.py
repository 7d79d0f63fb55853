"""Owns the training of the window: starts it on a thread, holds it, goes on, branches."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial

from PyQt6.QtCore import QObject, pyqtSignal

from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.presets import TrainingPreset
from lstmviz.core.training.process import Course, TrainingProcess, beginning, branch, resumption
from lstmviz.core.training.record import Moment, TrainingRecord
from lstmviz.gui.job import Job, in_words


class TrainingStatus(Enum):
    """What a training is doing."""

    NONE = "no training yet"
    RUNNING = "training"
    PAUSED = "paused"
    ENDED = "ended"


class TrainingController(QObject):
    """One training at a time. Call ``close`` before it goes away."""

    record_changed = pyqtSignal(object)
    """A TrainingRecord: more is known, or another training stands here; None: no training any more."""
    status_changed = pyqtSignal(object)
    """Another TrainingStatus."""
    failed = pyqtSignal(str)
    """What was asked cannot be done, and why; what was recorded stays."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.status = TrainingStatus.NONE
        self.record: TrainingRecord | None = None
        self._process: TrainingProcess | None = None
        self._ending = False
        self._job = Job(self)
        self._job.advanced.connect(self._show)
        self._job.finished.connect(self._finish)
        self._job.failed.connect(self._fail)

    def start(self, plan: TrainingPreset) -> None:
        """Begin a new training."""
        if self.status is not TrainingStatus.RUNNING and self._prepare(partial(beginning, plan)):
            self._drive()

    def show(self, record: TrainingRecord | None) -> None:
        """Put another training in place of this one, which ends: it can be gone on with, and begins nothing itself."""
        if record is self.record:
            return
        self.close()
        self.record = record
        resumable = record is not None and not record.ended
        self.status = TrainingStatus.PAUSED if resumable else TrainingStatus.ENDED if record else TrainingStatus.NONE
        self.status_changed.emit(self.status)
        self.record_changed.emit(record)

    def pause(self) -> None:
        """Stop after the update under way; ``resume`` goes on."""
        if self._process is not None:
            self._process.hold()

    def resume(self) -> None:
        """Go on after a pause, to the same numbers as without it."""
        if self.status is TrainingStatus.PAUSED and self._is_ready():
            self._drive()

    def stop(self) -> None:
        """End the training after the update under way; its checkpoints stay."""
        if self.status is TrainingStatus.RUNNING:
            self._ending = True
            self.pause()
        elif self.status is TrainingStatus.PAUSED:
            self._process = None
            self._become(TrainingStatus.ENDED)

    def single_update(self, plan: TrainingPreset) -> None:
        """Make one update of the paused training, or the very first one; a training that has ended is not replaced."""
        paused = self.status is TrainingStatus.PAUSED
        fresh = self.status is TrainingStatus.NONE
        if (paused and self._is_ready()) or (fresh and self._prepare(partial(beginning, plan))):
            self._drive(most=1)

    def branch(self, plan: TrainingPreset, moment: Moment) -> None:
        """Go on from a checkpoint with the settings of ``plan``; the record so far stays as what was before."""
        if self.status is TrainingStatus.RUNNING or self.record is None:
            return
        if self._prepare(partial(branch, plan, self.record, moment)):
            self._drive()

    def close(self) -> None:
        """Stop, and wait for the thread."""
        if self._process is not None:
            self._process.hold()
        self._job.close()
        self._process = None

    def _is_ready(self) -> bool:
        """Whether there is something to drive: a training from a file is taken up when it is gone on with."""
        record = self.record
        return self._process is not None or (record is not None and self._prepare(partial(resumption, record)))

    def _prepare(self, course: Callable[[], Course]) -> bool:
        try:
            self._process = TrainingProcess(course())
        except (LstmvizError, MemoryError) as error:
            self.failed.emit(in_words(error))
            return False
        return True

    def _drive(self, most: int | None = None) -> None:
        assert self._process is not None
        self._ending = False
        steps = self._process.steps(most)  # first: whoever hears that it runs may pause it
        self._become(TrainingStatus.RUNNING)
        self._job.start(steps, 0.0)

    def _show(self, record: TrainingRecord) -> None:
        if record is not self.record:
            self.record = record
            self.record_changed.emit(record)

    def _finish(self, record: TrainingRecord) -> None:
        self._show(record)
        over = self._ending or record.ended
        if over:
            self._process = None
        self._become(TrainingStatus.ENDED if over else TrainingStatus.PAUSED)

    def _fail(self, why: str) -> None:
        self._process = None
        self._become(TrainingStatus.ENDED if self.record else TrainingStatus.NONE)
        self.failed.emit(why)

    def _become(self, status: TrainingStatus) -> None:
        if status is not self.status:
            self.status = status
            self.status_changed.emit(status)
