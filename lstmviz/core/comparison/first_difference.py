"""The first number that differs between two runs, in the order in which the passes compute.

Step by step, and within a step layer by layer and node by node. A bidirectional network computes one layer after the
other over all steps, so there a layer comes before its steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.engine.nonfinite import HEAD
from lstmviz.core.engine.selection import steps_in_order
from lstmviz.core.engine.trace import LayerTrace, LSTMGradients, LSTMTrace, Trace
from lstmviz.core.run import NetworkRun

ROUNDING = 1e-12
"""A difference that is a smaller share than this of the largest value is put down to rounding."""

_FIRST_ROWS = 64

Pair = tuple[Array, Array]
"""The same values in both runs, [n, width]."""


@dataclass(frozen=True)
class FirstDifference:
    """The first number that differs.

    layer     ``l0``, ``l0_reverse`` ... or ``head``
    node      ``x``, ``z_f``, ``f``, ``c``, ``h`` ...; ``y`` for the output
    t         the step, from 1; for the state that a layer starts from 0, in a reverse layer T + 1
    unit      from 0
    a, b      its value in the first run and in the second
    gradient  whether it is dL/d of the node
    """

    layer: str
    node: str
    t: int
    unit: int
    a: float
    b: float
    gradient: bool = False

    @property
    def name(self) -> str:
        """Symbol and step: ``f[3]``, ``dL/dh[3]``, ``tanh(c[3])``."""
        plain = f"tanh(c[{self.t}])" if self.node == "tanh_c" else f"{self.node}[{self.t}]"
        return f"dL/d{plain}" if self.gradient else plain


@dataclass(frozen=True, eq=False)
class _Stream:
    """What one layer computes, in its order.

    nodes      (name, values in both runs [n, H]) in the order within a step
    stacked    the same numbers and perhaps more, side by side, for a quick look
    backwards  whether step n comes first
    """

    layer: str
    nodes: Sequence[tuple[str, Pair]]
    stacked: Sequence[Pair]
    backwards: bool
    gradient: bool = False

    def first(self, limit: int, tolerance: float) -> int:
        """How many steps come before the first difference; ``limit`` where there is none among so many."""
        for pair in self.stacked:
            limit = _first_row(pair, limit, tolerance, backwards=self.backwards)
        return limit

    def found(self, position: int, tolerance: float) -> FirstDifference:
        """The first node that differs at that position."""
        row = len(self.stacked[0][0]) - 1 - position if self.backwards else position
        for node, (a, b) in self.nodes:
            units = np.flatnonzero(_unlike(a[row], b[row], tolerance))
            if len(units):
                unit = int(units[0])
                return FirstDifference(
                    self.layer, node, row + 1, unit, float(a[row, unit]), float(b[row, unit]), self.gradient
                )
        raise AssertionError("the stacked numbers are those of the nodes")


def first_forward_difference(
    a: Trace, b: Trace, length: int, column: int, tolerance: float = 0.0
) -> FirstDifference | None:
    """The first difference of the forward passes over the steps 1 to ``length`` of one sequence.

    tolerance  the share of the largest value of a node up to which a difference does not count
    """
    for name in a.layers:
        found = _initial_difference(name, a[name], b[name], column, tolerance)
        if found is not None:
            return found
    streams = [_forward_stream(name, a[name], b[name], length, column) for name in a.layers]
    if a.network.head and b.network.head and a.y.shape[2] == b.y.shape[2]:
        y = (a.y[:length, column], b.y[:length, column])
        streams.append(_Stream(HEAD, [("y", y)], [y], backwards=False))
    return _first(streams, length, tolerance, layer_by_layer=a.network.bidirectional)


def first_backward_difference(
    a: NetworkRun, b: NetworkRun, length: int, tolerance: float = 0.0
) -> FirstDifference | None:
    """The first difference of the backward passes over the steps 1 to ``length``."""
    streams = []
    if a.dy.shape[2] == b.dy.shape[2]:
        dy = (a.dy[:length, 0], b.dy[:length, 0])
        streams.append(_Stream(HEAD, [("y", dy)], [dy], backwards=True, gradient=True))
    for name in reversed(list(a.gradients.layers)):
        one, other = a.gradients[name], b.gradients[name]
        nodes = [(node, _pair(one, other, node, length, 0)) for node in one.nodes]
        stacks = ("h", "c", "tanh_c", "gates", "z") if isinstance(one, LSTMGradients) else ("h", "z")
        stacked = [_pair(one, other, stack, length, 0) for stack in stacks]
        streams.append(_Stream(name, nodes, stacked, not name.endswith("_reverse"), gradient=True))
    return _first(streams, length, tolerance, layer_by_layer=a.network.bidirectional)


def same_values(a: Array, b: Array) -> bool:
    """Whether all numbers are equal, NaN to NaN."""
    return a is b or not _unlike(a, b).any()


def _first(streams: list[_Stream], length: int, tolerance: float, *, layer_by_layer: bool) -> FirstDifference | None:
    best, limit = None, length
    for stream in streams:
        position = stream.first(limit, tolerance)
        if position < limit:
            best, limit = stream.found(position, tolerance), position
            if layer_by_layer:
                break
    return best


def _forward_stream(name: str, one: LayerTrace, other: LayerTrace, length: int, column: int) -> _Stream:
    names: tuple[str, ...] = one.nodes
    stacks = ("z", "gates", "c", "tanh_c", "h") if isinstance(one, LSTMTrace) else ("z", "h")
    if one.x.shape[2] == other.x.shape[2]:
        names, stacks = ("x", *names), ("x", *stacks)
    nodes = [(node, _pair(one, other, node, length, column)) for node in names]
    stacked = [_pair(one, other, stack, length, column) for stack in stacks]
    return _Stream(name, nodes, stacked, one.reverse)


def _initial_difference(
    name: str, one: LayerTrace, other: LayerTrace, column: int, tolerance: float
) -> FirstDifference | None:
    """The first unit whose initial state differs."""
    start = -1 if one.reverse else 0
    for node in ("h", "c") if isinstance(one, LSTMTrace) else ("h",):
        a, b = (getattr(layer, f"{node}_states")[start, column] for layer in (one, other))
        units = np.flatnonzero(_unlike(a, b, tolerance))
        if len(units):
            unit = int(units[0])
            return FirstDifference(name, node, int(steps_in_order(one)[0]), unit, float(a[unit]), float(b[unit]))
    return None


def _pair(one: object, other: object, node: str, length: int, column: int) -> Pair:
    return getattr(one, node)[:length, column], getattr(other, node)[:length, column]


def _unlike(a: Array, b: Array, tolerance: float = 0.0) -> BoolArray:
    """Where two arrays [..., width] differ by more than a share of the largest value of the row."""
    unlike: BoolArray = np.asarray(a != b)
    if unlike.any():
        unlike &= ~(np.isnan(a) & np.isnan(b))
        if tolerance:
            with np.errstate(invalid="ignore"):
                scale = np.maximum(np.abs(a), np.abs(b)).max(axis=-1, keepdims=True)
                unlike &= ~((np.abs(b - a) <= tolerance * scale) & np.isfinite(scale))
    return unlike


def _first_row(pair: Pair, limit: int, tolerance: float, *, backwards: bool) -> int:
    """How many rows, from the end when ``backwards``, come before the first that differs; at most ``limit``."""
    a, b = (values[::-1] if backwards else values for values in pair)
    if a is b or limit == 0:
        return limit
    start, rows = 0, _FIRST_ROWS
    while start < limit:
        part = slice(start, min(start + rows, limit))
        unlike = _unlike(a[part], b[part], tolerance)
        if unlike.any():
            return start + int(np.argmax(unlike.any(axis=1)))
        start, rows = part.stop, min(2 * rows, 1024)
    return limit
