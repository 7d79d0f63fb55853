"""Everything about files of one window: its title and mark, the File menu, dropped files, recovery."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QEvent, QMimeData, QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QDropEvent
from PyQt6.QtWidgets import QMenu, QWidget

from lstmviz.gui.document import Document
from lstmviz.gui.export.run_export import RunExport
from lstmviz.gui.model_opening import ModelOpening, model_paths
from lstmviz.gui.panels.ask_to_save import ask_to_save
from lstmviz.gui.panels.file_actions import Ask, FileActions, session_paths
from lstmviz.gui.panels.recovery_dialog import RecoveryDialog
from lstmviz.gui.panels.sequence_import.dropped import sequence_paths
from lstmviz.gui.recovery import Recoverable, Recovery, recoverable
from lstmviz.gui.session import Session


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
        self.models = ModelOpening(session, window)
        self.models.typed_wanted.connect(self.actions.typed_wanted)
        self.document.changed.connect(self._show_document)
        self.actions.failed.connect(self.failed)
        self.recovery.failed.connect(self.failed)
        self.run_export.failed.connect(self.failed)
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

    def close(self) -> None:
        """The window closes as its user wants: nothing needs to be recovered."""
        self.recovery.close()
        self.run_export.close()
        self.models.close()

    @property
    def items(self) -> tuple[QAction | QMenu | None, ...]:
        """Everything for the File menu; None for a line between two groups."""
        return *self.actions.items, self.models.action, self.run_export.action

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Qt's hook: take files that are dragged over the window, and open the one that is dropped."""
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
        """What opens the first file that is dragged: a session, a trained model, a sequence; None for anything else."""
        openers: tuple[tuple[Callable[[QMimeData | None], Sequence[Path]], Callable[[Path], None]], ...] = (
            (session_paths, self.actions.open_path),
            (model_paths, self.models.open_path),
            (sequence_paths, self.sequence_dropped.emit),
        )
        for paths_of, opens in openers:
            paths = paths_of(dragged)
            if paths:
                return partial(opens, paths[0])
        return None

    def _show_document(self) -> None:
        self._window.setWindowTitle(self.document.window_title)
        self._window.setWindowModified(self.document.unsaved)

    def _open_recovered(self, found: Recoverable) -> None:
        self.actions.open_recovered(self.recovery, found)
