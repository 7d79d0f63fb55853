"""Pens and colours of curves, for every view that draws them."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPen

FEW_STEPS = 60
"""Up to so many visible steps each one is marked and named."""


def line_pen(colour: str, style: Qt.PenStyle = Qt.PenStyle.SolidLine, width: float = 1.0) -> QPen:
    """A pen whose width is in pixels whatever the scale of the plot."""
    pen = QPen(QColor(colour), width, style)
    pen.setCosmetic(True)
    return pen


def translucent(colour: str, opacity: float) -> QColor:
    """The colour with an opacity from 0 to 1."""
    result = QColor(colour)
    result.setAlphaF(opacity)
    return result
