"""What every section of the experiment dock is: a heading, fields, and a way to ask for a change."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import Run
from lstmviz.gui.panels.edits import Change
from lstmviz.gui.panels.fields import ErrorLine, NoteLine, heading
from lstmviz.gui.style import LIGHT, Theme


class Section(QWidget):
    """Base of all sections. A section knows the run that stands, never the session.

    The panel answers ``edited`` with either ``show_run`` and ``show_notes``, or ``show_error``.
    """

    edited = pyqtSignal(str, object, str)
    """The user asks for a change: its name for people, the Change, and the merge key of History."""

    def __init__(self, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{name}_section")
        self.setAccessibleName(title)
        self.theme: Theme = LIGHT
        self.run: Run | None = None
        self._last_ask: tuple[str, Change, str] | None = None
        self._refused: tuple[str, Change, str] | None = None
        self.error_line = ErrorLine(f"{name}_error")
        self.note_line = NoteLine(f"{name}_note")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(6)
        self.heading_row = QHBoxLayout()
        self.heading_row.addWidget(heading(title))
        self.heading_row.addStretch()
        self.body.addLayout(self.heading_row)
        self.body.addWidget(self.error_line)  # a section that adds them again moves them
        self.body.addWidget(self.note_line)

    def show_run(self, run: Run) -> None:
        """Show the experiment of ``run``; equal values change nothing on screen."""
        self.run = run

    def show_error(self, error: LstmvizError | None) -> None:
        """Show why the change that was asked for cannot be made; None takes the message away."""
        self.error_line.show_error(error)
        self._refused = self._last_ask if error else None
        self._last_ask = None

    def show_notes(self, notes: tuple[str, ...]) -> None:
        """Show what the change that was asked for brought along."""
        self.note_line.setText(" ".join(notes))

    def reset(self, run: Run) -> None:
        """Forget what was typed and refused, and show ``run``."""
        self.show_error(None)
        self.show_notes(())
        self.show_run(run)

    def show_cancelled(self, run: Run) -> None:
        """Show that the change that was asked for will not come; a typed text stays, everything else shows ``run``."""
        if self._last_ask is None:
            self.reset(run)
            self.show_notes(("Cancelled. The run before stays.",))
        else:
            self.show_error(LstmvizError("Cancelled: the run before stays", how="Change the text to run it."))
            self._refused = None

    def retry(self) -> None:
        """Ask again for a typed text that was refused, now that another part of the experiment has changed."""
        refused, self._refused = self._refused, None
        if refused is not None:
            self._last_ask = refused
            self.edited.emit(*refused)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme

    def _ask(self, name: str, change: Change, merge_key: str = "", *, typed: bool = False) -> None:
        """Ask the panel for a change. A ``typed`` one stays in its field when it is refused, and is tried again."""
        self._refused = None
        self._last_ask = (name, change, merge_key) if typed else None
        self.edited.emit(name, change, merge_key)
