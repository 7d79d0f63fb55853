"""What is known at a moment inside a step, and how far the current stage's values have moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPen

from lstmviz.core.cursor import Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.gui.style import number_font
from lstmviz.gui.views.cell.canvas import Canvas, rounded_path

_RISE = 0.25
"""Share of a stage in which a part of the drawing comes up from pale to full."""


@dataclass(frozen=True)
class Moment:
    """A stage, and the fraction of its animation, 0 to 1; 1 is the finished stage."""

    stage: Stage | BackwardStage
    fraction: float = 1.0

    def strength(self, stage: Stage | BackwardStage, begin: float = 0.0) -> float:
        """0 for what ``stage`` has not computed yet, 1 for what it has; it rises from ``begin`` of the stage on."""
        if stage is not self.stage:
            order = list(type(self.stage))
            return 1.0 if order.index(stage) < order.index(self.stage) else 0.0
        if self.fraction >= 1:
            return 1.0
        return min(max((self.fraction - begin) / _RISE, 0.0), 1.0)

    def lit(self, stage: Stage | BackwardStage) -> bool:
        """Whether ``stage`` is the one that is being computed."""
        return stage is self.stage


@dataclass(frozen=True)
class Flow:
    """A value on its way along ``points`` between two fractions of a stage."""

    points: Sequence[QPointF]
    begin: float
    end: float
    text: str
    colour: QColor


def draw_flows(canvas: Canvas, flows: Sequence[Flow], fraction: float) -> None:
    """The values that are moving at ``fraction``, each as a small pill with its number."""
    painter = canvas.painter
    painter.setOpacity(1.0)
    font = number_font(10, bold=True)
    metrics = QFontMetricsF(font)
    for flow in flows:
        if not flow.begin <= fraction < flow.end:
            continue
        share = (fraction - flow.begin) / (flow.end - flow.begin)
        eased = share * share * (3 - 2 * share)
        centre = rounded_path(flow.points).pointAtPercent(eased)
        width = metrics.horizontalAdvance(flow.text) + 12
        pill = QRectF(centre.x() - width / 2, centre.y() - 8, width, 16)
        painter.setPen(QPen(QColor(canvas.theme.surface), 1.5))
        painter.setBrush(flow.colour)
        painter.drawRoundedRect(pill, 8, 8)
        painter.setFont(font)
        painter.setPen(QColor(canvas.theme.surface))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, flow.text)
