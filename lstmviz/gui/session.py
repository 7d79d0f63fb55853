"""The session: the experiment, its run, the cursor, undo; and every command that changes them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from PyQt6.QtCore import QObject, pyqtSignal

from lstmviz.core import cursor as moves
from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.run import Run, analyse, analysing, expected_seconds, refuse_hopeless
from lstmviz.gui.history import History
from lstmviz.gui.worker import Worker

SYNCHRONOUS_SECONDS = 0.1
"""Analyses expected to take longer run off the GUI thread."""


class Session(QObject):
    """The one state of a window. A command computes first, assigns, then emits; an equal value emits nothing.

    The run always belongs to ``experiment``: a change that cannot be analysed leaves both as they were.
    Call ``close`` before the session goes away.
    """

    run_changed = pyqtSignal(object)
    """Another Run stands; the cursor has been brought inside it."""
    annotations_changed = pyqtSignal(object)
    """A Run with the same numbers, whose experiment has other breakpoints, watches or notes."""
    cursor_changed = pyqtSignal(object)
    """Another Cursor, in the same run."""
    history_changed = pyqtSignal()
    """What undo and redo would do has changed."""
    busy_changed = pyqtSignal(bool)
    """A long analysis began, or the last one ended. One that replaces another emits nothing."""
    progressed = pyqtSignal(object)
    """A Progress of the long analysis."""
    failed = pyqtSignal(object)
    """An LstmvizError: what was asked cannot be done, and nothing has changed."""

    def __init__(self, experiment: Experiment, cursor: Cursor | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history: History[Experiment] = History()
        self._request: _Request | None = None
        self._workers: set[Worker] = set()
        self._closed = False
        self.run: Run = analyse(experiment)
        self.cursor: Cursor = moves.clamped(self.run, cursor or Cursor(t=self.run.length))

    @property
    def experiment(self) -> Experiment:
        """The document as it stands."""
        return self.run.experiment

    @property
    def wanted(self) -> Experiment:
        """The document as it will stand when the long analysis under way is done: what further changes build on."""
        return self._request.experiment if self._request else self.experiment

    @property
    def busy(self) -> bool:
        """Whether a long analysis is under way."""
        return self._request is not None

    # Commands that change the experiment

    def apply(self, name: str, experiment: Experiment, *, merge_key: str = "", cursor: Cursor | None = None) -> None:
        """Put another experiment in place of this one, as the undoable change ``name``.

        Changes with the same ``merge_key`` in quick succession are undone together. ``cursor``: where to look then.
        A change asked for while another is being worked out replaces it.
        """
        now, old = time.monotonic(), self.experiment
        self._history.asked_for(merge_key, now)
        if self._request and experiment == self._request.experiment:
            return
        if experiment == old:
            self.cancel()
            return

        def record() -> None:
            self._history.record(name, old, experiment, merge_key=merge_key, now=now)

        self._analyse(_Request(name, experiment, record, cursor, merge_key=merge_key))

    def undo(self) -> None:
        """Take the newest change back, also one that is still being worked out; does nothing at the beginning."""
        if self._request and not self._request.steps:
            self.cancel()
        else:
            self._travel(-1)

    def redo(self) -> None:
        """Make the change taken back last again."""
        if not self._request or self._request.steps:
            self._travel(1)

    @property
    def undo_name(self) -> str:
        """The name of the change that undo takes back; empty when there is none."""
        if self._request and self._request.steps >= 0:
            return self._request.name
        entry = self._history.entry(self._steps_under_way - 1)
        return entry.name if entry else ""

    @property
    def redo_name(self) -> str:
        """The name of the change that redo makes again; empty when there is none."""
        if self._request and self._request.steps <= 0:
            return self._request.name if self._request.steps else ""
        entry = self._history.entry(self._steps_under_way + 1)
        return entry.name if entry else ""

    # Commands that move the cursor

    def seek(self, cursor: Cursor) -> None:
        """Look elsewhere in the run; positions outside are brought inside."""
        # plain whole numbers: Qt's widgets refuse NumPy's
        cursor = moves.clamped(self.run, replace(cursor, t=int(cursor.t), unit=int(cursor.unit)))
        if cursor != self.cursor:
            self.cursor = cursor
            self.cursor_changed.emit(cursor)

    def step(self, steps: int) -> None:
        """Go ``steps`` time steps on, or back."""
        self.seek(moves.step(self.run, self.cursor, steps))

    def step_stage(self, stages: int) -> None:
        """Go ``stages`` stages on, or back."""
        self.seek(moves.step_stage(self.run, self.cursor, stages))

    def first(self) -> None:
        """Go to where the layer starts."""
        self.seek(moves.first(self.run, self.cursor))

    def last(self) -> None:
        """Go to where the layer ends."""
        self.seek(moves.last(self.run, self.cursor))

    def pin(self, unit: int) -> None:
        """Pin a unit everywhere."""
        self.seek(replace(self.cursor, unit=unit))

    # Long analyses

    def cancel(self) -> None:
        """Stop a long analysis; the run before it stays."""
        self._replace_request(None)

    def close(self) -> None:
        """Stop and wait for every thread; afterwards changes are not taken any more."""
        self._closed = True
        self.cancel()
        for worker in self._workers:
            worker.wait()

    def _travel(self, direction: int) -> None:
        """Undo or redo one change more than is already under way."""
        steps = self._steps_under_way + direction
        if not steps:
            self.cancel()
            return
        entry, current = self._history.entry(steps), self.experiment
        if entry:
            self._analyse(_Request(entry.name, entry.value, lambda: self._history.move(steps, current), steps=steps))

    @property
    def _steps_under_way(self) -> int:
        return self._request.steps if self._request else 0

    def _analyse(self, request: _Request) -> None:
        """Analyse here when it is quick, otherwise on a thread; a newer request replaces an older one."""
        if self._closed:
            return
        if request.experiment.has_numbers_of(self.experiment):
            self.cancel()
            self._accept(replace(self.run, experiment=request.experiment), request)
            return
        try:
            refuse_hopeless(request.experiment)
            if expected_seconds(request.experiment) > SYNCHRONOUS_SECONDS:
                replaced = request.replaced or self._under(request)
                self._replace_request(replace(request, worker=self._start(request.experiment), replaced=replaced))
                return
            run = analyse(request.experiment, self.run)
        except (LstmvizError, MemoryError) as error:
            self.failed.emit(_in_words(error))
        else:
            self.cancel()
            self._accept(run, request)

    def _under(self, request: _Request) -> _Request | None:
        """What ``request`` was built on: the one under way, or what is under that where both are of the same kind."""
        under_way = self._request
        if under_way and request.merge_key and request.merge_key == under_way.merge_key:
            return under_way.replaced
        return under_way and replace(under_way, worker=None)

    def _start(self, experiment: Experiment) -> Worker:
        worker = Worker(analysing(experiment, self.run), self)
        worker.progressed.connect(self._report)
        worker.succeeded.connect(self._finish)
        worker.raised.connect(self._fail)
        worker.finished.connect(self._retire)
        self._workers.add(worker)
        worker.start()
        return worker

    def _replace_request(self, request: _Request | None) -> None:
        """Stop the long analysis under way, and let ``request`` be the one that counts."""
        old, self._request = self._request, request
        if old and old.worker:
            old.worker.cancel()
        if bool(old) != bool(request):
            self.busy_changed.emit(self.busy)
        if old or request:
            self.history_changed.emit()

    def _accept(self, run: Run, request: _Request) -> None:
        only_annotations = run.experiment.without_annotations() == self.experiment.without_annotations()
        self.run = run
        cursor = moves.clamped(run, request.cursor or self.cursor)
        request.record()
        if only_annotations:
            self.annotations_changed.emit(run)
            self.seek(cursor)
        else:
            self.cursor = cursor
            self.run_changed.emit(run)
        self.history_changed.emit()

    def _is_current(self) -> bool:
        """Whether the signal being handled belongs to the request that counts, not to one that was replaced."""
        return self._request is not None and self.sender() is self._request.worker

    def _report(self, progress: object) -> None:
        if self._is_current():
            self.progressed.emit(progress)

    def _finish(self, run: Run) -> None:
        request = self._request
        if request and self._is_current():
            self._request = None
            self.busy_changed.emit(False)
            self._accept(run, request)

    def _fail(self, error: Exception) -> None:
        request = self._request
        if request and self._is_current():
            self._replace_request(None)
            if request.replaced:  # what it was built on is still wanted
                self._analyse(request.replaced)
            if not isinstance(error, (LstmvizError, MemoryError)):
                raise error
            self.failed.emit(_in_words(error))

    def _retire(self) -> None:
        worker = self.sender()
        if isinstance(worker, Worker):
            worker.wait()  # the signal comes a moment before the thread has ended
            self._workers.discard(worker)
            worker.deleteLater()


@dataclass(frozen=True)
class _Request:
    """A change to analyse.

    record    enters it into the history once it is done;  cursor  where to look then, None for the same place
    steps     how far it goes in the history: 0 for a new change, negative for undo, positive for redo
    replaced  the one that was under way, and counts again should this one fail;  merge_key  as in ``Session.apply``
    """

    name: str
    experiment: Experiment
    record: Callable[[], None]
    cursor: Cursor | None = None
    steps: int = 0
    worker: Worker | None = None
    replaced: _Request | None = None
    merge_key: str = ""


def _in_words(error: LstmvizError | MemoryError) -> LstmvizError:
    """The same fault as something the user can mend."""
    if isinstance(error, LstmvizError):
        return error
    return LstmvizError(
        "There is not enough memory for this",
        how="Choose a smaller hidden size or a shorter sequence, or close other programs.",
    )
