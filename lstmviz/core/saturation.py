"""How often gates stand at an end of their range, where they hardly learn (Karpathy, Johnson and Li 2015)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np

from lstmviz.core.activations import sigmoid_slope, tanh_slope
from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.errors import LstmvizError
from lstmviz.core.selection import IntArray, checked_sequence, checked_unit, lstm_layer_of
from lstmviz.core.trace import LSTMTrace, Trace, read_only

SIGMOID_GATES = ("f", "i", "o")
"""The gates with values from 0 to 1; the candidate g goes from -1 to 1 and has a slope only."""


class Side(Enum):
    """The two ends of a gate's range."""

    LEFT = "nearly closed"
    RIGHT = "nearly open"


@dataclass(frozen=True, eq=False)
class Saturation:
    """How saturated the gates of one layer and direction are.

    left, right  gate f, i, o -> [H], the fraction of steps at which the gate is < ``below`` and > ``above``
    mean_slope   f, i, o, g -> [H], the mean of a (1 - a), for the candidate of 1 - g^2: what the gate passes on of
                 the gradient; at most 0.25 for a gate and 1 for the candidate
    sequence     which sequence of a batch, from 0; None counts all of them
    """

    layer: LSTMTrace
    below: float
    above: float
    sequence: int | None
    left: Mapping[str, Array]
    right: Mapping[str, Array]
    mean_slope: Mapping[str, Array]

    def points(self, gate: str) -> Array:
        """A point a unit, [H, 2]: x = left, y = right; all lie in the triangle x, y >= 0, x + y <= 1."""
        return np.stack([self.left[gate], self.right[gate]], axis=1)

    def steps(self, gate: str, unit: int, side: Side) -> IntArray:
        """The steps t (from 1) at which ``gate`` of ``unit`` is saturated on that side, in any counted sequence."""
        column = _counted(self.layer, gate, self.sequence)[:, :, checked_unit(self.layer, unit)]
        return np.flatnonzero(self._saturated(column, side).any(1)) + 1

    def _saturated(self, gate: Array, side: Side) -> BoolArray:
        mask: BoolArray = gate < self.below if side is Side.LEFT else gate > self.above
        return mask


def saturation(
    trace: Trace, layer: str = "l0", *, below: float = 0.1, above: float = 0.9, sequence: int | None = None
) -> Saturation:
    """The fraction of steps at which every gate of every unit is saturated, and its mean slope.

    below, above  the thresholds, between 0 and 1
    sequence      which sequence of a batch, from 0; None counts all of them

    Raises LstmvizError for a vanilla RNN, a layer or sequence that is not there, and thresholds out of order.
    """
    traced = lstm_layer_of(trace, layer)
    if not 0 <= below <= above <= 1:
        raise LstmvizError(
            f"The thresholds {below} and {above} are out of order",
            where="thresholds",
            how="They must lie between 0 and 1, the lower one first.",
        )
    if sequence is not None:
        checked_sequence(traced, sequence)
    gates = {gate: _counted(traced, gate, sequence) for gate in SIGMOID_GATES}
    left = {gate: np.asarray((values < below).mean((0, 1))) for gate, values in gates.items()}
    right = {gate: np.asarray((values > above).mean((0, 1))) for gate, values in gates.items()}
    mean_slope = {gate: np.asarray(_slope(traced, gate, sequence).mean((0, 1))) for gate in (*SIGMOID_GATES, "g")}
    read_only(*left.values(), *right.values(), *mean_slope.values())
    return Saturation(traced, below, above, sequence, left, right, mean_slope)


def _slope(layer: LSTMTrace, gate: str, sequence: int | None) -> Array:
    """The derivative of the gate by its pre-activation [T, B, H], also where a (1 - a) cancels."""
    z, values = _counted(layer, f"z_{gate}", sequence), _counted(layer, gate, sequence)
    slope = np.empty_like(z)
    with np.errstate(all="ignore"):
        if gate == "g":
            tanh_slope(z, slope)
        else:
            sigmoid_slope(z, values, slope)
    return slope


def _counted(layer: LSTMTrace, node: str, sequence: int | None) -> Array:
    """The node [T, B, H] in float64, only the counted sequence."""
    values: Array = getattr(layer, node)
    return (values if sequence is None else values[:, [sequence]]).astype(np.float64)
