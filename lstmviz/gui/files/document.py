"""The document of a window: which file its experiment belongs to, and whether it is saved."""

from __future__ import annotations

import os
import weakref
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.gui.session import Session
from lstmviz.gui.settings import Settings
from lstmviz.gui.timers import single_shot
from lstmviz.io.experiments import load_example
from lstmviz.io.sessions import SUFFIX, SessionFile, load_session, save_session

if TYPE_CHECKING:
    from lstmviz.core.training.record import TrainingRecord


@dataclass(eq=False)
class _File:
    """What is known of the file that a document is saved to.

    path   None: it was never saved
    saved  the experiment as it is there; for an example as it ships; None: nothing that was saved is like it
    saved_training  the training as it is there
    """

    path: Path | None
    saved: Experiment | None
    saved_training: TrainingRecord | None = None


@dataclass(eq=False)
class _Training:
    """The training that belongs to an experiment, and to all that come of it; it goes on, and undo leaves it alone."""

    record: TrainingRecord | None = None


class Document(QObject):
    """Opens, saves and reverts the session's experiment; every command raises LstmvizError and then changes nothing.

    Opening is an undoable change of the session. Undo beyond it brings back the file before, too: each experiment in
    the history remembers the file it belongs to. Saved is what was asked for, ``session.wanted``, even while a long
    analysis of it is under way; should it never stand, the file gets what stands instead.
    """

    changed = pyqtSignal()
    """The experiment, its file or the unsaved mark may have changed."""
    training_changed = pyqtSignal(object)
    """Another TrainingRecord stands, or None: a file was opened, or left by undo. Not what ``follow_training`` said.

    Only with the run of its experiment: a file that cannot be worked out must not end the training that goes on here.
    """
    recent_changed = pyqtSignal(object)
    """Another tuple of recent files."""
    failed = pyqtSignal(object)
    """An LstmvizError: a file holds what could not be worked out, and what stands cannot be written in its place."""

    def __init__(self, session: Session, recent: tuple[str, ...] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._recent = recent
        self._file = _File(None, session.wanted)
        # of the experiment that is wanted, and of the one that stands
        self._training = self._shown_training = _Training()
        # written during a long analysis: until it is done nobody knows whether they can be opened
        self._doubtful: dict[Path, _File] = {}
        self._files: dict[int, tuple[weakref.ref[Experiment], _File, _Training]] = {}
        self._assign(session.wanted, self._file, self._training)
        # later: a change that is refused lets the one that it was built on be worked out again
        self._settling = single_shot(self, self._settle)
        session.history_changed.connect(self._follow)

    # What it is

    @property
    def path(self) -> Path | None:
        """The file that ``save`` writes; None for an experiment that was never saved."""
        return self._file.path

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost if the window closed now. Where the cursor is does not count."""
        file = self._file
        # training comes first: it changes 20 times a second, and experiments take a while to compare
        other_training = self._training.record is not file.saved_training
        return file.saved is None or other_training or self._session.wanted != file.saved

    @property
    def busy(self) -> bool:
        """Whether what was asked for is being worked out, and may never stand."""
        return self._session.busy

    def stands(self, experiment: Experiment | None) -> bool:
        """Whether the run that stands is that of ``experiment``; its breakpoints, watches and notes may be others."""
        return experiment is not None and self._session.experiment.has_numbers_of(experiment)

    @property
    def training(self) -> TrainingRecord | None:
        """What stands in the tab Training, a part of the document; no change of the session changes it."""
        return self._shown_training.record

    @property
    def name(self) -> str:
        """The name of the file, or the title of an experiment without one."""
        return self.path.name if self.path else self._session.wanted.title

    @property
    def window_title(self) -> str:
        """For ``setWindowTitle``: Qt puts its mark at [*] after ``setWindowModified(document.unsaved)``."""
        return self.name.replace("[*]", "[*][*]") + "[*]"

    @property
    def recent(self) -> tuple[str, ...]:
        """The files opened and saved last, the newest first."""
        return self._recent

    def snapshot(self) -> SessionFile:
        """Everything as it stands, for a recovery file."""
        origin = str(self.path) if self.path else ""
        return SessionFile(self._session.wanted, self._session.wanted_cursor, origin, self._training.record)

    # Commands

    def follow_training(self, record: TrainingRecord | None) -> None:
        """More is known of the training, or another one began."""
        if record is not self.training:
            self._shown_training.record = record
            self.changed.emit()

    def new_from_example(self, name: str) -> None:
        """Put an example in place of the experiment; the training, which an example has none of, stays."""
        example = load_example(name)
        loaded = SessionFile(example.experiment, example.cursor)
        before, training = self._belongs(self._session.experiment)
        file = _File(None, example.experiment, before.saved_training)
        self._put(f"open {example.experiment.title}", loaded, file, training)

    def open(self, path: str | Path) -> bool:
        """Put the experiment of a file in place of this one; False if its run cannot be worked out."""
        path = _absolute(path)
        loaded = self._load(path)
        file = _File(path, loaded.experiment, loaded.training)
        done = self._put(f"open {path.name}", loaded, file, _Training(loaded.training))
        if done:
            self._remember(path)
        return done

    def adopt(self, path: str | Path, training: TrainingRecord | None = None) -> None:
        """The experiment that stands now was read from this file, and so was ``training``."""
        self._file.path, self._file.saved, self._file.saved_training = _absolute(path), self._session.wanted, training
        self._training.record = training
        self._remember(_absolute(path))
        self.training_changed.emit(training)
        self.changed.emit()

    def open_recovered(self, recovered: SessionFile) -> bool:
        """Put what a recovery file holds in place of the experiment; it counts as unsaved."""
        file = _File(Path(recovered.origin) if recovered.origin else None, None)
        return self._put(f"recover {recovered.experiment.title}", recovered, file, _Training(recovered.training))

    def save(self) -> bool:
        """Write the file; False if there is none yet."""
        if not self.path:
            return False
        self._write(self.path)
        self._remember(self.path)
        self.changed.emit()
        return True

    def save_as(self, path: str | Path) -> None:
        """Write another file, which is the document's from now on; a name without ending gets the usual one."""
        path = _absolute(path)
        path = path if path.suffix else path.with_name(path.name + SUFFIX)
        self._write(path)
        self._file.path = path
        self._remember(path)
        self.changed.emit()

    def _write(self, path: Path) -> None:
        wanted, training = self._session.wanted, self._training.record
        save_session(path, SessionFile(wanted, self._session.wanted_cursor, training=training))
        self._file.saved, self._file.saved_training = wanted, training
        if self.busy:
            self._doubtful[path] = self._file
        else:
            self._doubtful.pop(path, None)

    def revert(self) -> bool:
        """Go back to what is in the file, as an undoable change; False if there is no file, or it cannot be run."""
        if not self.path:
            return False
        loaded = self._load(self.path)
        file = self._file
        done = self._put(f"revert to {self.path.name}", loaded, file, _Training(loaded.training))
        if done:
            if loaded.experiment != file.saved:  # somebody else wrote the file, and what they wrote stays
                self._doubtful.pop(self.path, None)
            file.saved, file.saved_training = loaded.experiment, loaded.training
            self.changed.emit()
        return done

    def close(self) -> None:
        """The window closes: what was saved stays as it was asked for, worked out or not."""
        self._doubtful.clear()
        self._settling.stop()

    def forget(self, path: str) -> None:
        """Take a file that is gone from the recent ones."""
        self._set_recent(tuple(each for each in self._recent if each != path))

    def _load(self, path: Path) -> SessionFile:
        """What is in a file; a training that undo could bring back already is not held twice, it may be large."""
        loaded = load_session(path)
        if loaded.training is None:
            return loaded
        from lstmviz.io.training.saved import saved_alike

        held = [
            record for _, file, training in [*self._files.values()] for record in (file.saved_training, training.record)
        ]
        for record in held:
            if record is not None and saved_alike(record, loaded.training):
                return replace(loaded, training=record)
        return loaded

    # Which file each experiment belongs to

    def _put(self, name: str, loaded: SessionFile, file: _File, training: _Training) -> bool:
        """Apply ``loaded`` as a change; whether it stands now, or is being worked out."""
        self._assign(loaded.experiment, file, training)
        self._session.apply(name, loaded.experiment, cursor=loaded.cursor)
        wanted = self._session.wanted
        if wanted != loaded.experiment:
            return False
        if self._file is not file or self._training is not training:
            # an equal experiment stood there already, and nothing was announced
            self._assign(wanted, file, training)
            self._session.seek(loaded.cursor)
            self._follow()
        return True

    def _assign(self, experiment: Experiment, file: _File, training: _Training) -> None:
        key = id(experiment)
        self._files[key] = weakref.ref(experiment, partial(self._files.pop, key)), file, training

    def _belongs(self, experiment: Experiment) -> tuple[_File, _Training]:
        """Where an experiment of the history belongs; a new one where the document does."""
        _, file, training = self._files.get(id(experiment), (None, self._file, self._training))
        return file, training

    def _follow(self) -> None:
        """The history moved: an experiment that was here before belongs where it did, a new one to this file."""
        stands, wanted, shown = self._session.experiment, self._session.wanted, self.training
        for each in (stands, wanted):
            self._assign(each, *self._belongs(each))
        self._file, self._training = self._belongs(wanted)
        _, self._shown_training = self._belongs(stands)
        if self.training is not shown:
            self.training_changed.emit(self.training)
        self.changed.emit()
        if self._doubtful:
            self._settling.start(0)

    def _settle(self) -> None:
        """The document's files that hold what does not stand, and may be impossible to open, get what stands."""
        if self.busy:
            return
        here = [path for path, file in self._doubtful.items() if file is self._file]
        lost = [] if self.stands(self._file.saved) else here
        for path in here:
            del self._doubtful[path]
        for path in lost:
            try:
                self._write(path)
            except LstmvizError as error:
                self.failed.emit(error)
        if lost:
            self.changed.emit()

    def _remember(self, path: Path) -> None:
        self._set_recent(Settings(recent=self._recent).with_recent(str(path)))

    def _set_recent(self, recent: tuple[str, ...]) -> None:
        if recent != self._recent:
            self._recent = recent
            self.recent_changed.emit(recent)


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(path))
