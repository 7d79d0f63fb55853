"""The docks of the main window."""

from __future__ import annotations

from functools import partial

import pytest
from PyQt6.QtWidgets import QAbstractButton, QMainWindow
from pytestqt.qtbot import QtBot

from lstmviz.gui.icons import icon
from lstmviz.gui.style import DARK, LIGHT, Theme, window_style_sheet
from lstmviz.gui.window.docks import Docks


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_buttons_of_the_titles_are_seen_on_their_ground_wherever_they_are(qtbot: QtBot, theme: Theme) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    docks = Docks(window)
    docks.reset()
    window.show()
    window.setStyleSheet(window_style_sheet(theme))
    docks.set_theme(theme)
    dock = docks["inspector"]
    floated = (partial(dock.setFloating, floating) for floating in (False, True, False))
    for move in (docks.reset, *floated, partial(window.restoreState, window.saveState())):
        move()
        for name in ("float", "close"):
            button = dock.findChild(QAbstractButton, f"qt_dockwidget_{name}button")
            button.grab()
            assert button.icon().pixmap(16).toImage() == icon(name, theme).pixmap(16).toImage()
