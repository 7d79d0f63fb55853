"""The gradients of the weights: how strongly the loss pulls on W, U and b of every gate, as bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QBrush, QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QToolTip, QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Cursor
from lstmviz.core.magnitudes import log10_norms, magnitude, signed_magnitude, superscript_power
from lstmviz.core.networks.parameters import GATES, PEEPHOLES, Cell
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import NetworkRun, Run
from lstmviz.gui.style import number_font, text_font
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.view import View

ROW = 19
HEADING = 36
TOP = 62
MARGIN = 14
NAME_WIDTH = 76
NUMBER_WIDTH = 74

GATE_QUANTITIES = {
    "i": Quantity.INPUT_GATE,
    "f": Quantity.FORGET_GATE,
    "g": Quantity.CANDIDATE,
    "o": Quantity.OUTPUT_GATE,
}


@dataclass(frozen=True)
class ParameterGradient:
    """The gradient of one block of weights.

    owner     ``i``, ``f``, ``g``, ``o``, or the name of the network where it is not a gate's
    title     for people, such as ``forget f``
    log10     log10 of its Frobenius norm
    scalar    the number itself, with its sign, where the block is a single weight; else None
    source    PyTorch's name and the rows
    baseline  whether it belongs to the vanilla RNN beside
    """

    owner: str
    title: str
    log10: float
    scalar: float | None
    source: str
    baseline: bool

    @property
    def text(self) -> str:
        """The number that stands beside the bar."""
        return magnitude(self.log10) if self.scalar is None else signed_magnitude(self.scalar)


@dataclass(frozen=True)
class ParameterGroup:
    """The gradients of the same weight in every gate and in both networks, with what that weight does."""

    symbol: str
    meaning: str
    gradients: tuple[ParameterGradient, ...]

    def name_of(self, gradient: ParameterGradient) -> str:
        """Symbol and owner in one, such as ``‖dL/dW‖ of forget f``."""
        return f"{self.symbol} of {gradient.title}"


def parameter_groups(run: Run, layer: str) -> tuple[ParameterGroup, ...]:
    """The gradients of every weight of one layer and direction, and of the head, where there are any."""
    before = "h[t+1], one step later" if layer.endswith("_reverse") else "h[t−1], one step before"
    below = "the input x[t]" if layer.startswith("l0") else "h[t] of the layer below"
    kinds = [
        ("weight_ih", "W", "w_x", f"reads {below}"),
        ("weight_hh", "U", "w_h", f"reads {before}"),
        ("bias_ih", "b", "b", "is the bias"),
        ("peepholes", "p", "p", "sees the memory c"),
        ("weight_hr", "W_hr", "w_hr", "is the projection: h = W_hr × m"),
    ]
    wanted = [(f"{name}_{layer}", *rest) for name, *rest in kinds]
    wanted += [
        ("head.weight", "V", "v", "is the head: from h[t] to y[t]"),
        ("head.bias", "a", "a", "is the head's bias"),
    ]
    groups = []
    for name, matrix, scalar, meaning in wanted:
        blocks = _blocks(run.main, name, False, run.network.cell)
        if run.baseline is not None:
            blocks += _blocks(run.baseline, name, True, run.network.cell)
        if not blocks:
            continue
        single = all(gradient.scalar is not None for gradient in blocks)
        symbol = f"dL/d{scalar}" if single else f"‖dL/d{matrix}‖"
        if not single:
            blocks = [_without_scalar(gradient) for gradient in blocks]
        groups.append(ParameterGroup(symbol, f"{scalar if single else matrix} {meaning}", tuple(blocks)))
    return tuple(groups)


def _blocks(run: NetworkRun, name: str, baseline: bool, main_cell: Cell) -> list[ParameterGradient]:
    """The gradient called ``name``, one block a gate."""
    if name not in run.gradients.params:
        return []
    array = run.gradients.params[name]
    cell = run.network.cell
    owner = "RNN" if cell is Cell.RNN else "LSTM"
    if baseline and main_cell is Cell.RNN:
        owner = "baseline"
    if name.startswith(("head", "weight_hr_")) or cell is Cell.RNN:
        return [_gradient(array, owner, owner, name, baseline)]
    if name.startswith("peepholes_"):
        rows_of = {gate: array[k : k + 1] for k, gate in enumerate(PEEPHOLES)}
        return [
            _gradient(rows_of[gate], gate, f"{_short_title(gate)} {gate}", f"{name}, row {gate}", baseline)
            for gate in ("f", "i", "o")
        ]
    rows = len(array) // len(GATES)
    return [
        _gradient(
            array[start : start + rows],
            gate,
            f"{_short_title(gate)} {gate}",
            f"{name}, {f'rows {start} to {start + rows - 1}' if rows > 1 else f'row {start}'}",
            baseline,
        )
        for gate, start in ((gate, GATES.index(gate) * rows) for gate in ("f", "i", "g", "o"))
    ]


def _gradient(array: Array, owner: str, title: str, source: str, baseline: bool) -> ParameterGradient:
    scalar = float(array.flat[0]) if array.size == 1 else None
    log10 = float(log10_norms(array.reshape(1, -1))[0])
    return ParameterGradient(owner, title, log10, scalar, source, baseline)


def _without_scalar(gradient: ParameterGradient) -> ParameterGradient:
    return ParameterGradient(gradient.owner, gradient.title, gradient.log10, None, gradient.source, gradient.baseline)


def _short_title(gate: str) -> str:
    return GATE_QUANTITIES[gate].title.removesuffix(" gate")


class ParameterGradients(View):
    """A bar a gate and network for the length of dL/dW, dL/dU and dL/db, on one log10 scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("parameter_gradients")
        self.setAccessibleName("Gradients of the weights")
        self.setMouseTracking(True)
        self.groups: tuple[ParameterGroup, ...] = ()
        self._low, self._high = -1, 1
        self._pointed: ParameterGradient | None = None

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        rows = sum(len(group.gradients) for group in self.groups)
        return QSize(300, TOP + HEADING * len(self.groups) + ROW * rows + 28)

    def show_run(self, run: Run, cursor: Cursor) -> None:
        """Draw the weights of the cursor's layer."""
        super().show_run(run, cursor)
        self._collect()

    def show_cursor(self, cursor: Cursor) -> None:
        """Another layer brings other weights; a step changes nothing, since a weight serves every step."""
        if self.cursor_at is not None and cursor.layer == self.cursor_at.layer:
            self.cursor_at = cursor
            return
        super().show_cursor(cursor)
        self._collect()

    def summary(self) -> str:
        """Every number in words."""
        if not self.groups:
            return "Gradients of the weights: no run yet."
        parts = [
            f"{group.symbol} ({group.meaning}): "
            + ", ".join(f"{gradient.title} {gradient.text}" for gradient in group.gradients)
            for group in self.groups
        ]
        return "Gradients of the weights. " + "; ".join(parts) + "."

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """What is drawn as a table: weight, gate or network, the number, and PyTorch's name."""
        rows: list[tuple[str, ...]] = [
            (group.symbol, gradient.title, gradient.text, gradient.source)
            for group in self.groups
            for gradient in group.gradients
        ]
        return ("gradient", "of", "value", "PyTorch's name"), rows

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(self.theme.panel))
            if self.groups:
                self._draw_top(painter)
                self._draw_scale(painter)
                for group, heading, rows in self._places():
                    self._draw_heading(painter, heading, group)
                    for gradient, row in rows:
                        self._draw_row(painter, row, gradient)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.hovered.emit(self._sentence_at(event.position()))

    def leaveEvent(self, event: QEvent | None) -> None:
        self.hovered.emit("")

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._sentence_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def _collect(self) -> None:
        """Gather the numbers and the scale that holds them."""
        if self.run is None or self.cursor_at is None:
            return
        self.groups = parameter_groups(self.run, self.cursor_at.layer)
        values = np.array([gradient.log10 for group in self.groups for gradient in group.gradients])
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (-1.0, 0.0)
        self._low, self._high = int(np.floor(low - 0.3)), int(np.ceil(high))
        self._high = max(self._high, self._low + 1)
        self.setMinimumHeight(self.sizeHint().height())
        self.setAccessibleDescription(self.summary())
        self.updateGeometry()
        self.update()

    def _places(self) -> list[tuple[ParameterGroup, QRectF, list[tuple[ParameterGradient, QRectF]]]]:
        """Where each heading and each row stands."""
        y, width, places = float(TOP), self.width() - 2 * MARGIN, []
        for group in self.groups:
            heading = QRectF(MARGIN, y, width, HEADING)
            y += HEADING
            rows = []
            for gradient in group.gradients:
                rows.append((gradient, QRectF(MARGIN, y, width, ROW)))
                y += ROW
            places.append((group, heading, rows))
        return places

    def _sentence_at(self, point: QPointF) -> str:
        for group, _, rows in self._places():
            for gradient, row in rows:
                if row.contains(point):
                    return f"{group.name_of(gradient)} = {gradient.text}; {group.meaning}; PyTorch: {gradient.source}"
        return ""

    def _bars(self) -> QRectF:
        """The columns in which bars lie."""
        left = float(MARGIN + NAME_WIDTH)
        return QRectF(left, TOP, max(self.width() - MARGIN - NUMBER_WIDTH - left, 20.0), self.height() - TOP - 24)

    def _draw_top(self, painter: QPainter) -> None:
        left = Qt.AlignmentFlag.AlignLeft
        painter.setFont(text_font(13, bold=True))
        painter.setPen(QColor(self.theme.text))
        painter.drawText(QRectF(MARGIN, 12, self.width() - MARGIN, 20), left, "Gradients of the weights")
        painter.setFont(text_font(11))
        painter.setPen(QColor(self.theme.muted))
        words = "Added up over all steps.\nThe bars stand on a log10 scale."
        if any(gradient.scalar is None for group in self.groups for gradient in group.gradients):
            words = "Added up over all steps; length ‖·‖₂ of each\nblock of weights, bars on a log10 scale."
        painter.drawText(QRectF(MARGIN, 34, self.width() - MARGIN, 40), left, words)

    def _draw_scale(self, painter: QPainter) -> None:
        """Decades as thin lines, named at the bottom; none where no bar has a length."""
        if not any(np.isfinite(gradient.log10) for group in self.groups for gradient in group.gradients):
            return
        bars = self._bars()
        painter.setFont(text_font(10))
        decades = self._high - self._low
        spacing = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if bars.width() * step / decades >= 30)
        for decade in range(self._low, self._high + 1):
            if decade % spacing:
                continue
            x = bars.left() + bars.width() * (decade - self._low) / decades
            painter.setPen(line_pen(self.theme.border))
            for _, _, rows in self._places():
                painter.drawLine(QPointF(x, rows[0][1].top()), QPointF(x, rows[-1][1].bottom()))
            painter.setPen(QColor(self.theme.muted))
            bottom = self._places()[-1][2][-1][1].bottom() + 4
            name = QRectF(x - 30, bottom, 60, 14)
            painter.drawText(name, Qt.AlignmentFlag.AlignHCenter, superscript_power(decade))

    def _draw_heading(self, painter: QPainter, place: QRectF, group: ParameterGroup) -> None:
        painter.setFont(text_font(12, bold=True))
        painter.setPen(QColor(self.theme.text))
        bottom = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        place = place.adjusted(0, 0, 0, -4)
        painter.drawText(place, bottom, group.symbol)
        place.setLeft(place.left() + painter.fontMetrics().horizontalAdvance(group.symbol) + 10)
        painter.setFont(text_font(11))
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(place, bottom, group.meaning)

    def _draw_row(self, painter: QPainter, row: QRectF, gradient: ParameterGradient) -> None:
        colour = self._colour(gradient)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(text_font(11))
        painter.setPen(colour)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | middle, gradient.title)
        painter.setFont(number_font(11))
        painter.setPen(QColor(self.theme.text))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight | middle, gradient.text)
        bars = self._bars()
        share = (gradient.log10 - self._low) / (self._high - self._low)
        if gradient.log10 == -np.inf:
            return
        pattern = Qt.BrushStyle.SolidPattern if np.isfinite(share) else Qt.BrushStyle.BDiagPattern
        width = max(bars.width() * share, 1.0) if np.isfinite(share) else bars.width()
        painter.fillRect(QRectF(bars.left(), row.top() + 4, width, row.height() - 8), QBrush(colour, pattern))

    def _colour(self, gradient: ParameterGradient) -> QColor:
        quantity = GATE_QUANTITIES.get(gradient.owner)
        if quantity is not None:
            return self.theme.colour(quantity)
        if gradient.baseline:
            return QColor(self.theme.rnn)
        return self.theme.colour(Quantity.HIDDEN_STATE)
