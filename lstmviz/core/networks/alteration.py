"""How the equations of a layer differ from the plain ones: by its own parts, and by what-ifs laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array, BoolArray, ValueEquality
from lstmviz.core.networks.parameters import CellParameters, Coupling, Layer


@dataclass(frozen=True, eq=False)
class Held(ValueEquality):
    """A node that is held at some steps for some units. mask and values [T, H] (of h [T, P] with a projection).

    Values count where the mask is true.
    """

    mask: BoolArray
    values: Array

    def rows(self, index: Any) -> Held:
        """Some steps of it."""
        return Held(self.mask[index], self.values[index])


@dataclass(frozen=True, eq=False)
class Alteration(ValueEquality):
    """What differs from the plain equations of one direction of a layer. Holding a node wins over everything else.

    held        for each of i, f, g, o, c, h that is held anywhere: where, and at what
    linear_g    the candidate is g = z_g instead of tanh(z_g)
    linear_out  the output is h = o c instead of o tanh(c)
    coupled     one gate is 1 minus the other: i = 1 - f, or f = 1 - i; None where neither is
    peepholes   [3, H], rows p_i, p_f, p_o: z_i += p_i c[t-1], z_f += p_f c[t-1], z_o += p_o c[t]; None without
    """

    held: Mapping[str, Held] = field(default_factory=dict)
    linear_g: bool = False
    linear_out: bool = False
    coupled: Coupling | None = None
    peepholes: Array | None = None

    def mask(self, symbol: str) -> BoolArray | None:
        """[T, H], true where the node ``symbol`` is held; None where it is held nowhere."""
        return self.held[symbol].mask if symbol in self.held else None

    def where_held(self, symbol: str, inside: Array | float, outside: Array) -> Array:
        """[T, B, H]: ``inside`` where the node ``symbol`` is held, ``outside`` elsewhere."""
        mask = self.mask(symbol)
        return outside if mask is None else np.where(mask[:, None], np.asarray(inside, outside.dtype), outside)

    def hold(self, symbol: str, row: int, value: Array) -> Array:
        """The node ``symbol`` [..., H] of one step, with the held units at what they are held at."""
        held = self.held.get(symbol)
        return value if held is None else np.where(held.mask[row], held.values[row], value)

    def complement_where_held(self, symbol: str, row: int, value: Array) -> Array:
        """``value`` [..., H] of one step, but 1 minus what ``symbol`` is held at where it is held."""
        held = self.held.get(symbol)
        return value if held is None else np.where(held.mask[row], 1 - held.values[row], value)

    def rows(self, index: Any) -> Alteration:
        """The same for some of the steps, ``index`` a slice of them."""
        return replace(self, held={symbol: held.rows(index) for symbol, held in self.held.items()})

    def touched(self, length: int) -> BoolArray:
        """[T], true for the steps that are computed in another way than by the plain equations."""
        everywhere = self.linear_g or self.linear_out or bool(self.coupled) or self.peepholes is not None
        steps = np.full(length, everywhere)
        for held in self.held.values():
            steps |= held.mask.any(1)
        return steps


PLAIN = Alteration()
"""Nothing differs."""


def with_own_parts(layer: Layer, parameters: CellParameters, what_if: Alteration | None) -> Alteration | None:
    """``what_if`` laid over the layer's own coupling and peepholes; None where the plain equations are left.

    A what-if that couples the gates replaces the layer's own coupling. Peepholes of its own win: a what-if changes
    those as weights (``intervention.changed_network``). A layer with a projection is never None.
    """
    if layer.coupled is None and parameters.peepholes is None and parameters.weight_hr is None:
        return what_if
    whole = what_if or PLAIN
    peepholes = whole.peepholes if parameters.peepholes is None else parameters.peepholes
    return replace(whole, coupled=whole.coupled or layer.coupled, peepholes=peepholes)
