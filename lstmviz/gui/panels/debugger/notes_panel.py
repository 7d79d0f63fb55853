"""Notes: what the user writes down about the experiment; they are saved with it."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QSignalBlocker, QTimer, pyqtSignal
from PyQt6.QtGui import QFocusEvent
from PyQt6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from lstmviz.core.run import Run
from lstmviz.gui.panels.fields import FieldManners, stylesheet
from lstmviz.gui.session import Session
from lstmviz.gui.style import Theme

PAUSE_MILLISECONDS = 400
"""A pause in typing this long makes what has been typed a change of the experiment."""

_HEIGHT = 150


class NotesPanel(QWidget):
    """A plain text. Typing without a pause is one change; undo takes it back like any other."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notes_panel")
        self._session = session
        self.text = _Text()
        self.text.setObjectName("notes")
        self.text.setAccessibleName("notes")
        self.text.setPlaceholderText("What have you noticed? Your notes are saved with the experiment.")
        self.text.setFixedHeight(_HEIGHT)
        self.text.setTabChangesFocus(True)
        self.text.setUndoRedoEnabled(False)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self.flush)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 12)
        column.addWidget(self.text)
        self._manners = FieldManners(self)
        self._manners.watch(self)
        self._manners.undo_asked.connect(self.flush)
        self.text.textChanged.connect(self._pause.start)
        self.text.left.connect(self.flush)
        session.run_changed.connect(self._show)
        session.annotations_changed.connect(self._show)
        self._show(session.run)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.setStyleSheet(stylesheet(theme))

    def flush(self) -> None:
        """Make what has been typed a change of the experiment now."""
        self._pause.stop()
        notes = self.text.toPlainText()
        if notes != self._session.wanted.notes:
            self._session.apply("write notes", replace(self._session.wanted, notes=notes), merge_key="notes")

    def _show(self, run: Run) -> None:
        if self.text.toPlainText() != run.experiment.notes and not self._pause.isActive():
            with QSignalBlocker(self.text):
                self.text.setPlainText(run.experiment.notes)


class _Text(QPlainTextEdit):
    left = pyqtSignal()
    """The focus has gone elsewhere."""

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.left.emit()
