"""Opens one window on an example; whoever calls this runs the event loop."""

from __future__ import annotations

from PyQt6.QtCore import QTimer

from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.settings import Settings, SettingsStore
from lstmviz.io.experiments import Example

WARM_UP_AFTER = 250
"""Milliseconds after which the views of the tabs nobody has opened yet are made, one between two events."""


def open_window(example: Example, settings: Settings, store: SettingsStore | None) -> MainWindow:
    """A window that is on show; its views are made ahead of time while nobody waits for them.

    store  where the settings are written when it closes; None: nothing is remembered
    """
    window = MainWindow(example, settings, store)
    window.show()
    warm_up = QTimer(window)
    window.warm.connect(warm_up.stop)
    warm_up.timeout.connect(window.warm_up)
    warm_up.start(WARM_UP_AFTER)
    return window
