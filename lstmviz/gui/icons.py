"""Our own icons, drawn in the colour that the theme needs."""

from __future__ import annotations

import math

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from lstmviz.gui.style import Theme
from lstmviz.io.resources import resource

ICON_NAMES = (
    "first", "step_back", "stage_back", "play", "pause", "stage_on", "step_on", "last", "loop", "undo", "redo",
    "float", "close",
)  # fmt: skip
"""What ``icon`` can draw."""

_PIXELS = (16, 20)
"""Sizes drawn beforehand, of menus and buttons, so that Qt has nothing to scale."""


def icon(name: str, theme: Theme, *, on_accent: bool = False) -> QIcon:
    """The icon ``name`` in the theme's text colour, pale when disabled.

    ``on_accent`` is for a button that is filled with the accent colour.

    Raises LstmvizError if there is no such icon.
    """
    drawing = QSvgRenderer(str(resource(f"icons/{name}.svg")))
    result = QIcon()
    app = QGuiApplication.instance()
    finest = math.ceil(app.devicePixelRatio()) if isinstance(app, QGuiApplication) else 1  # of all screens
    for pixels in sorted({size * ratio for size in _PIXELS for ratio in range(1, finest + 1)}):
        colour = theme.accent_text if on_accent else theme.text
        result.addPixmap(_painted(drawing, colour, pixels), QIcon.Mode.Normal)
        result.addPixmap(_painted(drawing, theme.faint, pixels), QIcon.Mode.Disabled)
    return result


def _painted(drawing: QSvgRenderer, colour: str, pixels: int) -> QPixmap:
    """``drawing``, which is black, in ``colour``."""
    pixmap = QPixmap(QSize(pixels, pixels))
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        drawing.render(painter, QRectF(0, 0, pixels, pixels))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(pixmap.rect(), QColor(colour))
    return pixmap
