"""The debugger dock: sections that fold, each made when it is opened for the first time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, cast

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lstmviz.gui.style import LIGHT, Theme


class Themed(Protocol):
    """What can be put into a section."""

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""


@dataclass(frozen=True)
class Fold:
    """One section: its name in the program, the title and tooltip, and what makes it: a QWidget that is Themed."""

    name: str
    title: str
    explanation: str
    make: Callable[[], QWidget]


class FoldingSection(QWidget):
    """A title that opens and closes what is below it."""

    def __init__(self, fold: Fold, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fold = fold
        self._theme = LIGHT
        self.content: QWidget | None = None
        self.header = QToolButton()
        self.header.setObjectName(f"{fold.name}_header")
        self.header.setText(fold.title)
        self.header.setToolTip(fold.explanation)
        self.header.setCheckable(True)
        self.header.setArrowType(Qt.ArrowType.RightArrow)
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.header.toggled.connect(self._show_content)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.header)

    def open(self) -> QWidget:
        """Unfold it, and give what is in it."""
        self.header.setChecked(True)
        assert self.content is not None
        return self.content

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        if self.content:
            cast(Themed, self.content).set_theme(theme)

    def _show_content(self, opened: bool) -> None:
        self.header.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        if opened and self.content is None:
            self.content = self._fold.make()
            self._column.addWidget(self.content)
            self.set_theme(self._theme)
        if self.content:
            self.content.setVisible(opened)


class DebuggerPanel(QWidget):
    """All sections in a column that scrolls. What they are is for the main window to say."""

    opened = pyqtSignal(str)
    """The section of this name has been unfolded."""

    def __init__(self, folds: tuple[Fold, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("debugger_panel")
        self.setAccessibleName("Debugger")
        self._sections = {fold.name: FoldingSection(fold) for fold in folds}
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for name, section in self._sections.items():
            column.addWidget(section)
            section.header.toggled.connect(partial(self._toggled, name))
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll = scroll
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self.setMinimumWidth(250)

    def open(self, name: str) -> QWidget:
        """Unfold the section called ``name``, bring it into sight, and give what is in it."""
        content = self._sections[name].open()
        self._scroll.ensureWidgetVisible(self._sections[name].header)
        return content

    def content(self, name: str) -> QWidget | None:
        """What is in the section called ``name``; None where it has never been opened."""
        return self._sections[name].content

    def welcome(self, seen: bool) -> None:
        """Whoever sees it for the first time finds the first section open."""
        if seen and all(section.content is None for section in self._sections.values()):
            next(iter(self._sections.values())).open()

    def _toggled(self, name: str, opened: bool) -> None:
        if opened:
            self.opened.emit(name)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.setStyleSheet(
            f"QToolButton {{ border: none; border-top: 1px solid {theme.border}; background: {theme.panel};"
            f" color: {theme.text}; font-weight: bold; padding: 7px 6px; text-align: left; }}"
            f" QToolButton:hover {{ background: {theme.raised}; }}"
            f" QToolButton:focus {{ color: {theme.output}; }}"
        )
        for section in self._sections.values():
            section.set_theme(theme)
