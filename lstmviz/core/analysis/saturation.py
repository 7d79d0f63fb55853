"""How often gates stand at an end of their range, where they hardly learn (Karpathy, Johnson and Li 2015)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.activations import sigmoid_slope, tanh_slope
from lstmviz.core.engine.selection import IntArray, checked_sequence, checked_unit, lstm_layer_of
from lstmviz.core.engine.trace import LSTMTrace, Trace, read_only
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.parameters import GATES

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
    sequence     which sequence of a batch, from 0; None counts all of them
    """

    layer: LSTMTrace
    below: float
    above: float
    sequence: int | None
    left: Mapping[str, Array]
    right: Mapping[str, Array]

    @cached_property
    def mean_slope(self) -> Mapping[str, Array]:
        """f, i, o, g -> [H], the mean of a (1 - a), for the candidate of 1 - g^2.

        What the gate passes on of the gradient; at most 0.25 for a gate and 1 for the candidate.
        """
        slopes = {gate: self._slope(gate).mean((0, 1)) for gate in (*SIGMOID_GATES, "g")}
        read_only(*slopes.values())
        return slopes

    def mean_slope_of(self, gate: str, unit: int) -> float:
        """``mean_slope[gate][unit]`` without those of the other units, which cost much in a long sequence."""
        place = gate, checked_unit(self.layer, unit)
        if place not in self._slopes_of_units:
            self._slopes_of_units[place] = float(self._slope(*place).mean())
        return self._slopes_of_units[place]

    def points(self, gate: str) -> Array:
        """A point a unit, [H, 2]: x = left, y = right; all lie in the triangle x, y >= 0, x + y <= 1."""
        return np.stack([self.left[gate], self.right[gate]], axis=1)

    def steps(self, gate: str, unit: int, side: Side) -> IntArray:
        """The steps t (from 1) at which ``gate`` of ``unit`` is saturated on that side, in any counted sequence."""
        if any(kept != unit for _, kept, _ in self._steps_of_unit):
            self._steps_of_unit.clear()
        place = gate, unit, side
        if place not in self._steps_of_unit:
            values = self._of_unit(gate, unit)
            saturated = values < self.below if side is Side.LEFT else values > self.above
            found = np.flatnonzero(saturated.any(1)) + 1
            found.flags.writeable = False
            self._steps_of_unit[place] = found
        return self._steps_of_unit[place]

    def side_at(self, gate: str, unit: int, t: int) -> Side | None:
        """On which side ``gate`` of ``unit`` is saturated at step ``t`` (from 1), in any counted sequence; or None."""
        values = self._of_unit(gate, unit)[t - 1]
        if (values < self.below).any():
            return Side.LEFT
        return Side.RIGHT if (values > self.above).any() else None

    @cached_property
    def _slopes_of_units(self) -> dict[tuple[str, int], float]:
        return {}

    @cached_property
    def _steps_of_unit(self) -> dict[tuple[str, int, Side], IntArray]:
        """Those of the unit that was asked for last: every picture asks for them again."""
        return {}

    def _of_unit(self, gate: str, unit: int) -> Array:
        """[T, B], the counted sequences."""
        return _counted(getattr(self.layer, gate), self.sequence)[:, :, checked_unit(self.layer, unit)]

    def _slope(self, gate: str, unit: int | None = None) -> Array:
        """The derivative of the gate by its pre-activation [T, B, H], also where a (1 - a) cancels; 0 where it is held.

        That of a gate which is 1 minus another is the size of the other's.

        unit  only this one, [T, B, 1]
        """
        units = slice(None) if unit is None else slice(unit, unit + 1)
        coupled = self.layer.alteration.coupled if self.layer.alteration else None
        source = coupled.source if coupled and gate == coupled.made else gate
        z, values = (
            np.ascontiguousarray(_counted(getattr(self.layer, node), self.sequence)[..., units], np.float64)
            for node in (f"z_{source}", source)
        )
        slope = np.empty_like(z)
        with np.errstate(all="ignore"):
            if gate == "g":
                tanh_slope(z, slope)
            else:
                sigmoid_slope(z, values, slope)
        for each in {gate, source}:
            held = self.layer.alteration.mask(each) if self.layer.alteration else None
            slope = slope if held is None else np.where(held[:, None, units], 0.0, slope)
        return slope


def saturation(
    trace: Trace, layer: str = "l0", *, below: float = 0.1, above: float = 0.9, sequence: int | None = None
) -> Saturation:
    """The fraction of steps at which every gate of every unit is saturated; its mean slope when it is asked for.

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
    # all gates side by side, as they lie in memory: four times as fast as gate by gate
    gates = _counted(traced.gates, sequence)
    shares = [np.asarray(mask.mean((0, 1))) for mask in (gates < below, gates > above)]
    read_only(*shares)
    left, right = ({gate: _block(share, gate) for gate in SIGMOID_GATES} for share in shares)
    return Saturation(traced, below, above, sequence, left, right)


def _block(stacked: Array, gate: str) -> Array:
    """One gate's [H] of [4H]."""
    return np.split(stacked, len(GATES))[GATES.index(gate)]


def _counted(array: Array, sequence: int | None) -> Array:
    """[T, B, ...] of the counted sequences, a view."""
    return array if sequence is None else array[:, sequence : sequence + 1]
