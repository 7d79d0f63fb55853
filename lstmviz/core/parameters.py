"""The weights of cells, layers and the linear head, in PyTorch's shapes and order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from lstmviz.core.arrays import Array, ValueEquality, frozen

GATES = ("i", "f", "g", "o")
"""Row order of the stacked LSTM weights (PyTorch's): input gate, forget gate, candidate, output gate."""


PARAMETER_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
"""PyTorch's names of the weights of one direction of one layer, without the layer suffix."""


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


@dataclass(frozen=True, eq=False)
class CellParameters(ValueEquality):
    """The weights of one direction of one layer, in PyTorch's shapes (K = 4 for an LSTM, 1 for an RNN).

    weight_ih [K*H, I], weight_hh [K*H, H], bias_ih and bias_hh [K*H] or both None
    """

    weight_ih: Array
    weight_hh: Array
    bias_ih: Array | None
    bias_hh: Array | None

    @property
    def hidden_size(self) -> int:
        """H."""
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
        """(PyTorch's name without the layer, array) of every weight there is."""
        for name in PARAMETER_NAMES:
            array = getattr(self, name)
            if array is not None:
                yield name, array


@dataclass(frozen=True, eq=False)
class Layer(ValueEquality):
    """One layer: the same cell in one direction, or in both."""

    cell: Cell
    directions: tuple[CellParameters, ...]
    nonlinearity: Nonlinearity = Nonlinearity.TANH

    @property
    def hidden_size(self) -> int:
        """H of each direction."""
        return self.directions[0].hidden_size

    @property
    def input_size(self) -> int:
        """I, what every direction reads."""
        return self.directions[0].input_size

    @property
    def output_size(self) -> int:
        """H times the number of directions: what the layer above reads."""
        return self.hidden_size * len(self.directions)


@dataclass(frozen=True, eq=False)
class Head(ValueEquality):
    """A linear read-out of the top layer: y[t] = weight h[t] + bias. weight [O, H * directions], bias [O]."""

    weight: Array
    bias: Array
