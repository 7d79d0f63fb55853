"""Legends of plots over the steps: a row a curve with how it is drawn, its name, its meaning, its value."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

from lstmviz.gui.style import LIGHT, Theme, number_font, text_font
from lstmviz.gui.views.log_plot import BEFORE, CurveStyle
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.plotting import draw_marker

BEFORE_MEANINGS = ("pale and dashed, in the same colours: the run without them", "pale and dashed, the same colours")

ROW = 19
SAMPLE = 38
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class LegendRow:
    """A row: how it is drawn (a marker of "" is none), its name, what it means (long, short), its value at a step."""

    line: QPen
    marker: str
    fill: str
    name: str
    meanings: tuple[str, ...]
    at: Callable[[int], str] | None


def curve_row(
    style: CurveStyle, theme: Theme, name: str, meanings: tuple[str, ...], at: Callable[[int], str]
) -> LegendRow:
    """The row of a curve of a LogPlot."""
    return LegendRow(line_pen(style.colour, style.line, 2), style.marker, style.fill(theme), name, meanings, at)


def before_row(theme: Theme) -> LegendRow:
    """The row that explains the curves of the run before."""
    pen = line_pen(theme.faint, Qt.PenStyle.DashLine, 2)
    return LegendRow(pen, "", "", BEFORE, BEFORE_MEANINGS, None)


class RowLegend(QWidget):
    """The rows of a plot; what they are a subclass says (mypy holds it to that, Qt's metaclass cannot)."""

    SAYS_STEP = True
    """Whether every value says at which step it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._t = 1
        self._theme = LIGHT

    @abstractmethod
    def rows(self) -> list[LegendRow]:
        """What is drawn."""

    def show_rows(self) -> None:
        """There are other rows."""
        self.setFixedHeight(ROW * len(self.rows()) + 2)
        self.update()

    def show_step(self, t: int) -> None:
        """Write the values at step t."""
        self._t = t
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for number, row in enumerate(self.rows()):
                self._draw_row(painter, QRectF(0, ROW * number, self.width(), ROW), row)

    def _draw_row(self, painter: QPainter, place: QRectF, row: LegendRow) -> None:
        colour, middle = row.line.color(), place.center().y()
        painter.setPen(row.line)
        painter.drawLine(QPointF(2, middle), QPointF(SAMPLE, middle))
        if row.marker:
            draw_marker(painter, QPointF(1 + SAMPLE / 2, middle), row.marker, colour.name(), row.fill)
        painter.setFont(text_font(12, bold=True))
        painter.setPen(QColor(self._theme.muted) if row.name == BEFORE else colour)
        painter.drawText(place.adjusted(SAMPLE + 10, 0, 0, 0), LEFT, row.name)
        meaning = place.adjusted(SAMPLE + 22 + painter.fontMetrics().horizontalAdvance(row.name), 0, 0, 0)
        if row.at is not None:
            self._draw_value(painter, place, meaning, row.at)
        painter.setFont(text_font(11))
        painter.setPen(QColor(self._theme.muted))
        for words in row.meanings:
            if painter.fontMetrics().horizontalAdvance(words) <= meaning.width():
                painter.drawText(meaning, LEFT, words)
                break

    def _draw_value(self, painter: QPainter, place: QRectF, meaning: QRectF, at: Callable[[int], str]) -> None:
        """The value at the cursor's step, to the right of ``meaning``, which is made as narrow as that takes."""
        painter.setFont(number_font(12, bold=True))
        painter.setPen(QColor(self._theme.text))
        painter.drawText(place, RIGHT, at(self._t))
        meaning.setRight(place.right() - painter.fontMetrics().horizontalAdvance(" −1.23×10⁻¹⁰⁰"))
        if not self.SAYS_STEP:
            return
        painter.setFont(text_font(11))
        painter.setPen(QColor(self._theme.muted))
        words = f"at step {self._t:,}"
        room = painter.fontMetrics().horizontalAdvance(words) + 12
        if room <= meaning.width():
            painter.drawText(meaning, RIGHT, words)
        meaning.setRight(meaning.right() - room)


class ElidedLabel(QLabel):
    """One line of plain text that ends in dots where there is no room; the tooltip has all of it."""

    def __init__(self, pixels: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setFont(text_font(pixels))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str, explanation: str) -> None:
        """Write ``text``; the tooltip explains."""
        self._text = text
        self.setToolTip(f"{text}. {explanation}")
        self.setAccessibleName(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width()))
