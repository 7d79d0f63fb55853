"""Where everything in the LSTM diagram stands, in drawing units; x and y grow with the room there is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from PyQt6.QtCore import QPointF, QRectF

from lstmviz.core.quantity import Quantity

WIDTH, HEIGHT = 808.0, 400.0
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


@lru_cache(32)
def geometry_of(width: float, height: float, lanes: int) -> Geometry:
    """The Geometry of a drawing; its rectangles and paths are not to be changed."""
    return Geometry(width, height, lanes)


@dataclass(frozen=True)
class Geometry:
    """Positions for a drawing of ``width`` by ``height`` with ``lanes`` lanes on the memory highway."""

    width: float
    height: float
    lanes: int

    @property
    def single(self) -> bool:
        """One lane: plain numbers instead of strips."""
        return self.lanes == 1

    @cached_property
    def band(self) -> QRectF:
        """The memory highway, from the old memory to the new."""
        height = 12.0 if self.single else min(BAND, LANE * self.lanes)
        return QRectF(self.x_before, 52 + (BAND - height) / 2 * 0.7, self.x_now - self.x_before, height)

    def lane(self, k: int) -> float:
        """y of lane ``k``."""
        return self.band.top() + (k + 0.5) * self.band.height() / self.lanes

    @cached_property
    def x_before(self) -> float:
        """Where the old memory enters."""
        return 0.115 * self.width

    @cached_property
    def x_now(self) -> float:
        """Where the new memory leaves."""
        return 0.89 * self.width

    @cached_property
    def x_plus(self) -> float:
        """Where the written meets the kept, half way between input gate and candidate."""
        return self.column(Quantity.INPUT_GATE) / 2 + self.column(Quantity.CANDIDATE) / 2

    def column(self, gate: Quantity) -> float:
        """x of a gate's box and wires."""
        return _COLUMNS[gate] * self.width

    def box(self, gate: Quantity) -> QRectF:
        """A gate's box with its curve."""
        return self._boxes[gate]

    @cached_property
    def _boxes(self) -> dict[Quantity, QRectF]:
        width = 0.158 * self.width
        return {gate: QRectF(self.column(gate) - width / 2, self.y_boxes, width, 88) for gate in _COLUMNS}

    @cached_property
    def y_boxes(self) -> float:
        """Top of the gates' boxes."""
        return self.height - 172

    @cached_property
    def y_h(self) -> float:
        """The wire of h[t-1]."""
        return self.height - 52

    @cached_property
    def y_x(self) -> float:
        """The wire of x[t]."""
        return self.height - 18

    @cached_property
    def forget_valve(self) -> QRectF:
        """The valve on the highway: as high as the lanes, and a little more."""
        x, half = self.column(Quantity.FORGET_GATE), max(self.band.height() / 2 + 9, VALVE_RADIUS)
        width = 2 * VALVE_RADIUS if self.single else 64
        return QRectF(x - width / 2, self.band.center().y() - half, width, 2 * half)

    @cached_property
    def input_valve(self) -> QPointF:
        """Centre of the valve that lets the candidate in."""
        return QPointF(self.x_plus, (self.band.bottom() + self.y_boxes) / 2 + 4)

    @cached_property
    def plus(self) -> QRectF:
        """Where the written is added to the kept: a disc for one unit, a bar over the lanes for several."""
        if self.single:
            return QRectF(self.x_plus - 12, self.lane(0) - 12, 24, 24)
        return QRectF(self.x_plus - 9, self.band.top() - 5, 18, self.band.height() + 10)

    # Where words and numbers stand

    def input_words(self, y: float) -> tuple[QRectF, QRectF]:
        """The words and the symbol on the line above an input at the start of its wire."""
        width = self.wires_start - 16
        words = 0.62 * width
        return QRectF(8, y - 18, words, 14), QRectF(8 + words, y - 18, width - words, 14)

    def gate_number(self, gate: Quantity, share: float, down: float) -> QRectF:
        """A line beside the curve of a gate's box, which takes a ``share`` of its width; ``down`` from the first."""
        box = self.box(gate)
        left = box.left() + share * box.width() + 4
        return QRectF(left, box.top() + 24 + down, box.right() - left - 4, 20 if down == 0 else 16)

    @cached_property
    def forget_words(self) -> QRectF:
        """The first of two lines above the forget gate's valve."""
        return QRectF(self.forget_valve.center().x() - 80, self.forget_valve.top() - 36, 160, 15)

    @cached_property
    def input_gate_words(self) -> QRectF:
        """The first of two lines left of the input gate's valve."""
        return QRectF(self.x_plus - self.valve_width / 2 - 150, self.input_valve.y() - 40, 142, 15)

    @cached_property
    def output_words(self) -> QRectF:
        """The first of two lines left of the output gate's valve."""
        valve = self.output_valve
        return QRectF(valve.x() - self.valve_width / 2 - 130, valve.y() - 16, 122, 15)

    def memory_words(self, *, before: bool) -> QRectF:
        """The words at an end of the highway."""
        left, right = (4.0, self.x_before) if before else (self.x_now + 6, self.width - 4)
        if self.single:
            return QRectF(left, self.lane(0) - 32, right - left, 18)
        return QRectF(left, 8, right - left + 16, 14) if before else QRectF(left - 10, 8, right - left + 10, 14)

    def gradient_words(self, *, before: bool) -> QRectF:
        """The first of two lines above an end of the highway, in the backward pass."""
        left, right = (8.0, self.wires_start) if before else (self.x_now - 60, self.width - 6)
        return QRectF(left, 6, right - left, 14)

    @cached_property
    def sent_on_words(self) -> QRectF:
        """The first of three lines where the backward pass leaves for h of the step before."""
        return QRectF(8, self.y_h - 24, self.wires_start, 16)

    def arrival_line(self, row: int) -> QRectF:
        """One of two lines below the gradient that arrives at h."""
        return QRectF(self.x_now - 20, self.output_valve.y() + 26 + 14 * row, self.width - self.x_now + 14, 14)

    @property
    def valve_width(self) -> float:
        """Width of the input and the output valve, of one unit or of several."""
        return 2 * VALVE_RADIUS if self.single else 0.115 * self.width

    @property
    def valve_height(self) -> float:
        """Height of the input and the output valve, of one unit or of several."""
        return 2 * VALVE_RADIUS if self.single else 26.0

    def valve_rect(self, centre: QPointF) -> QRectF:
        """The valve round ``centre``."""
        width, height = self.valve_width, self.valve_height
        return QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)

    def gate_path(self, gate: Quantity) -> list[QPointF]:
        """From a gate's box to its valve."""
        return self._gate_paths[gate]

    @cached_property
    def _gate_paths(self) -> dict[Quantity, list[QPointF]]:
        y, half = self.input_valve.y(), self.valve_width / 2
        forget, left, right, output = (QPointF(self.column(gate), self.y_boxes) for gate in _COLUMNS)
        return {
            Quantity.FORGET_GATE: [forget, QPointF(forget.x(), self.forget_valve.bottom())],
            Quantity.INPUT_GATE: [left, QPointF(left.x(), y), QPointF(self.x_plus - half, y)],
            Quantity.CANDIDATE: [right, QPointF(right.x(), y), QPointF(self.x_plus + half, y)],
            Quantity.OUTPUT_GATE: [output, QPointF(output.x(), self.output_valve.y() + self.valve_height / 2)],
        }

    def gate_curve(self, gate: Quantity, share: float) -> QRectF:
        """The curve in a gate's box, which takes a ``share`` of its width."""
        box = self.box(gate)
        return QRectF(box.left() + 10, box.top() + 27, share * box.width() - 14, box.height() - 38)

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

    @cached_property
    def projection_box(self) -> QRectF:
        """The projection on the way from the output valve to h, where there is one."""
        left, right = self.output_valve.x() + self.valve_width / 2, self.x_now - 9
        centre, width = (left + right) / 2 + 1, min(34.0, right - left - 6)
        return QRectF(centre - width / 2, self.output_valve.y() - 9, width, 18)

    def projection_line(self, row: int) -> QRectF:
        """One of the lines that say what the projection does, right of the output gate's box."""
        left = self.box(Quantity.OUTPUT_GATE).right() + 8
        return QRectF(left, self.y_boxes + 24 + 15 * row, self.width - left - 6, 14)

    @cached_property
    def wires_start(self) -> float:
        """Where the wires of x and h begin."""
        return 0.145 * self.width

    def taps(self, gate: Quantity) -> tuple[float, float]:
        """x of the taps that lead h[t-1] and x[t] into a gate's box."""
        return self.column(gate) - 9, self.column(gate) + 9
