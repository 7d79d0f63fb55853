"""A field for typed or pasted text: reports it when typing pauses, and shows a huge text as a card."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.panels.fields import HAS_REFUSED_TEXT
from lstmviz.gui.panels.marked_text import LARGE, MarkedText
from lstmviz.gui.style import Theme, number_font
from lstmviz.gui.timers import single_shot

PAUSE_MILLISECONDS = 150
"""Typing that stops for this long is read."""

_SHOWN_OF_HUGE = 40
_EDIT_TIP = "Lay the whole text out for editing. That can take a moment."
_TOO_MANY_TIP = "These are too many numbers to be edited as text. Change them in their file, or with a what-if."


class TextField(QWidget):
    """The editor, or in its place a card for a text that is too long to be laid out."""

    edited = pyqtSignal(str)
    """Typing has paused; carries the text."""

    pasted_large = pyqtSignal(str)
    """The user pasted a huge text; the field has not changed. The owner reads it and calls ``set_text``."""

    restore_requested = pyqtSignal()
    """The user wants the last good text back."""

    def __init__(self, name: str, fewest_lines: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._huge: str | None = None
        self._write: Callable[[], str] | None = None
        self.editor = MarkedText(name, fewest_lines)
        self.setFocusProxy(self.editor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._build_card(name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.editor)
        layout.addWidget(self._card)
        self._pause = single_shot(self, self._report, PAUSE_MILLISECONDS)
        self.editor.typed.connect(self._pause.start)
        self.editor.pasted_large.connect(self.pasted_large)
        self.editor.restore_requested.connect(self.restore_requested)

    @property
    def text(self) -> str:
        """The whole text; nothing while it has not been written."""
        return self.editor.toPlainText() if self._huge is None else self._huge

    def set_text(self, text: str, summary: str = "") -> None:
        """Show a text from outside; nothing is reported. ``summary`` stands on the card of a huge text."""
        self._pause.stop()
        if len(text) <= LARGE:
            self._show_editor(text)
        else:
            self._show_card(text, text, summary)

    def set_unwritten(self, beginning: str, summary: str, write: Callable[[], str] | None) -> None:
        """Show a card for a text that ``write`` makes once it is to be edited; None where that cannot be."""
        self._pause.stop()
        self._show_card("", beginning, summary)
        self._write = write
        self._edit.setEnabled(write is not None)
        self._edit.setToolTip(_EDIT_TIP if write else _TOO_MANY_TIP)

    def touch(self) -> None:
        """Report the text after a pause, as if it had been typed."""
        self._pause.start()

    def flush(self) -> None:
        """Report now what waits for a pause."""
        if self._pause.isActive():
            self._pause.stop()
            self._report()

    def show_error(self, error: LstmvizError | None) -> None:
        """Mark the place of a mistake, if the error has one; None takes the mark away."""
        self.editor.mark(error.span if error and self._huge is None else None)
        self.editor.setProperty(HAS_REFUSED_TEXT, error is not None)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.editor.set_theme(theme)

    def _report(self) -> None:
        self.edited.emit(self.text)

    def _show_card(self, text: str, beginning: str, summary: str) -> None:
        self._huge, self._write = text, None
        self._edit.setEnabled(True)
        self._edit.setToolTip(_EDIT_TIP)
        self._summary.setText(summary)
        self._beginning.setText(" ".join(beginning[:_SHOWN_OF_HUGE].split()) + " …")
        self.editor.hide()
        self._card.show()

    def _show_editor(self, text: str) -> None:
        self._huge = self._write = None
        self.editor.set_text(text)
        self._card.hide()
        self.editor.show()

    def _edit_as_text(self) -> None:
        self._show_editor(self._write() if self._write else self.text)
        self.editor.setFocus()

    def _clear(self) -> None:
        self._show_editor("")
        self.editor.setFocus()

    def _build_card(self, name: str) -> None:
        self._card = QFrame()
        self._card.setObjectName(f"{name}_card")
        self._card.setProperty("role", "card")
        self._summary = QLabel()
        self._summary.setObjectName(f"{name}_summary")
        self._beginning = QLabel()
        self._beginning.setProperty("role", "muted")
        self._beginning.setFont(number_font(12))
        self._beginning.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._edit = QPushButton("edit as text")
        self._edit.setObjectName(f"{name}_edit_as_text")
        self._edit.setToolTip(_EDIT_TIP)
        self._edit.clicked.connect(self._edit_as_text)
        clear = QPushButton("clear")
        clear.setObjectName(f"{name}_clear")
        clear.setToolTip("Start again with an empty field. The last good run stays until you type.")
        clear.clicked.connect(self._clear)
        layout = QVBoxLayout(self._card)
        layout.addWidget(self._summary)
        layout.addWidget(self._beginning)
        buttons = QHBoxLayout()
        buttons.addWidget(self._edit)
        buttons.addWidget(clear)
        layout.addLayout(buttons)
        self._card.hide()
