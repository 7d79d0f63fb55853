"""Undo and redo, which say what they would do."""

from __future__ import annotations

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from lstmviz.gui.session import Session
from lstmviz.gui.shortcuts import create_action


class HistoryActions(QObject):
    """The actions ``undo`` and ``redo`` of a window: "Undo clamp f[2] = 1, steps 3-8"."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self.undo = create_action("undo", window, session.undo)
        self.redo = create_action("redo", window, session.redo)
        session.history_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        names = (("Undo", self.undo, self._session.undo_name), ("Redo", self.redo, self._session.redo_name))
        for word, action, name in names:
            action.setEnabled(bool(name))
            action.setText(f"{word} {name}".rstrip().replace("&", "&&"))
