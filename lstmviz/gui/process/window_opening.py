"""Opens windows on examples; whoever calls this runs the event loop."""

from __future__ import annotations

from PyQt6 import sip
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.process import crash
from lstmviz.gui.settings import Settings, SettingsStore
from lstmviz.io.experiments import Example
from lstmviz.io.opening import Content, GivenFile

WARM_UP_AFTER = 250
"""Milliseconds after which the views of the tabs nobody has opened yet are made, one between two events."""

_BESIDE = 32
"""Pixels by which a further window lies lower and to the right, so that the one before can be seen."""


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


def open_file_in(window: MainWindow, given: GivenFile, shown: Example | None) -> None:
    """Do what a file still needs once its window is there. ``shown``: what is in it, where it was read already."""
    if given.content is Content.SESSION:
        if given.lasting:
            window.files.document.adopt(given.path, shown.training if shown else None)
    elif given.content is Content.SEQUENCE:
        window.experiment_panel.sequence_section.open_file(given.path)
    elif shown is None:
        window.files.models.open_path(given.path)


class OpenWindows:
    """The windows of this process, in the order in which they were opened: faults go to the one in front."""

    def __init__(self) -> None:
        self._windows: list[MainWindow] = []

    @property
    def all(self) -> tuple[MainWindow, ...]:
        """Those that have not been deleted."""
        return tuple(window for window in self._windows if not sip.isdeleted(window))

    @property
    def front(self) -> MainWindow | None:
        """The window that the user works in, or the last one on show."""
        shown = [window for window in self.all if window.isVisible()]
        active = QApplication.activeWindow()
        while active is not None:  # it may be a dialog of the window
            if isinstance(active, MainWindow) and active in shown:
                return active
            active = active.parentWidget()
        return shown[-1] if shown else None

    def add(self, window: MainWindow) -> None:
        """One more, which from now on is told of faults while it is in front."""
        before = self.front
        if before is not None and not (window.isMaximized() or window.isFullScreen()):
            window.move(before.x() + _BESIDE, before.y() + _BESIDE)
        self._windows.append(window)
        crash.HANDLER.on_error = self._show_error
        crash.HANDLER.on_crash = self._saved_words

    def forget(self, identity: int) -> None:
        """The window with this ``id`` is gone."""
        self._windows = [window for window in self._windows if id(window) != identity]

    def _show_error(self, error: LstmvizError) -> None:
        if self.front is not None:
            self.front.messages.show_error(error)

    def _saved_words(self) -> str:
        """What the recovery files of all windows hold by now."""
        words = [window.files.recovery.saved_words() for window in self.all if window.isVisible()]
        return " ".join(dict.fromkeys(filter(None, words)))
