"""What the timeline shows of a run: one row a quantity, and the gradients beneath."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PyQt6.QtGui import QColor

from lstmviz.core.arrays import Array
from lstmviz.core.binning import BinnedSteps, log_means
from lstmviz.core.cursor import Stage
from lstmviz.core.magnitudes import magnitude
from lstmviz.core.parameters import Nonlinearity
from lstmviz.core.quantity import QUANTITIES, Quantity
from lstmviz.core.run import NetworkRun, Run
from lstmviz.core.text import MINUS, count, number
from lstmviz.core.trace import LayerTrace, RNNTrace
from lstmviz.gui.style import Theme
from lstmviz.gui.views.heat_map import Scale, ScaleKind, log_scale, symmetric_scale

LOG_FLOOR = -12.0
LOG_CEILING = 12.0
"""Gradients beyond these powers of ten have the last colour of the scale; the legend says so."""

STAGE_OF = {
    Quantity.FORGET_GATE: Stage.FORGET,
    Quantity.INPUT_GATE: Stage.INPUT,
    Quantity.CANDIDATE: Stage.CANDIDATE,
    Quantity.CELL_STATE: Stage.CELL,
    Quantity.OUTPUT_GATE: Stage.OUTPUT,
    Quantity.HIDDEN_STATE: Stage.HIDDEN,
}
"""The stage that computes each quantity."""


@dataclass(frozen=True, eq=False)
class Row(ABC):
    """One band of cells over all steps.

    title     what stands in front of it; short_title where there is little room
    tooltip   symbol, words, meaning, range, shape
    baseline  whether it belongs to the vanilla RNN beside the network
    """

    title: str
    short_title: str
    tooltip: str
    baseline: bool
    scale: Scale

    @property
    @abstractmethod
    def units(self) -> int:
        """How many lines of cells it has."""

    @abstractmethod
    def means(self, size: int, start: int, stop: int) -> Array:
        """Mean values of the bins of ``size`` steps from ``start`` to ``stop`` - 1, [bins, units]."""

    @abstractmethod
    def colour(self, theme: Theme) -> QColor:
        """The colour of the title."""

    @abstractmethod
    def value(self, t: int, unit: int) -> float:
        """The value at step ``t``, from 1."""

    @abstractmethod
    def text(self, value: float) -> str:
        """A value as it stands in its cell."""

    @abstractmethod
    def sentence(self, t: int, unit: int) -> str:
        """What the cell says, for the status line."""


@dataclass(frozen=True, eq=False)
class QuantityRow(Row):
    """A quantity of every unit; values [T, H]."""

    quantity: Quantity
    values: Array

    @property
    def units(self) -> int:
        """H."""
        return int(self.values.shape[1])

    @cached_property
    def _binned(self) -> BinnedSteps:
        return BinnedSteps(self.values)

    def means(self, size: int, start: int, stop: int) -> Array:
        """Arithmetic means [bins, H]."""
        return self._binned.means(size, start, stop)

    def colour(self, theme: Theme) -> QColor:
        """The hue of the quantity; grey for the vanilla RNN."""
        return QColor(theme.rnn) if self.baseline else theme.colour(self.quantity)

    def value(self, t: int, unit: int) -> float:
        """The value of ``unit`` after step ``t``."""
        return float(self.values[t - 1, unit])

    def text(self, value: float) -> str:
        """The number."""
        return number(value)

    def sentence(self, t: int, unit: int) -> str:
        """Such as ``f[3] of unit 2 = 0.975: forget gate, the share of the old memory that is kept.``"""
        value = self.value(t, unit)
        whose = "RNN " if self.baseline else ""
        name = f"{self.quantity.title} of the vanilla RNN" if self.baseline else self.quantity.title
        fault = "" if np.isfinite(value) else " Not a finite number."
        where = f"{whose}{self.quantity.symbol}[{t}] of unit {unit}"
        return f"{where} = {number(value)}: {name}, {self.quantity.meaning}.{fault}"


@dataclass(frozen=True, eq=False)
class GradientRow(Row):
    """log10 ||dL/dh[t]|| of one network, [T]; -inf where the gradient is exactly zero."""

    log10_dh: Array

    @property
    def units(self) -> int:
        """One: the norm is over all units."""
        return 1

    def means(self, size: int, start: int, stop: int) -> Array:
        """Means of the logs [bins, 1], zeros left out."""
        return log_means(self.log10_dh, size, start, stop)[:, None]

    def colour(self, theme: Theme) -> QColor:
        """The hue of the hidden state; grey for the vanilla RNN."""
        return QColor(theme.rnn) if self.baseline else theme.colour(Quantity.HIDDEN_STATE)

    def value(self, t: int, unit: int) -> float:
        """log10 of the norm at step ``t``."""
        return float(self.log10_dh[t - 1])

    def text(self, value: float) -> str:
        """The norm itself, from its log10."""
        return magnitude(value)

    def sentence(self, t: int, unit: int) -> str:
        """The size of the gradient at step ``t`` in words."""
        value = self.value(t, unit)
        whose = " of the RNN" if self.baseline else ""
        if np.isneginf(value):
            return f"‖dL/dh[{t}]‖{whose} is exactly 0: no gradient of the loss L reaches h at step {t}."
        if not np.isfinite(value):
            return f"‖dL/dh[{t}]‖{whose} is not a finite number."
        return (
            f"‖dL/dh[{t}]‖{whose} = {magnitude(value)}, log10 {number(value)}: "
            f"how strongly the loss L depends on h of all units at step {t}."
        )


def quantity_rows(run: Run, layer: str) -> tuple[QuantityRow, ...]:
    """The quantities of ``layer`` in the order in which they are drawn, then h of the baseline."""
    trace = run.trace[layer]
    rows = [_quantity_row(trace, quantity, baseline=False) for quantity in QUANTITIES[run.network.cell]]
    if run.baseline is not None and layer in run.baseline.trace.layers:
        rows.append(_quantity_row(run.baseline.trace[layer], Quantity.HIDDEN_STATE, baseline=True))
    return tuple(rows)


def gradient_rows(run: Run, layer: str) -> tuple[GradientRow, ...]:
    """log10 ||dL/dh[t]|| of the network and of the baseline on one scale."""
    runs = [(run.main, False)]
    if run.baseline is not None and layer in run.baseline.log10_dh:
        runs.append((run.baseline, True))
    scale = log_scale(np.concatenate([each.log10_dh[layer] for each, _ in runs]), LOG_FLOOR, LOG_CEILING)
    return tuple(_gradient_row(each, layer, scale, baseline=baseline) for each, baseline in runs)


def _quantity_row(layer: LayerTrace, quantity: Quantity, *, baseline: bool) -> QuantityRow:
    values = quantity.of(layer)
    scale = _scale(layer, quantity, values)
    steps, units = values.shape
    bounded = scale.high == 1 and quantity is not Quantity.CELL_STATE
    span = f"{bound_text(scale.low)} to {bound_text(scale.high)}"
    tooltip = (
        f"{quantity.symbol}: {quantity.title}{' of the vanilla RNN' if baseline else ''}, {quantity.meaning}. "
        f"{span if bounded else f'Any value, here drawn from {span}'}. "
        f"{count(units, 'unit')} × {count(steps, 'step')}, unit 0 on top."
    )
    name = "RNN" if baseline else quantity.title.split()[0]
    title = f"{name} {quantity.symbol}"
    return QuantityRow(title, title if baseline else quantity.symbol, tooltip, baseline, scale, quantity, values)


def _gradient_row(run: NetworkRun, layer: str, scale: Scale, *, baseline: bool) -> GradientRow:
    log10_dh = run.log10_dh[layer]
    whose = "the vanilla RNN" if baseline else "the network"
    tooltip = (
        f"‖dL/dh[t]‖: gradient of the loss L with respect to the hidden state of {whose} at step t, "
        f"its Euclidean norm over the units, on a scale of powers of ten. {count(len(log10_dh), 'step')}."
    )
    title = "RNN gradient" if baseline else "gradient"
    return GradientRow(title, "RNN" if baseline else "grad", tooltip, baseline, scale, log10_dh)


def _scale(layer: LayerTrace, quantity: Quantity, values: Array) -> Scale:
    """0 to 1 for gates, -1 to 1 for what a tanh bounds, else as far as the values go."""
    if quantity.is_gate:
        return Scale(ScaleKind.GATE, 0.0, 1.0)
    unbounded = isinstance(layer, RNNTrace) and layer.nonlinearity is not Nonlinearity.TANH
    if quantity is Quantity.CELL_STATE or unbounded:
        return symmetric_scale(values)
    return Scale(ScaleKind.SIGNED, -1.0, 1.0)


def bound_text(value: float) -> str:
    """A bound of a scale: whole numbers without places."""
    return str(int(value)).replace("-", MINUS) if value == int(value) and abs(value) < 1000 else number(value, digits=2)
