"""What a mouse does in the tests of views and no call of QTest does."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication, QWidget

NOTCH = 120


def turn_wheel(widget: QWidget, point: QPointF, notches: int = 0, *, across: int = 0, shift: bool = False) -> None:
    """Turn the wheel over ``point``, up or ``across`` for a wheel that turns sideways."""
    event = QWheelEvent(
        point,
        widget.mapToGlobal(point),
        QPoint(),
        QPoint(NOTCH * across, NOTCH * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
