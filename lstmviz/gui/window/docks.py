"""The docks of the main window: where they are at the first start, and bringing one into sight."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QAbstractButton, QDockWidget, QMainWindow, QTabBar, QWidget

from lstmviz.gui.icons import icon
from lstmviz.gui.style import Theme

_AREAS = Qt.DockWidgetArea
_PLACES = {
    "experiment": ("Experiment", _AREAS.LeftDockWidgetArea),
    "inspector": ("Inspector", _AREAS.RightDockWidgetArea),
    "debugger": ("Debugger", _AREAS.RightDockWidgetArea),
    "timeline": ("Timeline", _AREAS.BottomDockWidgetArea),
}
"""The title of each dock and the side where it starts; inspector and debugger share their place, behind tabs."""

_LEFT, _RIGHT, _BOTTOM = 300, 290, 236
"""Pixels at the first start."""


class Docks(QObject):
    """One dock a widget, by name. Make each widget in its dock: moving a large one there later takes a while."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._icons: dict[str, QIcon] = {}
        self._docks = {name: self._made(name) for name in _PLACES}
        window.setTabPosition(_AREAS.AllDockWidgetAreas, window.tabPosition(_AREAS.LeftDockWidgetArea).North)

    @property
    def all(self) -> tuple[QDockWidget, ...]:
        """Every dock, for the View menu."""
        return tuple(self._docks.values())

    def __getitem__(self, name: str) -> QDockWidget:
        """The dock called ``name``, to be the parent of its widget."""
        return self._docks[name]

    def fill(self, name: str, widget: QWidget) -> None:
        """Put ``widget`` into the dock called ``name``."""
        self._docks[name].setWidget(widget)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours: for the buttons of the titles, which Qt draws dark on dark."""
        self._icons = {f"qt_dockwidget_{name}button": icon(name, theme) for name in ("float", "close")}
        for dock in self.all:
            dock.update()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Qt puts its own icons back whenever a dock has moved: before they are painted, ours are."""
        if event is not None and event.type() is QEvent.Type.Paint and isinstance(watched, QAbstractButton):
            ours = self._icons.get(watched.objectName())
            if ours is not None and watched.icon().cacheKey() != ours.cacheKey():
                watched.setIcon(ours)
        return False

    def show(self, name: str) -> None:
        """Bring the dock called ``name`` into sight, in front of those that share its place."""
        self._docks[name].show()
        self._docks[name].raise_()

    def reset(self) -> None:
        """Docks where and as large as they are at the first start."""
        for name, dock in self._docks.items():
            dock.setFloating(False)
            self._window.addDockWidget(_PLACES[name][1], dock)
            dock.show()
        left, right, debugger, bottom = self._docks.values()
        self._window.tabifyDockWidget(right, debugger)
        right.raise_()
        self._window.resizeDocks([left, right], [_LEFT, _RIGHT], Qt.Orientation.Horizontal)
        self._window.resizeDocks([bottom], [_BOTTOM], Qt.Orientation.Vertical)
        for tabs in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _made(self, name: str) -> QDockWidget:
        dock = QDockWidget(_PLACES[name][0], self._window)
        dock.setObjectName(f"{name}_dock")
        for button in dock.findChildren(QAbstractButton):
            button.installEventFilter(self)
        return dock
