"""What stands above the plot of gradients: the legend with the values at the cursor, and a line that elides."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

from lstmviz.core.decay import GradientCurve
from lstmviz.gui.style import LIGHT, Theme, number_font, text_font
from lstmviz.gui.views.gradient_plot import curve_styles
from lstmviz.gui.views.plotting import draw_marker, line_pen


class CurveLegend(QWidget):
    """A row a curve: how it is drawn, its name, what it means, and its value at the cursor."""

    ROW = 19

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What is drawn")
        self._curves: tuple[GradientCurve, ...] = ()
        self._t = 1
        self._theme = LIGHT

    def show_curves(self, curves: tuple[GradientCurve, ...]) -> None:
        """Explain other curves."""
        self._curves = curves
        self.setFixedHeight(self.ROW * len(curves) + 2)
        self.setAccessibleDescription("; ".join(f"{curve.name()}: {curve.meaning}" for curve in curves))
        self.setToolTip("\n".join(f"{curve.name()}: {curve.meaning}" for curve in curves))
        self.update()

    def show_step(self, t: int) -> None:
        """Write the values at step t."""
        self._t = min(t, len(self._curves[0].log10)) if self._curves else t
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, curve in enumerate(self._curves):
            self._draw_row(painter, QRectF(0, self.ROW * number, self.width(), self.ROW), curve, self._theme)
        painter.end()

    def _draw_row(self, painter: QPainter, row: QRectF, curve: GradientCurve, theme: Theme) -> None:
        style = curve_styles(theme)[curve.key]
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(line_pen(style.colour, style.line, 2))
        middle = row.center().y()
        painter.drawLine(QPointF(2, middle), QPointF(38, middle))
        fill = theme.surface if curve.key == "baseline" else style.colour
        draw_marker(painter, QPointF(20, middle), style.marker, style.colour, fill)
        painter.setFont(text_font(12, bold=True))
        painter.setPen(QColor(style.colour))
        painter.drawText(row.adjusted(48, 0, 0, 0), left, curve.name())
        meaning = row.adjusted(48 + painter.fontMetrics().horizontalAdvance(curve.name()) + 12, 0, 0, 0)
        painter.setFont(number_font(12, bold=True))
        painter.setPen(QColor(theme.text))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(row, right, curve.at(self._t))
        meaning.setRight(row.right() - painter.fontMetrics().horizontalAdvance(" 1.23×10⁻¹⁰⁰"))
        painter.setFont(text_font(11))
        painter.setPen(QColor(theme.muted))
        at = f"at step {self._t:,}"
        painter.drawText(meaning, right, at)
        meaning.setRight(meaning.right() - painter.fontMetrics().horizontalAdvance(at) - 12)
        for words in (curve.meaning, curve.short_meaning):
            if painter.fontMetrics().horizontalAdvance(words) <= meaning.width():
                painter.drawText(meaning, left, words)
                break


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
