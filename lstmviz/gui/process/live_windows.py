"""The windows that the user's own program has opened: waited for, or kept alive while it goes on."""

from __future__ import annotations

import atexit
import contextlib
import sys
from functools import partial
from typing import Any

from PyQt6 import sip
from PyQt6.QtCore import QEventLoop, QObject, Qt, QThread
from PyQt6.QtWidgets import QApplication, QMainWindow

from lstmviz.gui.process.application import delete_now
from lstmviz.gui.process.guest import Guest
from lstmviz.gui.process.window_opening import OpenWindows, open_window
from lstmviz.gui.settings import SettingsStore
from lstmviz.io.experiments import Example


class LiveWindows:
    """Every such window of the process; there is one of these, as there is one application."""

    def __init__(self) -> None:
        self._app: QApplication | None = None
        self._open = OpenWindows()
        self._guest = Guest()

    def open(self, example: Example) -> QMainWindow:
        """A new window that is on show, beside those that are open."""
        self._app = self._guest.begin(sys.argv[:1] or ["lstmviz"])
        try:
            store = SettingsStore()
            window = open_window(example, store.load(), store)
        except BaseException:
            self._end_if_empty()
            raise
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._open.add(window)
        window.destroyed.connect(partial(self._forget, id(window)))
        return window

    def wait_for(self, window: QMainWindow) -> None:
        """Return when ``window`` is closed; the others stay alive meanwhile, and so does a loop that runs already.

        Raises KeyboardInterrupt after Ctrl+C, unless the program's own event loop runs.
        """
        thread, loop = QThread.currentThread(), QEventLoop()
        window.destroyed.connect(loop.quit)
        own_loop = thread is not None and thread.loopLevel() > 0
        with contextlib.nullcontext() if own_loop else self._guest.closing_on_interrupt():
            loop.exec()
            if not sip.isdeleted(window) and window.close():  # Ctrl+C ends the loop before it gets there
                delete_now(window)

    def keep_alive(self, window: QMainWindow) -> None:
        """Let the window live while the program goes on; in IPython with its event loop, which is started for it."""
        atexit.unregister(self.close_all)
        atexit.register(self.close_all)
        shell = _ipython()
        if shell is not None and not str(getattr(shell, "active_eventloop", None) or "").startswith("qt"):
            # another loop may run already: then the window waits for the next call that waits
            with contextlib.suppress(RuntimeError, ImportError, NotImplementedError, ValueError):
                shell.enable_gui("qt")

    def close_all(self) -> None:
        """Close every window, as when the program ends: threads must not outlive the application."""
        for window in self._open.all:
            if window.close():
                delete_now(window)

    def _forget(self, identity: int, gone: QObject | None = None) -> None:
        self._open.forget(identity)
        self._end_if_empty()

    def _end_if_empty(self) -> None:
        if not self._open.all:
            self._guest.end()


WINDOWS = LiveWindows()
"""Those of this process."""


def _ipython() -> Any:
    """The shell of IPython or Jupyter that runs this program; None where there is none."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None
