"""Where everything in the LSTM diagram stands, in drawing units; x and y grow with the room there is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from PyQt6.QtCore import QPointF, QRectF

from lstmviz.core.quantity import Quantity

WIDTH, HEIGHT = 840.0, 400.0
"""The smallest drawing; everything is scaled so that at least this much fits."""

VALVE_RADIUS = 20.0
LANE = 11.0
"""Distance between the lanes of neighbouring units, when there is room."""

BAND = 88.0
"""The most height that the lanes take."""

_COLUMNS = {
    Quantity.FORGET_GATE: 0.24,
    Quantity.INPUT_GATE: 0.415,
    Quantity.CANDIDATE: 0.595,
    Quantity.OUTPUT_GATE: 0.775,
}


@dataclass(frozen=True)
class Geometry:
    """Positions for a drawing of ``width`` by ``height`` with ``lanes`` lanes on the memory highway."""

    width: float
    height: float
    lanes: int

    @cached_property
    def band(self) -> QRectF:
        """The memory highway, from the old memory to the new."""
        height = 12.0 if self.lanes == 1 else min(BAND, LANE * self.lanes)
        return QRectF(self.x_before, 52 + (BAND - height) / 2 * 0.7, self.x_now - self.x_before, height)

    def lane(self, k: int) -> float:
        """y of lane ``k``."""
        return self.band.top() + (k + 0.5) * self.band.height() / self.lanes

    @property
    def x_before(self) -> float:
        """Where the old memory enters."""
        return 0.115 * self.width

    @property
    def x_now(self) -> float:
        """Where the new memory leaves."""
        return 0.89 * self.width

    @property
    def x_plus(self) -> float:
        """Where the written meets the kept, half way between input gate and candidate."""
        return self.column(Quantity.INPUT_GATE) / 2 + self.column(Quantity.CANDIDATE) / 2

    def column(self, gate: Quantity) -> float:
        """x of a gate's box and wires."""
        return _COLUMNS[gate] * self.width

    def box(self, gate: Quantity) -> QRectF:
        """A gate's box with its curve."""
        width = 0.158 * self.width
        return QRectF(self.column(gate) - width / 2, self.y_boxes, width, 88)

    @property
    def y_boxes(self) -> float:
        """Top of the gates' boxes."""
        return self.height - 172

    @property
    def y_h(self) -> float:
        """The wire of h[t-1]."""
        return self.height - 52

    @property
    def y_x(self) -> float:
        """The wire of x[t]."""
        return self.height - 18

    @cached_property
    def forget_valve(self) -> QRectF:
        """The valve on the highway: as high as the lanes, and a little more."""
        x, half = self.column(Quantity.FORGET_GATE), max(self.band.height() / 2 + 9, VALVE_RADIUS)
        width = 2 * VALVE_RADIUS if self.lanes == 1 else 64
        return QRectF(x - width / 2, self.band.center().y() - half, width, 2 * half)

    @cached_property
    def input_valve(self) -> QPointF:
        """Centre of the valve that lets the candidate in."""
        return QPointF(self.x_plus, (self.band.bottom() + self.y_boxes) / 2 + 4)

    @cached_property
    def tanh_box(self) -> QRectF:
        """The tanh that the new memory passes on its way out."""
        x = self.column(Quantity.OUTPUT_GATE)
        top, bottom = self.band.bottom(), self.output_valve.y() - VALVE_RADIUS
        return QRectF(x - 24, (top + bottom) / 2 - 11, 48, 22)

    @cached_property
    def output_valve(self) -> QPointF:
        """Centre of the valve that lets the memory be seen."""
        return QPointF(self.column(Quantity.OUTPUT_GATE), self.y_boxes - 20 - VALVE_RADIUS)

    @property
    def wires_start(self) -> float:
        """Where the wires of x and h begin."""
        return 0.145 * self.width

    def taps(self, gate: Quantity) -> tuple[float, float]:
        """x of the taps that lead h[t-1] and x[t] into a gate's box."""
        return self.column(gate) - 9, self.column(gate) + 9
