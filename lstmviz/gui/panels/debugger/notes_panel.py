"""Notes: what the user writes down about the experiment; they are saved with it."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtGui import QFocusEvent
from PyQt6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from lstmviz.gui.panels.fields import FieldManners, stylesheet
from lstmviz.gui.session import Session
from lstmviz.gui.style import Theme
from lstmviz.gui.timers import single_shot

PAUSE_MILLISECONDS = 400
"""A pause in typing this long makes what has been typed a change of the experiment."""

_HEIGHT = 150


class NotesPanel(QWidget):
    """A plain text. Typing without a pause is one change; undo takes it back like any other."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notes_panel")
        self._session = session
        self._typed = False  # something that is not part of the experiment yet
        self.text = _Text()
        self.text.setObjectName("notes")
        self.text.setAccessibleName("notes")
        self.text.setPlaceholderText("What have you noticed? Your notes are saved with the experiment.")
        self.text.setFixedHeight(_HEIGHT)
        self.text.setTabChangesFocus(True)
        self.text.setUndoRedoEnabled(False)
        self._pause = single_shot(self, self.flush, PAUSE_MILLISECONDS)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 12)
        column.addWidget(self.text)
        self._manners = FieldManners(self)
        self._manners.watch(self)
        self._manners.undo_asked.connect(self.flush)
        self.text.textChanged.connect(self._type)
        self.text.left.connect(self.flush)
        session.history_changed.connect(self._show)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.setStyleSheet(stylesheet(theme))

    def flush(self) -> None:
        """Make what has been typed a change of the experiment now."""
        self._pause.stop()
        if not self._typed:
            return
        notes = self.text.toPlainText()
        if notes != self._session.wanted.notes:
            self._session.apply("write notes", replace(self._session.wanted, notes=notes), merge_key="notes")
        self._typed = False  # only here: what was typed must not be shown anew, the text cursor would be lost

    def _type(self) -> None:
        self._typed = True
        self._pause.start()

    def _show(self) -> None:
        """The notes that further typing builds on, unless somebody is typing."""
        notes = self._session.wanted.notes
        if not self._typed and self.text.toPlainText() != notes:
            with QSignalBlocker(self.text):
                self.text.setPlainText(notes)


class _Text(QPlainTextEdit):
    left = pyqtSignal()
    """The focus has gone elsewhere."""

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.left.emit()
