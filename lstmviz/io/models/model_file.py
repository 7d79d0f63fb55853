"""What was found in the file of a model, as frozen values: its recurrent networks and how they were understood."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from lstmviz.core.arrays import Array, ValueEquality
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import GATES, Nonlinearity


class Kind(Enum):
    """The kind of recurrent cell in a file; the value is what it is called on screen."""

    LSTM = "LSTM"
    RNN = "vanilla RNN"
    GRU = "GRU"

    @property
    def blocks(self) -> int:
        """How many blocks of H rows the stacked weights have."""
        return {Kind.LSTM: 4, Kind.RNN: 1, Kind.GRU: 3}[self]


@dataclass(frozen=True, eq=False)
class DirectionWeights(ValueEquality):
    """One direction of one layer in PyTorch's shapes; K = 4, 1, 3 blocks of H rows for LSTM, RNN, GRU.

    weight_ih  [K*H, I]                     weight_hh  [K*H, H], with a projection [K*H, P]
    bias_ih    [K*H] or None                bias_hh    [K*H] or None
    weight_hr  [P, H], h[t] = weight_hr (o tanh(c[t])); None without a projection
    peepholes  [3, H], rows p_i, p_f, p_o as in ``core.alteration``; None without

    The blocks of an LSTM are in the order of ``core.parameters.GATES``, whatever the file's is.
    """

    weight_ih: Array
    weight_hh: Array
    bias_ih: Array | None = None
    bias_hh: Array | None = None
    weight_hr: Array | None = None
    peepholes: Array | None = None

    def named(self) -> dict[str, Array]:
        """Every array there is, by the names above."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr", "peepholes")
        arrays = {name: getattr(self, name) for name in names}
        return {name: array for name, array in arrays.items() if array is not None}


@dataclass(frozen=True, eq=False)
class Embedding(ValueEquality):
    """A table that gives every token a vector: x[t] = weight[token]. weight [V, I]; ``name`` as in the file."""

    name: str
    weight: Array


@dataclass(frozen=True, eq=False)
class Candidate(ValueEquality):
    """One recurrent network in a file.

    name             as the file calls it; what ``load_network`` takes
    layers           the weights of each layer and direction, in one order whatever the file's is
    gate_order       the file's own order of the gates, such as ``i, o, f, c``
    gate_reason      why that order is believed
    biases           what the file has for biases
    nonlinearity     phi of a vanilla RNN; ``nonlinearity_known`` tells whether the file says so
    coupled          the input and forget gates are one: f = 1 - i
    reads_backwards  it reads the sequence from its end: give the network the steps in reverse order
    unusual          what differs from the plain equations, and the engine does not have
    notes            what else was noticed, in sentences
    network          ready to run, or None; then ``refusal`` says why
    embedding        the table in front of it, where the wiring is unambiguous
    head_name        the dense layer behind it, which is in ``network.head``; empty without
    """

    name: str
    kind: Kind
    layers: tuple[tuple[DirectionWeights, ...], ...]
    gate_order: str
    gate_reason: str
    biases: str
    nonlinearity: Nonlinearity = Nonlinearity.TANH
    nonlinearity_known: bool = True
    coupled: bool = False
    reads_backwards: bool = False
    unusual: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    network: Network | None = None
    refusal: str = ""
    embedding: Embedding | None = None
    head_name: str = ""

    @property
    def input_size(self) -> int:
        """I, the number of features a step."""
        return int(self.layers[0][0].weight_ih.shape[1])

    @property
    def hidden_size(self) -> int:
        """H, units a layer and direction; of layers of different sizes those of the first."""
        return int(self.layers[0][0].weight_ih.shape[0] // self.kind.blocks)

    @property
    def proj_size(self) -> int:
        """P, what h[t] of the first layer is projected to; 0 without a projection."""
        weight_hr = self.layers[0][0].weight_hr
        return 0 if weight_hr is None else int(weight_hr.shape[0])

    @property
    def output_size(self) -> int:
        """The width of the top layer: H (or P) times directions."""
        return int(self.layers[-1][0].weight_hh.shape[1]) * len(self.layers[-1])

    @property
    def num_layers(self) -> int:
        """How many layers are stacked."""
        return len(self.layers)

    @property
    def num_directions(self) -> int:
        """1, or 2 for a bidirectional network."""
        return len(self.layers[0])

    @property
    def has_peepholes(self) -> bool:
        """Whether gates also look at the cell state."""
        return any(weights.peepholes is not None for layer in self.layers for weights in layer)

    @property
    def gate_biases(self) -> dict[str, float]:
        """The mean bias of each gate of an LSTM; that of the forget gate is often near 1."""
        sums: dict[str, list[float]] = {gate: [] for gate in GATES} if self.kind is Kind.LSTM else {}
        for weights in (weights for layer in self.layers for weights in layer):
            given = [bias for bias in (weights.bias_ih, weights.bias_hh) if bias is not None]
            units = len(weights.weight_ih) // len(GATES)
            for number, gate in enumerate(sums):
                rows = slice(number * units, (number + 1) * units)
                sums[gate].append(float(sum(np.mean(bias[rows], dtype=np.float64) for bias in given)))
        return {gate: sum(means) / len(means) for gate, means in sums.items()}


@dataclass(frozen=True)
class ModelFile:
    """A file of a model. ``format`` says what it is and why that is believed, ``ignored`` what of it is not used."""

    path: str
    format: str
    candidates: tuple[Candidate, ...]
    ignored: tuple[str, ...] = ()

    def candidate(self, name: str | None = None) -> Candidate:
        """The candidate called ``name``, or the only one. Raises LstmvizError with the names there are."""
        names = ", ".join(candidate.name or "(no name)" for candidate in self.candidates)
        if name is None:
            if len(self.candidates) == 1:
                return self.candidates[0]
            raise LstmvizError(
                f"There are {len(self.candidates)} recurrent networks in the file",
                where=self.path,
                how=f"Choose one by its name: {names}.",
            )
        for candidate in self.candidates:
            if candidate.name == name:
                return candidate
        raise LstmvizError(f"There is no “{name}” in the file", where=self.path, how=f"There are: {names}.")
