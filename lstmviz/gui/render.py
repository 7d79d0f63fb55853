"""Draws the window or one of its views into a picture, without a display."""

from __future__ import annotations

import sys
from pathlib import Path

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import QApplication

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.application import create_application
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.settings import Settings
from lstmviz.gui.style import ThemeName
from lstmviz.gui.views.view import View
from lstmviz.io.experiments import Example


def render(
    example: Example, path: Path, *, view: str, size: tuple[int, int], theme_name: str, beside: bool = False
) -> None:
    """Draw ``view`` (window, cell, timeline or gradients) of an example at its cursor into the PNG file ``path``.

    Raises LstmvizError when the file cannot be written.
    """
    app = create_application(sys.argv[:1], offscreen=True)
    settings = Settings(theme=ThemeName(theme_name), reduce_motion=True, rnn_beside=beside)
    window = MainWindow(example, settings)
    try:
        picture = _grabbed(app, window, view, QSize(*size))
    finally:
        window.close()
        window.deleteLater()
    if path.suffix.lower() != ".png":
        raise LstmvizError(
            f"{path.name} does not end in .png", where=str(path), how="Name the picture such as cell.png."
        )
    if not picture.save(str(path), "PNG"):
        raise LstmvizError("The picture cannot be written", where=str(path), how="Is the folder there, and yours?")


def _grabbed(app: QApplication, window: MainWindow, view: str, size: QSize) -> QPixmap:
    """The picture of the window as ``size``, or of one of its views taken out of it."""
    if view == "window":
        window.resize(size)
        window.show()
        app.processEvents()
        return window.grab()
    widget: View = getattr(window, f"{view}_view")
    if view != "timeline":
        window.tabs.setCurrentWidget(widget)
    widget.setParent(None)
    try:
        widget.resize(size)
        widget.show()
        app.processEvents()
        return widget.grab()
    finally:
        widget.setParent(window)
