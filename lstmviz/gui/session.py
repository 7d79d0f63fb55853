"""The session: the experiment, its run, the cursor, undo; and every command that changes them."""

from __future__ import annotations

import time
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
    failed = pyqtSignal(object, object)
    """An LstmvizError and the Experiment that it is about: what was asked cannot be done, and nothing has changed."""

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
    def wanted_cursor(self) -> Cursor:
        """Where somebody looks in ``wanted``: another document that is being worked out brings its own place."""
        return (self._request.cursor if self._request else None) or self.cursor

    @property
    def busy(self) -> bool:
        """Whether a long analysis is under way."""
        return self._request is not None

    # Commands that change the experiment

    def apply(self, name: str, experiment: Experiment, *, merge_key: str = "", cursor: Cursor | None = None) -> None:
        """Put another experiment in place of this one, as the undoable change ``name``.

        Changes with the same ``merge_key`` in quick succession are undone together. ``cursor``: where to look in
        another document; changes of this one have none. A change asked for while another is being worked out replaces
        it, but breakpoints, watches and notes need no numbers: they stand at once.
        """
        now, under_way = time.monotonic(), self._request
        self._history.asked_for(merge_key, now)
        if under_way and experiment == under_way.experiment:
            return
        cursor = cursor or (under_way.cursor if under_way else None)
        request = _Request(name, experiment, now, cursor, merge_key=merge_key)
        if under_way and experiment.has_numbers_of(under_way.experiment):
            self._go_on_as(under_way, request)
        elif experiment == self.experiment:
            self.cancel()
        else:
            self._analyse(request)

    def undo(self) -> None:
        """Take the newest change back, also one that is still being worked out; does nothing at the beginning."""
        request = self._request
        if not request or request.steps:
            self._travel(-1)
            return
        self.cancel()
        if request.replaced:
            self._analyse(request.replaced)

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
        entry = self._history.entry(steps)
        if entry:
            self._analyse(_Request(entry.name, entry.value, time.monotonic(), steps=steps))

    @property
    def _steps_under_way(self) -> int:
        return self._request.steps if self._request else 0

    def _analyse(self, request: _Request) -> None:
        """Analyse here when it is quick, otherwise on a thread; a newer request replaces an older one."""
        if self._closed:
            return
        request = replace(request, replaced=request.replaced or self._under(request))
        if request.experiment.has_numbers_of(self.experiment):
            self.cancel()
            self._accept(self.run, request)
            return
        try:
            refuse_hopeless(request.experiment)
            if expected_seconds(request.experiment) > SYNCHRONOUS_SECONDS:
                self._replace_request(replace(request, worker=self._start(request.experiment)))
                return
            run = analyse(request.experiment, self.run)
        except (LstmvizError, MemoryError) as error:
            if not self._goes_past(request, error):
                self.failed.emit(_in_words(error), request.experiment)
        else:
            self.cancel()
            self._accept(run, request)

    def _go_on_as(self, under_way: _Request, request: _Request) -> None:
        """The same numbers are wanted for ``request``: nothing that has been worked out is thrown away."""
        wanted = request.experiment
        if under_way.is_of_this_document and wanted.is_but_for_annotations(under_way.experiment):
            self._request = under_way.annotated(wanted)
            standing = self.experiment.with_annotations_of(wanted)
            self._accept(self.run, replace(request, experiment=standing))
            return
        self._request = replace(request, worker=under_way.worker, replaced=replace(under_way, worker=None))
        self.history_changed.emit()

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
        """Let ``run``, which has the numbers that ``request`` wants, be the one that stands."""
        if run.experiment is not request.experiment:
            run = replace(run, experiment=request.experiment)
        before, self.run = self.experiment, run
        cursor = moves.clamped(run, request.cursor or self.cursor)
        self._enter(request, before)
        if run.experiment.is_but_for_annotations(before):
            self.annotations_changed.emit(run)
            self.seek(cursor)
        else:
            self.cursor = cursor
            self.run_changed.emit(run)
        self.history_changed.emit()
        if request.failed_on_top:
            self.failed.emit(*request.failed_on_top)

    def _enter(self, request: _Request, before: Experiment) -> None:
        """Into the history, after what it was built on."""
        if request.steps:
            self._history.move(request.steps, before)
            return
        if request.replaced:
            self._enter(request.replaced, before)
            before = request.replaced.experiment
        key, asked = request.merge_key, request.asked
        self._history.record(request.name, before, request.experiment, merge_key=key, now=asked)

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
        if not request or not self._is_current():
            return
        self._replace_request(None)
        if self._goes_past(request, error):
            return
        told = _in_words(error) if isinstance(error, (LstmvizError, MemoryError)) else None
        if request.replaced:  # what it was built on is still wanted
            again = (told, request.experiment) if told else None
            self._analyse(replace(request.replaced, failed_on_top=again))
        if told is None:
            raise error
        self.failed.emit(told, request.experiment)

    def _goes_past(self, request: _Request, error: Exception) -> bool:
        """Whether undo or redo goes on past what cannot be worked out: it never stood, others were built on it."""
        if not request.steps or not isinstance(error, LstmvizError):
            return False
        self._history.forget(request.steps)
        beyond = self._history.entry(request.steps)
        if beyond:
            self._analyse(replace(request, name=beyond.name, experiment=beyond.value, worker=None))
        return beyond is not None

    def _retire(self) -> None:
        worker = self.sender()
        if isinstance(worker, Worker):
            worker.wait()  # the signal comes a moment before the thread has ended
            self._workers.discard(worker)
            worker.deleteLater()


@dataclass(frozen=True)
class _Request:
    """A change to analyse.

    asked     when, in seconds;  cursor  where to look in another document, None for a change of this one
    steps     how far it goes in the history: 0 for a new change, negative for undo, positive for redo
    replaced  the one that was under way, and counts again should this one fail or be undone
    failed_on_top  what was built on this one and could not be done: its run would take the message away
    merge_key      as in ``Session.apply``
    """

    name: str
    experiment: Experiment
    asked: float
    cursor: Cursor | None = None
    steps: int = 0
    worker: Worker | None = None
    replaced: _Request | None = None
    failed_on_top: tuple[LstmvizError, Experiment] | None = None
    merge_key: str = ""

    @property
    def is_of_this_document(self) -> bool:
        """Whether it, and all that it was built on, change the experiment that stands."""
        here = self.cursor is None and not self.steps
        return here and (self.replaced is None or self.replaced.is_of_this_document)

    def annotated(self, like: Experiment) -> _Request:
        """The same, and all that it was built on, with the annotations of ``like``."""
        replaced = self.replaced and self.replaced.annotated(like)
        return replace(self, experiment=self.experiment.with_annotations_of(like), replaced=replaced)


def _in_words(error: LstmvizError | MemoryError) -> LstmvizError:
    """The same fault as something the user can mend."""
    if isinstance(error, LstmvizError):
        return error
    return LstmvizError(
        "There is not enough memory for this",
        how="Choose a smaller hidden size or a shorter sequence, or close other programs.",
    )
