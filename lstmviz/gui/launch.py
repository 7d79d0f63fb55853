"""Opens the window and runs until it is closed."""

from __future__ import annotations

import sys

from PyQt6.QtCore import QTimer

from lstmviz.gui import crash
from lstmviz.gui.application import create_application, delete_now
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.settings import SettingsStore
from lstmviz.io.experiments import DEFAULT_EXAMPLE, example_names, load_example

READY_AFTER = 2000
"""Milliseconds that the window must have been up for its settings to count as good."""

WARM_UP_AFTER = 250
"""Milliseconds after which the views of the tabs nobody has opened yet are made, one between two events."""


def run_window(example_name: str | None, *, reset: bool) -> int:
    """Open the window and run until it is closed; the exit code. Raises LstmvizError for an unknown example."""
    wanted = load_example(example_name) if example_name else None
    app = create_application(sys.argv)
    store = SettingsStore()
    if reset:
        store.reset()
    settings = store.begin_start()
    remembered = settings.last_example if settings.last_example in example_names() else DEFAULT_EXAMPLE
    window = MainWindow(wanted or load_example(remembered), settings, store)
    crash.HANDLER.on_error = window.messages.show_error
    window.show()
    QTimer.singleShot(READY_AFTER, store.start_is_ready)
    warm_up = QTimer(window)
    window.warm.connect(warm_up.stop)
    warm_up.timeout.connect(window.warm_up)
    warm_up.start(WARM_UP_AFTER)
    code = app.exec()
    store.start_is_ready()  # it may have been closed before that
    delete_now(window)
    return code
