"""Drawing an example off-screen; Qt is imported for it, once its libraries are known to be there."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lstmviz.gui.pictures.formats import PNG, PictureFormat, PictureRequest
from lstmviz.gui.process.system_libraries import explain_import_error, require_libraries
from lstmviz.io.atomic import write_atomically
from lstmviz.io.experiments import Example


def draw(example: Example, path: Path, view: str, size: tuple[int, int], theme: str, *, beside: bool) -> None:
    """Draw ``view`` of an example into a PNG file; the rest is as in ``draw_request``."""
    draw_request(example, path, PictureRequest(view, size, theme, beside), PNG)


def draw_request(example: Example, path: Path, request: PictureRequest, kind: PictureFormat) -> None:
    """Draw what is wanted of an example into a file, whatever display there is.

    Raises LstmvizError for a missing library, and what ``gui.render`` raises; KeyboardInterrupt after Ctrl+C.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if sys.platform.startswith("linux"):
        require_libraries("offscreen")
    try:
        from lstmviz.gui.render import render, rendering
    except ImportError as error:
        raise explain_import_error(error) from error
    with _interrupt_noted() as interrupted:
        if kind.moves:
            with closing(rendering(example, request, kind, path)) as steps:
                for _ in steps:
                    if interrupted.is_set():
                        break
        else:
            picture = render(example, request, kind)
            if not interrupted.is_set():
                write_atomically(path, picture)
    if interrupted.is_set():
        raise KeyboardInterrupt


@contextmanager
def _interrupt_noted() -> Iterator[threading.Event]:
    """Set by Ctrl+C, in place of KeyboardInterrupt: raised while Qt paints, that would be lost in Qt."""
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    before = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)
