"""The tabs in the centre. A view is made when its tab is opened for the first time: the window opens faster so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QTabWidget, QWidget

from lstmviz.gui.views.view import View


@dataclass(frozen=True)
class Tab:
    """One tab: the name of its view in the program, the title and tooltip, and what makes the view."""

    name: str
    title: str
    explanation: str
    make: Callable[[], View]


class ViewTabs(QTabWidget):
    """One tab a view, made on demand. ``view_made`` comes before the view is on show."""

    view_made = pyqtSignal(object)
    """A View, new and without a run."""

    def __init__(self, tabs: tuple[Tab, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("views")
        self.setDocumentMode(True)
        self._tabs = {tab.name: tab for tab in tabs}
        self._views: dict[str, View] = {}
        for index, tab in enumerate(tabs):
            self.addTab(QWidget(), tab.title)
            self.setTabToolTip(index, tab.explanation)
        self.currentChanged.connect(self._make_current)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all views, in the order of the tabs."""
        return tuple(self._tabs)

    @property
    def made(self) -> tuple[View, ...]:
        """The views that there are so far."""
        return tuple(self._views.values())

    @property
    def current(self) -> View | None:
        """The view of the open tab; None before the first is made."""
        return self._views.get(self.names[self.currentIndex()])

    def view(self, name: str) -> View:
        """The view called ``name``, made now if it was not there yet."""
        if name not in self._views:
            tab, index = self._tabs[name], self.names.index(name)
            self._views[name] = view = tab.make()
            placeholder, was_current = self.widget(index), self.currentIndex() == index
            with QSignalBlocker(self):
                self.removeTab(index)
                self.insertTab(index, view, tab.title)
                self.setTabToolTip(index, tab.explanation)
                if was_current:
                    self.setCurrentIndex(index)
            if placeholder:
                placeholder.deleteLater()
            self.view_made.emit(view)
        return self._views[name]

    def make_one(self) -> bool:
        """Make one more view ahead of time; False when all are there."""
        missing = [name for name in self.names if name not in self._views]
        if missing:
            self.view(missing[0])
        return bool(missing)

    def _make_current(self, index: int) -> None:
        self.view(self.names[index])
