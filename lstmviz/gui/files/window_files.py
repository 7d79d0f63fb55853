"""Everything about files of one window: its title and mark, the File menu, dropped files, recovery."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QEvent, QMimeData, QObject, QProcess, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QDropEvent
from PyQt6.QtWidgets import QMenu, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.export.run_export import RunExport
from lstmviz.gui.export.weights_export import WeightsExport
from lstmviz.gui.files.document import Document
from lstmviz.gui.files.model_opening import ModelOpening, model_paths
from lstmviz.gui.files.recovery import Recoverable, Recovery, recoverable
from lstmviz.gui.panels.ask_to_save import ask_to_save
from lstmviz.gui.panels.file_actions import Ask, FileActions, session_paths
from lstmviz.gui.panels.recovery_dialog import RecoveryDialog
from lstmviz.gui.panels.sequence_import.dropped import sequence_paths
from lstmviz.gui.session import Session
from lstmviz.gui.views.training_view import TrainingView
from lstmviz.gui.views.view import View


class WindowFiles(QObject):
    """Ties document, actions and recovery to a window. Call ``close`` when the window closes."""

    failed = pyqtSignal(object)
    """An LstmvizError: a file could not be opened, saved or kept."""

    sequence_dropped = pyqtSignal(object)
    """The path of a file of numbers that was dropped on the window."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        recent: tuple[str, ...],
        folder: Path,
        *,
        ask: Ask = ask_to_save,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._folder = folder
        self.document = Document(session, recent, self)
        self.actions = FileActions(self.document, window, ask=ask)
        self.recovery = Recovery(self.document, folder, self)
        self.run_export = RunExport(session, window)
        self.weights_export = WeightsExport(session, window)
        self.models = ModelOpening(session, window)
        self.models.typed_wanted.connect(self.actions.typed_wanted)
        self.models.failed.connect(self.failed)
        self.document.changed.connect(self._show_document)
        self.document.failed.connect(self.failed)
        self.actions.failed.connect(self.failed)
        self.recovery.failed.connect(self.failed)
        self.run_export.failed.connect(self.failed)
        self.weights_export.failed.connect(self.failed)
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self._show_document()

    def offer_recovery(self) -> None:
        """Ask what is to become of work that a crash has left, if there is any. It does not block the window."""
        found = recoverable(self._folder)
        if found:
            dialog = RecoveryDialog(found, self._window)
            dialog.open_requested.connect(self._open_recovered)
            dialog.open()

    def tie_training(self, view: View) -> None:
        """Let a new view show the training of the document, and the document follow what the view makes of it."""
        if not isinstance(view, TrainingView):
            return
        view.training_changed.connect(self.document.follow_training)
        self.document.training_changed.connect(view.show_training)
        if self.document.training is not None:
            view.show_training(self.document.training)

    def close(self) -> None:
        """The window closes as its user wants: nothing needs to be recovered."""
        self.run_export.close()  # may take a while, in which a crash must not lose anything
        self.document.close()
        self.actions.close()
        self.recovery.close()
        self.models.close()

    @property
    def items(self) -> tuple[QAction | QMenu | None, ...]:
        """Everything for the File menu; None for a line between two groups."""
        return *self.actions.items, self.models.action, self.run_export.action, self.weights_export.action

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Qt's hook: take files that are dragged over the window, and open those that are dropped."""
        if event is not None and event.type() == QEvent.Type.Show:
            # there a drag arrives before any widget has it: a text field would take the file's name as text
            handle = self._window.windowHandle()
            if handle is not None:
                handle.installEventFilter(self)
        if isinstance(event, QDropEvent):  # or a drag, which is one too in Qt
            opens = self._opener_of(event.mimeData())
            if opens is not None:
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    # later: the question about unsaved changes must not hold up the program it was dragged from
                    QTimer.singleShot(0, opens)
                return True
        return super().eventFilter(watched, event)

    def _opener_of(self, dragged: QMimeData | None) -> Callable[[], None] | None:
        """What opens the files that are dragged: sessions, trained models, sequences; None for anything else."""
        openers: tuple[tuple[Callable[[QMimeData | None], Sequence[Path]], Callable[[Path], None]], ...] = (
            (session_paths, self.actions.open_path),
            (model_paths, self.models.open_path),
            (sequence_paths, self.sequence_dropped.emit),
        )
        found: dict[Path, Callable[[Path], None]] = {}
        for paths_of, opens in openers:
            for path in paths_of(dragged):
                found.setdefault(path, opens)
        return partial(self._open_all, found) if found else None

    def _open_all(self, found: Mapping[Path, Callable[[Path], None]]) -> None:
        """Open the first file here, and a window of its own for every other."""
        (first, opens), *others = found.items()
        if others:
            # a process of their own: whatever befalls one window leaves the others alone
            arguments = ["-m", "lstmviz", "open", "--errors-in-window", *(str(path) for path, _ in others)]
            if not QProcess.startDetached(sys.executable, arguments)[0]:
                self.failed.emit(
                    LstmvizError("The other files cannot be opened in windows of their own", how="Drop one at a time.")
                )
        opens(first)

    def _show_document(self) -> None:
        self._window.setWindowTitle(self.document.window_title)
        self._window.setWindowModified(self.document.unsaved)

    def _open_recovered(self, found: Recoverable) -> None:
        self.actions.open_recovered(self.recovery, found)
