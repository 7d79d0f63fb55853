"""Pictures of what does not move, kept for the next step."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QPainter, QPixmap

MOST_BYTES = 96 * 2**20
"""Pictures are let go, the one that was not used for longest first, when all take more."""

_BYTES_A_PIXEL = 4


class Grounds:
    """Pictures by what they depend on; one that is not there yet is drawn."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[Hashable, QPixmap] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable, size: QSize, ratio: float, draw: Callable[[QPainter], None]) -> QPixmap:
        """The picture of ``key`` for a widget of ``size``, with ``ratio`` pixels of the screen to one of the widget."""
        key = (key, ratio)
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        with QPainter(picture) as painter:
            draw(painter)
        self._pictures[key] = picture
        self._bytes += _bytes_of(picture)
        while self._bytes > MOST_BYTES and len(self._pictures) > 1:
            self._bytes -= _bytes_of(self._pictures.popitem(last=False)[1])
        return picture

    def clear(self) -> None:
        """Let go of all pictures."""
        self._pictures.clear()
        self._bytes = 0


def _bytes_of(picture: QPixmap) -> int:
    return picture.width() * picture.height() * _BYTES_A_PIXEL
