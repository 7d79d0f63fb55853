"""What is unsaved, kept in a recovery file while a window is open, and found again after a crash."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from PyQt6.QtCore import QObject, QStandardPaths, pyqtSignal

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.files.document import Document
from lstmviz.gui.timers import single_shot
from lstmviz.gui.worker import Worker
from lstmviz.io.atomic import TEMPORARY_PREFIX, TEMPORARY_SUFFIX
from lstmviz.io.locks import FileLock
from lstmviz.io.sessions import SUFFIX, SessionFile, load_session, save_session

WRITE_AFTER = 2000
"""Milliseconds from the first change that is not in the recovery file until it is written."""

TRAINING_AFTER = 5000
"""The same where only a training has gone on; longer for a large one, at a million bytes a second."""

TRAINING_BYTES = 4 * 2**20
"""Of checkpoints in a recovery file: the last, the best, and as many others as have room."""

_PREFIX, _LOCK_SUFFIX = "recovery-", ".lock"
_LEFTOVER_SECONDS = 3600.0
_STARTED = time.strftime("%Y%m%d-%H%M%S")
_numbers = count(1)


def recovery_folder() -> Path:
    """Where recovery files are: the user's folder for the data of programs."""
    data = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    return Path(data, "lstmviz", "recovery")


class Recovery(QObject):
    """Writes the document of one window into its own recovery file while something is unsaved.

    The file is written two seconds after a change, on a thread, however many changes follow, and every few seconds
    while a training runs; it goes when everything is saved, and with ``close``. As long as the window lives it holds a
    lock, so that no other window offers the file.
    """

    failed = pyqtSignal(object)
    """An LstmvizError: nothing can be written. Said once, until it works again."""

    def __init__(self, document: Document, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.path = folder / f"{_PREFIX}{os.getpid()}-{_STARTED}-{next(_numbers)}{SUFFIX}"
        self._lock: FileLock | None = None
        self._written: SessionFile | None = None
        self._written_bytes = 0
        self._worker: Worker | None = None
        self._snapshot: SessionFile | None = None
        self._failing = self._closed = False
        self._timer = single_shot(self, self._write)
        document.changed.connect(self._follow)

    def write_now(self) -> None:
        """Write what is unsaved before returning. Raises LstmvizError."""
        self._wait()
        if self._document.unsaved:
            snapshot = self._document.snapshot()
            self._take_lock()
            _save(self.path, snapshot)
            self._written = snapshot
            self._timer.stop()

    def saved_words(self) -> str:
        """``write_now`` and a sentence about it, for the crash dialog."""
        if not self._document.unsaved:
            return ""
        self.write_now()
        return "What you have made is kept: should lstmviz stop, it offers it at the next start."

    def close(self) -> None:
        """Nothing needs to be recovered: the window closes as its user wants."""
        self._closed = True
        self._timer.stop()
        self._wait()
        self._remove()
        if self._lock:
            self._lock.release()
            self._lock = None

    def _follow(self) -> None:
        """The document changed: write it soon, or remove what is not needed any more."""
        if self._closed:
            return
        if not self._document.unsaved:
            self._timer.stop()
            if not self._worker:
                self._remove()
        else:
            self._plan(self._document.snapshot())

    def _plan(self, wanted: SessionFile) -> None:
        """Write ``wanted`` soon, where it is not written yet; what the user has made sooner than what was trained."""
        written = self._written
        if written is None or wanted.experiment is not written.experiment:
            if not self._timer.isActive() or self._timer.remainingTime() > WRITE_AFTER:
                self._timer.start(WRITE_AFTER)
        elif wanted.training is not written.training and not self._timer.isActive():
            self._timer.start(max(TRAINING_AFTER, self._written_bytes // 1000))

    def _write(self) -> None:
        if self._worker:  # a slow disk: as soon as it is done
            self._timer.start(WRITE_AFTER)
            return
        try:
            self._take_lock()
        except LstmvizError as error:
            self._report(error)
        if not self._lock:  # or another window looks at the folder just now
            self._timer.start(WRITE_AFTER)
            return
        self._snapshot = self._document.snapshot()
        self._worker = Worker(_writing(self.path, self._snapshot), self)
        self._worker.succeeded.connect(self._succeed)
        self._worker.raised.connect(self._report)
        self._worker.finished.connect(self._retire)
        self._worker.start()

    def _succeed(self) -> None:
        if self._snapshot:
            self._written, self._failing = self._snapshot, False
            with contextlib.suppress(OSError):
                self._written_bytes = self.path.stat().st_size

    def _report(self, error: Exception) -> None:
        if not isinstance(error, LstmvizError):
            raise error
        if not self._failing and not self._closed:
            self._failing = True
            self.failed.emit(
                LstmvizError(f"Unsaved work cannot be kept: {error.what}", where=error.where, how=error.how)
            )
        self._written = None

    def _retire(self) -> None:
        """The thread has ended; what happened meanwhile counts now."""
        if self._worker and self.sender() is self._worker:
            self._worker.wait()  # the signal comes a moment before the thread has ended
            self._worker.deleteLater()
            self._worker = self._snapshot = None
            self._follow()

    def _wait(self) -> None:
        if self._worker:
            self._worker.wait()

    def _take_lock(self) -> None:
        if self._lock:
            return
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = FileLock.attempt(self.path.with_suffix(_LOCK_SUFFIX))
        except OSError as error:
            raise LstmvizError(f"The folder cannot be used: {error.strerror}", where=str(self.path.parent)) from error

    def _remove(self) -> None:
        self._written = None
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def _writing(path: Path, snapshot: SessionFile) -> Generator[None, None, None]:
    yield
    _save(path, snapshot)


def _save(path: Path, snapshot: SessionFile) -> None:
    training = snapshot.training.thinned(TRAINING_BYTES) if snapshot.training is not None else None
    save_session(path, replace(snapshot, training=training))


@dataclass(frozen=True)
class Recoverable:
    """What a window that ended without closing has left.

    Claimed until ``discard`` or ``release``: no other window offers it.

    saved_at  when it was written, in seconds as ``time.time`` has them
    session   what it holds, or the ``error`` that says why it cannot be read
    """

    path: Path
    saved_at: float
    session: SessionFile | None
    error: LstmvizError | None
    lock: FileLock

    @property
    def title(self) -> str:
        """What it is, for people."""
        if not self.session:
            return self.path.name
        return Path(self.session.origin).name or self.session.experiment.title

    def discard(self) -> None:
        """Delete it."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Leave it for another time."""
        self.lock.release()


def recoverable(folder: Path) -> tuple[Recoverable, ...]:
    """What windows that are gone have left in ``folder``, the newest first; leftovers that hold nothing are removed.

    What belongs to an open window is not touched.
    """
    found = []
    try:
        for path in folder.glob(f"{_PREFIX}*{SUFFIX}"):
            lock = FileLock.attempt(path.with_suffix(_LOCK_SUFFIX))
            if lock and path.exists():  # its window may have closed just now
                found.append(_recoverable(path, lock))
            elif lock:
                lock.release()
        _remove_leftovers(folder)
    except OSError:
        return tuple(found)  # a folder that cannot be read or written: nothing can be offered from it
    return tuple(sorted(found, key=lambda each: each.saved_at, reverse=True))


def _recoverable(path: Path, lock: FileLock) -> Recoverable:
    saved_at = path.stat().st_mtime
    try:
        return Recoverable(path, saved_at, load_session(path), None, lock)
    except LstmvizError as error:
        return Recoverable(path, saved_at, None, error, lock)


def _remove_leftovers(folder: Path) -> None:
    """Locks of windows that had nothing unsaved, and files that a killed process was writing."""
    for path in folder.glob(f"{_PREFIX}*{_LOCK_SUFFIX}"):
        if not path.with_suffix(SUFFIX).exists() and (lock := FileLock.attempt(path)):
            lock.release()
    for path in folder.glob(f"{TEMPORARY_PREFIX}*{TEMPORARY_SUFFIX}"):
        if time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
            path.unlink(missing_ok=True)
