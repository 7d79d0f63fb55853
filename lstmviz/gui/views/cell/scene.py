"""What a cell view draws at one cursor: the network's cell, on demand the vanilla RNN's beside it, and ledgers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QRectF, QSize
from PyQt6.QtGui import QColor, QPainter

from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Cursor, stages_of
from lstmviz.core.engine.backward_step import LSTMBackwardStep, RNNBackwardStep
from lstmviz.core.engine.step import LSTMStep, lstm_step, rnn_step
from lstmviz.core.engine.trace import LSTMTrace, RNNTrace
from lstmviz.core.explanations.narration import input_in_words
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import NetworkRun, Run
from lstmviz.gui.style import Theme
from lstmviz.gui.views.cell import ledger, rnn_diagram
from lstmviz.gui.views.cell.canvas import Canvas, Cells, Region, binned, ink
from lstmviz.gui.views.cell.geometry import HEIGHT, WIDTH, Geometry, geometry_of
from lstmviz.gui.views.cell.gradient_scale import GradientScale
from lstmviz.gui.views.cell.ledger import Ledger, draw_ledger, draw_memory_ledgers, share_entries
from lstmviz.gui.views.cell.lstm_diagram import LSTMDiagram
from lstmviz.gui.views.cell.lstm_flows import lstm_flows
from lstmviz.gui.views.cell.lstm_ghost import differs, draw_lstm_before
from lstmviz.gui.views.cell.lstm_ground import LSTMGround
from lstmviz.gui.views.cell.reveal import Moment, draw_flows
from lstmviz.gui.views.cell.rnn_diagram import RNNDiagram
from lstmviz.gui.views.cell.wording import Wording, wording_of
from lstmviz.gui.views.ghost import ghost_of

if TYPE_CHECKING:
    from lstmviz.gui.views.cell.backward_ground import LSTMBackwardGround
    from lstmviz.gui.views.cell.rnn_backward_diagram import RNNBackwardDiagram

_SHARE_BESIDE = 0.26
"""What the vanilla RNN beside the network takes of the width."""


@dataclass
class Scales:
    """What numbers of a whole run are measured against; worked out once a run."""

    _spans: dict[tuple[int, tuple[int, ...]], tuple[float, float]] = field(default_factory=dict)
    _gradients: dict[tuple[int, str], GradientScale] = field(default_factory=dict)

    def span(self, values: Array) -> tuple[float, float]:
        """The least and the greatest finite value over the whole run, and zero."""
        where = (values.__array_interface__["data"][0], values.strides)
        if where not in self._spans:
            finite = np.isfinite(values)
            low = float(np.min(values, initial=0.0, where=finite))
            self._spans[where] = (low, float(np.max(values, initial=0.0, where=finite)))
        return self._spans[where]

    def reach(self, values: Array) -> float:
        """The largest finite magnitude over the whole run; 1 where all is zero."""
        low, high = self.span(values)
        return max(-low, high) or 1.0

    def gradient(self, network_run: NetworkRun, layer: str) -> GradientScale:
        """The scale of the gradients of a layer."""
        which = (id(network_run), layer)
        if which not in self._gradients:
            logs = [log[layer] for log in (network_run.log10_dh, network_run.log10_dc) if layer in log]
            self._gradients[which] = GradientScale.of(np.concatenate(logs))
        return self._gradients[which]


@dataclass(frozen=True)
class Scene:
    """A frame: a function of run, cursor and fraction alone."""

    run: Run
    cursor: Cursor
    theme: Theme
    size: QSize
    fraction: float
    shows_rnn: bool
    scales: Scales

    @cached_property
    def layer(self) -> LSTMTrace | RNNTrace:
        """The layer at the cursor."""
        layer = self.run.trace[self.cursor.layer]
        assert isinstance(layer, LSTMTrace | RNNTrace)
        return layer

    @cached_property
    def baseline(self) -> RNNTrace | None:
        """The vanilla RNN's layer to draw beside the LSTM's; None when it is not shown."""
        if not self.shows_rnn or self.run.baseline is None or self.run.network.cell is not Cell.LSTM:
            return None
        layer = self.run.baseline.trace[self.cursor.layer]
        return layer if isinstance(layer, RNNTrace) else None

    @cached_property
    def wording(self) -> Wording:
        """What is said of the pinned unit at this step."""
        return wording_of(self.run, self.cursor.layer, self.cursor.t, self.cursor.unit)

    @cached_property
    def ghost(self) -> Run | None:
        """The run before the what-ifs, where its step can be laid over this one."""
        return ghost_of(self.run, self.cursor.layer)

    @cached_property
    def scale(self) -> float:
        """Pixels to a drawing unit: as large as the least drawing allows."""
        alone = isinstance(self.layer, RNNTrace)
        width = 1.6 * rnn_diagram.WIDTH if alone else WIDTH + (rnn_diagram.WIDTH if self.baseline else 0)
        height = (rnn_diagram.HEIGHT if alone else HEIGHT) + ledger.HEIGHT
        return min(self.size.width() / width, self.size.height() / height)

    @property
    def ground_key(self) -> Hashable:
        """Equal for scenes whose grounds are the same, at the beginning of a stage or once it is finished."""
        shapes = [
            (layer.z.shape[2], getattr(layer, "nonlinearity", None)) for layer in (self.layer, self.baseline) if layer
        ]
        return (self.size.width(), self.size.height(), self.cursor.stage, self.fraction >= 1, self.wording, *shapes)

    def draw_ground(self, painter: QPainter) -> None:
        """What is the same at every step: it covers everything."""
        painter.fillRect(QRectF(0, 0, self.size.width(), self.size.height()), ink(self.theme.surface))
        canvas = self._canvas(painter)
        if isinstance(self.layer, RNNTrace):
            self._rnn(canvas, self.layer).draw_ground()
        else:
            self._ground(canvas).draw()
        if self.baseline is not None:
            self._rnn(canvas, self.baseline).draw_ground()
            border = QRectF(self._width, 16, 1, self._height - 32)
            painter.fillRect(border, ink(self.theme.border))

    def draw_rising(self, painter: QPainter) -> None:
        """What comes up while the stage is computed, over the ground of its beginning."""
        painter.save()
        canvas = self._canvas(painter)
        if isinstance(self.layer, RNNTrace):
            self._rnn(canvas, self.layer).draw_rising()
        else:
            self._ground(canvas).draw_rising()
        painter.restore()

    def _ground(self, canvas: Canvas) -> LSTMGround | LSTMBackwardGround:
        if not self.cursor.backward:
            return LSTMGround(canvas, self._geometry, self._moment, self.wording)
        # the pictures of the backward pass are imported when it is walked: the window opens forwards
        from lstmviz.gui.views.cell.backward_ground import LSTMBackwardGround

        return LSTMBackwardGround(canvas, self._geometry, self._moment, self.wording)

    def draw_values(self, painter: QPainter) -> list[Region | Cells]:
        """What the ground does not show; gives what was drawn where, in drawing units."""
        canvas = self._canvas(painter)
        if isinstance(self.layer, RNNTrace):
            self._draw_rnn(canvas, self.layer)
        elif self.cursor.backward:
            self._draw_lstm_backward(canvas, self.layer)
        else:
            self._draw_lstm(canvas, self.layer)
        if self.baseline is not None:
            canvas.baseline = True
            self._draw_rnn(canvas, self.baseline)
        return canvas.places

    def _canvas(self, painter: QPainter) -> Canvas:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.scale(self.scale, self.scale)
        return Canvas(painter, self.theme, self.scale)

    @property
    def _height(self) -> float:
        return self.size.height() / self.scale

    @property
    def _width(self) -> float:
        """The width for the network, left of the baseline's."""
        return self.size.width() / self.scale * (1 - _SHARE_BESIDE if self.baseline else 1)

    @property
    def _moment(self) -> Moment:
        return Moment(self.cursor.stage, self.fraction)

    @cached_property
    def _geometry(self) -> Geometry:
        return geometry_of(
            self._width,
            self._height - ledger.HEIGHT,
            len(binned(self.layer.z[0, 0, : self.layer.parameters.hidden_size])[0]),
        )

    @property
    def _ledger_rect(self) -> QRectF:
        return QRectF(0, self._height - ledger.HEIGHT, self._width, ledger.HEIGHT)

    def _draw_lstm(self, canvas: Canvas, layer: LSTMTrace) -> None:
        step, moment, unit = lstm_step(layer, self.cursor.t), self._moment, self.cursor.unit
        token, reach = input_in_words(self.run, self.cursor), self.scales.reach(layer.c)
        diagram = LSTMDiagram(canvas, self._geometry, step, moment, unit, token, reach, self.wording)
        diagram.draw()
        before, span = self._step_before_what_ifs(step), self.scales.span(layer.c)
        if before is not None:
            draw_lstm_before(diagram, before)
        draw_memory_ledgers(
            canvas, self._ledger_rect, step, moment, unit, span, held="c" in self.wording.held, before=before
        )
        if self.fraction < 1:
            draw_flows(canvas, lstm_flows(diagram), self.fraction)

    def _step_before_what_ifs(self, step: LSTMStep) -> LSTMStep | None:
        """The same step without the what-ifs; None where there is none, or every number is the same."""
        layer = self.ghost.trace[self.cursor.layer] if self.ghost else None
        if not isinstance(layer, LSTMTrace):
            return None
        before = lstm_step(layer, self.cursor.t)
        return before if differs(step, before) else None

    def _draw_lstm_backward(self, canvas: Canvas, layer: LSTMTrace) -> None:
        from lstmviz.gui.views.cell.backward_diagram import LSTMBackwardDiagram

        name, t, unit, moment = self.cursor.layer, self.cursor.t, self.cursor.unit, self._moment
        step, forward = self.run.main.backward_step(name, t), lstm_step(layer, t)
        assert isinstance(step, LSTMBackwardStep)
        scale = self.scales.gradient(self.run.main, name)
        before = self.ghost.main.backward_step(name, t) if self.ghost else None
        assert before is None or isinstance(before, LSTMBackwardStep)
        diagram = LSTMBackwardDiagram(canvas, self._geometry, step, forward, moment, unit, scale, self.wording, before)
        diagram.draw()
        shown = min(unit, len(step.dh) - 1)
        entries = share_entries(step, shown, self.theme)
        then = share_entries(before, shown, self.theme) if before else ()
        shares = Ledger.of(entries, 0, 0, then)
        title = f"What goes back to h[{step.before}]"
        who = f"number {shown} of h" if self.wording.projected else f"unit {unit}"
        note = who if then else f"{who}: the four gates’ shares add up"
        marks = "struck out, dashed and “was”"
        draw_ledger(canvas, self._ledger_rect, title, note, shares, moment, shown, marks=marks)
        if self.fraction < 1:
            draw_flows(canvas, diagram.flows(), self.fraction)

    def _draw_rnn(self, canvas: Canvas, layer: RNNTrace) -> None:
        diagram = self._rnn(canvas, layer)
        diagram.draw()
        if diagram.moment.fraction < 1:
            draw_flows(canvas, diagram.flows(), diagram.moment.fraction)

    def _rnn(self, canvas: Canvas, layer: RNNTrace) -> RNNDiagram | RNNBackwardDiagram:
        """The vanilla RNN: as the network under study, or as the baseline beside it, where its step is finished."""
        cursor, beside = self.cursor, layer is self.baseline
        unit = min(cursor.unit, layer.h.shape[2] - 1)
        title = "vanilla RNN, same step" if beside else "vanilla RNN cell"
        hue = QColor(self.theme.rnn) if beside else self.theme.colour(Quantity.HIDDEN_STATE)
        left = self._width if beside else 0.0
        rect = QRectF(left, 0, self.size.width() / self.scale - left, self._height)
        moment = Moment(stages_of(self.run, cursor)[-1]) if beside else self._moment
        network_run = self.run.baseline if beside and self.run.baseline else self.run.main
        ghost, held = self._run_before_what_ifs(network_run), not beside and "h" in self.wording.held
        if cursor.backward:
            from lstmviz.gui.views.cell.rnn_backward_diagram import RNNBackwardDiagram

            step = network_run.backward_step(cursor.layer, cursor.t)
            before = ghost.backward_step(cursor.layer, cursor.t) if ghost else None
            assert isinstance(step, RNNBackwardStep)
            assert before is None or isinstance(before, RNNBackwardStep)
            scale = self.scales.gradient(network_run, cursor.layer)
            return RNNBackwardDiagram(canvas, rect, step, moment, unit, scale, title, hue, held, before)
        then = ghost.trace[cursor.layer] if ghost else None
        return RNNDiagram(
            canvas, rect, rnn_step(layer, cursor.t), layer.nonlinearity, moment, unit,
            input_in_words(self.run, cursor), self.scales.reach(layer.h), title, hue,
            self.scales.span(layer.z[..., unit]), held,
            rnn_step(then, cursor.t) if isinstance(then, RNNTrace) else None,
        )  # fmt: skip

    def _run_before_what_ifs(self, network_run: NetworkRun) -> NetworkRun | None:
        """The same network's run without the what-ifs; None where there is none, or it is the same."""
        if self.ghost is None:
            return None
        before = self.ghost.main if network_run is self.run.main else self.ghost.baseline
        return None if before is network_run else before
