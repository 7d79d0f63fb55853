"""Another run to compare with: one that is kept, or one from a file."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import Run, analysing
from lstmviz.gui.job import Job
from lstmviz.gui.panels.file_actions import Choose, choose_file_to_open
from lstmviz.gui.session import Session
from lstmviz.io.sessions import load_session

_HERE_SECONDS = 0.1
"""So long the run of a file may keep the window waiting; what is left goes on on a thread."""


class Comparison(QObject):
    """The actions that choose the other run. Call ``close`` when the window closes."""

    chosen = pyqtSignal(object, str)
    """A Run to compare with and what it is called, or None for none."""
    failed = pyqtSignal(object)
    """An LstmvizError: the file cannot be read, or its run not be worked out."""

    def __init__(self, session: Session, window: QWidget, *, choose: Choose = choose_file_to_open) -> None:
        super().__init__(window)
        self._session, self._window, self._choose = session, window, choose
        self._name = ""
        self._job = Job(self)
        self._job.finished.connect(self._finish)
        self._job.failed.connect(self._fail)
        self.keep_action = self._action(
            "keep_run", "&Keep this run to compare", "The tab Diff shows what differs from it later on", self.keep
        )
        self.open_action = self._action(
            "compare_with_file", "Compare with a session’s run…", "Run a saved session and compare with it", self.open
        )
        self.drop_action = self._action("drop_kept_run", "&Drop the run kept to compare", "", self.drop)
        self.drop_action.setEnabled(False)

    @property
    def actions(self) -> tuple[QAction, ...]:
        """For the menu."""
        return self.keep_action, self.open_action, self.drop_action

    def keep(self) -> None:
        """Compare with the run as it stands now, whatever is changed from here on."""
        self._job.cancel()  # what was asked for before must not come later
        self._choose_run(self._session.run, "the kept run")

    def open(self) -> None:
        """Let a session be chosen, and compare with its run."""
        path = self._choose(self._window, "")
        if not path:
            return
        try:
            loaded = load_session(path)
        except LstmvizError as error:
            self.failed.emit(error)
            return
        self._name = path.replace("\\", "/").rpartition("/")[2]
        self._job.start(analysing(loaded.experiment), _HERE_SECONDS)

    def drop(self) -> None:
        """Compare with nothing of the kind any more."""
        self._job.cancel()
        self._choose_run(None, "")

    def close(self) -> None:
        """Stop all work in the background."""
        self._job.close()

    def _choose_run(self, run: Run | None, name: str) -> None:
        self.drop_action.setEnabled(run is not None)
        self.chosen.emit(run, name)

    def _finish(self, run: Run) -> None:
        self._choose_run(run, self._name)

    def _fail(self, why: str) -> None:
        self.failed.emit(LstmvizError(f"The run of {self._name} cannot be worked out: {why}"))

    def _action(self, name: str, words: str, tip: str, triggered: Callable[[], None]) -> QAction:
        action = QAction(words, self)
        action.setObjectName(name)
        action.setToolTip(tip)
        action.triggered.connect(triggered)
        return action
