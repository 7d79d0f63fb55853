"""Timers that ring once each time they are started."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer


def single_shot(parent: QObject, slot: Callable[[], object], milliseconds: int = 0) -> QTimer:
    """A timer that calls ``slot`` so long after its last start; 0: when the present event has reached everybody."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(slot)
    return timer
