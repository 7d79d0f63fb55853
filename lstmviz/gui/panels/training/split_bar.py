"""A bar that shows which rows of a table are learned from and which are kept for validation."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from lstmviz.gui.style import LIGHT, Theme, text_font

_HEIGHT = 34
_BAR = 10


class SplitBar(QWidget):
    """Time runs from left to right: first what is learned from, then what only validation sees."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("split_bar")
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("The rows in the order of time: the first ones are learned from, the last ones are only tested")
        self._rows, self._split = 0, 0
        self._theme: Theme = LIGHT

    def show_split(self, rows: int, split: int) -> None:
        """``split`` of so many rows are learned from."""
        self._rows, self._split = rows, split
        self.setVisible(rows > 0)
        self.setAccessibleName(f"{split:,} rows are learned from, the {rows - split:,} after them are for validation")
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Two parts, and how many rows each has."""
        theme = self._theme
        with QPainter(self) as painter:
            edge = self.width() * self._split / max(self._rows, 1)
            painter.fillRect(QRectF(0, 2, max(edge - 1, 0), _BAR), QColor(theme.hidden))
            painter.fillRect(QRectF(edge + 1, 2, max(self.width() - edge - 1, 0), _BAR), QColor(theme.faint))
            painter.setFont(text_font(11))
            painter.setPen(QColor(theme.muted))
            words = (f"learn {self._split:,}", f"validate {self._rows - self._split:,}")
            place = QRectF(0, _BAR + 4, self.width(), _HEIGHT - _BAR - 4)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft, words[0])
            if QFontMetricsF(text_font(11)).horizontalAdvance("".join(words)) + 12 < self.width():
                painter.drawText(place, Qt.AlignmentFlag.AlignRight, words[1])
