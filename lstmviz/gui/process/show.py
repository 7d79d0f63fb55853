"""``lstmviz.show``: the window on a network of the user's own program. Qt is imported when it is called."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from typing import Any

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.io.experiments import Example
from lstmviz.io.live_objects.experiments import experiment_of
from lstmviz.io.live_objects.understanding import understood

_OTHER_BINDINGS = ("PyQt5", "PySide2", "PySide6")


def show(
    module_or_network: Any, x: Any, name: str | None = None, block: bool = True, *, vocabulary: Iterable[str] = ()
) -> None:
    """Open the window on a network and what it reads.

    module_or_network  an LSTM or RNN of PyTorch or Keras, or a model that has one; a state dict; a Network
    x      [T, I] or [T, B, I]; [B, T, I] where the module says batch_first, and for Keras; for a whole model what the
           model takes: it is run once, and the window shows what its recurrent part really reads. Of a batch the first
           sequence is shown
    name   which recurrent part of a model, where there are several
    block  wait until the window is closed; otherwise return at once: the window lives as long as an event loop runs,
           as it does in IPython, Jupyter and the Python prompt, or until a later call that waits
    vocabulary  the tokens of the model's embedding in the order of their numbers, where x are such numbers: then words
           can be typed in the window instead of numbers

    The weights are those of this moment; training on does not change what is on show. Raises LstmvizError for what
    cannot be run or shown, with the reason.
    """
    experiment = experiment_of(understood(module_or_network, x, name), vocabulary)
    if threading.current_thread() is not threading.main_thread():
        raise LstmvizError("Windows can be opened from the main thread only", how="Call show there.")
    _require_display()
    from lstmviz.gui.process.live_windows import WINDOWS

    window = WINDOWS.open(Example("live", experiment, Cursor(t=len(experiment.sequence.values))))
    if block:
        WINDOWS.wait_for(window)
    else:
        WINDOWS.keep_alive(window)


def _require_display() -> None:
    """Raises LstmvizError where Qt could not open a window: it would take the whole process down."""
    for binding in _OTHER_BINDINGS:
        core = sys.modules.get(f"{binding}.QtCore")
        if core is not None and core.QCoreApplication.instance() is not None:
            raise LstmvizError(
                f"This program runs {binding}, and lstmviz needs PyQt6: both in one process crash",
                how="Open the window from another process, such as a script of its own.",
            )
    widgets = sys.modules.get("PyQt6.QtWidgets")
    if widgets is not None and widgets.QApplication.instance() is not None:
        return
    from lstmviz.gui.process.system_libraries import display_platforms, explain_import_error, require_libraries

    platforms = display_platforms()
    if not platforms:
        raise LstmvizError(
            "There is no display, so no window can be opened",
            how="lstmviz.forward gives all numbers without a window.",
        )
    if sys.platform.startswith("linux"):
        import os

        os.environ["QT_QPA_PLATFORM"] = ";".join(platforms)
        require_libraries(platforms[0].partition(":")[0])
    try:
        import PyQt6.QtWidgets  # noqa: F401 - whether it can be imported is the question
    except ImportError as error:
        raise explain_import_error(error) from error
