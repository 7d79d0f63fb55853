"""Open, save, save as, revert, recent files: what the File menu does with the document."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QMimeData, QObject, pyqtSignal
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QFileDialog, QMenu, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.gui.files.document import Document
from lstmviz.gui.files.recovery import Recoverable, Recovery
from lstmviz.gui.panels.ask_to_save import SaveChoice, ask_to_save
from lstmviz.gui.shortcuts import has_shortcut, shortcut
from lstmviz.gui.timers import single_shot
from lstmviz.io.sessions import SUFFIX

Ask = Callable[[QWidget | None, str], SaveChoice]
Choose = Callable[[QWidget | None, str], str]
"""Given a folder or file to begin with, the chosen path; empty when nothing was chosen."""

_FILTER = f"lstmviz sessions (*{SUFFIX});;All files (*)"


def choose_file_to_open(parent: QWidget | None, start: str) -> str:
    """The dialog to open a session."""
    return QFileDialog.getOpenFileName(parent, "Open a session", start, _FILTER)[0]


def choose_file_to_save(parent: QWidget | None, start: str) -> str:
    """The dialog to save a session; it asks before it lets an existing file be replaced."""
    return QFileDialog.getSaveFileName(parent, "Save the session", start, _FILTER)[0]


class FileActions(QObject):
    """The actions of the File menu. The dialogs can be replaced, so that tests answer them."""

    failed = pyqtSignal(object)
    """An LstmvizError: a file could not be opened or saved, and nothing has changed."""
    worked = pyqtSignal()
    """A file was opened, saved or reverted to."""
    typed_wanted = pyqtSignal()
    """The document is about to be saved or left: what has been typed and not yet reported must become part of it."""

    def __init__(
        self,
        document: Document,
        parent: QWidget | None = None,
        *,
        ask: Ask = ask_to_save,
        choose_to_open: Choose = choose_file_to_open,
        choose_to_save: Choose = choose_file_to_save,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._window = parent
        self._ask, self._choose_to_open, self._choose_to_save = ask, choose_to_open, choose_to_save
        self._recovering: list[tuple[Recovery, Recoverable, Experiment]] = []
        self.open_action = self._action("open_session", "&Open a session…", self.open)
        self.save_action = self._action("save_session", "&Save", self.save)
        self.save_as_action = self._action("save_session_as", "Save &as…", self.save_as)
        self.revert_action = self._action("revert_session", "Re&vert to the saved file", self.revert)
        self.revert_action.setToolTip("Go back to what is in the file; undo brings the changes back")
        self.recent_menu = QMenu("Open &recent", parent)
        self.recent_menu.setObjectName("recent_files")
        self.recent_menu.setToolTipsVisible(True)
        document.changed.connect(self._show_document)
        # later: a change that is refused lets the one that it was built on be worked out again
        self._settling = single_shot(self, self._settle_recovered)
        document.changed.connect(self._settle_soon)
        document.recent_changed.connect(self._show_recent)
        self._show_document()
        self._show_recent(document.recent)

    @property
    def items(self) -> tuple[QAction | QMenu | None, ...]:
        """Everything for the File menu; None for a line between two groups."""
        return self.open_action, self.recent_menu, None, self.save_action, self.save_as_action, self.revert_action, None

    # What the actions do

    def may_leave(self) -> bool:
        """Ask about unsaved changes, if there are any; False if they are to stay."""
        self.typed_wanted.emit()
        if not self._document.unsaved:
            return True
        choice = self._ask(self._window, self._document.name)
        return self.save() if choice is SaveChoice.SAVE else choice is SaveChoice.DISCARD

    def open(self) -> None:
        """Let a file be chosen, and open it."""
        chosen = self._choose_to_open(self._window, self._folder())
        if chosen:
            self.open_path(chosen)

    def open_path(self, path: str | Path) -> None:
        """Open a file in place of this document, after the question about unsaved changes."""
        if self.may_leave():
            self._try(lambda: self._document.open(path))

    def open_example(self, name: str) -> None:
        """Open an example. Asks only if the changes belong to a file: those to an example come back with undo."""
        if self._document.path is None or self.may_leave():
            self._try(lambda: self._document.new_from_example(name))

    def save(self) -> bool:
        """Save to the file, or to one that is chosen if there is none; whether it is saved now."""
        if self._document.path is None:
            return self.save_as()
        self.typed_wanted.emit()
        return self._try(self._document.save)

    def save_as(self) -> bool:
        """Let another file be chosen, and save to it; whether it is saved now."""
        path = self._document.path
        self.typed_wanted.emit()
        chosen = self._choose_to_save(self._window, str(path) if path else self._suggestion())
        return bool(chosen) and self._try(lambda: self._document.save_as(chosen))

    def revert(self) -> None:
        """Go back to what is in the file, as an undoable change."""
        self._try(self._document.revert)

    def open_recovered(self, recovery: Recovery, found: Recoverable) -> None:
        """Open what a crash has left, and delete the old recovery file once it stands and the window's own holds it."""
        session = found.session
        if session and self._try(lambda: self._document.open_recovered(session)):
            self._recovering.append((recovery, found, session.experiment))
            self._settle_recovered()
        else:
            found.release()

    def close(self) -> None:
        """The window closes: what has been recovered, but does not stand yet, is left for another time."""
        for _, found, _ in self._recovering:
            found.release()
        self._recovering.clear()
        self._settling.stop()

    def _settle_soon(self) -> None:
        if self._recovering:
            self._settling.start(0)

    def _settle_recovered(self) -> None:
        """Delete the old recovery files of what stands here; what could not be worked out is offered again."""
        if self._document.busy:
            return
        recovering, self._recovering = self._recovering, []
        for recovery, found, experiment in recovering:
            if self._document.stands(experiment) and self._try(recovery.write_now):
                found.discard()
            else:
                found.release()

    # Showing

    def _show_document(self) -> None:
        self.revert_action.setEnabled(self._document.unsaved and self._document.path is not None)

    def _show_recent(self, recent: tuple[str, ...]) -> None:
        self.recent_menu.clear()
        for number, path in enumerate(recent, 1):
            action = QAction(f"&{number}  {Path(path).name.replace('&', '&&')}", self.recent_menu)
            action.setToolTip(path)
            action.triggered.connect(partial(self._open_recent, path))
            self.recent_menu.addAction(action)
        self.recent_menu.setEnabled(bool(recent))

    def _open_recent(self, path: str, *_: object) -> None:
        if not Path(path).exists():
            self._document.forget(path)
        self.open_path(path)

    def _folder(self) -> str:
        """Where looking for a file begins."""
        files = [str(self._document.path)] if self._document.path else [*self._document.recent]
        return str(Path(files[0]).parent if files else Path.home())

    def _suggestion(self) -> str:
        """A name for an experiment that has no file yet, made of its title."""
        words = "".join(c if c.isalnum() else " " for c in self._document.name.lower()).split()
        return str(Path(self._folder(), ("-".join(words)[:60] or "experiment") + SUFFIX))

    def _try(self, command: Callable[[], bool | None]) -> bool:
        """Whether ``command`` worked; what the user can mend is announced."""
        try:
            done = command() is not False
        except LstmvizError as error:
            self.failed.emit(error)
            return False
        if done:
            self.worked.emit()
        return done

    def _action(self, name: str, words: str, triggered: Callable[[], object]) -> QAction:
        action = QAction(words, self)
        action.setObjectName(name)
        if has_shortcut(name):
            action.setShortcuts([QKeySequence(key) for key in shortcut(name).keys])
        action.triggered.connect(lambda *_: triggered())
        return action


def session_paths(dropped: QMimeData | None) -> tuple[Path, ...]:
    """The session files among what is dragged over the window, or dropped on it."""
    urls = dropped.urls() if dropped else []
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return tuple(path for path in paths if path.suffix.lower() == SUFFIX)
