"""A slider over the steps of a sequence, with their numbers."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSlider, QToolTip, QWidget

from lstmviz.gui.style import LIGHT, Theme, text_font

_MARGIN = 16
_NARROWEST = 90
_GROOVE_Y = 13
_LABEL_Y = 27
_HANDLE = 7.0
_DOT = 3.5
_DOTS_APART = 11
_LABELS_APART = 12


class TimeSlider(QSlider):
    """Steps 1 to T from left to right, a dot each where there is room. A click goes to where it is.

    ``describe`` gives the tooltip of a step.
    """

    def __init__(self, describe: Callable[[int], str], parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._describe = describe
        self._theme = LIGHT
        self.setRange(1, 1)
        self.setSingleStep(1)
        self.setPageStep(10)
        self.setMinimumWidth(_NARROWEST)
        # Tab reaches it, a click does not: then the arrow keys go on stepping through the stages
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the groove and the numbers under it."""
        return QSize(320, 36)

    def minimumSizeHint(self) -> QSize:
        """As low as it is wide open."""
        return QSize(_NARROWEST, 36)

    def x_of(self, step: int) -> float:
        """Where ``step`` stands, in pixels."""
        steps = max(self.maximum() - 1, 1)
        return _MARGIN + (self.width() - 2 * _MARGIN) * (step - 1) / steps

    def step_at(self, x: float) -> int:
        """The step nearest to ``x``."""
        steps = self.maximum() - 1
        share = (x - _MARGIN) / max(self.width() - 2 * _MARGIN, 1)
        return 1 + round(min(max(share, 0.0), 1.0) * steps)

    def labelled_steps(self) -> list[int]:
        """The steps whose numbers stand below: the first, the last, round ones between, none over another."""
        metrics = QFontMetricsF(text_font(11, bold=True))
        length = self.maximum()
        room = metrics.horizontalAdvance(f"{length:,}") + _LABELS_APART
        width = self.x_of(length) - self.x_of(1)
        apart = next(a for a in _round_numbers() if a >= length or a * width / max(length - 1, 1) >= room)
        first_round = apart if apart > 1 else 2
        between = [step for step in range(first_round, length, apart) if self._apart(step, (1, length), room)]
        return sorted({1, length, *between}) if width >= room or length == 1 else [1]

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Groove, dots, handle, numbers."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme = self._theme
            painter.setPen(QPen(QColor(theme.border), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(QPointF(self.x_of(1), _GROOVE_Y), QPointF(self.x_of(self.maximum()), _GROOVE_Y))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.faint))
            for step in self._dotted_steps():
                painter.drawEllipse(QPointF(self.x_of(step), _GROOVE_Y), _DOT, _DOT)
            self._draw_handle(painter)
            self._draw_labels(painter)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Go there, and follow the mouse from then on."""
        if event and event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setSliderPosition(self.step_at(event.position().x()))
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Follow the mouse."""
        if event and self.isSliderDown():
            self.setSliderPosition(self.step_at(event.position().x()))
            event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Let go."""
        if event and event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            event.accept()

    def event(self, event: QEvent | None) -> bool:
        """The tooltip tells of the step under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._describe(self.step_at(event.pos().x())), self)
            return True
        return super().event(event)

    def _dotted_steps(self) -> range:
        """Every step where the dots have room, otherwise the ends."""
        length = self.maximum()
        roomy = (self.x_of(length) - self.x_of(1)) >= _DOTS_APART * (length - 1)
        return range(1, length + 1) if roomy or length == 1 else range(1, length + 1, length - 1)

    def _draw_handle(self, painter: QPainter) -> None:
        centre = QPointF(self.x_of(self.value()), _GROOVE_Y)
        painter.setBrush(QColor(self._theme.accent))
        painter.drawEllipse(centre, _HANDLE, _HANDLE)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.output), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(centre, _HANDLE + 3, _HANDLE + 3)

    def _draw_labels(self, painter: QPainter) -> None:
        """The number of the current step in bold, and those that do not touch it."""
        current = self.value()
        bold = text_font(11, bold=True)
        metrics = QFontMetricsF(bold)
        room = metrics.horizontalAdvance(f"{self.maximum():,}") + _LABELS_APART / 2
        painter.setFont(text_font(11))
        painter.setPen(QColor(self._theme.muted))
        for step in self.labelled_steps():
            if self._apart(step, (current,), room):
                self._draw_label(painter, step, metrics)
        painter.setFont(bold)
        painter.setPen(QColor(self._theme.text))
        self._draw_label(painter, current, metrics)

    def _draw_label(self, painter: QPainter, step: int, metrics: QFontMetricsF) -> None:
        text = f"{step:,}"
        width = metrics.horizontalAdvance(text) + 4
        left = min(max(self.x_of(step) - width / 2, 0.0), self.width() - width)
        painter.drawText(QRectF(left, _LABEL_Y - 6, width, 15), Qt.AlignmentFlag.AlignCenter, text)

    def _apart(self, step: int, others: tuple[int, ...], room: float) -> bool:
        return all(abs(self.x_of(step) - self.x_of(other)) >= room for other in others)


def _round_numbers() -> list[int]:
    """1, 2, 5, 10, 20 ... up to what a slider can hold."""
    return [digit * 10**power for power in range(10) for digit in (1, 2, 5)]
