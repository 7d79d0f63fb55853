"""Draws the window or one of its views into a picture, without a display."""

from __future__ import annotations

import sys
from pathlib import Path

from PyQt6.QtCore import QEventLoop, QSize
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import QApplication, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.gui import crash
from lstmviz.gui.application import create_application
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.settings import Settings
from lstmviz.gui.style import ThemeName
from lstmviz.gui.views.view import View
from lstmviz.io.experiments import Example


def render(
    example: Example, path: Path, *, view: str, size: tuple[int, int], theme_name: str, beside: bool = False
) -> None:
    """Draw ``view`` (one of ``cli.VIEWS``) of an example at its cursor into the PNG file ``path``.

    Raises LstmvizError for a name that is not a PNG's, a size that is too small, and when the file cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise LstmvizError(
            f"{path.name} does not end in .png", where=str(path), how="Name the picture such as cell.png."
        )
    app = create_application(sys.argv[:1], offscreen=True)
    settings = Settings(theme=ThemeName(theme_name), reduce_motion=True, rnn_beside=beside)
    window = MainWindow(example, settings)
    try:
        if view in ("window", "gradients"):
            window.checker.check_now()  # they show its badge
        picture = _grabbed(app, window, view, QSize(*size))
    finally:
        window.close()
        window.deleteLater()
    if not picture.save(str(path), "PNG"):
        raise LstmvizError("The picture cannot be written", where=str(path), how="Is the folder there, and yours?")


def _grabbed(app: QApplication, window: MainWindow, view: str, size: QSize) -> QPixmap:
    """The picture of the window as ``size``, or of one of its views taken out of it."""
    if view == "window":
        return _drawn(app, window, window, size)
    widget = window.view(view)
    if window.tabs.indexOf(widget) >= 0:
        window.tabs.setCurrentWidget(widget)
    # in a bare frame: a view that is a window of its own tells the screen how small it may get, and there is none
    frame = QWidget()
    frame.resize(size)
    widget.setParent(frame)
    widget.show()
    try:
        return _drawn(app, frame, widget, size)
    finally:
        widget.setParent(window)
        frame.deleteLater()


def _drawn(app: QApplication, shown: QWidget, drawn: QWidget, size: QSize) -> QPixmap:
    """``drawn`` as ``size``, once ``shown``, the window that it is in, is laid out."""
    faults = crash.HANDLER.crash_count
    drawn.resize(size)
    if drawn.size() != size:
        raise LstmvizError(
            f"The picture does not fit in {size.width()}x{size.height()} pixels",
            how=f"It would fit in {drawn.width()}x{drawn.height()}.",
        )
    shown.show()
    app.processEvents()
    while isinstance(drawn, View) and drawn.busy:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    picture = drawn.grab()
    if crash.HANDLER.crash_count > faults:
        report = crash.HANDLER.report_path
        raise LstmvizError("The picture could not be drawn: a fault of the program", where=str(report or ""))
    return picture
