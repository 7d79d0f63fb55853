"""The weights of cells, layers and the linear head, in PyTorch's shapes and order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from lstmviz.core.arrays import Array, ValueEquality, frozen

GATES = ("i", "f", "g", "o")
"""Row order of the stacked LSTM weights (PyTorch's): input gate, forget gate, candidate, output gate."""


PEEPHOLES = ("i", "f", "o")
"""The gates that see the cell state through peepholes, in the order of their rows."""

PARAMETER_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr", "peepholes")
"""The names of the weights of one direction of one layer, without the layer suffix: PyTorch's, and ``peepholes``."""


class Cell(Enum):
    """The kind of recurrent cell."""

    LSTM = "lstm"
    RNN = "rnn"

    @property
    def blocks(self) -> int:
        """How many blocks of H rows the stacked weights have."""
        return len(GATES) if self is Cell.LSTM else 1


class Nonlinearity(Enum):
    """phi of the vanilla RNN, h[t] = phi(z[t])."""

    TANH = "tanh"
    RELU = "relu"
    IDENTITY = "identity"


class Coupling(Enum):
    """Which gate of an LSTM is 1 minus the other (CIFG); the value is how it is written."""

    INPUT = "i = 1 − f"
    FORGET = "f = 1 − i"

    @property
    def made(self) -> str:
        """The gate that has no pre-activation of its own any more: ``i`` or ``f``."""
        return self.value[0]

    @property
    def source(self) -> str:
        """The gate that it is 1 minus of."""
        return self.value[-1]


@dataclass(frozen=True, eq=False)
class CellParameters(ValueEquality):
    """The weights of one direction of one layer, in PyTorch's shapes (K = 4 for an LSTM, 1 for an RNN).

    weight_ih [K*H, I], weight_hh [K*H, H], bias_ih and bias_hh [K*H] or both None

    Of an LSTM that has them:
    weight_hr [P, H]  the projection h[t] = weight_hr (o tanh(c[t])) (Sak, Senior and Beaufays 2014); then weight_hh
                      is [K*H, P]
    peepholes [3, H]  rows p_i, p_f, p_o: z_i += p_i c[t-1], z_f += p_f c[t-1], z_o += p_o c[t]
    """

    weight_ih: Array
    weight_hh: Array
    bias_ih: Array | None
    bias_hh: Array | None
    weight_hr: Array | None = None
    peepholes: Array | None = None

    @property
    def hidden_size(self) -> int:
        """H, the number of units: of gates and of cell states."""
        return int((self.weight_hh if self.weight_hr is None else self.weight_hr).shape[1])

    @property
    def h_size(self) -> int:
        """The width of h[t]: H, with a projection P."""
        return int(self.weight_hh.shape[1])

    @property
    def input_size(self) -> int:
        """I."""
        return int(self.weight_ih.shape[1])

    @property
    def bias(self) -> Array:
        """b = bias_ih + bias_hh, [K*H]; zeros for a layer without bias."""
        if self.bias_ih is None or self.bias_hh is None:
            return np.zeros(self.weight_ih.shape[0], self.weight_ih.dtype)
        return np.add(self.bias_ih, self.bias_hh)

    def adjusted(self, forget_bias: float | None, recurrent_scale: float) -> CellParameters:
        """The same weights with every b_f = ``forget_bias`` (LSTM; None: as it is) and weight_hh scaled."""
        changed = self
        if recurrent_scale != 1:
            changed = replace(changed, weight_hh=frozen(recurrent_scale * self.weight_hh, self.weight_hh.dtype))
        if forget_bias is not None and self.bias_ih is not None and self.bias_hh is not None:
            forget = self.block(GATES.index("f"))
            bias_ih, bias_hh = self.bias_ih.copy(), self.bias_hh.copy()
            bias_ih[forget], bias_hh[forget] = forget_bias, 0
            changed = replace(changed, bias_ih=frozen(bias_ih), bias_hh=frozen(bias_hh))
        return changed

    def block(self, index: int) -> slice:
        """The rows of the stacked weights that belong to gate ``index`` of GATES (0 for an RNN)."""
        return slice(index * self.hidden_size, (index + 1) * self.hidden_size)

    def named(self) -> Iterator[tuple[str, Array]]:
        """(name without the layer, array) of every weight there is."""
        for name in PARAMETER_NAMES:
            array = getattr(self, name)
            if array is not None:
                yield name, array


@dataclass(frozen=True, eq=False)
class Layer(ValueEquality):
    """One layer: the same cell in one direction, or in both.

    coupled  which gate of an LSTM is 1 minus the other; None where both have a pre-activation of their own
    """

    cell: Cell
    directions: tuple[CellParameters, ...]
    nonlinearity: Nonlinearity = Nonlinearity.TANH
    coupled: Coupling | None = None

    @property
    def hidden_size(self) -> int:
        """H of each direction."""
        return self.directions[0].hidden_size

    @property
    def input_size(self) -> int:
        """I, what every direction reads."""
        return self.directions[0].input_size

    @property
    def h_size(self) -> int:
        """The width of each direction's h[t]: H, with a projection P."""
        return self.directions[0].h_size

    @property
    def output_size(self) -> int:
        """The width of h[t] times the number of directions: what the layer above reads."""
        return self.h_size * len(self.directions)

    @property
    def plain(self) -> bool:
        """Whether it has the plain equations: no projection, no peepholes, no coupled gates."""
        extras = (each for p in self.directions for each in (p.weight_hr, p.peepholes))
        return self.coupled is None and all(each is None for each in extras)


@dataclass(frozen=True, eq=False)
class Head(ValueEquality):
    """A linear read-out of the top layer: y[t] = weight h[t] + bias. weight [O, directions * width of h], bias [O]."""

    weight: Array
    bias: Array
