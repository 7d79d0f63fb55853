"""Opens the window and runs until it is closed."""

from __future__ import annotations

import sys

from PyQt6.QtCore import QTimer

from lstmviz.gui import crash
from lstmviz.gui.application import create_application, delete_now
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.settings import SettingsStore
from lstmviz.io.experiments import DEFAULT_EXAMPLE, example_names, load_example
from lstmviz.io.opening import is_session, open_named

READY_AFTER = 2000
"""Milliseconds that the window must have been up for its settings to count as good."""

WARM_UP_AFTER = 250
"""Milliseconds after which the views of the tabs nobody has opened yet are made, one between two events."""


def run_window(name: str | None, *, reset: bool) -> int:
    """Open the window and run until it is closed; the exit code.

    name  of an example, or of a session file; None for what was open last

    Raises LstmvizError for an example that there is not, and for a file that cannot be opened.
    """
    wanted = open_named(name) if name else None
    app = create_application(sys.argv)
    store = SettingsStore()
    if reset:
        store.reset()
    settings = store.begin_start()
    remembered = settings.last_example if settings.last_example in example_names() else DEFAULT_EXAMPLE
    window = MainWindow(wanted or load_example(remembered), settings, store)
    if name and is_session(name):
        window.files.document.adopt(name)
    crash.HANDLER.on_error = window.messages.show_error
    crash.HANDLER.on_crash = window.files.recovery.saved_words
    window.show()
    window.files.offer_recovery()
    QTimer.singleShot(READY_AFTER, store.start_is_ready)
    warm_up = QTimer(window)
    window.warm.connect(warm_up.stop)
    warm_up.timeout.connect(window.warm_up)
    warm_up.start(WARM_UP_AFTER)
    code = app.exec()
    store.start_is_ready()  # it may have been closed before that
    delete_now(window)
    return code
