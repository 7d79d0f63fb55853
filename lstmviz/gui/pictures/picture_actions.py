"""The actions that make pictures and animations, in the menus from the start; what does the work is made when asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QWidget

from lstmviz.gui.pictures.desk import Desk
from lstmviz.gui.session import Session

if TYPE_CHECKING:
    from lstmviz.gui.pictures.picture_export import PictureExport


class PictureActions(QObject):
    """The actions *Export a picture*, *Export an animation*, *Copy picture* and *Copy table*.

    Call ``close`` when the window closes.
    """

    failed = pyqtSignal(object)
    """An LstmvizError: it could not be done, and what was in the file stays."""
    said = pyqtSignal(str)
    """What was copied, for the status line."""

    def __init__(self, window: QWidget, session: Session, desk: Desk) -> None:
        super().__init__(window)
        self._window, self._session, self._desk = window, session, desk
        self._export: PictureExport | None = None
        self.file_actions = (
            self._action(
                "export_picture",
                "Export a &picture…",
                "Write a view or the window as PNG, SVG or PDF",
                lambda: self.export.ask_for_picture(),
            ),
            self._action(
                "export_animation",
                "Export an a&nimation…",
                "Write a view at work as GIF, APNG, WebP or MP4",
                lambda: self.export.ask_for_animation(),
            ),
        )
        """For the File menu."""
        self.edit_actions = (
            self._action(
                "copy_picture",
                "Copy &picture",
                "Put a picture of the open view on the clipboard",
                lambda: self.export.copy_picture(),
            ),
            self._action(
                "copy_table",
                "Copy &table",
                "Put the table of the pinned unit, a row a step, on the clipboard",
                lambda: self.export.copy_table(),
            ),
        )
        """For the Edit menu."""

    @property
    def export(self) -> PictureExport:
        """What does the work."""
        if self._export is None:
            # here: the encoders would hold up every start of the window
            from lstmviz.gui.pictures.picture_export import PictureExport

            self._export = PictureExport(self._window, self._session, self._desk)
            self._export.failed.connect(self.failed)
            self._export.said.connect(self.said)
        return self._export

    def close(self) -> None:
        """Stop, and wait for the thread."""
        if self._export is not None:
            self._export.close()

    def _action(self, name: str, words: str, tip: str, triggered: Callable[[], None]) -> QAction:
        action = QAction(words, self)
        action.setObjectName(name)
        action.setToolTip(tip)
        action.triggered.connect(lambda *_: triggered())
        return action
