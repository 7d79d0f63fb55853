"""When a pixmap that a view keeps of what does not move can be shown, and when everything has to be drawn anew."""

from __future__ import annotations

import math

from PyQt6.QtGui import QPaintEngine, QPainter
from PyQt6.QtWidgets import QWidget

_VECTOR_ENGINES = (QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf, QPaintEngine.Type.Picture)


def draws_anew(painter: QPainter, widget: QWidget) -> bool:
    """Whether ``painter``, just begun for ``widget``, writes lines and text, or pixels finer than the screen's.

    In an SVG or PDF file a pixmap would be a picture of dots, and in a larger picture a blurred one.
    """
    engine = painter.paintEngine()
    if engine is not None and engine.type() in _VECTOR_ENGINES:
        return True
    return not math.isclose(pixel_ratio_of(painter), widget.devicePixelRatioF(), rel_tol=0.01)


def pixel_ratio_of(painter: QPainter) -> float:
    """How many pixels of what it paints on there are to one of the widget, before anything was scaled."""
    return painter.deviceTransform().m11()
