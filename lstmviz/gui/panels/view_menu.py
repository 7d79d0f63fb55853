"""The View menu: which docks are there, colours, motion, layout."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QDockWidget, QMenu, QWidget

from lstmviz.gui.style import ThemeName

THEME_WORDS = {ThemeName.AUTO: "&Colours as the system", ThemeName.LIGHT: "&Light", ThemeName.DARK: "&Dark"}
"""The themes, as the menu calls them."""


class ViewMenu(QMenu):
    """Asks for changes of the window through signals."""

    theme_chosen = pyqtSignal(object)
    """A ThemeName."""
    motion_reduced = pyqtSignal(bool)
    """Whether values are to jump instead of moving."""
    layout_reset = pyqtSignal()
    """Docks are to be where they are at the first start."""

    def __init__(
        self, docks: Iterable[QDockWidget], theme: ThemeName, reduce_motion: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__("&View", parent)
        for dock in docks:
            self.addAction(dock.toggleViewAction())
        self.addSeparator()
        themes = QActionGroup(self)
        for name, words in THEME_WORDS.items():
            choice = QAction(words, themes)
            choice.setCheckable(True)
            choice.setData(name)
            choice.setChecked(name is theme)
            self.addAction(choice)
        themes.triggered.connect(self._theme_triggered)
        self.addSeparator()
        self.reduce_motion_action = QAction("Reduce &motion: values jump instead of moving", self)
        self.reduce_motion_action.setCheckable(True)
        self.reduce_motion_action.setChecked(reduce_motion)
        self.reduce_motion_action.toggled.connect(self.motion_reduced)
        self.addAction(self.reduce_motion_action)
        reset = self.addAction("Reset &layout")
        assert reset is not None
        reset.triggered.connect(lambda: self.layout_reset.emit())

    def _theme_triggered(self, action: QAction) -> None:
        self.theme_chosen.emit(action.data())
