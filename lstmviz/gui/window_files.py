"""Everything about files of one window: its title and mark, the File menu, dropped files, recovery."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PyQt6.QtCore import QEvent, QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QWidget

from lstmviz.gui.document import Document
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
        self.document.changed.connect(self._show_document)
        self.actions.failed.connect(self.failed)
        self.recovery.failed.connect(self.failed)
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

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Qt's hook: take sessions that are dragged over the window, and open the one that is dropped."""
        if event is not None and event.type() == QEvent.Type.Show:
            # there a drag arrives before any widget has it: a text field would take the file's name as text
            handle = self._window.windowHandle()
            if handle is not None:
                handle.installEventFilter(self)
        if isinstance(event, QDropEvent):  # or a drag, which is one too in Qt
            sessions, numbers = session_paths(event.mimeData()), sequence_paths(event.mimeData())
            if sessions or numbers:
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    # later: the question about unsaved changes must not hold up the program it was dragged from
                    opens = partial(self.actions.open_path, sessions[0]) if sessions else None
                    QTimer.singleShot(0, opens or partial(self.sequence_dropped.emit, numbers[0]))
                return True
        return super().eventFilter(watched, event)

    def _show_document(self) -> None:
        self._window.setWindowTitle(self.document.window_title)
        self._window.setWindowModified(self.document.unsaved)

    def _open_recovered(self, found: Recoverable) -> None:
        self.actions.open_recovered(self.recovery, found)
