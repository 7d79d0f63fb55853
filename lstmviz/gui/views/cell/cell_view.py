"""The view of one cell at the cursor: the diagram, the ledger, and the vanilla RNN beside it on demand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QToolTip, QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.backward_step import LSTMBackwardStep, RNNBackwardStep
from lstmviz.core.cursor import Cursor, stages_of
from lstmviz.core.narration import input_in_words, stage_sentence, value_sentence
from lstmviz.core.parameters import Cell
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import NetworkRun, Run
from lstmviz.core.step import lstm_step, rnn_step, step_before
from lstmviz.core.trace import LSTMTrace, RNNTrace
from lstmviz.gui.style import Theme
from lstmviz.gui.views.cell import ledger, rnn_diagram
from lstmviz.gui.views.cell.backward_diagram import LSTMBackwardDiagram
from lstmviz.gui.views.cell.canvas import Canvas, Cells, Region, binned, expanded
from lstmviz.gui.views.cell.geometry import HEIGHT, WIDTH, Geometry
from lstmviz.gui.views.cell.gradient_scale import GradientScale
from lstmviz.gui.views.cell.ledger import Ledger, draw_ledger, draw_memory_ledgers, share_entries
from lstmviz.gui.views.cell.lstm_diagram import GATE_STAGES, LSTMDiagram
from lstmviz.gui.views.cell.lstm_flows import lstm_flows
from lstmviz.gui.views.cell.reveal import Moment, draw_flows
from lstmviz.gui.views.cell.rnn_backward_diagram import RNNBackwardDiagram
from lstmviz.gui.views.cell.rnn_diagram import RNNDiagram
from lstmviz.gui.views.view import Hovered, View


class CellView(View):
    """Draws the cell of the cursor's layer. A frame is a function of run, cursor and fraction alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cell_view")
        self.setMouseTracking(True)
        self.setMinimumSize(QSize(420, 280))
        self._fraction = 1.0
        self._shows_rnn = False
        self._spans: dict[tuple[int, tuple[int, ...]], tuple[float, float]] = {}
        self._finished: QPixmap | None = None
        self._places: list[Region | Cells] = []
        self._expanded: list[Region] | None = None
        self._to_drawing = 1.0
        self._hovered_unit: int | None = None

    @property
    def shows_rnn(self) -> bool:
        """Whether the vanilla RNN stands beside the LSTM."""
        return self._shows_rnn

    def show_rnn(self, shown: bool) -> None:
        """Show the vanilla RNN cell at the same step beside the LSTM, or hide it."""
        self._shows_rnn = shown
        self._redraw()

    def show_run(self, run: Run, cursor: Cursor) -> None:
        """Draw another run."""
        self._spans.clear()
        self._fraction = 1.0
        super().show_run(run, cursor)
        self._redraw()

    def show_cursor(self, cursor: Cursor) -> None:
        """Draw another moment of the same run, finished."""
        super().show_cursor(cursor)
        self._redraw()

    def show_fraction(self, fraction: float) -> None:
        """How far the values of the cursor's stage have moved, 0 to 1."""
        if fraction != self._fraction:
            self._fraction = fraction
            self._redraw()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        self._redraw()

    def summary(self) -> str:
        """What the cursor's stage does, with its numbers."""
        return stage_sentence(self.run, self.cursor_at) if self.run and self.cursor_at else ""

    # Drawing

    def draw(self, painter: QPainter, size: QSize, fraction: float) -> list[Region | Cells]:
        """Draw the frame at ``fraction`` on any painter; gives what was drawn where, in drawing units."""
        painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(self.theme.surface))
        if self.run is None or self.cursor_at is None:
            return []
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        canvas = Canvas(painter, self.theme)
        layer = self.run.trace[self.cursor_at.layer]
        baseline = self._baseline_layer(self.run, self.cursor_at)
        self._to_drawing = _scale(size, alone=isinstance(layer, RNNTrace), beside=baseline is not None)
        painter.scale(self._to_drawing, self._to_drawing)
        width, height = size.width() / self._to_drawing, size.height() / self._to_drawing
        moment = Moment(self.cursor_at.stage, fraction)
        if baseline is not None:
            column = 0.26 * width
            width -= column
            finished = Moment(stages_of(self.run, self.cursor_at)[-1])
            self._draw_rnn(canvas, QRectF(width, 0, column, height), baseline, finished, baseline=True)
            painter.fillRect(QRectF(width, 16, 1, height - 32), QColor(self.theme.border))
        if isinstance(layer, RNNTrace):
            self._draw_rnn(canvas, QRectF(0, 0, width, height), layer, moment, baseline=False)
        elif self.cursor_at.backward:
            self._draw_lstm_backward(canvas, width, height, layer, moment)
        else:
            self._draw_lstm(canvas, width, height, layer, moment)
        return canvas.places

    def _baseline_layer(self, run: Run, cursor: Cursor) -> RNNTrace | None:
        """The vanilla RNN's layer to draw beside the LSTM's; None when it is not shown."""
        if not self._shows_rnn or run.baseline is None or run.network.cell is not Cell.LSTM:
            return None
        layer = run.baseline.trace[cursor.layer]
        return layer if isinstance(layer, RNNTrace) else None

    def _draw_lstm(self, canvas: Canvas, width: float, height: float, layer: LSTMTrace, moment: Moment) -> None:
        step, span = lstm_step(layer, self._t), self._span_of(layer.c)
        geometry = Geometry(width, height - ledger.HEIGHT, len(binned(step.c)[0]))
        diagram = LSTMDiagram(canvas, geometry, step, moment, self._unit, self._token, _reach(span))
        diagram.draw()
        canvas.places += [
            Region(geometry.box(gate), gate, (self._unit, self._unit), is_box=True) for gate in GATE_STAGES
        ]
        below = QRectF(0, height - ledger.HEIGHT, width, ledger.HEIGHT)
        draw_memory_ledgers(canvas, below, step, moment, self._unit, span)
        if moment.fraction < 1:
            draw_flows(canvas, lstm_flows(diagram), moment.fraction)

    def _draw_lstm_backward(
        self, canvas: Canvas, width: float, height: float, layer: LSTMTrace, moment: Moment
    ) -> None:
        assert self.run is not None
        name = self.cursor_at.layer if self.cursor_at else ""
        step, forward = self.run.main.backward_step(name, self._t), lstm_step(layer, self._t)
        assert isinstance(step, LSTMBackwardStep)
        geometry = Geometry(width, height - ledger.HEIGHT, len(binned(forward.c)[0]))
        scale = self._gradient_scale(self.run.main, name)
        diagram = LSTMBackwardDiagram(canvas, geometry, step, forward, moment, self._unit, scale)
        diagram.draw()
        canvas.places.clear()
        below = QRectF(0, height - ledger.HEIGHT, width, ledger.HEIGHT)
        shares = Ledger.of(share_entries(step, self._unit, self.theme), 0, 0)
        note = f"unit {self._unit}: the four gates’ shares add up"
        draw_ledger(canvas, below, f"What goes back to h[{step.before}]", note, shares, moment)
        if moment.fraction < 1:
            draw_flows(canvas, diagram.flows(), moment.fraction)

    def _draw_rnn(self, canvas: Canvas, rect: QRectF, layer: RNNTrace, moment: Moment, *, baseline: bool) -> None:
        """The vanilla RNN: as the network under study, or as the baseline beside it."""
        assert self.run is not None
        unit = min(self._unit, layer.h.shape[2] - 1)
        title = "vanilla RNN, same step" if baseline else "vanilla RNN cell"
        hue = QColor(self.theme.rnn) if baseline else self.theme.colour(Quantity.HIDDEN_STATE)
        diagram: RNNDiagram | RNNBackwardDiagram
        network_run = self.run.baseline if baseline and self.run.baseline else self.run.main
        if self.cursor_at and self.cursor_at.backward:
            step = network_run.backward_step(self.cursor_at.layer, self._t)
            assert isinstance(step, RNNBackwardStep)
            scale = self._gradient_scale(network_run, self.cursor_at.layer)
            diagram = RNNBackwardDiagram(canvas, rect, step, moment, unit, scale, title, hue)
        else:
            largest, sums = _reach(self._span_of(layer.h)), self._span_of(layer.z[..., unit])
            diagram = RNNDiagram(
                canvas, rect, rnn_step(layer, self._t), layer.nonlinearity, moment, unit, self._token, largest, title,
                hue, sums,
            )  # fmt: skip
        diagram.draw()
        if self.cursor_at and self.cursor_at.backward:
            canvas.places.clear()
        if moment.fraction < 1:
            draw_flows(canvas, diagram.flows(), moment.fraction)

    def _gradient_scale(self, network_run: NetworkRun, layer: str) -> GradientScale:
        return GradientScale.of(np.concatenate([network_run.log10_dh[layer], *self._log10_dc(network_run, layer)]))

    def _log10_dc(self, network_run: NetworkRun, layer: str) -> list[Array]:
        return [network_run.log10_dc[layer]] if layer in network_run.log10_dc else []

    @property
    def _token(self) -> str:
        return input_in_words(self.run, self.cursor_at) if self.run and self.cursor_at else ""

    @property
    def _t(self) -> int:
        return self.cursor_at.t if self.cursor_at else 1

    @property
    def _unit(self) -> int:
        return self.cursor_at.unit if self.cursor_at else 0

    def _span_of(self, values: Array) -> tuple[float, float]:
        """The least and the greatest finite value over the whole run, and zero; remembered for the run."""
        where = (values.__array_interface__["data"][0], values.strides)
        if where not in self._spans:
            finite = np.isfinite(values)
            low = float(np.min(values, initial=0.0, where=finite))
            self._spans[where] = (low, float(np.max(values, initial=0.0, where=finite)))
        return self._spans[where]

    def _redraw(self) -> None:
        self._finished = self._expanded = None
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._fraction < 1:
            painter = QPainter(self)
            self._places = self.draw(painter, self.size(), self._fraction)
            painter.end()
            return
        if self._finished is None:
            ratio = self.devicePixelRatioF()
            self._finished = QPixmap(self.size() * ratio)
            self._finished.setDevicePixelRatio(ratio)
            painter = QPainter(self._finished)
            self._places = self.draw(painter, self.size(), 1.0)
            painter.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._finished)
        if self._hovered_unit is not None:
            self._draw_hovered(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._finished = None

    # The mouse

    @property
    def regions(self) -> list[Region]:
        """Everything that can be hovered or clicked, in drawing units."""
        if self._expanded is None:
            self._expanded = expanded(self._places)
        return self._expanded

    def region_at(self, place: QPointF) -> Region | None:
        """What is drawn at a place of the widget; the smallest of several."""
        inside = place / self._to_drawing
        hit = [region for region in self.regions if region.rect.contains(inside)]
        return min(hit, key=lambda region: region.rect.width() * region.rect.height(), default=None)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        region = self.region_at(event.position())
        sentence = self.sentence_of(region) if region else ""
        self.hovered.emit(sentence)
        unit = region.units[0] if region and region.quantity is not Quantity.INPUT else None
        self.place_hovered.emit(Hovered(self._t, unit) if region else None)
        self.setCursor(Qt.CursorShape.PointingHandCursor if region else Qt.CursorShape.ArrowCursor)
        QToolTip.showText(event.globalPosition().toPoint(), sentence, self)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self.cursor_at is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        region = self.region_at(event.position())
        if region is None or region.quantity is Quantity.INPUT:
            return
        moved = replace(self.cursor_at, unit=region.units[0])
        if region.units == (self.cursor_at.unit, self.cursor_at.unit) and region.quantity in GATE_STAGES:
            moved = replace(moved, stage=GATE_STAGES[region.quantity])
        self.cursor_requested.emit(moved)

    def leaveEvent(self, event: QEvent | None) -> None:
        self.hovered.emit("")
        self.place_hovered.emit(None)

    def show_hovered(self, place: Hovered | None) -> None:
        """Frame the unit that the mouse is over in another view, wherever it is drawn."""
        unit = place.unit if place else None
        if unit != self._hovered_unit:
            self._hovered_unit = unit
            self.update()

    def _draw_hovered(self, painter: QPainter) -> None:
        """Thin frames round the cells of the unit that is hovered elsewhere."""
        colour = QColor(self.theme.text)
        colour.setAlpha(130)
        painter.scale(self._to_drawing, self._to_drawing)
        painter.setPen(QPen(colour, 1))
        for region in self.regions:
            first, last = region.units
            if self._hovered_unit is not None and first <= self._hovered_unit <= last and not region.is_box:
                painter.drawRect(region.rect.adjusted(-1, -1, 0.5, 0.5))

    def sentence_of(self, region: Region) -> str:
        """What a region shows, in words."""
        if self.run is None or self.cursor_at is None:
            return ""
        layer, t = self.run.trace[self.cursor_at.layer], self.cursor_at.t
        if region.before:
            t = step_before(layer, t)
        first, last = region.units
        if not 1 <= t <= self.run.length:
            return f"{region.quantity.symbol}[{t}]: the state before the first step."
        if first != last:
            return f"{region.quantity.title}, {region.quantity.symbol}[{t}]: the mean of units {first} to {last}."
        return value_sentence(self.run, self.cursor_at.layer, region.quantity, t, first)


def _scale(size: QSize, *, alone: bool, beside: bool) -> float:
    """Pixels to a drawing unit: as large as the least drawing allows."""
    width = 1.6 * rnn_diagram.WIDTH if alone else WIDTH + (rnn_diagram.WIDTH if beside else 0)
    height = (rnn_diagram.HEIGHT if alone else HEIGHT) + ledger.HEIGHT
    return min(size.width() / width, size.height() / height)


def _reach(span: tuple[float, float]) -> float:
    """The largest magnitude in a span; 1 where all is zero."""
    return max(-span[0], span[1]) or 1.0
