"""Building the menu bar out of what is to stand in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMainWindow, QMenu

Item = QAction | QMenu | None
"""An entry of a menu, a menu in it, or a line between two groups."""


def fill_menu_bar(window: QMainWindow, menus: Mapping[str, Iterable[Item]], *ready_made: QMenu) -> None:
    """Put menus with these titles and entries into the window's menu bar, and then menus that are there already."""
    bar = window.menuBar()
    assert bar is not None
    for title, items in menus.items():
        menu = QMenu(title, bar)
        for item in items:
            if item is None:
                menu.addSeparator()
            elif isinstance(item, QMenu):
                menu.addMenu(item)
            else:
                menu.addAction(item)
        bar.addMenu(menu)
    for menu in ready_made:
        bar.addMenu(menu)
    for action in bar.actions():
        inside = action.menu()
        if inside is not None:
            inside.setToolTipsVisible(True)
