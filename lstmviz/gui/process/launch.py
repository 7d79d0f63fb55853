"""Opens the windows and runs until the last is closed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from types import FrameType

from PyQt6.QtCore import QTimer

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.process.application import create_application, delete_now
from lstmviz.gui.process.window_opening import OpenWindows, open_file_in, open_window
from lstmviz.gui.settings import Settings, SettingsStore, UnsavedSettings
from lstmviz.io.experiments import DEFAULT_EXAMPLE, Example, example_names, load_example
from lstmviz.io.opening import EXAMPLE_FOR_SEQUENCES, Content, GivenFile, open_named

READY_AFTER = 2000
"""Milliseconds that the window must have been up for its settings to count as good."""

_Wanted = tuple[GivenFile | LstmvizError | None, Example | None]
"""A file, or what is wrong with it, and the example that its window shows at first."""


def run_windows(
    files: Sequence[GivenFile | LstmvizError],
    example: str | None = None,
    *,
    reset: bool,
    safe_mode: bool = False,
    errors_in_window: bool = False,
) -> int:
    """Open a window for each file and run until all are closed; the exit code.

    files             an error in the place of a file is shown in a window of its own
    example           what to open without a file; None for the one that was open last
    safe_mode         with default settings, and without offering what a crash has left
    errors_in_window  show what is wrong with a file in its window, for somebody who sees no terminal

    Raises LstmvizError for an example that there is not, and for a file that cannot be opened, before any window is.
    """
    wanted: list[_Wanted] = [_with_example(file, errors_in_window) for file in files]
    if not wanted:
        wanted = [(None, open_named(example) if example else None)]
    app = create_application(sys.argv[:1])
    interrupted = _interrupts_noted()
    store = UnsavedSettings() if safe_mode else SettingsStore()
    if reset:
        store.reset()
    settings = store.begin_start()
    windows = OpenWindows()
    for file, shown in wanted:
        reads_numbers = isinstance(file, GivenFile) and file.content is Content.SEQUENCE
        behind = load_example(EXAMPLE_FOR_SEQUENCES) if reads_numbers else _remembered(settings)
        window = open_window(shown or behind, settings, store)
        windows.add(window)
        if isinstance(file, LstmvizError):
            window.messages.show_error(file)
        elif file is not None:
            open_file_in(window, file, shown)
        settings = replace(settings, recent=window.files.document.recent)
    if not safe_mode:
        windows.all[0].files.offer_recovery()
    QTimer.singleShot(READY_AFTER, store.start_is_ready)
    code = app.exec()
    store.start_is_ready()  # it may have been closed before that
    for window in windows.all:
        delete_now(window)
    return 128 + interrupted[0] if interrupted else code  # as shells have it


def _with_example(given: GivenFile | LstmvizError, errors_in_window: bool) -> _Wanted:
    """A file with what its window shows at first, or the error that there is in its place."""
    if isinstance(given, LstmvizError):
        return given, None
    try:
        return given, _example_in(given)
    except LstmvizError as error:
        if not errors_in_window:
            raise
        return error, None


def _example_in(given: GivenFile) -> Example | None:
    """What the window on a file shows at first; None where its dialog asks something before."""
    if given.content is Content.SEQUENCE:
        return None
    if given.content is Content.SESSION:
        return open_named(str(given.path))
    from lstmviz.io.models.experiments import model_example, runnable
    from lstmviz.io.models.reading import read_model

    file = read_model(given.path)
    return None if len(runnable(file)) > 1 else model_example(file)


def _remembered(settings: Settings) -> Example:
    """The example that was open last."""
    return load_example(settings.last_example if settings.last_example in example_names() else DEFAULT_EXAMPLE)


def _interrupts_noted() -> list[int]:
    """Filled by Ctrl+C, which closes the windows as before; the exit code is to tell of it."""
    interrupted: list[int] = []
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        interrupted.append(number)
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGINT, note)
    return interrupted
