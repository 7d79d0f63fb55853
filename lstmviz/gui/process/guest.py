"""lstmviz as a guest in the user's own process: what an open window changes there is put back."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from PyQt6.QtWidgets import QApplication

from lstmviz.gui.process import crash
from lstmviz.gui.process.application import create_application

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class _Handlers:
    """Who handles signals: a handler for each, and the socket that wakes an event loop up."""

    of: tuple[Any, ...]
    wakeup_fd: int

    @staticmethod
    def now() -> _Handlers:
        """Those of this moment."""
        fd = signal.set_wakeup_fd(-1)
        signal.set_wakeup_fd(fd, warn_on_full_buffer=False)
        return _Handlers(tuple(map(signal.getsignal, _SIGNALS)), fd)

    def install(self) -> None:
        """Put these in charge."""
        for number, handler in zip(_SIGNALS, self.of, strict=True):
            if handler is not None:  # one that C code has set cannot be set again
                signal.signal(number, handler)
        signal.set_wakeup_fd(self.wakeup_fd, warn_on_full_buffer=False)


class Guest:
    """Begins with the first window and ends with the last. In the main thread only."""

    def __init__(self) -> None:
        self._collects_garbage: bool | None = None
        self._closing_handlers: _Handlers | None = None

    def begin(self, argv: list[str]) -> QApplication:
        """The application: the one that is there, or a new one.

        As long as a window is open Python collects no garbage by itself: in a worker thread it would destroy Qt's
        objects there. Signals stay with the user's program but for ``closing_on_interrupt``.
        """
        if self._collects_garbage is None:
            self._collects_garbage = gc.isenabled()
        host = _Handlers.now()
        try:
            app = create_application(argv)
            ours = _Handlers.now()
            if ours != host:
                self._closing_handlers = ours
        finally:
            host.install()
        gc.disable()
        return app

    def end(self) -> None:
        """The last window is gone."""
        crash.HANDLER.uninstall()
        if self._collects_garbage:
            gc.enable()
        self._collects_garbage = None

    @contextmanager
    def closing_on_interrupt(self) -> Iterator[None]:
        """Ctrl+C closes the windows, and is then raised as KeyboardInterrupt, as it is without a window."""
        if self._closing_handlers is None:
            yield
            return
        host, interrupted = _Handlers.now(), threading.Event()
        close = self._closing_handlers.of
        noting = tuple(_noting(handler, interrupted) for handler in close)
        _Handlers(noting, self._closing_handlers.wakeup_fd).install()
        try:
            yield
        finally:
            host.install()
        if interrupted.is_set():
            raise KeyboardInterrupt


def _noting(
    handler: Callable[[int, FrameType | None], None], interrupted: threading.Event
) -> Callable[[int, FrameType | None], None]:
    """The same handler, which also notes that there was a signal."""

    def handle(number: int, frame: FrameType | None) -> None:
        interrupted.set()
        handler(number, frame)

    return handle
