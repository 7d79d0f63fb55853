"""A look over a finished run for what usually goes wrong: each finding a plain sentence and a place to go to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice

import numpy as np

from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.engine.nonfinite import HEAD, NonFinite
from lstmviz.core.engine.selection import IntArray
from lstmviz.core.engine.trace import LSTMTrace
from lstmviz.core.gradients.decay import Decay, GradientCurve, decay, gradient_curves
from lstmviz.core.magnitudes import EXPLODED, VANISHED, superscript_power
from lstmviz.core.networks.parameters import Cell, Nonlinearity
from lstmviz.core.progress import Steps, drain
from lstmviz.core.quantity import QUANTITIES, Quantity
from lstmviz.core.run import NetworkRun, Run
from lstmviz.core.text import number, percent

LARGE_CELL_STATE = 10.0
"""|c| above which tanh(c) is flat: its slope is below 1e-8. A rule of thumb."""

SATURATED_SHARE = 0.95
"""The share of steps at which a gate has to stand at an end of its range."""

EXPLODING_RATIO = 1.1
"""The growth a step back from which on a gradient explodes: a factor of 10^4 in a hundred steps. A rule of thumb."""

LEAST_GROWTH = 2.0
"""The growth in all, in powers of ten, without which nothing has exploded."""

FEWEST_STEPS = 10
"""In a shorter run nothing is said of constant and saturated units: there is too little to see."""

_NAMED_UNITS = 6


class Severity(Enum):
    """How bad a finding is."""

    BROKEN = "broken"
    WARNING = "warning"
    NOTE = "note"
    HEALTHY = "healthy"


@dataclass(frozen=True)
class Place:
    """Where to look: the step from 1, the layer and direction, the unit from 0, and in which pass."""

    t: int
    layer: str
    unit: int
    backward: bool = False


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    quantity  f, i, g, o, c, h, dh, dc or the node that is not finite; empty for a network that is healthy
    place     where to see it; None for what belongs to no step
    baseline  whether it is about the vanilla RNN beside the network under study
    """

    severity: Severity
    sentence: str
    quantity: str = ""
    place: Place | None = None
    baseline: bool = False


@dataclass(frozen=True)
class Limits:
    """From where on something is worth saying.

    cell_state  the largest |c|;  ratio  the growth of the gradient a step back
    below, above, share  a gate is saturated where it is below or above at this share of the steps
    """

    cell_state: float = LARGE_CELL_STATE
    ratio: float = EXPLODING_RATIO
    below: float = 0.1
    above: float = 0.9
    share: float = SATURATED_SHARE


def health_scan(run: Run, limits: Limits | None = None) -> tuple[Finding, ...]:
    """What is wrong with both networks of a run, the worst first; a healthy one is said to be so."""
    return drain(health_scanning(run, limits))


def health_scanning(run: Run, limits: Limits | None = None) -> Steps[tuple[Finding, ...]]:
    """``health_scan`` in small pieces: each ``yield`` is the fraction done and a place to stop."""
    limits = limits or Limits()
    networks = [run.main] if run.baseline is None else [run.main, run.baseline]
    found: list[Finding] = []
    for order, network in enumerate(networks):
        scan = _Scan(run, network, order == 1, limits)
        parts = list(scan.parts())
        mine: list[Finding] = []
        for done, part in enumerate(parts, 1):
            mine += part
            yield (order + done / len(parts)) / len(networks)
        found += mine or [scan.healthy()]
    severities = list(Severity)
    return tuple(sorted(found, key=lambda each: severities.index(each.severity)))


@dataclass(frozen=True, eq=False)
class _Scan:
    """One network of a run; every part yields what it finds."""

    run: Run
    network: NetworkRun
    baseline: bool
    limits: Limits

    def parts(self) -> Iterator[Iterator[Finding]]:
        """Everything that is looked for, each a little work."""
        yield self.not_finite()
        for layer in self.network.trace.layers:
            if self.network.network.cell is Cell.LSTM:
                yield self.large_cell_states(layer)
            if self.run.length >= FEWEST_STEPS:
                yield self.dead_units(layer)
                yield self.saturated_units(layer)
            yield self.gradients(layer)

    def healthy(self) -> Finding:
        """That nothing was found."""
        sentence = "Every number is finite, no unit is dead or saturated, the gradient neither vanishes nor explodes."
        if self.run.length < FEWEST_STEPS:
            sentence = (
                "Every number is finite and no gradient has vanished or exploded. "
                f"With fewer than {FEWEST_STEPS} steps, dead and saturated units are not looked for."
            )
        return self._finding(Severity.HEALTHY, sentence, "", None)

    def not_finite(self) -> Iterator[Finding]:
        """The first NaN or infinity of each pass, or of the loss."""
        forward, backward = self.network.trace.first_nonfinite, self.network.gradients.first_nonfinite
        loss = self.network.loss
        if forward is not None:
            sentence = f"The forward pass breaks: {forward}. What follows from it is not a number either."
            yield self._finding(Severity.BROKEN, sentence, forward.node, self._place_of(forward))
        elif not math.isfinite(loss):
            yield self._finding(
                Severity.BROKEN, f"The loss is {number(loss)}, though every output is finite.", "", None
            )
        if backward is not None:
            sentence = f"The backward pass breaks: {backward}."
            yield self._finding(Severity.BROKEN, sentence, f"d{backward.node}", self._place_of(backward))

    def large_cell_states(self, layer: str) -> Iterator[Finding]:
        """The largest |c|, where it is above the bound."""
        c, bound = Quantity.CELL_STATE.of(self.network.trace[layer]), self.limits.cell_state
        with np.errstate(invalid="ignore"):
            size = max(float(c.max()), -float(c.min()))
        if math.isfinite(size) and size > bound:
            row, unit = np.unravel_index(int(np.argmax(np.abs(c))), c.shape)
            sentence = (
                f"The cell state c{self._in_layer(layer)} reaches {number(c[row, unit])}, unit {unit} at step "
                f"{row + 1:,}. Beyond ±{bound:g} tanh(c) is flat: h hardly shows changes of the memory."
            )
            yield self._finding(Severity.WARNING, sentence, "c", Place(int(row) + 1, layer, int(unit)))

    def dead_units(self, layer: str) -> Iterator[Finding]:
        """Units whose h or gate never changes, and units that no gradient reaches."""
        traced = self.network.trace[layer]
        for quantity in QUANTITIES[self.network.network.cell]:
            if quantity is Quantity.CELL_STATE:
                continue  # it stands still only where its gates do
            units = _constant_units(quantity.of(traced))
            if len(units):
                value = quantity.of(traced)[0, units[0]]
                whose = self._units(units, layer, quantity)
                sentence = (
                    f"The {quantity.title} {quantity.symbol} of {whose} never changes: it is "
                    f"{number(value) if len(units) == 1 else 'the same'} at every step."
                )
                yield self._finding(Severity.WARNING, sentence, quantity.symbol, Place(1, layer, int(units[0])))
        dh = self.network.gradients[layer].h[:, 0]
        units = _constant_units(dh)
        units = units[dh[0, units] == 0]
        if len(units):
            whose = self._units(units, layer, Quantity.HIDDEN_STATE)
            sentence = f"No gradient reaches {whose}: dL/dh is exactly 0 at every step."
            place = Place(self.run.length, layer, int(units[0]), backward=True)
            yield self._finding(Severity.WARNING, sentence, "dh", place)

    def saturated_units(self, layer: str) -> Iterator[Finding]:
        """Units with a gate at one end of its range at nearly every step; for tanh units, with h there."""
        traced, limits = self.network.trace[layer], self.limits
        if not isinstance(traced, LSTMTrace):
            if traced.nonlinearity is Nonlinearity.TANH:
                far = np.abs(traced.h[:, 0]) > limits.above
                ends = f"beyond ±{limits.above:g}"
                yield from self._saturated(far, layer, Quantity.HIDDEN_STATE, ends, Severity.WARNING)
            return
        for quantity in (Quantity.FORGET_GATE, Quantity.INPUT_GATE, Quantity.OUTPUT_GATE):
            gate = quantity.of(traced)
            closed, open_ = f"nearly closed, below {limits.below:g},", f"nearly open, above {limits.above:g},"
            yield from self._saturated(gate < limits.below, layer, quantity, closed, Severity.WARNING)
            yield from self._saturated(gate > limits.above, layer, quantity, open_, Severity.NOTE)

    def _saturated(
        self, mask: BoolArray, layer: str, quantity: Quantity, ends: str, severity: Severity
    ) -> Iterator[Finding]:
        counts = np.count_nonzero(mask, axis=0)
        constant = _constant_units(quantity.of(self.network.trace[layer]))
        units = np.setdiff1d(np.flatnonzero(counts >= self.limits.share * len(mask)), constant)
        if len(units):
            steps = percent(self.limits.share).replace(".0", "")
            sentence = (
                f"The {quantity.title} {quantity.symbol} of {self._units(units, layer, quantity)} is {ends} "
                f"at {steps} of the steps or more: its slope is small there, so it hardly learns."
            )
            first = int(np.argmax(mask[:, units[0]]))
            yield self._finding(severity, sentence, quantity.symbol, Place(first + 1, layer, int(units[0])))

    def gradients(self, layer: str) -> Iterator[Finding]:
        """Whether ||dL/dh[t]||, or else ||dL/dc[t]||, explodes or vanishes on its way back."""
        curves = [each for each in gradient_curves(self.run, layer) if each.baseline == self.baseline]
        for look in (self._exploding, self._vanishing):
            yield from islice(filter(None, (look(curve, layer) for curve in curves)), 1)

    def _exploding(self, curve: GradientCurve, layer: str) -> Finding | None:
        measured = decay(curve, layer)
        sizes = np.where(np.isfinite(curve.log10), curve.log10, -np.inf)
        t = int(np.argmax(sizes)) + 1
        if measured is not None and self._is_growth(measured):
            sentence = (
                f"The gradient explodes: {_symbol(curve)} grows by a factor of {measured.factor} each step back, from "
                f"step {measured.start:,} to {measured.end:,}; the largest is {curve.at(t)}, at step {t:,}."
            )
        elif sizes[t - 1] > EXPLODED:
            sentence = (
                f"The gradient is very large: {_symbol(curve)} reaches {curve.at(t)} at step {t:,}, above "
                f"{superscript_power(round(EXPLODED))}."
            )
        else:
            return None
        return self._finding(Severity.WARNING, sentence, f"d{curve.symbol}", self._largest(curve, layer, t))

    def _is_growth(self, measured: Decay) -> bool:
        """Whether it grows by more than the ratio a step, and by enough in all."""
        growth = measured.log10_per_step * abs(measured.start - measured.end)
        return measured.log10_per_step >= math.log10(self.limits.ratio) and growth >= LEAST_GROWTH

    def _vanishing(self, curve: GradientCurve, layer: str) -> Finding | None:
        """Whether it falls below the threshold at some step and stays there to the far end."""
        reverse = layer.endswith("_reverse")  # BPTT goes from step 1 to T then
        order = curve.log10 if reverse else curve.log10[::-1]
        seen = np.flatnonzero(order > VANISHED)
        beyond = int(seen[-1]) + 1 if len(seen) else 0
        if beyond == len(order) or np.isneginf(order).all() or np.isnan(order[beyond:]).any():
            return None
        t = beyond + 1 if reverse else len(order) - beyond
        limit, later = superscript_power(round(VANISHED)), "after" if reverse else "before"
        if not len(seen):
            sentence = f"The gradient is tiny: {_symbol(curve)} is below {limit} at every step."
        else:
            sentence = (
                f"The gradient vanishes: {_symbol(curve)} is below {limit} from step {t:,} back. What is read "
                f"{later} it hardly changes a weight."
            )
        return self._finding(Severity.WARNING, sentence, f"d{curve.symbol}", self._largest(curve, layer, t))

    def _largest(self, curve: GradientCurve, layer: str, t: int) -> Place:
        """The step, and its unit with the largest gradient."""
        values: Array = getattr(self.network.gradients[layer], curve.symbol)
        sizes = np.nan_to_num(np.abs(values[t - 1, 0]))
        return Place(t, layer, int(np.argmax(sizes)), backward=True)

    def _place_of(self, found: NonFinite) -> Place | None:
        if found.t == 0:
            return None
        if found.layer == HEAD:
            return Place(found.t, list(self.network.trace.layers)[-1], 0, found.gradient)
        return Place(found.t, found.layer, found.unit, found.gradient)

    def _units(self, units: IntArray, layer: str, quantity: Quantity) -> str:
        """Which units that have the quantity, a few by number."""
        hidden_size = quantity.of(self.network.trace[layer]).shape[1]
        named = ", ".join(map(str, units[:_NAMED_UNITS].tolist()))
        more = f" and {len(units) - _NAMED_UNITS:,} more" if len(units) > _NAMED_UNITS else ""
        if hidden_size == 1:
            return f"the only unit{self._in_layer(layer)}"
        if len(units) == hidden_size:
            return f"all {hidden_size} units{self._in_layer(layer)}"
        if len(units) == 1:
            return f"unit {named}{self._in_layer(layer)}"
        return f"{len(units):,} of {hidden_size:,} units{self._in_layer(layer)} ({named}{more})"

    def _in_layer(self, layer: str) -> str:
        return f" in layer {layer}" if len(self.network.trace.layers) > 1 else ""

    def _finding(self, severity: Severity, sentence: str, quantity: str, place: Place | None) -> Finding:
        """The finding, with the name of the network where there are two."""
        if self.run.baseline is not None:
            name = "LSTM" if self.network.network.cell is Cell.LSTM else "Vanilla RNN"
            if self.baseline and self.run.network.cell is Cell.RNN:
                name = "Baseline RNN"
            sentence = f"{name}: {sentence}"
        return Finding(severity, sentence, quantity, place, self.baseline)


def _constant_units(values: Array) -> IntArray:
    """The units of [T, H] that have one value at all steps, exactly."""
    candidates = np.flatnonzero(values[0] == values[-1])
    if not len(candidates):
        return candidates
    constant: IntArray = candidates[(values[:, candidates] == values[0, candidates]).all(axis=0)]
    return constant


def _symbol(curve: GradientCurve) -> str:
    return f"‖dL/d{curve.symbol}[t]‖"
