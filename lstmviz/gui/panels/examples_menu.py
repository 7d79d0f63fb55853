"""The menu of the examples."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QWidget

from lstmviz.gui.panels.example_section import Examples


class ExamplesMenu(QMenu):
    """One entry an example."""

    example_chosen = pyqtSignal(str)
    """The name of the example that the user wants."""

    def __init__(self, examples: Examples, parent: QWidget | None = None) -> None:
        super().__init__("&Examples", parent)
        for name, title in examples:
            action = self.addAction(title)
            assert action is not None
            action.setData(name)
        self.triggered.connect(self._choose)

    def _choose(self, action: QAction) -> None:
        self.example_chosen.emit(action.data())
