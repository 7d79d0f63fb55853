"""Opens the window and runs until it is closed."""

from __future__ import annotations

import sys

from PyQt6.QtCore import QTimer

from lstmviz.gui import crash
from lstmviz.gui.application import create_application, delete_now
from lstmviz.gui.settings import SettingsStore, UnsavedSettings
from lstmviz.gui.window_opening import open_window
from lstmviz.io.experiments import DEFAULT_EXAMPLE, example_names, load_example
from lstmviz.io.opening import is_session, open_named

READY_AFTER = 2000
"""Milliseconds that the window must have been up for its settings to count as good."""


def run_window(name: str | None, *, reset: bool, safe_mode: bool = False) -> int:
    """Open the window and run until it is closed; the exit code.

    safe_mode  with default settings, and without offering what a crash has left
    name       of an example, or of a session file; None for what was open last

    Raises LstmvizError for an example that there is not, and for a file that cannot be opened.
    """
    wanted = open_named(name) if name else None
    app = create_application(sys.argv)
    store = UnsavedSettings() if safe_mode else SettingsStore()
    if reset:
        store.reset()
    settings = store.begin_start()
    remembered = settings.last_example if settings.last_example in example_names() else DEFAULT_EXAMPLE
    window = open_window(wanted or load_example(remembered), settings, store)
    if name and is_session(name):
        window.files.document.adopt(name)
    crash.HANDLER.on_error = window.messages.show_error
    crash.HANDLER.on_crash = window.files.recovery.saved_words
    if not safe_mode:
        window.files.offer_recovery()
    QTimer.singleShot(READY_AFTER, store.start_is_ready)
    code = app.exec()
    store.start_is_ready()  # it may have been closed before that
    delete_now(window)
    return code
