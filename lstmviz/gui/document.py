"""The document of a window: which file its experiment belongs to, and whether it is saved."""

from __future__ import annotations

import os
import weakref
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from lstmviz.core.experiment import Experiment
from lstmviz.gui.session import Session
from lstmviz.gui.settings import Settings
from lstmviz.io.experiments import load_example
from lstmviz.io.sessions import SUFFIX, SessionFile, load_session, save_session


@dataclass(eq=False)
class _File:
    """What is known of the file that a document is saved to.

    path   None: it was never saved
    saved  the experiment as it is there; for an example as it ships; None: nothing that was saved is like it
    """

    path: Path | None
    saved: Experiment | None


class Document(QObject):
    """Opens, saves and reverts the session's experiment; every command raises LstmvizError and then changes nothing.

    Opening is an undoable change of the session. Undo beyond it brings back the file before, too: each experiment in
    the history remembers the file it belongs to. Saved is what was asked for, ``session.wanted``, even while a long
    analysis of it is under way.
    """

    changed = pyqtSignal()
    """The experiment, its file or the unsaved mark may have changed."""
    recent_changed = pyqtSignal(object)
    """Another tuple of recent files."""

    def __init__(self, session: Session, recent: tuple[str, ...] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._recent = recent
        self._file = _File(None, session.wanted)
        self._files: dict[int, tuple[weakref.ref[Experiment], _File]] = {}
        self._assign(session.wanted, self._file)
        session.history_changed.connect(self._follow)

    # What it is

    @property
    def path(self) -> Path | None:
        """The file that ``save`` writes; None for an experiment that was never saved."""
        return self._file.path

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost if the window closed now. Where the cursor is does not count."""
        return self._file.saved is None or self._session.wanted != self._file.saved

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
        return SessionFile(self._session.wanted, self._session.cursor, str(self.path) if self.path else "")

    # Commands

    def new_from_example(self, name: str) -> None:
        """Put an example in place of the experiment."""
        example = load_example(name)
        loaded = SessionFile(example.experiment, example.cursor)
        self._put(f"open {example.experiment.title}", loaded, _File(None, example.experiment))

    def open(self, path: str | Path) -> bool:
        """Put the experiment of a file in place of this one; False if its run cannot be worked out."""
        path = _absolute(path)
        loaded = load_session(path)
        done = self._put(f"open {path.name}", loaded, _File(path, loaded.experiment))
        if done:
            self._remember(path)
        return done

    def adopt(self, path: str | Path) -> None:
        """The experiment that stands now was read from this file."""
        self._file.path, self._file.saved = _absolute(path), self._session.wanted
        self._remember(_absolute(path))
        self.changed.emit()

    def open_recovered(self, recovered: SessionFile) -> bool:
        """Put what a recovery file holds in place of the experiment; it counts as unsaved."""
        file = _File(Path(recovered.origin) if recovered.origin else None, None)
        return self._put(f"recover {recovered.experiment.title}", recovered, file)

    def save(self) -> bool:
        """Write the file; False if there is none yet."""
        if not self.path:
            return False
        wanted = self._session.wanted
        save_session(self.path, SessionFile(wanted, self._session.cursor))
        self._file.saved = wanted
        self._remember(self.path)
        self.changed.emit()
        return True

    def save_as(self, path: str | Path) -> None:
        """Write another file, which is the document's from now on; a name without ending gets the usual one."""
        path = _absolute(path)
        path = path if path.suffix else path.with_name(path.name + SUFFIX)
        wanted = self._session.wanted
        save_session(path, SessionFile(wanted, self._session.cursor))
        self._file.path, self._file.saved = path, wanted
        self._remember(path)
        self.changed.emit()

    def revert(self) -> bool:
        """Go back to what is in the file, as an undoable change; False if there is no file, or it cannot be run."""
        if not self.path:
            return False
        loaded = load_session(self.path)
        done = self._put(f"revert to {self.path.name}", loaded, self._file)
        if done:
            self._file.saved = loaded.experiment
            self.changed.emit()
        return done

    def forget(self, path: str) -> None:
        """Take a file that is gone from the recent ones."""
        self._set_recent(tuple(each for each in self._recent if each != path))

    # Which file each experiment belongs to

    def _put(self, name: str, loaded: SessionFile, file: _File) -> bool:
        """Apply ``loaded`` as a change; whether it stands now, or is being worked out."""
        self._assign(loaded.experiment, file)
        self._session.apply(name, loaded.experiment, cursor=loaded.cursor)
        wanted = self._session.wanted
        if wanted != loaded.experiment:
            return False
        if self._file is not file:  # an equal experiment stood there already, and nothing was announced
            self._assign(wanted, file)
            self._session.seek(loaded.cursor)
            self._follow()
        return True

    def _assign(self, experiment: Experiment, file: _File) -> None:
        key = id(experiment)
        self._files[key] = weakref.ref(experiment, partial(self._files.pop, key)), file

    def _follow(self) -> None:
        """The history moved: an experiment that was here before belongs where it did, a new one to this file."""
        wanted = self._session.wanted
        reference, file = self._files.get(id(wanted), (None, self._file))
        if reference is None:
            self._assign(wanted, file)
        self._file = file
        self.changed.emit()

    def _remember(self, path: Path) -> None:
        self._set_recent(Settings(recent=self._recent).with_recent(str(path)))

    def _set_recent(self, recent: tuple[str, ...]) -> None:
        if recent != self._recent:
            self._recent = recent
            self.recent_changed.emit(recent)


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(path))
