"""What the timeline shows of a run: one row a quantity, and the gradients beneath."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PyQt6.QtGui import QColor

from lstmviz.core.analysis.binning import BinnedSteps, log_means
from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.cursor import Stage
from lstmviz.core.engine.trace import LayerTrace, RNNTrace
from lstmviz.core.magnitudes import magnitude
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.core.quantity import QUANTITIES, Quantity
from lstmviz.core.run import NetworkRun, Run
from lstmviz.core.text import MINUS, count, number
from lstmviz.gui.style import Theme
from lstmviz.gui.views.ghost import before_in_words, ghost_of
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
class ValuesRow(Row):
    """Values [T, n], a line of cells for each of the n."""

    values: Array

    @property
    def units(self) -> int:
        """n."""
        return int(self.values.shape[1])

    @cached_property
    def _binned(self) -> BinnedSteps:
        return BinnedSteps(self.values)

    def means(self, size: int, start: int, stop: int) -> Array:
        """Arithmetic means [bins, n]."""
        return self._binned.means(size, start, stop)

    def value(self, t: int, unit: int) -> float:
        """The value of line ``unit`` at step ``t``."""
        return float(self.values[t - 1, unit])

    def text(self, value: float) -> str:
        """The number."""
        return number(value)


@dataclass(frozen=True, eq=False)
class QuantityRow(ValuesRow):
    """A quantity of every unit; values [T, H].

    before  the same without the what-ifs, [T, H]; None where there are none
    """

    quantity: Quantity
    before: Array | None = None

    @cached_property
    def changed(self) -> BoolArray:
        """Whether a what-if has changed the value of any unit, [T]."""
        if self.before is None or self.before is self.values:
            return np.zeros(len(self.values), np.bool_)
        differs = self.values != self.before
        with np.errstate(all="ignore"):
            if not np.isfinite(self.values.sum()):
                differs &= ~(np.isnan(self.values) & np.isnan(self.before))
        changed: BoolArray = differs.any(axis=1)
        return changed

    def colour(self, theme: Theme) -> QColor:
        """The hue of the quantity; grey for the vanilla RNN."""
        return QColor(theme.rnn) if self.baseline else theme.colour(self.quantity)

    def sentence(self, t: int, unit: int) -> str:
        """Such as ``f[3] of unit 2 = 0.975: forget gate, the share of the old memory that is kept.``"""
        value = self.value(t, unit)
        whose = "RNN " if self.baseline else ""
        name = f"{self.quantity.title} of the vanilla RNN" if self.baseline else self.quantity.title
        fault = "" if np.isfinite(value) else " Not a finite number."
        where = f"{whose}{self.quantity.symbol}[{t}] of unit {unit}"
        before = "" if self.before is None else before_in_words(number(self.before[t - 1, unit]), number(value))
        return f"{where} = {number(value)}: {name}, {self.quantity.meaning}.{fault}{before}"


@dataclass(frozen=True, eq=False)
class GradientRow(Row):
    """log10 ||dL/dh[t]|| of one network, [T]; -inf where the gradient is exactly zero.

    before  the same without the what-ifs, [T]; None where it is the same
    ghost   whether the row itself shows what was before the what-ifs
    """

    log10_dh: Array
    before: Array | None = None
    ghost: bool = False

    @property
    def units(self) -> int:
        """One: the norm is over all units."""
        return 1

    def means(self, size: int, start: int, stop: int) -> Array:
        """Means of the logs [bins, 1], zeros left out."""
        return log_means(self.log10_dh, size, start, stop)[:, None]

    def colour(self, theme: Theme) -> QColor:
        """The hue of the hidden state; grey for the vanilla RNN and for what was before."""
        if self.ghost:
            return QColor(theme.muted)
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
        whose = (" of the RNN" if self.baseline else "") + (" before the what-ifs" if self.ghost else "")
        before = "" if self.before is None else before_in_words(magnitude(self.before[t - 1]), magnitude(value))
        if np.isneginf(value):
            return f"‖dL/dh[{t}]‖{whose} is exactly 0: no gradient of the loss L reaches h at step {t}.{before}"
        if not np.isfinite(value):
            return f"‖dL/dh[{t}]‖{whose} is not a finite number.{before}"
        return (
            f"‖dL/dh[{t}]‖{whose} = {magnitude(value)}, log10 {number(value)}: "
            f"how strongly the loss L depends on h of all units at step {t}.{before}"
        )


def quantity_rows(run: Run, layer: str) -> tuple[QuantityRow, ...]:
    """The quantities of ``layer`` in the order in which they are drawn, then h of the baseline."""
    ghost = ghost_of(run, layer)
    trace, before = run.trace[layer], ghost.trace[layer] if ghost else None
    rows = [_quantity_row(trace, before, quantity, baseline=False) for quantity in QUANTITIES[run.network.cell]]
    if run.baseline is not None and layer in run.baseline.trace.layers:
        trace = run.baseline.trace[layer]
        before = ghost.baseline.trace[layer] if ghost and ghost.baseline else None
        rows.append(_quantity_row(trace, before, Quantity.HIDDEN_STATE, baseline=True))
    return tuple(rows)


def gradient_rows(run: Run, layer: str) -> tuple[GradientRow, ...]:
    """log10 ||dL/dh[t]|| of the network and of the baseline on one scale, under each what it was before what-ifs."""
    ghost = ghost_of(run, layer)
    runs = [(run.main, ghost.main if ghost else None, False)]
    if run.baseline is not None and layer in run.baseline.log10_dh:
        runs.append((run.baseline, ghost.baseline if ghost else None, True))
    every = [each.log10_dh[layer] for now, then, _ in runs for each in (now, then) if each is not None]
    scale = log_scale(np.concatenate(every), LOG_FLOOR, LOG_CEILING)
    rows = [row for now, then, baseline in runs for row in _gradient_rows(now, then, layer, scale, baseline=baseline)]
    return tuple(rows)


def _quantity_row(trace: LayerTrace, before: LayerTrace | None, quantity: Quantity, *, baseline: bool) -> QuantityRow:
    values = quantity.of(trace)
    scale = _scale(trace, quantity, values)
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
    short = title if baseline else quantity.symbol
    then = None if before is None or before is trace else quantity.of(before)
    return QuantityRow(title, short, tooltip, baseline, scale, values, quantity, then)


def _gradient_rows(
    run: NetworkRun, before: NetworkRun | None, layer: str, scale: Scale, *, baseline: bool
) -> list[GradientRow]:
    log10_dh = run.log10_dh[layer]
    then = before.log10_dh[layer] if before is not None else log10_dh
    whose = "the vanilla RNN" if baseline else "the network"
    tooltip = (
        f"‖dL/dh[t]‖: gradient of the loss L with respect to the hidden state of {whose} at step t, "
        f"its Euclidean norm over the units, on a scale of powers of ten. {count(len(log10_dh), 'step')}."
    )
    title, short = ("RNN gradient", "RNN") if baseline else ("gradient", "grad")
    if np.array_equal(then, log10_dh, equal_nan=True):
        return [GradientRow(title, short, tooltip, baseline, scale, log10_dh)]
    ghost = f"What it was before the what-ifs. {tooltip}"
    return [
        GradientRow(title, short, tooltip, baseline, scale, log10_dh, then),
        GradientRow("before", "was", ghost, baseline, scale, then, ghost=True),
    ]


def _scale(layer: LayerTrace, quantity: Quantity, values: Array) -> Scale:
    """0 to 1 for gates, -1 to 1 for what a tanh bounds, else as far as the values go."""
    if quantity.is_gate:
        return Scale(ScaleKind.GATE, 0.0, 1.0)
    unbounded = isinstance(layer, RNNTrace) and layer.nonlinearity is not Nonlinearity.TANH
    unbounded |= quantity is Quantity.HIDDEN_STATE and layer.parameters.weight_hr is not None
    if quantity is Quantity.CELL_STATE or unbounded:
        return symmetric_scale(values)
    return Scale(ScaleKind.SIGNED, -1.0, 1.0)


def bound_text(value: float) -> str:
    """A bound of a scale: whole numbers without places."""
    return str(int(value)).replace("-", MINUS) if value == int(value) and abs(value) < 1000 else number(value, digits=2)
